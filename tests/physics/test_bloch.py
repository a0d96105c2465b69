"""Infinite directions: sums over Bloch momenta against the periodic samples they stand for, and k space."""

from dataclasses import replace

import numpy as np
import pytest

from bdg.lattice import Boundary, UnitCell, build_sample
from bdg.lattice.boundary import half_momentum_grid, momentum_grid
from bdg.model import Fields, build_model
from bdg.nambu import BlochMomenta, NambuAssembler
from bdg.observables import State
from bdg.observables import measure as measure_whole
from bdg.scf import ScfOptions, self_consistency
from bdg.solvers import Pattern
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from tests import reference as ref
from tests.bridge import measure, solved

SOLVERS = {"dense": Diagonalization(threads=1), "engine": SelectedInversion(threads=2)}
TIGHT = ScfOptions(tolerance=1e-12, max_iterations=400)
ENERGIES = np.array([-0.6, 0.1, 0.6])
HEXAGON = [[1.0, 0.0], [0.5, np.sqrt(3) / 2]]
CELLS = {
    "square": "square",
    "honeycomb": UnitCell.build(np.sqrt(3) * np.array(HEXAGON), [[0, 0], [np.sqrt(3) / 2, 0.5]]),
    "kagome": UnitCell.build(2 * np.array(HEXAGON), [[0, 0], [1, 0], [0.5, np.sqrt(3) / 2]]),
}
TERMS = {
    "plain": {},
    "filling": {"chemical_potential": None, "filling": 0.875, "fields": ("pairing", "hartree")},
    "vector potential": {"vector_potential": [0.08, 0.05]},
    "field along z": {"zeeman": 0.15},
}


def bloch(n_k, **given):
    return Boundary("bloch", n_k=n_k, **given)


def everything(sample, solver, **terms):
    """Fields and observables of one model, everything per site or per cell."""
    given = {"chemical_potential": -0.5, "attraction": 2.5, "temperature": 0.08} | terms
    model = build_model(sample, **given)
    outcome = self_consistency(model, solver, TIGHT)
    assert outcome.status == "converged"
    state = State(model, outcome.fields, outcome.hamiltonian, solver, tolerance=1e-13)
    n, cell = sample.n_sites, slice(0, sample.cell.n_orbitals)
    potential = measure(state, "grand_potential")
    return {
        "delta": np.abs(outcome.fields.delta[cell]),
        "mu": outcome.fields.mu,
        "density": measure(state, "density")["density"][cell],
        "potential": potential["grand_potential"] / n,
        "free energy": potential["free_energy"] / n,
        "gap": measure(state, "spectral_gap")["spectral_gap"],
        "current": measure(state, "currents")["site_current"][cell],
        "ldos": measure(state, "ldos", energies=ENERGIES, broadening=0.3)["ldos"][:, cell],
        "dos": measure(state, "dos", energies=ENERGIES, broadening=0.3)["dos"],
    }, measure(state, "entropy")["entropy"] / n


def agree(samples, solvers, **terms):
    (first, entropy), *others = [
        everything(sample, SOLVERS[solver], **terms) for sample in samples for solver in solvers
    ]
    assert first["delta"].min() > 0.05
    for other, its_entropy in others:
        for name, values in first.items():
            np.testing.assert_allclose(other[name], values, rtol=0, atol=1e-11, err_msg=name)
        assert its_entropy == pytest.approx(entropy, abs=1e-9)  # without levels it is a small difference / T


@pytest.mark.parametrize("terms", TERMS)
def test_cell_strip_and_torus_are_one(terms):
    samples = [
        build_sample("square", [8, 8], "periodic"),
        build_sample("square", [8, 1], ["periodic", bloch(8)]),
        build_sample("square", [1, 1], [bloch(8), bloch(8)]),
        build_sample("square", [4, 2], [bloch(2), bloch(4)]),
    ]
    agree(samples, SOLVERS, **TERMS[terms])


@pytest.mark.parametrize("kind", CELLS)
def test_every_lattice_cell_strip_and_torus(kind):
    cell = CELLS[kind]
    samples = [
        build_sample(cell, [6, 6], "periodic"),
        build_sample(cell, [6, 1], ["periodic", bloch(6)]),
        build_sample(cell, [1, 1], [bloch(6), bloch(6)]),
    ]
    agree(samples, SOLVERS, attraction=3.5)


@pytest.mark.slow
@pytest.mark.parametrize("kind", CELLS)
def test_forty_by_forty(kind):
    cell, ends = CELLS[kind], [bloch(40), bloch(40)]
    strip = build_sample(cell, [40, 1], ["periodic", bloch(40)])
    agree([build_sample(cell, [1, 1], ends), strip], SOLVERS, attraction=3.5)
    torus = build_sample(cell, [40, 40], "periodic")
    agree([build_sample(cell, [1, 1], ends), torus], ["engine"], attraction=3.5)


