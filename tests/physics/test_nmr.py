"""Nuclear relaxation and Knight shifts: Hebel and Slichter, Korringa, Yosida, brute force."""

import numpy as np
import pytest

from bdg.errors import InputError
from bdg.lattice import Boundary, build_sample
from bdg.model import Disorder, build_model
from bdg.nambu import NambuAssembler
from bdg.observables import State
from bdg.scf.stability.unrestricted import with_all_spins
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from bdg.theory.uniform.response.nmr import relaxation_rate
from bdg.theory.uniform.response.superfluid import yosida
from tests.bridge import measure
from tests.physics.test_collective_modes import model_of, state_of

DISORDER = Disorder(width=1.5, seed=3)


def chain(delta, temperature, n_k=8000):
    sample = build_sample("chain", [1], [Boundary("bloch", n_k=n_k)])
    model = build_model(sample, chemical_potential=0.0, temperature=temperature, given_delta=delta)
    return state_of(model)


def test_a_uniform_metal_has_hebel_and_slichter_s_peak_and_yosida_s_shift():
    """A wide band, Δ = 0.01 t at its middle: the ratio to the normal metal is that of theory."""
    delta, eta, temperature = 0.01, 0.003, 0.006
    found, normal = (measure(chain(gap, temperature), "nmr", broadening=eta) for gap in (delta, 0.0))
    rate = found["relaxation_rate"][0, 0] / normal["relaxation_rate"][0, 0]
    assert rate == pytest.approx(relaxation_rate(delta, temperature, broadening=eta), rel=1e-4)
    shift = found["knight_shift"][2, 0] / normal["knight_shift"][2, 0]
    assert shift == pytest.approx(yosida(delta, temperature), rel=1e-4)


def test_korringa_above_t_c():
    """1/(T₁T) = 2π N(0)² of one spin for σ, K = 2 N(0): (K²)/(1/T₁T) = 2/π, whatever T."""
    for temperature in (0.01, 0.02):
        found = measure(chain(0.0, temperature, n_k=4000), "nmr", broadening=5e-3)
        dos = 1 / (2 * np.pi)
        assert found["relaxation_rate"][0, 0] == pytest.approx(2 * np.pi * dos**2, rel=1e-3)
        ratio = found["knight_shift"][2, 0] ** 2 / found["relaxation_rate"][2, 0]
        assert ratio == pytest.approx(2 / np.pi, rel=1e-3)


def brute_rates(state, eta):
    """(π/2) Σ_nm |…|² of Lorentzians, on a fine even grid, 4 dofs, dense."""
    model, fields = with_all_spins(state.model, state.fields)
    levels, vectors = np.linalg.eigh(NambuAssembler(model).matrix(fields).dense())
    n, temperature = state.model.sample.n_sites, state.model.temperature
    sigma = [np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1.0, -1.0])]
    rates = np.zeros((3, n))
    grid = np.linspace(-40 * temperature, 40 * temperature, 24001)
    slope = 0.25 / temperature / np.cosh(grid / (2 * temperature)) ** 2 * (grid[1] - grid[0])
    for site in range(n):
        v = vectors[4 * site : 4 * site + 4]
        lorentz = eta / np.pi / ((grid[:, None] - levels) ** 2 + eta**2)
        spectral = np.einsum("an,gn,bn->gab", v, lorentz, v.conj(), optimize=True)
        for a in range(3):
            s = np.kron(np.eye(2), sigma[a])
            product = s @ spectral @ s @ spectral
            rates[a, site] = 0.5 * np.pi * np.sum(slope * np.trace(product, axis1=1, axis2=2).real)
    return np.array([0.5 * (rates.sum(axis=0) - rates[a]) for a in range(3)])


@pytest.mark.parametrize(
    "terms",
    [{}, {"zeeman": (0, 0, 0.3)}, {"rashba": 0.4, "zeeman": (0.1, 0, 0.2)}],
    ids=["singlet", "split", "any spin"],
)
def test_disorder_and_directions_are_those_of_brute_force(terms):
    state = state_of(model_of((3, 2), disorder=DISORDER, temperature=0.3, **terms))
    expected = brute_rates(state, 0.1)
    engine = State(state.model, state.fields, state.hamiltonian, SelectedInversion(1))
    for each in (state, engine):
        found = measure(each, "nmr", broadening=0.1)
        np.testing.assert_allclose(found["relaxation_rate"], expected, rtol=1e-6)
    if terms:
        assert np.ptp(found["relaxation_rate"], axis=0).max() > 1e-4  # directions differ
        for axis, name in enumerate("xyz"):
            uniform = measure(state, "susceptibility", channel="spin", axis=name, sources="all")
            np.testing.assert_allclose(
                found["knight_shift"][axis], uniform["susceptibility_map"].sum(axis=0), rtol=0, atol=1e-8
            )


def test_at_t_0_it_is_the_spectrum_at_zero_and_a_level_there_is_refused():
    state = state_of(model_of((3, 2), disorder=DISORDER))
    found = measure(state, "nmr", broadening=0.05)
    cold = state_of(model_of((3, 2), disorder=DISORDER, temperature=1e-3))
    np.testing.assert_allclose(
        found["relaxation_rate"], measure(cold, "nmr", broadening=0.05)["relaxation_rate"], rtol=1e-3
    )
    assert np.abs(found["knight_shift"]).max() < 1e-8  # singlets have no spin
    metal = state_of(
        build_model(build_sample("chain", 3), chemical_potential=0.0, temperature=0.0), initial="normal"
    )
    with pytest.raises(InputError, match="zero energy"):
        measure(metal, "nmr")


def test_one_site():
    """A level at −μ: two Lorentzians for electrons and holes, and Curie's spin ⟨σ⟩/h = 2f(1 − f)/T."""
    mu, temperature, eta = 0.3, 0.5, 0.05
    model = build_model(build_sample("square", [1, 1]), chemical_potential=mu, temperature=temperature)
    state = State(model, *_fields(model))
    found = measure(state, "nmr", broadening=eta)
    f = 1 / (np.exp(-mu / temperature) + 1)
    np.testing.assert_allclose(found["knight_shift"][:, 0], 2 * f * (1 - f) / temperature, rtol=1e-9)
    grid = np.linspace(-20, 20, 400001)
    slope = 0.25 / temperature / np.cosh(grid / (2 * temperature)) ** 2
    level = eta / np.pi / ((grid + mu) ** 2 + eta**2)
    expected = 2 * np.pi * np.sum(slope * level**2) * (grid[1] - grid[0])
    np.testing.assert_allclose(found["relaxation_rate"][:, 0], expected, rtol=1e-6)


def _fields(model):
    state = state_of(model, initial="normal")
    return state.fields, state.hamiltonian, Diagonalization(1)
