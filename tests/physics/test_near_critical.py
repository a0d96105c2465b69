"""Near T_c the lattice is what Ginzburg and Landau say, with coefficients from the band alone."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from scipy.optimize import brentq

import bdg
from bdg.scf import self_consistency
from bdg.scf.history import Iteration
from bdg.scf.stability import near_critical
from bdg.solvers.diagonalization import Diagonalization
from bdg.theory.macroscopic import ginzburg_landau as gl
from bdg.theory.macroscopic.grid import Grid
from tests import reference as ref

ATTRACTION, MU = 3.0, -0.5
TIGHT = bdg.ScfOptions(tolerance=1e-9, max_iterations=400)


def coefficients(temperature):
    k = 2 * np.pi * np.arange(400) / 400
    kx, ky = np.meshgrid(k, k, indexing="ij")
    energies = -2 * (np.cos(kx) + np.cos(ky)) - MU
    return gl.lattice_coefficients(energies, 2 * np.sin(kx), attraction=ATTRACTION, temperature=temperature)


@pytest.fixture(scope="module")
def critical_temperature():
    return brentq(lambda temperature: coefficients(temperature).alpha, 0.1, 1.0)


@pytest.mark.parametrize("share", [0.1, 0.05, pytest.param(0.025, marks=pytest.mark.slow)])
def test_the_order_parameter_heals_over_the_coherence_length(critical_temperature, share):
    """Beside a column without attraction Δ = Δ_∞ tanh((x + x₀)/√2ξ), x₀ fitted; Δ_∞ = √(−α/β); errors ∝ 1 −
    T/T_c.
    """
    temperature = critical_temperature * (1 - share)
    expected = coefficients(temperature)
    n = int(24 * expected.coherence_length) // 2 * 2
    sample = bdg.build_sample("square", [n, 1], ["periodic", bdg.Boundary("bloch", n_k=48)])
    attraction = np.full(n, ATTRACTION)
    attraction[0] = 0.0
    given = {"chemical_potential": MU, "attraction": attraction, "temperature": temperature}
    result = bdg.solve(bdg.build_model(sample, **given), observables=(), scf=TIGHT)
    delta = np.abs(result.fields.delta)
    assert result.status == "converged"
    assert delta[n // 2] / expected.order_parameter == pytest.approx(
        1 + 0.43 * share, abs=0.02 * share + 1e-3
    )
    profile, x = delta[: n // 2] / delta[n // 2], np.arange(n // 2)
    xi, fitted = expected.coherence_length, 4
    offset = np.sqrt(2) * xi * np.arctanh(profile[fitted]) - fitted
    assert 0 < offset < 0.5 * xi
    away = x > 1
    np.testing.assert_allclose(
        gl.healing_profile(x + offset, xi)[away], profile[away], atol=0.1 * share + 0.004
    )
    assert profile[2] < 0.75


@pytest.mark.parametrize("share", [0.1, 0.05])
def test_the_stiffness_is_that_of_the_gradient_term(critical_temperature, share):
    """−∂J/∂A = 2γq²Δ²: of a torus with a small uniform A, up to a term ∝ 1 − T/T_c."""
    temperature, small = critical_temperature * (1 - share), 1e-3
    sample = bdg.build_sample("square", [32, 32], ["periodic", bdg.Boundary("periodic")])
    given = {"chemical_potential": MU, "attraction": ATTRACTION, "temperature": temperature}
    model = bdg.build_model(sample, vector_potential=[small, 0], **given)
    result = bdg.solve(model, observables="currents", scf=TIGHT)
    stiffness = -result["site_current"].values[:, 0].mean() / small
    expected = coefficients(temperature)
    ratio = stiffness / (8 * expected.gamma * expected.order_parameter**2)
    assert ratio == pytest.approx(1 - 0.8 * share, abs=0.02 * share + 1e-3)


def links_of(model):
    """Link phases (2q/ħ)∫A·dl of pairs from every site to the next, by direction."""
    sample, bonds = model.sample, model.sample.bonds
    phases = [np.zeros(sample.size) for _ in range(2)]
    for bond, step in enumerate(np.round(bonds.displacement).astype(int)):
        direction, ahead = int(np.flatnonzero(step)[0]), step.sum() > 0
        begins = bonds.source[bond] if ahead else bonds.target[bond]
        phases[direction][tuple(sample.cells[begins])] = 2 * model.phase[bond] * (1 if ahead else -1)
    return phases


def two_vortices(temperature, size):
    """|Δ| over that without a field, of the lattice and by relaxation of F; both energies."""
    expected = coefficients(temperature)
    given = {"chemical_potential": MU, "attraction": ATTRACTION, "temperature": temperature}
    sample = bdg.build_sample("square", [size, size], "periodic")
    model = bdg.build_model(sample, vector_potential=bdg.VortexLattice(2, "square"), **given)
    found, normal = (
        bdg.solve(model, observables="grand_potential", initial=start, scf=TIGHT)
        for start in ("uniform", "normal")
    )
    cell = bdg.build_sample("square", [1, 1], bdg.Boundary("bloch", n_k=200))
    plain = bdg.solve(bdg.build_model(cell, **given), observables=(), scf=TIGHT).fields.delta[0]
    assert found.status == "converged"

    xi, at = expected.coherence_length, np.zeros((size, size), int)
    at[tuple(sample.cells.T)] = np.arange(sample.n_sites)
    flux = 2 * 2 * np.pi * xi**2 / size**2
    film = gl.Film(Grid.build((size, size), 1 / xi, "periodic"), applied=flux)
    # From the lattice's own Δ: on a torus vortices may lie anywhere, and so lie at the same places.
    psi = found.fields.delta[at] / expected.order_parameter
    end = gl.relax(gl.FilmState(film, psi.astype(complex), links_of(model)), duration=60.0)
    assert np.abs(end.vortices).sum() == 2
    assert end.residual < 1e-5
    energies = (
        float(found["grand_potential"]) - float(normal["grand_potential"]),
        end.free_energy * xi**2 * expected.alpha**2 / expected.beta,
    )
    return np.abs(found.fields.delta[at]) / plain, np.abs(end.psi), energies


@pytest.mark.slow
def test_a_vortex_lattice_is_that_of_relaxation_in_two_dimensions(critical_temperature):
    """Nearly the same B/B_c2 at two temperatures: |Δ| and the energy are apart by what falls as 1 − T/T_c."""
    apart, off = [], []
    for share, size in ((0.1, 20), (0.05, 28)):
        lattice, relaxed, energies = two_vortices((1 - share) * critical_temperature, size)
        assert relaxed.min() < 0.25
        assert relaxed.max() > 0.95
        apart.append(np.abs(lattice - relaxed).max())
        off.append(energies[0] / energies[1] - 1)
    for errors, largest in ((apart, 0.025), (off, 0.06)):
        assert 0 < errors[1] < largest
        assert errors[0] / errors[1] == pytest.approx(2, abs=0.25)


SIZE, STRENGTH = (8, 6), 2.5


def excess(temperature):
    """λ₀ − 1 of the normal state."""
    return STRENGTH * ref.pair_susceptibility(ref.band(SIZE), MU, 0.0, temperature) - 1


def gap(temperature):
    """Δ of the gap equation, to rounding."""
    if excess(temperature) < 0:
        return 0.0
    equation = lambda delta: STRENGTH * ref.pair_susceptibility(ref.band(SIZE), MU, delta, temperature) - 1  # noqa: E731
    return brentq(equation, 1e-9, 1.0, xtol=1e-15, rtol=1e-14)


@pytest.mark.parametrize("solver", ["diagonalization", "selected_inversion"])
@pytest.mark.parametrize("off", [1e-2, 1e-4, 1e-6, 1e-7, -1e-7, -1e-6, -1e-5, -1e-3, -1e-2])
def test_delta_has_an_error_that_holds_however_close_to_the_critical_temperature(solver, off):
    """T = T_c(1 + off): the error is below the tolerance or flagged, and no less than what Δ is off by."""
    critical = brentq(excess, 0.1, 1.0, xtol=1e-16, rtol=1e-15)
    temperature = critical * (1 + off)
    sample = bdg.build_sample("square", SIZE, "periodic")
    model = bdg.build_model(sample, chemical_potential=MU, attraction=STRENGTH, temperature=temperature)
    result = bdg.solve(model, observables=(), solver=solver)
    assert result.status == "converged"
    wrong = np.abs(np.abs(result.fields.delta) - gap(temperature)).max()
    assert wrong <= 1.1 * result.delta_error + 1e-11
    flagged = result.delta_error > result.tolerance
    assert flagged == any("Δ is known to" in line for line in result.warnings)
    assert not flagged or abs(off) < 1e-6
    if off in (1e-4, 1e-6):
        assert not result.fields.delta.any()


@pytest.mark.parametrize(
    "given",
    [
        {"filling": 0.8, "chemical_potential": None},
        {"attraction": lambda x, y: np.where(x < 4, 3.0, 2.0)},
        {"attraction": 0.0, "bond_attraction": 3.0, "channels": "d_x2_y2"},
    ],
    ids=["filling", "two attractions", "d"],
)
def test_just_above_the_critical_temperature_of_any_pairs_there_are_none(given):
    """T_c where the largest eigenvalue of the linearised map is 1, by the stability of the normal state."""
    sample = bdg.build_sample("square", (6, 4), "periodic")
    settings = {"chemical_potential": MU, "attraction": STRENGTH} | given

    def model_at(temperature):
        return bdg.build_model(sample, temperature=temperature, **settings)

    def largest(temperature):
        found = bdg.solve(model_at(temperature), initial="normal", observables={"stability": {"count": 1}})
        return float(found["largest_eigenvalue"]) - 1

    critical = brentq(largest, 0.05, 1.0, xtol=1e-7)
    above, below = (bdg.solve(model_at(critical * share), observables=()) for share in (1 + 1e-5, 1 - 1e-5))
    assert above.fields.moduli.max() < 1e-8
    assert below.fields.moduli.max() > 1e-4
    assert 0 < below.delta_error <= 5e-8
    assert above.warnings == ()
    assert bool(below.warnings) == (below.delta_error > 1e-8)


TELLING = {
    "dirty": {"attraction": STRENGTH, "disorder": bdg.Disorder(1.5, 3)},
    "two attractions": {"attraction": lambda x, y: np.where(x < 4, 3.0, 2.0)},
    "d": {"attraction": 0.0, "bond_attraction": 3.0, "channels": "d_x2_y2"},
}


@pytest.mark.parametrize("off", [1e-3, 1e-5])
@pytest.mark.parametrize("given", TELLING.values(), ids=TELLING)
def test_two_iterations_tell_the_eigenvalue_close_to_the_critical_temperature(given, off, monkeypatch):
    """1 − λ of the amplitude from the history is that of the linearised map, and takes few evaluations."""
    sample = bdg.build_sample("square", (4, 3), "periodic")

    def model_at(temperature):
        return bdg.build_model(sample, chemical_potential=MU, temperature=temperature, **given)

    def largest(temperature):
        found = bdg.solve(model_at(temperature), initial="normal", observables={"stability": {"count": 1}})
        return float(found["largest_eigenvalue"]) - 1

    critical = brentq(largest, 0.05, 1.0, xtol=1e-12)
    measured, measure = list[int](), near_critical._measured
    monkeypatch.setattr(near_critical, "_measured", lambda *given: measured.append(1) or measure(*given))
    result = bdg.solve(model_at(critical * (1 - off)), observables=())
    told = [
        near_critical.growth_of(result.history[: n + 1], result.history[n].mean_delta)
        for n, iteration in enumerate(result.history)
        if iteration.delta_error
    ]
    assert len(measured) <= len(told) / 2
    values = bdg.measure(result, "stability", count=3)["stability_eigenvalues"].values
    exact = 1 - max(value for value in values if abs(value - 1) > 0.1 * off)  # the phase has λ = 1
    last = [growth for growth in told if growth is not None][-1]
    assert last.left == pytest.approx(exact, rel=0.1)


def test_fields_that_do_not_follow_the_pairs_tell_nothing():
    """Of an iteration whose other fields are further off than Δ; of one |Δ|; of a share within the noise."""
    made = partial(Iteration, residual_hartree=0.0, filling_error=0.0, mu=0.0)
    near = made(2, residual_delta=1e-8, mean_delta=0.01, pair_growth=1 + 1e-6)
    far = made(1, residual_delta=1e-5, mean_delta=0.011, pair_growth=1 - 1e-3)
    told = near_critical.growth_of((far, near), 0.01)
    bend = 1e-4 * (1e-3 + 1e-6) / (0.011**2 - 1e-4)
    assert told.left == pytest.approx(2 * bend - 1e-6)
    assert near_critical.growth_of((near,), 0.01) is None
    assert near_critical.growth_of((replace(far, residual_hartree=1e-3), near), 0.01) is None
    assert near_critical.growth_of((replace(far, mean_delta=0.01), near), 0.01) is None
    assert near_critical.growth_of((replace(far, solver_error=1e-5), near), 0.01) is None
    assert near_critical.growth_of((replace(far, saddle=1.1), near), 0.01) is None


def test_what_is_refined_close_to_the_critical_temperature_goes_on_as_if_never_stopped():
    critical = brentq(excess, 0.1, 1.0, xtol=1e-16, rtol=1e-15)
    sample = bdg.build_sample("square", SIZE, "periodic")
    given = {"chemical_potential": MU, "attraction": STRENGTH}
    model = bdg.build_model(sample, temperature=critical * (1 - 1e-5), **given)
    solver, kept = Diagonalization(threads=1), []
    whole = self_consistency(model, solver, after_iteration=lambda turn, take: kept.append(take()) or False)
    refined = [number for number, turn in enumerate(whole.history) if turn.delta_error]
    assert len(refined) > 2
    for number in refined[:3]:
        again = self_consistency(model, solver, resume=kept[number])
        assert again.history == whole.history
        np.testing.assert_array_equal(again.fields.delta, whole.fields.delta)