@pytest.mark.slow
def test_forty_by_forty_torus_by_diagonalization():
    torus = build_sample("square", [40, 40], "periodic")
    agree([build_sample("square", [1, 1], [bloch(40), bloch(40)]), torus], ["dense"])


def test_further_neighbours_reach_over_several_repetitions():
    samples = [
        build_sample("square", [6, 6], "periodic", shells=4),
        build_sample("square", [1, 2], [bloch(6), bloch(3)], shells=4),
        build_sample("square", [1, 1], [bloch(6), bloch(6)], shells=4),
    ]
    terms = {"hopping": [1.0, -0.3, 0.15, 0.1], "vector_potential": [0.05, 0.03]}
    agree(samples, SOLVERS, **terms)


@pytest.mark.parametrize("solver", SOLVERS)
@pytest.mark.parametrize("terms", [{}, {"vector_potential": [0.1, 0.0]}, {"zeeman": 0.2}])
def test_a_random_sample_repeated_is_a_long_periodic_one(solver, terms):
    """Fields, and entries of f and G between sites of different repetitions, off the diagonal too."""
    rng, repeats, n = np.random.default_rng(5), 4, 6
    onsite, delta = rng.normal(size=n), rng.normal(size=n) + 1j * (rng.normal(size=n) if terms else 0)
    delta = delta if terms else delta.real
    whole = build_sample("square", [3 * repeats, 2], ["periodic", "open"])
    part = build_sample("square", [3, 2], [bloch(repeats), "open"])
    matrices = {}
    for sample, times in ((whole, repeats), (part, 1)):
        model = build_model(sample, onsite=np.tile(onsite, times), temperature=0.1, **terms)
        fields = Fields(np.tile(delta, times), np.zeros((2, n * times)), 0.2)
        matrices[times] = NambuAssembler(model).matrix(fields)
    assert len(matrices[1].momenta) == (4 if terms else 3)  # k and −k are one where H is real
    rows, columns = np.divmod(np.arange(n * n, dtype=np.int32), n)
    for reach in range(repeats):
        pattern = Pattern(rows, columns, np.full((n * n, 2), [reach, 0], np.int16))
        far = Pattern(rows + n * reach, columns)
        chosen, dense = SOLVERS[solver], SOLVERS["dense"]
        found = chosen.correlations(matrices[1], 0.1, pattern, tolerance=1e-13)
        exact = dense.correlations(matrices[repeats], 0.1, far)
        np.testing.assert_allclose(found.blocks, exact.blocks, rtol=0, atol=2e-12)
        z = np.array([0.3 + 0.1j, -0.3 + 0.1j, 0.7 - 0.2j])
        found, exact = chosen.greens(matrices[1], z, pattern), dense.greens(matrices[repeats], z, far)
        np.testing.assert_allclose(found.blocks, exact.blocks, rtol=0, atol=2e-11)
    potential = SOLVERS[solver].grand_potential(matrices[1], 0.1, tolerance=1e-13).value
    assert repeats * potential == pytest.approx(
        SOLVERS["dense"].grand_potential(matrices[repeats], 0.1).value, abs=1e-11
    )


@pytest.mark.parametrize(("n_k", "shift"), [(1, 0.0), (4, 0.0), (5, 0.0), (4, 0.5), (5, 0.5)])
def test_half_of_the_momenta_stand_for_all(n_k, shift):
    boundary = [bloch(n_k, shift=shift), Boundary(), bloch(3)]
    whole, half = momentum_grid(boundary), half_momentum_grid(boundary)
    assert half.weight.sum() == pytest.approx(1, abs=1e-15)
    assert len(half) <= (len(whole) + 4) / 2
    rng = np.random.default_rng(0)
    for _ in range(5):
        c = rng.integers(-4, 5, 3)  # any even function of k has the same mean on both
        even = [np.sum(grid.weight * np.cos(grid.k @ c)) for grid in (whole, half)]
        assert even[0] == pytest.approx(even[1], abs=1e-14)


def test_a_shifted_grid_is_a_sample_closed_with_a_minus_sign():
    shifted = build_sample("chain", 1, bloch(7, shift=0.5))
    closed = build_sample("chain", 7, Boundary("periodic", np.pi))
    found = []
    for sample in (shifted, closed):
        model = build_model(sample, chemical_potential=-0.4)
        fields = Fields(np.full(sample.n_sites, 0.3), np.zeros((2, 1)), -0.4)
        pattern = Pattern(np.zeros(1, np.int32), np.zeros(1, np.int32))
        matrix = NambuAssembler(model).matrix(fields)
        found.append(SOLVERS["dense"].correlations(matrix, 0.1, pattern).blocks)
    np.testing.assert_allclose(*found, rtol=0, atol=1e-14)


