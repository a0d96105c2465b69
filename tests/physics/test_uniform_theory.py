"""The lattice solvers against ``bdg.theory.uniform``: s, extended-s and d-wave superconductors on a torus."""

import numpy as np
import pytest

from bdg.lattice import build_sample
from bdg.model import build_model
from bdg.observables import State
from bdg.scf import ScfOptions, self_consistency
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from bdg.theory.uniform import thermodynamics as thermo
from bdg.theory.uniform.gap import critical_temperature, solve
from bdg.theory.uniform.lattices import Dispersion, lattice_band
from bdg.theory.uniform.quasiparticles import broadened_dos
from bdg.theory.uniform.response.superfluid import superfluid_weight
from tests.bridge import measure, solved

# As long as wide: otherwise d and extended s mix.
SIZE, ATTRACTION, HOPPING = (8, 8), 3.0, (1.0, -0.2)
TIGHT = ScfOptions(tolerance=1e-11, max_iterations=2000)
PAIRINGS = {
    "s": ("s", -0.5, {"attraction": ATTRACTION}),
    "extended s": ("extended_s", -3.2, {"bond_attraction": ATTRACTION, "channels": "s_extended"}),
    "d": ("d", -0.3, {"bond_attraction": ATTRACTION, "channels": "d_x2_y2"}),
}


def model_of(terms, **given):
    sample = build_sample("square", SIZE, "periodic", shells=2)
    if "bond_attraction" in terms:
        terms = {**terms, "bond_attraction": (ATTRACTION, 0.0)}
    return build_model(sample, hopping=HOPPING, **terms, **given)


def order_of(outcome, terms):
    return np.abs(outcome.fields.delta) if "attraction" in terms else np.abs(outcome.fields.bond_delta).max()


@pytest.mark.parametrize("solver", [Diagonalization, SelectedInversion])
@pytest.mark.parametrize("temperature", [0.0, 0.15])
@pytest.mark.parametrize("pairing", PAIRINGS)
def test_everything_uniform_theory_knows(pairing, temperature, solver):
    form, mu, terms = PAIRINGS[pairing]
    model = model_of(terms, chemical_potential=mu, temperature=temperature)
    outcome = self_consistency(model, solver(threads=1), TIGHT)
    state = State(model, outcome.fields, outcome.hamiltonian, solver(threads=1))
    exact = solve(lattice_band(Dispersion("square", HOPPING), SIZE, form), ATTRACTION, temperature, mu=mu)
    assert outcome.status == "converged"
    assert exact.delta > 0.05
    n = np.prod(SIZE)
    np.testing.assert_allclose(order_of(outcome, terms), exact.delta, rtol=0, atol=1e-8)
    np.testing.assert_allclose(measure(state, "density")["density"], exact.density, rtol=0, atol=1e-8)
    assert measure(state, "grand_potential")["grand_potential"] / n == pytest.approx(
        thermo.grand_potential(exact), abs=1e-8
    )
    assert measure(state, "entropy")["entropy"] / n == pytest.approx(thermo.entropy(exact), abs=1e-8)
    assert measure(state, "spectral_gap")["spectral_gap"] == pytest.approx(exact.spectral_gap, abs=1e-8)
    energies = np.linspace(-3, 3, 31)
    dos = measure(state, "dos", energies=energies, broadening=0.07)["dos"]
    np.testing.assert_allclose(dos, broadened_dos(exact, energies, 0.07), rtol=0, atol=1e-8)


@pytest.mark.parametrize("fixed", ["mu", "filling"])
@pytest.mark.parametrize("pairing", PAIRINGS)
def test_specific_heat(pairing, fixed):
    """T dS/dT of the lattice, by differences of sixth order, against the closed second derivatives."""
    form, mu, terms = PAIRINGS[pairing]
    band, at, step = lattice_band(Dispersion("square", HOPPING), SIZE, form), 0.15, 2e-3
    exact = solve(band, ATTRACTION, at, mu=mu)
    given = {"chemical_potential": mu} if fixed == "mu" else {"filling": exact.density}
    slope = 0.0
    for n, weight in ((1, 45), (2, -9), (3, 1)):
        for sign in (1, -1):
            model = model_of(terms, temperature=at + sign * n * step, **given)
            outcome, state = solved(model, TIGHT)
            assert outcome.status == "converged"
            slope += sign * weight * float(measure(state, "entropy")["entropy"]) / (60 * step)
    assert at * slope / np.prod(SIZE) == pytest.approx(thermo.specific_heat(exact, fixed), abs=1e-8)


@pytest.mark.parametrize("temperature", [0.0, 0.15])
@pytest.mark.parametrize("pairing", PAIRINGS)
def test_superfluid_weight(pairing, temperature):
    """D = −dj/dA of the self-consistent lattice, its current being odd in A, against (21)."""
    form, mu, terms = PAIRINGS[pairing]
    dispersion = Dispersion("square", HOPPING)
    exact = solve(lattice_band(dispersion, SIZE, form), ATTRACTION, temperature, mu=mu)
    weight = superfluid_weight(exact, dispersion, SIZE)
    assert weight > 0.05
    slopes = []
    for a in (4e-3, 8e-3, 12e-3):
        model = model_of(terms, chemical_potential=mu, temperature=temperature, vector_potential=[a, 0.0])
        outcome, state = solved(model, TIGHT)
        assert outcome.status == "converged"
        slopes.append(-measure(state, "currents")["site_current"][:, 0].mean() / a)
    # free of a² and a⁴
    assert np.dot([1.5, -0.6, 0.1], slopes) == pytest.approx(weight, abs=1e-8)
    _, state = solved(model_of(terms, chemical_potential=mu, temperature=temperature), TIGHT)
    measured = measure(state, "superfluid_weight", method="exact")["superfluid_weight"]
    np.testing.assert_allclose(np.diag(measured), weight, rtol=0, atol=1e-8)


@pytest.mark.parametrize("pairing", PAIRINGS)
def test_critical_temperature(pairing):
    """Just below T_c the lattice is ordered as theory says, just above it is not."""
    form, mu, terms = PAIRINGS[pairing]
    band = lattice_band(Dispersion("square", HOPPING), SIZE, form)
    critical = critical_temperature(band, ATTRACTION, mu=mu)
    squares, temperatures = [], critical * (1 - 0.004 * np.arange(1, 7))
    for temperature in temperatures:
        model = model_of(terms, chemical_potential=mu, temperature=temperature)
        outcome = self_consistency(model, Diagonalization(threads=1), ScfOptions(1e-13, max_iterations=2000))
        assert outcome.status == "converged"
        squares.append(np.max(order_of(outcome, terms)) ** 2)
    assert np.polynomial.Polynomial.fit(squares, temperatures, 5)(0.0) == pytest.approx(critical, abs=1e-8)


@pytest.mark.parametrize("pairing", PAIRINGS)
def test_the_linearised_map_at_the_critical_temperature(pairing):
    """Its largest eigenvalue in the normal state, that of √U χ √U, is 1 there."""
    form, mu, terms = PAIRINGS[pairing]
    band = lattice_band(Dispersion("square", HOPPING), SIZE, form)
    critical = critical_temperature(band, ATTRACTION, mu=mu)
    excess = []
    for factor in (1, 1.01):
        model = model_of(terms, chemical_potential=mu, temperature=factor * critical)
        _, state = solved(model, TIGHT, initial="normal")
        found = measure(state, "stability", count=1)
        excess.append(float(found["largest_eigenvalue"]) - 1)
    assert excess[0] == pytest.approx(0, abs=1e-8)
    assert excess[1] < -1e-3
