"""States and bands beside strong impurities and walls, and of clean lattices: none missed, none merged."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse.linalg

import bdg
from bdg.errors import InputError, NumericalError
from bdg.lattice import Boundary, build_sample
from bdg.model import Impurity, build_model
from bdg.solvers.states import degenerate_within, lowest_states
from bdg.solvers.states import lowest as room
from bdg.solvers.states.inertia import Inertia
from tests.bridge import measure
from tests.support.states import DENSE, ENGINE, SOC, state_of


def walled(height, solver, **terms):
    """Two halves of a square of different energies, with a wall between them, and another one around."""
    sample = build_sample("square", (11, 9), "open")
    x = sample.cells[:, 0]
    energies = np.where(x == 5, height, 0.0) + 1e-4 * (x > 5)
    return state_of(sample, solver, onsite=energies, **terms)


@pytest.mark.parametrize("solver", [DENSE, ENGINE], ids=["dense", "Lanczos"])
@pytest.mark.parametrize("height", [1e3, 1e5, 1e7, -1e6])
@pytest.mark.parametrize("terms", [{}, {"zeeman": [0, 0, 0.01]}, {"chemical_potential": 0.3, "delta": 0.5}])
def test_a_wall_is_as_good_as_vacancies(height, solver, terms, monkeypatch):
    """Energies and weights differ by t²/U; levels 10⁻⁴ t apart live on their own sides."""
    monkeypatch.setattr(room, "DENSE_ROWS", 0)
    found = measure(walled(height, solver, **terms), "states", count=6)
    vacancies = [[5, y] for y in range(9)]
    left = build_sample("square", (11, 9), "open", vacancies=vacancies)
    energies = 1e-4 * (left.cells[:, 0] > 5)
    wanted = measure(state_of(left, DENSE, onsite=energies, **terms), "states", count=6)
    off = 30 / abs(height)
    np.testing.assert_allclose(found["states"], wanted["states"], atol=off)
    inside = build_sample("square", (11, 9), "open").cells[:, 0] != 5
    if abs(height) > 1e4 and np.diff(wanted["states"]).min() > 1e-5:
        np.testing.assert_allclose(found["state_electron"][:, inside], wanted["state_electron"], atol=1e-2)
        np.testing.assert_allclose(found["state_participation"], wanted["state_participation"], rtol=1e-2)
        assert found["state_participation"].max() < 45


@pytest.mark.parametrize("solver", [DENSE, ENGINE], ids=["dense", "Lanczos"])
def test_levels_that_a_strong_impurity_elsewhere_leaves_apart_are_not_averaged(solver, monkeypatch):
    """Two dots of nearly the same level, one an electron's, one a hole's, far from a site of 10⁵ t."""
    monkeypatch.setattr(room, "DENSE_ROWS", 0)
    sample = build_sample("chain", (60,), "open")
    x = sample.cells[:, 0]
    hops = np.ones(sample.n_bonds)
    source, target = sample.bonds.source, sample.bonds.target
    for dot in (10, 40):
        hops[(source == dot) | (target == dot)] = 0.0
    energies = np.where(x == 10, 0.05, np.where(x == 40, -0.05 - 1e-4, 0.0)) - 0.7
    impurities = [Impurity((25,), potential=1e5)]
    given = {"hopping": hops, "onsite": energies, "impurities": impurities}
    given["delta"] = np.where((x == 10) | (x == 40), 0.2, 0.5)
    found = measure(state_of(sample, solver, **given), "states", count=4)
    for state, (dot, xi) in {0: (10, 0.05), 2: (40, -0.0501)}.items():
        energy = np.hypot(xi, 0.2)
        assert found["states"][state] == pytest.approx(energy, abs=1e-9)
        assert found["state_electron"][state, dot] == pytest.approx(0.5 * (1 + xi / energy), abs=1e-6)
        assert found["state_participation"][state] == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("height", [1e3, 1e5, 1e7])
@pytest.mark.parametrize("terms", [{}, SOC, {"delta": 0.0, "chemical_potential": 0.0}])
def test_inertia_counts_beside_walls_as_well_as_without(height, terms):
    hamiltonian = walled(height, DENSE, **terms).hamiltonian
    levels, inertia = np.linalg.eigvalsh(hamiltonian.dense()), Inertia(hamiltonian)
    for energy in (*np.linspace(-1.03, 1.01, 7), 2.5):
        count = inertia.below(energy)
        assert count.distance < 1e-9
        if np.abs(levels - energy).min() > 1e-7:
            assert count.below == np.count_nonzero(levels < energy)


def test_bands_beside_a_wall_keep_what_each_is_made_of():
    """Two legs, an electron-like and a hole-like band 10⁻⁵ t apart, and a wall of 10⁵ t between them."""
    k = 1.1
    sample = build_sample("square", (1, 3), [Boundary("bloch", n_k=4), "open"])
    xi = -2 * np.cos(k)
    energies = np.array([0.4 - xi, 1e5, -0.4 - 4e-5 - xi])
    state = state_of(sample, DENSE, delta=0.3, chemical_potential=0.0, onsite=energies)
    found = measure(state, "bands", path=[[k / (2 * np.pi), 0], [0.3, 0]], num=2)
    upper = np.flatnonzero(found["bands"][0] > 0)[:2]
    levels = np.hypot([0.4, 0.40004], 0.3)
    np.testing.assert_allclose(found["bands"][0][upper], levels, atol=1e-4)
    wanted = 0.5 * (1 + np.array([0.4, -0.40004]) / levels)
    np.testing.assert_allclose(found["particle_weight"][0][upper], wanted, atol=1e-3)


CLEAN = [
    (kind, size, boundary, mu)
    for kind, size in (
        ("chain", [24]),
        ("square", [6, 6]),
        ("square", [5, 7]),
        ("triangular", [6, 6]),
        ("honeycomb", [4, 5]),
        ("kagome", [3, 4]),
        ("lieb", [4, 4]),
        ("cubic", [3, 4, 3]),
    )
    for boundary in ("open", "periodic")
    for mu in (0.0, -0.7)
]


@pytest.mark.parametrize(("kind", "size", "boundary", "mu"), CLEAN)
def test_of_clean_lattices_no_level_is_missed_and_none_merged(kind, size, boundary, mu, monkeypatch):
    monkeypatch.setattr(room, "DENSE_ROWS", 0)
    state = state_of(build_sample(kind, size, boundary), delta=0.25, chemical_potential=mu)
    hamiltonian = state.hamiltonian
    found = lowest_states(hamiltonian, 9)
    levels = np.sort(np.abs(np.linalg.eigvalsh(hamiltonian.dense())))
    np.testing.assert_allclose(np.abs(found.energies), levels[: len(found)], atol=1e-12)
    if found.is_complete:
        assert levels[len(found)] > np.abs(found.energies).max() + 1e-12
    assert np.diff(levels)[np.diff(levels) > 1e-11].min(initial=1) > degenerate_within(hamiltonian)
    dense, sparse = (measure(replace(state, solver=one), "states", count=5) for one in (DENSE, ENGINE))
    np.testing.assert_allclose(dense["state_electron"], sparse["state_electron"], atol=1e-9)


def test_what_arpack_cannot_do_is_a_numerical_failure_that_costs_nothing_else(monkeypatch):
    def fails(*given, **options):
        raise scipy.sparse.linalg.ArpackError(-9999)

    monkeypatch.setattr(room, "DENSE_ROWS", 0)
    monkeypatch.setattr(scipy.sparse.linalg, "eigsh", fails)
    state = walled(1e5, ENGINE)
    with pytest.raises(
        NumericalError, match=r"Lanczos .*; a potential of 1e\+05 t is a hard wall.*vacancies"
    ):
        lowest_states(state.hamiltonian, 4)
    result = bdg.solve(state.model, observables=["density", "states"], solver="selected_inversion")
    assert set(result.observables) == {"density"}
    assert result.failed == ("states",)


def test_walls_too_high_for_the_poles_are_refused_with_what_would_do():
    sample = build_sample("square", (8, 8), "open")
    given = {"given_delta": 0.3, "fields": (), "impurities": [Impurity((3, 3), potential=1e10)]}
    for temperature in (0.0, 0.01):
        model = build_model(sample, temperature=temperature, **given)
        with pytest.raises(InputError, match=r"1e\+10 t is a hard wall: leave its sites out, as vacancies"):
            bdg.solve(model, observables=["density"], solver="selected_inversion")
