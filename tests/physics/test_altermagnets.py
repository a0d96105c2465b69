"""Hopping that tells spins apart: its bands, its superconductor, the current of its spins, its names."""

from pathlib import Path

import numpy as np
import pytest
import scipy.optimize

import bdg
from bdg import setup
from bdg.config import ConfigSource, load_config, parse_config
from bdg.errors import ConfigError, InputError
from bdg.lattice import Boundary, build_sample
from bdg.model import Fields, SpinHopping, build_model
from bdg.nambu import NambuAssembler
from bdg.observables import State, measure
from bdg.scf import ScfOptions, self_consistency
from bdg.solvers.diagonalization import Diagonalization
from tests import reference as ref

EXAMPLE = Path(__file__).parents[2] / "configs/altermagnet.yaml"
DENSE = Diagonalization(threads=1)

BANDS = {
    ("d_x2_y2", 1): lambda x, y: -2 * (np.cos(x) - np.cos(y)),
    ("d_xy", 2): lambda x, y: 4 * np.sin(x) * np.sin(y),
    ("s_extended", 1): lambda x, y: -2 * (np.cos(x) + np.cos(y)),
    ("d_x2_y2", 3): lambda x, y: -2 * (np.cos(2 * x) - np.cos(2 * y)),
}


def momenta(n):
    return np.meshgrid(*[2 * np.pi * np.arange(n) / n] * 2, indexing="ij")


@pytest.mark.parametrize(("form", "shell"), BANDS)
@pytest.mark.parametrize("axis", [(0, 0, 1), (0, 0, -2), (1, 0, 0), (1, -2, 2)])
def test_levels_are_those_of_its_bands(form, shell, axis):
    """±√(ξ² + Δ²) ± m φ_k of a torus and of a cell with Bloch momenta, for spins along any direction."""
    n, delta, m = 6, 0.3, 0.23
    x, y = momenta(n)
    xi = -2 * np.cos(x) - 2 * np.cos(y) + 0.4
    root, split = np.hypot(xi, delta), m * BANDS[form, shell](x, y)
    exact = np.sort(np.abs(np.concatenate([root + split, root - split]).ravel()))
    for size, ends in ((n, "periodic"), (1, Boundary("bloch", n_k=n))):
        sample = build_sample("square", [size, size], ends, shells=shell)
        given = {"spin_hopping": {form: m, "axis": axis, "shell": shell}, "hopping": [1, 0, 0][:shell]}
        model = build_model(sample, chemical_potential=-0.4, given_delta=delta, **given)
        assert model.dofs == (2 if axis[:2] == (0, 0) else 4)
        assert "spin-dependent hopping" in repr(model)
        fields = Fields(np.full(sample.n_sites, delta), np.zeros((2, sample.n_sites)), -0.4)
        energies, weights = DENSE.levels(NambuAssembler(model).matrix(fields))
        found = np.repeat(energies, np.rint(weights * (n * n if size == 1 else 1)).astype(int))
        levels = np.sort(np.abs(found))
        times = len(levels) // len(exact)
        np.testing.assert_allclose(levels, np.repeat(exact, times), atol=1e-12)


def gap_equation(n, mu, attraction, temperature, m):
    """Δ and the lowest level from 1/U = ⟨[1 − f(E₊) − f(E₋)]/2E⟩ with E± = E ± m φ_k."""
    x, y = momenta(n)
    xi, split = -2 * np.cos(x) - 2 * np.cos(y) - mu, -2 * m * (np.cos(x) - np.cos(y))

    def missing(delta):
        root = np.hypot(xi, delta)
        empty = 1 - ref.fermi(root + split, temperature) - ref.fermi(root - split, temperature)
        return attraction * np.mean(empty / (2 * root)) - 1

    delta = scipy.optimize.brentq(missing, 0.5, 0.7, xtol=1e-14)
    return delta, float(np.abs(np.hypot(xi, delta) - np.abs(split)).min())


