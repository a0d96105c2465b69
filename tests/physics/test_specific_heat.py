"""The specific heat with all fields following: closed formulas, differences of S, and the third law."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from bdg.gauge import UniformField
from bdg.lattice import Boundary, build_sample
from bdg.model import Disorder, build_model
from bdg.observables import State
from bdg.scf import ScfOptions, self_consistency
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from bdg.theory.uniform import thermodynamics as thermo
from bdg.theory.uniform.gap import critical_temperature, solve
from bdg.theory.uniform.lattices import Dispersion, lattice_band
from tests.bridge import measure

SIZE, ATTRACTION = (6, 6), 3.0
TIGHT = ScfOptions(tolerance=1e-11, max_iterations=2000)
SOLVERS = {"dense": Diagonalization(threads=1), "selected inversion": SelectedInversion(threads=1)}
FORMS = {
    "s": ({"attraction": ATTRACTION}, -0.5),
    "d": ({"bond_attraction": ATTRACTION, "channels": "d_x2_y2"}, -0.3),
    "extended_s": ({"bond_attraction": ATTRACTION, "channels": "s_extended"}, -3.2),
}


def state_of(model, solver=SOLVERS["dense"], initial="uniform"):
    outcome = self_consistency(model, solver, TIGHT, initial=initial)
    assert outcome.status == "converged"
    return State(model, outcome.fields, outcome.hamiltonian, solver)


def uniform_state(form, temperature, solver=SOLVERS["dense"], **given):
    terms, mu = FORMS[form]
    sample = build_sample("square", SIZE, "periodic")
    return state_of(
        build_model(sample, chemical_potential=mu, temperature=temperature, **terms), solver, **given
    )


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("form", FORMS)
def test_of_a_uniform_superconductor_it_is_that_of_theory_and_so_is_the_slope_of_delta(form, solver):
    band, mu = lattice_band(Dispersion("square"), SIZE, form), FORMS[form][1]
    found = measure(uniform_state(form, 0.15, SOLVERS[solver]), "specific_heat")
    exact = solve(band, ATTRACTION, 0.15, mu=mu)
    assert exact.delta > 0.05
    for fixed in ("mu", "filling"):
        value = found[f"specific_heat_{fixed}"] / np.prod(SIZE)
        assert value == pytest.approx(thermo.specific_heat(exact, fixed), abs=2e-9)
    if form == "s":
        step = 1e-3
        around = [solve(band, ATTRACTION, 0.15 + n * step, mu=mu).delta for n in (-2, -1, 1, 2)]
        slope = np.dot([1, -8, 8, -1], around) / (12 * step)
        np.testing.assert_allclose(found["order_parameter_slope"], slope, rtol=0, atol=1e-7)


@pytest.mark.parametrize(
    ("form", "fixed"),
    [
        ("s", "filling"),
        ("d", "mu"),
        *(pytest.param("extended_s", one, marks=pytest.mark.slow) for one in ("mu", "filling")),
    ],
)
def test_its_jump_at_the_critical_temperature_is_that_of_theory(form, fixed):
    """10⁻³ below T_c it is that of theory there; the jump is what both sides come to, linearly."""
    band, mu = lattice_band(Dispersion("square"), SIZE, form), FORMS[form][1]
    critical = critical_temperature(band, ATTRACTION, mu=mu)
    name, found = f"specific_heat_{fixed}", {}
    for share in (-1e-3, -2e-3, 1e-3, 2e-3):
        state = uniform_state(form, critical * (1 + share), initial="uniform" if share < 0 else "normal")
        found[share] = float(measure(state, "specific_heat")[name]) / np.prod(SIZE)
    below = solve(band, ATTRACTION, critical * (1 - 1e-3), mu=mu)
    assert found[-1e-3] == pytest.approx(thermo.specific_heat(below, fixed), rel=3e-6)
    superconducting, normal = (2 * found[s] - found[2 * s] for s in (-1e-3, 1e-3))
    jump = thermo.specific_heat_jump(solve(band, ATTRACTION, critical, mu=mu), fixed)
    assert superconducting / normal - 1 == pytest.approx(jump, rel=1e-3)


def small(*size, boundary="periodic", **terms):
    return build_model(build_sample("square", list(size), boundary), **({"temperature": 0.1} | terms))


SAMPLES = {
    "disorder and Hartree field at fixed filling": small(
        4, 4, attraction=2.5, filling=0.8, disorder=Disorder(2.0, seed=1), fields=("pairing", "hartree")
    ),
    "d wave with Fock fields": small(
        4, 4, boundary="open", bond_attraction=1.8, filling=0.9, bond_fields=("pairing", "fock")
    ),
    "complex Δ in a magnetic field": small(
        4, 3, boundary="open", attraction=2.5, chemical_potential=-0.5, vector_potential=UniformField(0.3)
    ),
    "Rashba coupling and a Zeeman field": small(
        4, 4, attraction=3.0, chemical_potential=-0.5, zeeman=(0, 0, 0.2), rashba=0.4
    ),
    "an antiferromagnet": small(
        4, 4, attraction=-4.0, filling=1.0, fields=("hartree",), magnetism="collinear", temperature=0.3
    ),
    "a given order parameter": small(4, 4, given_delta=0.3, filling=0.8, fields=()),
    "free electrons": small(4, 3, filling=0.7),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_it_is_the_slope_of_the_entropy_of_states_that_follow(name):
    model = SAMPLES[name]
    initial = "uniform" if "anti" not in name else "random"
    state = state_of(model, initial=initial)
    found = measure(state, "specific_heat")
    electrons = float(measure(state, "density")["density"].sum())
    held = {
        "mu": replace(model, chemical_potential=state.fields.mu, filling=None),
        "filling": replace(model, chemical_potential=None, filling=electrons / model.sample.n_sites),
    }
    step = 0.02 * model.temperature
    for fixed, one in held.items():
        slope = 0.0
        for n, weight in ((1, 45), (2, -9), (3, 1)):
            for sign in (1, -1):
                warmed = replace(one, temperature=model.temperature + sign * n * step)
                entropy = measure(state_of(warmed, initial=state.fields), "entropy")["entropy"]
                slope += sign * weight * float(entropy) / (60 * step)
        expected = model.temperature * slope
        assert found[f"specific_heat_{fixed}"] == pytest.approx(expected, abs=2e-7 * max(1.0, expected)), (
            fixed
        )


@pytest.mark.slow
def test_its_integral_over_t_is_the_entropy():
    """From T = 0, where both vanish, through T_c, of an infinite sample per cell."""
    sample = build_sample("square", [1, 1], Boundary("bloch", n_k=16))
    band = lattice_band(Dispersion("square"), (16, 16), "s")
    critical, top = critical_temperature(band, ATTRACTION, mu=-0.5), 0.6

    def state(temperature):
        model = build_model(sample, attraction=ATTRACTION, chemical_potential=-0.5, temperature=temperature)
        return state_of(model, initial="uniform" if temperature < critical else "normal")

    def slope(temperature):
        return float(measure(state(temperature), "specific_heat")["specific_heat_mu"]) / temperature

    ends = ((0.02, critical * (1 - 1e-9)), (critical * (1 + 1e-9), top))
    nodes, weights = np.polynomial.legendre.leggauss(8)
    whole = 0.0
    for low, high in ends:
        cuts = np.linspace(low, high, 3)
        for a, b in pairwise(cuts):
            places = 0.5 * (a + b) + 0.5 * (b - a) * nodes
            whole += 0.5 * (b - a) * float(weights @ [slope(t) for t in places])
    assert whole == pytest.approx(float(measure(state(top), "entropy")["entropy"]), abs=1e-6)


@pytest.mark.parametrize(
    ("solver", "temperatures"),
    [
        ("dense", (0.0, 1e-3, 0.02)),
        pytest.param("selected inversion", (0.0, 1e-3, 0.02), marks=pytest.mark.slow),
    ],
)
def test_the_third_law(solver, temperatures):
    for temperature, most in zip(temperatures, (0.0, 1e-12, 1e-7), strict=True):
        found = measure(uniform_state("s", temperature, SOLVERS[solver]), "specific_heat")
        for name in ("specific_heat_mu", "specific_heat_filling", "specific_heat_held"):
            assert 0 <= abs(float(found[name])) <= most


def test_half_filled_both_conditions_are_the_same():
    """At μ = 0 particles and holes are alike, and ∂N/∂T at fixed μ vanishes."""
    state = state_of(small(4, 4, attraction=2.5, chemical_potential=0.0, temperature=0.2))
    found = measure(state, "specific_heat")
    assert found["specific_heat_mu"] == pytest.approx(float(found["specific_heat_filling"]), abs=1e-9)
    assert found["specific_heat_mu"] > 0.1