def test_the_twist_of_all_repetitions_is_a_vector_potential():
    """Checked against k space, where it moves every momentum."""
    sample = build_sample("square", [1, 1], [bloch(8, twist=0.6), bloch(6, twist=-0.3)])
    model = build_model(sample, attraction=3.0, temperature=0.1, chemical_potential=-0.5)
    outcome, state = solved(model, TIGHT)
    exact = ref.uniform((8, 6), 3.0, temperature=0.1, mu=-0.5, vector_potential=np.array([0.6 / 8, -0.3 / 6]))
    assert np.abs(outcome.fields.delta[0]) == pytest.approx(exact.delta, abs=1e-11)
    current = measure(state, "currents")["site_current"][0]
    np.testing.assert_allclose(current, exact.current_density, rtol=0, atol=1e-11)
    assert np.abs(current).min() > 1e-3


@pytest.mark.parametrize("filling", [0.25, 0.5, 0.875, 1.0, 1.3])
def test_the_bulk_at_a_filling_equals_k_space(filling):
    """-U Hubbard model with its Hartree shift, one cell and 24 × 24 momenta."""
    sample = build_sample("square", [1, 1], [bloch(24), bloch(24)])
    model = build_model(
        sample, attraction=3.0, temperature=0.05, filling=filling, fields=("pairing", "hartree")
    )
    outcome, state = solved(model, TIGHT)
    exact = ref.uniform((24, 24), 3.0, temperature=0.05, filling=filling, hartree=True)
    assert np.abs(outcome.fields.delta[0]) == pytest.approx(exact.delta, abs=1e-10)
    assert outcome.fields.mu == pytest.approx(exact.mu, abs=1e-10)
    assert measure(state, "grand_potential")["free_energy"] == pytest.approx(exact.free_energy, abs=1e-10)
    assert measure(state, "entropy")["entropy"] == pytest.approx(exact.entropy, abs=1e-10)


def test_bands_are_those_of_the_formula():
    """E = ±√(ξ² + Δ²) on Γ–X–M–Γ, and the electron part of a level is ½(1 + ξ/E)."""
    sample = build_sample("square", [1, 1], bloch(12))
    _, state = solved(build_model(sample, attraction=2.5, temperature=0.05, chemical_potential=-0.5))
    found = measure(state, "bands", path=["Gamma", "X", "M", "Gamma"], num=101)
    length = np.pi * (2 + np.sqrt(2))
    distance = np.linspace(0, length, 101)
    kx = np.interp(distance, [0, np.pi, 2 * np.pi, length], [0, np.pi, np.pi, 0])
    ky = np.interp(distance, [0, np.pi, 2 * np.pi, length], [0, 0, np.pi, 0])
    xi = -2 * np.cos(kx) - 2 * np.cos(ky) + 0.5
    energy = np.sqrt(xi**2 + state.fields.delta[0] ** 2)
    np.testing.assert_allclose(found["bands"], np.stack([-energy, energy], axis=1), rtol=0, atol=1e-13)
    np.testing.assert_allclose(found["particle_weight"][:, 1], (1 + xi / energy) / 2, rtol=0, atol=1e-13)


def test_degenerate_levels_share_their_electron_part():
    """At μ = 0 on a bipartite lattice each doubly degenerate level of a strip is half electron, half hole.

    Pairs ε, −ε of the normal strip mix with Δ alike: levels of both have E² = ε² + Δ², parts ½(1 ± ε/E).
    """
    sample = build_sample(CELLS["honeycomb"], [1, 4], [bloch(8), "open"])
    _, state = solved(build_model(sample, given_delta=0.3, fields=(), temperature=0.05))
    found = measure(state, "bands", path=[[-0.4, 0], [0.45, 0]], num=23)
    levels, weight = found["bands"], found["particle_weight"]
    np.testing.assert_allclose(levels[:, ::2], levels[:, 1::2], rtol=0, atol=1e-12)
    np.testing.assert_allclose(weight, 0.5, rtol=0, atol=1e-12)


def test_gamma_goes_by_three_names():
    """And the same path is the same to the last bit, labels included."""
    sample = build_sample("triangular", [1, 1], bloch(6))
    _, state = solved(build_model(sample, attraction=2.5, temperature=0.05, chemical_potential=-0.5))
    spelt = [measure_whole(state, "bands", {"path": [name, "K"], "num": 5}) for name in ("Gamma", "G", "Γ")]
    for other in spelt[1:]:
        np.testing.assert_array_equal(other["bands"], spelt[0]["bands"])
        assert other["bands"].attributes == spelt[0]["bands"].attributes
    assert spelt[0]["bands"].attributes["path_labels"] == "Gamma, K"