EXPECTED = {0.0: (0.5534, 0.5534), 0.1: (0.5534, 0.2008), 0.14: (0.5518, 0.0572)}


@pytest.mark.parametrize(("m", "expected"), EXPECTED.items())
def test_the_worked_example(m, expected):
    config, source = load_config(EXAMPLE, [f"hamiltonian.spin_hopping.d_x2_y2={m}"])
    model = setup.model_of(config, source, setup.sample_of(config, source))
    delta, gap = gap_equation(64, -0.5, 2.5, 0.02, m)
    assert (delta, gap) == pytest.approx(expected, abs=6e-5)
    outcome = self_consistency(model, DENSE, ScfOptions(tolerance=1e-11))
    state = State(model, outcome.fields, outcome.hamiltonian, DENSE)
    assert outcome.fields.delta[0] == pytest.approx(delta, abs=1e-9)
    assert float(measure(state, "spectral_gap")["spectral_gap"]) == pytest.approx(gap, abs=1e-9)
    assert float(measure(state, "magnetisation")["magnetisation_z"].values[0]) == pytest.approx(0, abs=1e-12)
    text = EXAMPLE.read_text()
    assert all(f"{number:.4f}" in text for number in expected)


def spin_current(state):
    each = -2 * np.imag(state.model.spin_amplitude * np.conj(state.hops))
    return each[:, 0, 0] - each[:, 1, 1]


@pytest.mark.parametrize(("least_dofs", "delta"), [(2, 0.0), (4, 0.0), (2, 0.2), (4, 0.2)])
def test_the_current_of_spins_is_the_slope_of_the_grand_potential(least_dofs, delta):
    """−∂Ω/∂A_s of a vector potential that acts on spin down with the other sign, on one bond."""
    sample, bond, step = build_sample("square", [4, 3], "periodic"), 5, 1e-4
    terms = {"given_delta": delta * np.ones(12), "temperature": 0.2, "least_dofs": least_dofs}
    terms |= {"chemical_potential": -0.3, "vector_potential": [0.15, 0.1], "onsite": "0.2*cos(x)"}

    class Turned(bdg.Term):
        """(−t − mσ) e^{−iAσ} on the bond, over what is there."""

        def __init__(self, a):
            self.a = a

        def spin_hopping(self, sample):
            along = np.abs(sample.bonds.displacement[:, 0]) > 0.5
            m = np.where(along, 0.3, -0.3)
            found = -m.astype(complex)
            found[bond] = -m[bond] * np.cos(self.a) + 1j * np.sin(self.a)
            return found[:, None] * np.array([0, 0, 1])

    def omega(a):
        along = np.abs(sample.bonds.displacement[:, 0]) > 0.5
        hopping = np.ones(sample.n_bonds, complex)
        hopping[bond] = np.cos(a) - 1j * np.where(along, 0.3, -0.3)[bond] * np.sin(a)
        model = build_model(sample, hopping=hopping, terms=[Turned(a)], **terms)
        state = bdg.solve(model, solver=DENSE, observables=["grand_potential", spin_current])
        return float(state["grand_potential"]), state["spin_current"].values

    slope = (omega(-2 * step)[0] - 8 * omega(-step)[0] + 8 * omega(step)[0] - omega(2 * step)[0]) / (
        12 * step
    )
    current = omega(0.0)[1]
    assert abs(current[bond]) > 1e-4
    assert current[bond] == pytest.approx(-slope, abs=1e-9)
    named = build_model(sample, spin_hopping={"d_x2_y2": 0.3}, **terms)
    again = bdg.solve(named, solver=DENSE, observables=[spin_current])["spin_current"]
    np.testing.assert_allclose(again, current, atol=1e-12)


