"""Chebyshev moments against levels, closed formulas and sum rules, in every class of H."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import bdg
from bdg import Boundary
from bdg.errors import InputError, NumericalError, ResourceError, RunInterruptedError
from bdg.observables import measure
from bdg.solvers import Monitor
from bdg.solvers.chebyshev import Lorentz, Source, bounds, spectra
from bdg.solvers.chebyshev.moments import _Vectors, moments
from bdg.solvers.chebyshev.stencil import Stencil
from bdg.solvers.selected_inversion import SelectedInversion
from tests.support.states import DENSE, ENGINE, state_of

ENERGIES = np.linspace(-6.0, 6.0, 37)
ETA = 0.1
DISORDER = bdg.Disorder(1.0, seed=3)
BLOCH = Boundary("bloch", n_k=3)

STATES = {
    "real singlet": ("square", [7, 6], "open", {"disorder": DISORDER}),
    "complex singlet": ("square", [7, 6], "periodic", {"vector_potential": [0.3, 0.1]}),
    "collinear": ("square", [7, 6], "periodic", {"zeeman": [0.0, 0.0, 0.3], "disorder": DISORDER}),
    "real general": ("square", [6, 5], "open", {"zeeman": [0.3, 0.0, 0.2]}),
    "complex general": ("square", [6, 5], "open", {"rashba": 0.3, "zeeman": [0.1, 0.2, 0.2]}),
    "two orbitals": ("honeycomb", [5, 4], "periodic", {"disorder": DISORDER}),
    "three orbitals": ("kagome", [4, 3], "open", {"zeeman": [0.0, 0.0, 0.2]}),
    "real momenta": ("square", [5, 4], [BLOCH, "open"], {"disorder": DISORDER}),
    "complex momenta": ("square", [4, 3], [BLOCH, "periodic"], {"rashba": 0.3, "zeeman": [0.1, 0.2, 0.3]}),
    "no pairs": ("square", [6, 6], "periodic", {"delta": 0.0}),
    "half filling": ("square", [6, 6], "periodic", {"chemical_potential": 0.0}),
    "a strong impurity": ("square", [7, 7], "open", {"impurities": [bdg.Impurity([3, 3], potential=50.0)]}),
    "two sites": ("chain", [2], "open", {}),
}


def made(name, solver=DENSE):
    kind, size, boundary, terms = STATES[name]
    if "vector_potential" in terms:
        terms = {"vector_potential": terms["vector_potential"]}
    return state_of(bdg.build_sample(kind, size, boundary), solver, **terms)


def sites_of(state):
    return [0, state.hamiltonian.n_sites // 2 + (state.hamiltonian.n_sites > 2)][: state.hamiltonian.n_sites]


@pytest.mark.parametrize("name", STATES)
def test_lorentzians_are_those_of_all_levels(name):
    state = made(name)
    how = {"energies": ENERGIES, "broadening": ETA, "sites": sites_of(state)}
    one, two = (measure(state, "ldos", how | {"method": way}) for way in ("solver", "chebyshev"))
    assert one.keys() == two.keys()
    for key, quantity in one.items():
        assert two[key].error < 1e-8
        assert np.abs(quantity.values - two[key].values).max() <= two[key].error + 1e-12
        assert np.abs(quantity.values).max() > 1e-3 or key == "spin_vector_ldos"


def test_the_stated_error_covers_what_a_loose_tolerance_leaves():
    state = made("real singlet")
    exact = measure(
        state, "ldos", {"energies": ENERGIES, "broadening": ETA, "sites": [8], "method": "solver"}
    )
    for tolerance in (1e-2, 1e-4, 1e-6):
        z = ENERGIES + 1j * ETA
        found = spectra(
            state.hamiltonian,
            [Source(np.array([8]), np.array([[1.0, 0.0]]))],
            Lorentz(z),
            tolerance=tolerance,
        )
        apart = np.abs(2 * found.values[0] - exact["ldos"].values[:, 0]).max()
        assert 0 < apart <= 2 * found.error <= 2 * tolerance / ETA / np.pi * 1.01


def test_energies_at_the_edge_of_the_interval_and_far_beyond():
    state = made("real singlet")
    edge = bounds.spectral_bound(state.hamiltonian.sparsity, state.hamiltonian.momenta[0].values)
    energies = np.array([-100.0, -edge, 0.0, edge, 100.0])
    how = {"energies": energies, "broadening": 1e-2, "sites": [0]}
    one, two = (measure(state, "ldos", how | {"method": way})["ldos"] for way in ("solver", "chebyshev"))
    np.testing.assert_allclose(two.values, one.values, atol=two.error + 1e-12)


@pytest.mark.parametrize("name", STATES)
def test_the_bound_is_one_and_not_far_from_the_spectrum(name):
    matrix = made(name).hamiltonian
    for number, momentum in enumerate(matrix.momenta):
        largest = np.abs(np.linalg.eigvalsh(matrix.dense(number))).max()
        assert largest <= bounds.spectral_bound(matrix.sparsity, momentum.values) <= 2.0 * largest


@pytest.mark.parametrize("name", STATES)
def test_the_stencil_multiplies_as_the_matrix_does(name):
    matrix = made(name).hamiltonian
    values, dense = matrix.momenta[0].values, matrix.dense(0)
    rng, n = np.random.default_rng(1), matrix.n_sites
    vector = rng.standard_normal((n, matrix.dofs))
    if np.iscomplexobj(values):
        vector = vector + 1j * rng.standard_normal((n, matrix.dofs))
    stencil = Stencil.of(matrix.sparsity, values, 9.0)
    found = moments(stencil, vector, np.arange(n), 9, 0.0).values
    one, two, expected = vector.ravel(), dense @ vector.ravel() / 9.0, []
    for _ in range(9):
        expected.append(np.vdot(vector.ravel(), one).real)
        one, two = two, 2 * dense @ two / 9.0 - one
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-11)


@pytest.mark.parametrize("boundary", ["open", "periodic"])
def test_steps_that_go_over_memory_together_are_those_one_after_the_other(boundary):
    """To the last bit; and they are the recursion, of a sample of many chunks."""
    matrix = state_of(bdg.build_sample("square", [31, 29], boundary), disorder=DISORDER).hamiltonian
    n, rng = matrix.n_sites, np.random.default_rng(4)
    stencil, vector = Stencil.of(matrix.sparsity, matrix.momenta[0].values, 9.0), rng.standard_normal((n, 2))
    together, alone = (_Vectors.of(stencil, vector, np.arange(n)) for _ in range(2))
    products, dropped = together.advance(30, 0.0)
    assert not dropped.any()
    dense, one, two = matrix.dense() / 4.5, vector.ravel(), np.zeros(2 * n)
    for both in products:
        np.testing.assert_array_equal(alone.advance(1, 0.0)[0][0], both)
        alone.exchange()
        one, two = dense @ one - two, one
        np.testing.assert_allclose(both, [one @ one, one @ two], rtol=1e-11, atol=1e-10 * abs(one @ one))


def test_chunks_of_a_torus_are_swept_in_an_order_in_which_they_reach_less_far():
    for boundary, is_memory in (("open", True), ("periodic", False)):
        matrix = state_of(bdg.build_sample("square", [50, 20], boundary)).hamiltonian
        stencil = Stencil.of(matrix.sparsity, matrix.momenta[0].values, 9.0)
        (order, last), (pointers, chunks) = stencil.sweep, stencil.reach
        assert sorted(order) == list(range(stencil.n_chunks))
        assert np.array_equal(order, np.arange(stencil.n_chunks)) == is_memory
        place = np.argsort(order)
        for here, c in enumerate(order):
            assert last[here] == max([here, *place[chunks[pointers[c] : pointers[c + 1]]]])
        assert (last - np.arange(stencil.n_chunks)).max() < 0.3 * stencil.n_chunks


def test_the_error_of_moments_covers_what_is_cut_off_at_the_rim():
    """A chain of 3000: what is large at the rim goes on, what is small is left out and counted."""
    state = state_of(bdg.build_sample("chain", [3000], "open"))
    matrix = state.hamiltonian
    stencil = Stencil.of(matrix.sparsity, matrix.momenta[0].values, 4.0)
    start = np.array([[1.0, 0.0]])
    exact = moments(stencil, start, np.array([1500]), 1500, 0.0)
    assert exact.error == 0.0
    apart = []
    for threshold in (1e-12, 0.02, 0.05, 0.1):
        cut = moments(stencil, start, np.array([1500]), 1500, threshold)
        apart.append(np.abs(cut.values - exact.values).max())
        assert apart[-1] <= cut.error
    assert apart[0] < 1e-12
    assert apart[-1] > 1e-3


def test_the_spectrum_of_one_site_is_two_lorentzians():
    """One site: E = √(ε² + Δ²), weights u² and v²."""
    state = state_of(bdg.build_sample("chain", [1], "open"), delta=0.3)
    found = measure(
        state, "ldos", {"energies": ENERGIES, "broadening": ETA, "sites": [0], "method": "chebyshev"}
    )
    energy = np.hypot(0.7, 0.3)
    u2 = 0.5 * (1 + 0.7 / energy)
    lines = [ETA / np.pi / ((ENERGIES - e) ** 2 + ETA**2) for e in (energy, -energy)]
    np.testing.assert_allclose(
        found["ldos"].values[:, 0], 2 * (u2 * lines[0] + (1 - u2) * lines[1]), atol=1e-9
    )


def test_sites_without_energies_and_bonds_have_a_level_at_zero():
    for sample in (bdg.build_sample("chain", [1]), bdg.build_sample("square", [3, 3], shells=0)):
        state = state_of(sample, delta=0.0, chemical_potential=0.0)
        how = {"energies": ENERGIES, "broadening": ETA, "sites": [0], "method": "chebyshev"}
        found = measure(state, "ldos", how)["ldos"].values[:, 0]
        np.testing.assert_allclose(found, 2 * ETA / np.pi / (ENERGIES**2 + ETA**2), atol=1e-9)


def test_jackson_polynomials_are_nearly_gaussians_of_the_width_that_is_asked_for():
    """Σ_n g_n T_n(E)T_n(E_m), g of Weiße and others (71), by NumPy: positive, and its integral is 1."""
    state, width = made("real singlet"), 0.2
    edge = bounds.spectral_bound(state.hamiltonian.sparsity, state.hamiltonian.momenta[0].values)
    energies = edge * np.cos(np.pi * (np.arange(400) + 0.5) / 400)[::-1]
    how = {"energies": energies, "broadening": width, "sites": [8], "method": "jackson"}
    found = measure(state, "ldos", how)["ldos"]
    assert found.attributes["line_shape"] == "Gaussian"
    levels, vectors = np.linalg.eigh(state.hamiltonian.dense())
    count = int(np.ceil(np.pi * edge / width)) + 1
    n = np.arange(count)
    damping = (count - n + 1) * np.cos(np.pi * n / (count + 1))
    damping = (damping + np.sin(np.pi * n / (count + 1)) / np.tan(np.pi / (count + 1))) / (count + 1)
    moments_of = np.cos(np.outer(n, np.arccos(levels / edge))) @ (2 * vectors[16] ** 2)
    series = np.polynomial.chebyshev.chebval(energies / edge, moments_of * damping * np.where(n, 2, 1))
    expected = series / (np.pi * np.sqrt(edge**2 - energies**2))
    np.testing.assert_allclose(found.values[:, 0], expected, atol=1e-11)
    assert found.values.min() > 0
    weights = np.pi / 400 * np.sqrt(edge**2 - energies**2)
    assert weights @ found.values[:, 0] == pytest.approx(2.0, abs=1e-10)
    spread = width * np.sqrt(1 - (levels / edge) ** 2)
    lines = np.exp(-0.5 * ((energies[:, None] - levels) / spread) ** 2) / spread / np.sqrt(2 * np.pi)
    gaussians = 2 * lines @ vectors[16] ** 2
    middle = np.abs(energies) < 3
    assert np.abs(found.values[:, 0] - gaussians)[middle].max() < 0.06 * gaussians[middle].max()


@pytest.mark.parametrize("name", ["real singlet", "collinear", "complex general", "real momenta"])
def test_random_vectors_are_off_by_what_they_say(name):
    """The scatter of 40 vectors covers the trace over all sites, at nearly every energy."""
    state = made(name)
    how = {"energies": ENERGIES, "broadening": ETA}
    exact = measure(state, "dos", how)["dos"].values
    found = measure(state, "dos", how | {"random_vectors": 40, "seed": 1})
    apart = np.abs(found["dos"].values - exact) / found["dos_error"].values
    assert np.mean(apart < 2) > 0.85
    assert apart.max() < 5
    again = measure(made(name), "dos", how | {"random_vectors": 40, "seed": 1})
    np.testing.assert_array_equal(again["dos"].values, found["dos"].values)


def test_random_vectors_lose_their_scatter_as_one_over_the_root_of_their_number():
    state = made("real singlet")
    how = {"energies": ENERGIES, "broadening": ETA}
    few, many = (measure(state, "dos", how | {"random_vectors": n})["dos_error"].values for n in (20, 320))
    assert 3.0 < few.mean() / many.mean() < 5.3


def test_random_vectors_are_not_for_a_solver():
    with pytest.raises(InputError, match="random vectors are for moments"):
        measure(made("two sites"), "dos", {"energies": [0.0], "random_vectors": 4, "method": "solver"})


def test_a_few_sites_of_a_large_sample_take_moments_and_all_of_them_inverses(monkeypatch):
    """40 × 40: the sum over sites of one is that of the other."""
    state, calls = state_of(bdg.build_sample("square", [40, 40], "periodic"), ENGINE), []
    greens = ENGINE.greens
    monkeypatch.setattr(ENGINE, "greens", lambda *args, **how: calls.append(1) or greens(*args, **how))
    how = {"energies": np.linspace(-2, 2, 101), "broadening": 0.1}
    one = measure(state, "ldos", how | {"sites": [5]})["ldos"]
    assert not calls
    two = measure(state, "ldos", how | {"energies": [-0.4, 0.4]})["ldos"]
    assert calls
    np.testing.assert_allclose(two.values[0], np.interp(-0.4, how["energies"], one.values[:, 0]), atol=1e-9)


def test_the_sum_over_energies_is_two():
    state = made("real singlet")
    how = {"energies": np.linspace(-400, 400, 80001), "broadening": 0.5, "sites": [3], "method": "chebyshev"}
    found = measure(state, "ldos", how)["ldos"].values[:, 0]
    tails = 2 * (1 - 2 / np.pi * np.arctan(400 / 0.5))
    assert np.trapezoid(found, how["energies"]) + tails == pytest.approx(2.0, abs=1e-5)


def test_threads_and_other_vectors_beside_change_no_bit():
    state, how = made("real singlet"), {"energies": ENERGIES, "broadening": ETA, "method": "chebyshev"}
    z = Lorentz(ENERGIES + 1j * ETA)
    sources = [Source(np.array([site]), np.array([[1.0, 0.0]])) for site in (3, 8, 20)]
    alone = [spectra(state.hamiltonian, [one], z).values[0] for one in sources]
    for solver in (None, SelectedInversion(threads=1), SelectedInversion(threads=3)):
        np.testing.assert_array_equal(spectra(state.hamiltonian, sources, z, solver=solver).values, alone)
    together = measure(state, "ldos", how | {"sites": [3, 8, 20]})["ldos"].values
    np.testing.assert_array_equal(together.T, 2 * np.array(alone))


def test_moments_can_be_stopped_and_say_how_far_they_are():
    state, seen = made("real singlet"), []
    solver = SelectedInversion(threads=1)
    z = Lorentz(ENERGIES + 1j * ETA)
    sources = [Source(np.array([site]), np.array([[1.0, 0.0]])) for site in range(4)]
    solver.monitor = Monitor(progress=lambda part, done, total: seen.append((part, done, total)))
    spectra(state.hamiltonian, sources, z, solver=solver)
    assert seen == [("vectors", n, 4) for n in range(5)]
    solver.monitor = Monitor(interrupt=lambda: len(seen) > 6, progress=lambda *how: seen.append(how))
    with pytest.raises(RunInterruptedError):
        spectra(state.hamiltonian, sources, z, solver=solver)
    assert len(seen) < 9


def test_vectors_that_do_not_fit_are_refused(monkeypatch):
    state = made("real singlet")
    monkeypatch.setattr("bdg.resources.available_memory", lambda: 1e3)
    monkeypatch.setattr("bdg.resources.NEGLIGIBLE", 0.0)
    with pytest.raises(ResourceError, match="make the sample smaller, or use fewer threads"):
        spectra(state.hamiltonian, [Source(np.array([0]), np.eye(1, 2))], Lorentz(np.array([1j])))


def test_a_matrix_that_is_not_finite_is_refused():
    matrix = made("real singlet").hamiltonian
    for bad in (np.nan, np.inf):
        values = matrix.momenta[0].values.copy()
        values[40, 0, 0] = bad
        spoilt = replace(matrix, momenta=(replace(matrix.momenta[0], values=values),))
        with pytest.raises(NumericalError, match="the Hamiltonian is not finite"):
            spectra(spoilt, [Source(np.array([0]), np.eye(1, 2))], Lorentz(np.array([1j])))