def test_bands_of_a_strip_repeat_with_its_length():
    """Two cells along the strip fold the zone once: each band of one cell is met at k and at k + π."""
    one, two = (build_sample("square", [5, n], ["open", bloch(8 // n)]) for n in (1, 2))
    found = []
    for sample, point in ((one, 0.15), (one, 0.65), (two, 0.3)):
        state = solved(build_model(sample, attraction=2.5, temperature=0.05, chemical_potential=-0.5), TIGHT)[
            1
        ]
        found.append(measure(state, "bands", path=[[0, point], [0, 0]], num=2)["bands"][0])
    np.testing.assert_allclose(np.sort(np.concatenate(found[:2])), found[2], rtol=0, atol=1e-10)


REPEATED = {
    "a site": ("square", [1, 1], [Boundary("bloch", n_k=24)] * 2, {"attraction": 2.5}),
    "two orbitals": ("honeycomb", [1, 1], [Boundary("bloch", n_k=24, shift=0.5)] * 2, {"attraction": 3.0}),
    "complex": ("triangular", [2, 1], [Boundary("bloch", n_k=24)] * 2, {"attraction": 2.5, "rashba": 0.4}),
    "a strip": ("square", [5, 1], ["open", Boundary("bloch", n_k=200)], {"attraction": 2.5, "zeeman": 0.1}),
    "of a twist": ("chain", [3], [Boundary("bloch", 0.7, n_k=300)], {"attraction": 2.0}),
}


@pytest.mark.parametrize("name", REPEATED)
def test_thermodynamics_of_cells_takes_all_momenta_at_once(name, monkeypatch):
    """Entropy, Ω and gap of both solvers agree, and none of them asks for one momentum after another."""
    kind, size, boundary, terms = REPEATED[name]
    sample = build_sample(kind, size, boundary)
    model = build_model(sample, chemical_potential=-0.4, temperature=0.1, **terms)
    outcome = self_consistency(model, Diagonalization(threads=1), TIGHT)
    solvers = Diagonalization(threads=1), SelectedInversion(threads=1)
    states = [State(model, outcome.fields, outcome.hamiltonian, solver) for solver in solvers]
    one, other = (measure(state, "grand_potential")["grand_potential"] for state in states)
    assert one == pytest.approx(other, abs=1e-8)
    count, values_at = [], BlochMomenta.values_at
    monkeypatch.setattr(BlochMomenta, "values_at", lambda self, k: count.append(len(k)) or values_at(self, k))
    for which in ("entropy", "spectral_gap"):
        one, other = (measure(state, which)[which] for state in states)
        assert one == pytest.approx(other, abs=1e-12)
    measure(states[0], "grand_potential")
    assert len(count) < 8 < len(sample.momenta) / 8


@pytest.mark.parametrize("name", ["two orbitals", "complex", "a strip"])
def test_entropy_without_levels_sums_momenta_by_the_entries_of_h(name, monkeypatch):
    """tr H f(H) = Σ_c tr H(c)† f(c), where no block is small enough for levels."""
    kind, size, boundary, terms = REPEATED[name]
    sample = build_sample(
        kind, size, [replace(b, n_k=16) if isinstance(b, Boundary) else b for b in boundary]
    )
    model = build_model(sample, chemical_potential=-0.4, temperature=0.1, **terms)
    outcome = self_consistency(model, Diagonalization(threads=1), TIGHT)
    exact = measure(State(model, outcome.fields, outcome.hamiltonian, Diagonalization(threads=1)), "entropy")
    monkeypatch.setattr("bdg.observables.state.STACK_ROWS", 0)
    state = State(model, outcome.fields, outcome.hamiltonian, SelectedInversion(threads=1))
    assert state.all_levels is None
    assert measure(state, "entropy")["entropy"] == pytest.approx(exact["entropy"], abs=1e-7)


def test_the_mean_over_momenta_of_h_is_that_of_its_values():
    for kind, size, boundary, terms in REPEATED.values():
        model = build_model(build_sample(kind, size, boundary), fields=(), **{**terms, "attraction": 0.0})
        n = model.sample.n_sites
        matrix = NambuAssembler(model).matrix(Fields(np.full(n, 0.3), np.zeros((2, n)), 0.0))
        slow = sum(momentum.weight * momentum.values for momentum in matrix.momenta)
        mean = slow.real if matrix.momenta.is_paired else slow
        np.testing.assert_allclose(matrix.mean(), mean, atol=1e-13)
        assert matrix.is_real == all(np.isrealobj(momentum.values) for momentum in matrix.momenta)