def test_charge_along_a_diagonal_makes_spins_flow_across_it():
    sample = build_sample("square", [8, 8], "periodic")
    terms = {"vector_potential": [0.1, 0.1], "temperature": 0.1, "chemical_potential": -0.4}
    model = build_model(sample, spin_hopping={"d_x2_y2": 0.3}, **terms)
    result = bdg.solve(model, observables=["currents", spin_current])
    along_x, along_y = (sample.bonds.displacement[:, axis] > 0.5 for axis in (0, 1))
    charge, spin = result["bond_current"].values, result["spin_current"].values
    assert charge[along_x].mean() == pytest.approx(charge[along_y].mean(), abs=1e-12)
    assert spin[along_x].mean() == pytest.approx(-spin[along_y].mean(), abs=1e-12)
    assert abs(spin[along_x].mean()) > 0.3 * abs(charge[along_x].mean()) > 1e-4


def test_the_hook_has_the_name_of_what_it_is_and_its_former_one():
    class Named(bdg.Term):
        def spin_hopping(self, sample):
            return np.full((sample.n_bonds, 3), [0, 0.1j, 0.2])

    class Former(bdg.Term):
        def spin_orbit(self, sample):
            return np.full((sample.n_bonds, 3), [0, 0.1j, 0.2])

    sample = build_sample("square", [3, 3])
    one, other = (build_model(sample, terms=[term]).spin_orbit for term in (Named(), Former()))
    np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(one, np.full((sample.n_bonds, 3), [0, 0.1j, 0.2]))
    term = SpinHopping({"d_x2_y2": 0.1, "s_extended": "0.05*x"}, [0, 1, 0])
    np.testing.assert_array_equal(
        build_model(sample, terms=[term]).spin_orbit, build_model(sample, spin_hopping=term).spin_orbit
    )


def config_of(rest, lattice="kind: square, size: [4, 4]"):
    return f"lattice: {{{lattice}}}\nhamiltonian: {{chemical_potential: 0, spin_hopping: {rest}}}\n"


def built(text):
    source = ConfigSource(text)
    return setup.model_of(source.parse(), source, setup.sample_of(source.parse(), source))


def test_a_configuration_takes_values_over_sites_and_units():
    units = "units: {energy: 100 meV}\n"
    with pytest.raises(ConfigError, match="d_x2_y2 vanishes on all bonds of shell 2"):
        built(units + config_of("{d_x2_y2: 20 meV, d_xy: 0.1*x, shell: 2}"))
    model = built(units + config_of("{d_x2_y2: 20 meV, axis: [0, 1, 0]}"))
    along = np.abs(model.sample.bonds.displacement[:, 0]) > 0.5
    np.testing.assert_allclose(model.spin_orbit[:, 1], np.where(along, -0.2, 0.2), atol=1e-15)
    model = built(config_of("{d_xy: 0.1*x, shell: 2}"))
    middle = model.sample.positions[model.sample.bonds.source] + model.sample.bonds.displacement / 2
    form = np.prod(model.sample.bonds.displacement, axis=1)
    np.testing.assert_allclose(model.spin_orbit[:, 2], -0.1 * middle[:, 0] * form, atol=1e-15)


@pytest.mark.parametrize(
    ("rest", "words"),
    [
        ("{}", "gives no strength; add 'd_x2_y2: 0.2'"),
        ("{axis: [0, 0, 1]}", "gives no strength"),
        ("{d_x2_y2: 0.1, axis: [0, 0, 0]}", "has no direction"),
        ("{d_x2y2: 0.1}", "did you mean 'd_x2_y2'?"),
        ("0.3", "must be a mapping"),
    ],
)
def test_what_is_no_altermagnet_is_refused(rest, words):
    with pytest.raises(ConfigError) as caught:
        parse_config(config_of(rest))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"p_x": 0.1}, "spin_hopping has no form 'p_x'; use s_extended, d_x2_y2, d_xy"),
        ({"d_xy": 0.1}, "d_xy vanishes on all bonds of shell 1"),
        ({"d_x2_y2": 0.1, "axis": [0, 0, 0]}, "has no direction"),
        (0.3, "names no form"),
    ],
)
def test_what_is_none_in_python_is_refused_too(given, words):
    with pytest.raises(InputError, match=words.replace("(", r"\(")):
        build_model(build_sample("square", [4, 4]), spin_hopping=given)
