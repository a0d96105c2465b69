"""Fields that follow impurities in an infinite lattice, against large samples with the same impurities."""

from __future__ import annotations

import numpy as np
import pytest

import bdg
from bdg import Boundary
from bdg.errors import InputError, NumericalError
from bdg.leads.embedding import Embedding
from bdg.leads.infinite import InfiniteLattice
from bdg.observables import measure
from bdg.observables.impurities.region import region_around
from bdg.observables.impurities.relaxation import relaxed
from bdg.scf import ScfOptions
from tests.support.states import DENSE

S = {"chemical_potential": -0.5, "temperature": 0.1, "attraction": 2.5}
D = {"chemical_potential": -0.5, "temperature": 0.1, "bond_attraction": 1.5, "channels": ["d_x2_y2"]}
STRONG = [((0, 0), 4.0, (0.0, 0.0, 0.0))]
"""Cell (and orbital), potential and moment of each impurity."""


def bulk(kind="square", n_k=48, scf=None, **terms):
    directions = 1 if kind == "chain" else 2
    ends = terms.pop("ends", Boundary("bloch", n_k=n_k))
    model = bdg.build_model(bdg.build_sample(kind, [1] * directions, ends), **terms)
    return bdg.solve(model, observables=[], scf=scf).state()


def around(state, impurities, radius):
    directions = len(state.model.sample.size)
    places = np.array([place for place, _, _ in impurities])
    orbitals = places[:, -1] if places.shape[1] > directions else np.zeros(len(places), int)
    potentials, moments = (np.array([one[n] for one in impurities], float) for n in (1, 2))
    return relaxed(state, places[:, :directions], orbitals, potentials, moments, radius)


def sample_with(impurities, size, kind="square", ends="periodic", **terms):
    middle = size // 2
    directions = 1 if kind == "chain" else 2
    placed = [
        bdg.Impurity([*(middle + np.array(c[:directions])), *c[directions:]], potential, moment)
        for c, potential, moment in impurities
    ]
    sample = bdg.build_sample(kind, [size] * directions, ends)
    return bdg.solve(bdg.build_model(sample, impurities=placed, **terms), observables=[])


def apart(found, large, state):
    """Largest difference of the sizes of each field within the radius, and how much it changed."""
    region, middle, several = found.region, large.sample.size[0] // 2, large.sample.cell.n_orbitals > 1
    sites = np.array(
        [
            large.sample.site_at([*(c + middle), *([o] if several else [])])
            for c, o in zip(region.cells, region.orbitals, strict=True)
        ]
    )
    ends = zip(large.sample.bonds.source, large.sample.bonds.target, strict=True)
    place = {pair: n for n, pair in enumerate(ends)}
    own = zip(sites[region.sample.bonds.source], sites[region.sample.bonds.target], strict=True)
    bonds = np.array([place[pair] for pair in own])
    rows = {}
    for row, values in found.fields.present():
        if row.dims:
            where = region.inside_bonds if row.on_bonds else region.inside
            theirs = row.taken(large.fields[row.name], sites, bonds)
            before = row.taken(state.fields[row.name], region.orbitals, region.bonds)
            pick = [np.compress(where, np.abs(one), axis=row.axis) for one in (values, theirs, before)]
            rows[row.name] = (np.abs(pick[0] - pick[1]).max(), np.abs(pick[1] - pick[2]).max())
    return rows


CASES = {
    "s wave": ("square", STRONG, S, "delta"),
    "a density that follows": ("square", STRONG, S | {"fields": ("pairing", "hartree")}, "hartree"),
    "a spin beside a potential": (
        "square",
        [((0, 0), 0.5, (0, 0, 1.5)), ((1, 1), -1.0, (0, 0, 0))],
        S | {"fields": ("pairing", "hartree")},
        "hartree",
    ),
    "d wave": ("square", STRONG, D, "bond_delta"),
    "d wave with hops of bonds": ("square", STRONG, D | {"bond_fields": ("pairing", "fock")}, "fock"),
    "densities of bonds that repel": (
        "square", STRONG, S | {"bond_attraction": -0.2, "bond_fields": ("hartree",)}, "hartree"
    ),
    "spin-orbit coupling": (
        "square", [((0, 0), 1.0, (0.5, 0, 1.0))], S | {"rashba": 0.3, "zeeman": [0.1, 0.2, 0.1]}, "delta"
    ),
    "orbitals": ("honeycomb", [((0, 0, 1), 3.0, (0, 0, 0))], S | {"chemical_potential": 0.3}, "delta"),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_the_fields_are_those_of_a_large_sample(name):
    """To what the rim leaves out, and the sample's images do: some 1e-3 of the change."""
    kind, impurities, terms, field = CASES[name]
    state = bulk(kind, **terms)
    found = around(state, impurities, 4.0)
    rows = apart(found, sample_with(impurities, 24, kind, **terms), state)
    assert rows[field][1] > 0.05  # they change
    for difference, change in rows.values():
        assert difference <= max(0.01 * change, 1e-6)
        assert difference <= max(found.rim, 1e-6)
    assert found.residual < 1e-8


def test_the_radius_leaves_out_what_the_rim_says():
    state = bulk(**S)
    best = around(state, STRONG, 7.0)
    order = {tuple(c): d for c, d in zip(best.region.cells.tolist(), best.fields.delta, strict=True)}
    rims = []
    for radius in (1.0, 2.0, 3.0, 5.0):
        found = around(state, STRONG, radius)
        cells, inside = found.region.cells, found.region.inside
        pairs = zip(cells[inside].tolist(), found.fields.delta[inside], strict=True)
        left = max(abs(order[tuple(c)] - d) for c, d in pairs)
        assert left < found.rim
        np.testing.assert_allclose(found.fields.delta[~inside], state.fields.delta[0])
        rims.append(found.rim)
    assert rims[0] > 10 * rims[-1]


@pytest.mark.slow
@pytest.mark.parametrize("terms", [S, D])
def test_with_the_radius_they_come_to_those_of_the_largest_samples(terms):
    terms = terms | {"temperature": 0.05}
    state, field = bulk(n_k=128, **terms), "delta" if "attraction" in terms else "bond_delta"
    samples = [sample_with(STRONG, size, **terms) for size in (64, 128)]
    left = []
    for radius in (3.0, 8.0):
        found = around(state, STRONG, radius)
        each = [apart(found, one, state)[field][0] for one in samples]
        assert max(each) < found.rim
        left.append(each)
    assert max(left[1]) < 2e-4
    assert max(left[1]) < 0.5 * min(left[0])  # about nodes changes fall off as a power of the distance


def test_without_an_impurity_nothing_changes():
    filled = {name: one for name, one in S.items() if name != "chemical_potential"} | {"filling": 0.9}
    for terms in (S, D, S | {"fields": ("pairing", "hartree")}, filled):
        state = bulk(n_k=16, **terms)
        found = around(state, [((0, 0), 0.0, (0, 0, 0))], 3.0)
        assert found.iterations == 1
        assert found.rim < 1e-12
        np.testing.assert_allclose(found.potential, 0, atol=1e-12)


def test_a_strong_spin_turns_the_sign_of_delta_at_its_place():
    """Beyond the transition of Yu, Shiba and Rusinov a spin is bound, and Δ there has the other sign."""
    signs = []
    for moment in (1.0, 3.0):
        spin = [((0, 0), 0.0, (0, 0, moment))]
        state = bulk(**S)
        found = around(state, spin, 3.0)
        at_it = found.fields.delta[(found.region.cells == 0).all(axis=1)][0]
        large = sample_with(spin, 24, **S)
        assert at_it == pytest.approx(large.fields.delta[large.sample.site_at([12, 12])], abs=2e-3)
        signs.append(np.sign(at_it) * np.sign(state.fields.delta[0]))
    assert signs == [1, -1]


def test_a_bulk_with_a_twist_or_momenta_between_has_the_same_sizes():
    """Pairs that move with the phase π/6 a cell, as on a ring of 24 cells with as much."""
    chain = {"chemical_potential": -0.5, "temperature": 0.1, "attraction": 2.5}
    spot = [((0,), 1.0, (0, 0, 0))]
    for twist, shift in ((0.0, 0.5), (1.0, 0.0)):
        state = bulk("chain", ends=Boundary("bloch", n_k=48, twist=2 * twist, shift=shift), **chain)
        found = around(state, spot, 8.0)
        ends = [Boundary("periodic", twist=twist)]
        (difference, change) = apart(found, sample_with(spot, 24, "chain", ends, **chain), state)["delta"]
        assert change > 0.05
        assert difference < 5e-3


def test_the_change_of_the_density_matrix_is_that_of_a_dense_sample():
    """F(H₀ + V) − f(H₀) of a long ring; the poles are those of the temperature."""
    state = bulk("chain", n_k=400, **S)
    region = region_around(state.model.sample, np.array([[0]]), np.array([0]), 1.0, 100)
    assert len(region.cells) == 5
    rng = np.random.default_rng(3)
    v = rng.normal(size=(10, 10))
    v = 0.3 * (v + v.T)
    embedding = Embedding(InfiniteLattice(state.hamiltonian), region.cells, region.orbitals, 0.1, 1e-10)
    rows, columns = np.array([0, 1, 4, 2]), np.array([0, 3, 2, 2])
    change, error = embedding.change(v, rows, columns)
    delta = state.fields.delta[0]
    n, t = 400, np.zeros((800, 800))
    for cell in range(n):
        t[2 * cell : 2 * cell + 2, 2 * cell : 2 * cell + 2] = [[0.5, delta], [delta, -0.5]]
        other = 2 * ((cell + 1) % n)
        for s, hop in ((0, -1.0), (1, 1.0)):
            t[2 * cell + s, other + s] = t[other + s, 2 * cell + s] = hop
    changed = t.copy()
    first = 2 * 100
    changed[first : first + 10, first : first + 10] += v
    order = np.argsort(region.cells[:, 0])
    assert (order == np.arange(5)).all()

    def fermi(h):
        energies, states = np.linalg.eigh(h)
        return (states * (0.5 - 0.5 * np.tanh(energies / 0.2))) @ states.T

    exact = (fermi(changed) - fermi(t))[first : first + 10, first : first + 10].reshape(5, 2, 5, 2)
    np.testing.assert_allclose(change, exact[rows, :, columns], atol=1e-8)
    assert error < 1e-6


def test_the_ldos_around_it_is_that_of_a_large_sample_with_its_own_delta():
    state = bulk(**S)
    how = {"energies": [-0.9, -0.3, 0.2, 0.8], "broadening": 0.3}
    one = {"site": [0, 0], "potential": 4.0}
    found = measure(state, "impurity_in_bulk", how | {"impurities": [one], "window": 3, "radius": 4})
    rigid = measure(state, "impurity_in_bulk", how | {"impurities": [one], "window": 3})
    large = sample_with(STRONG, 32, **S)
    cells = [[16 + x, 16 + y] for x in (-1, 0, 1) for y in (-1, 0, 1)]
    local = measure(large.state(), "ldos", how | {"sites": cells, "method": "solver"})["ldos"].values
    near = np.abs(found["impurity_ldos"].values.reshape(4, 9) - local).max()
    far = np.abs(rigid["impurity_ldos"].values.reshape(4, 9) - local).max()
    assert near < 1e-3
    assert far > 10 * near
    order = found["impurity_order"]
    theirs = [large.fields.delta[large.sample.site_at(c)] for c in cells]
    np.testing.assert_allclose(order.values.ravel(), theirs, atol=1e-3)
    assert order.error == float(found["impurity_rim"].values) > 0
    assert found["impurity_ldos"].attributes["self_consistent"]
    assert not rigid["impurity_ldos"].attributes["self_consistent"]
    assert "impurity_order" not in rigid


def test_the_order_of_pairs_on_bonds_is_their_largest_symmetry():
    state = bulk(**D)
    how = {"energies": [0.3], "broadening": 0.3, "window": 9, "radius": 3}
    found = measure(state, "impurity_in_bulk", how | {"impurities": [{"site": [0, 0], "potential": 4.0}]})
    order = found["impurity_order"]
    assert "d x2 y2" in order.long_name
    large = sample_with(STRONG, 24, **D)
    theirs = measure(large.state(), "bond_order", {})["d_x2_y2"].values
    own = [theirs[large.sample.site_at([12 + x, 12])] for x in (0, 1, 2)]
    np.testing.assert_allclose(order.values[4:7, 4], own, atol=3e-3)
    np.testing.assert_allclose(order.values[0, 0], measure(state, "bond_order", {})["d_x2_y2"].values[0])


@pytest.mark.parametrize(
    ("terms", "radius", "words"),
    [
        (
            {"chemical_potential": -0.5, "temperature": 0.1, "given_delta": 0.3},
            2.0,
            "nothing is self-consistent",
        ),
        (S, 30.0, "give a smaller one"),
    ],
)
def test_what_can_not_follow_is_refused(terms, radius, words):
    with pytest.raises(InputError, match=words):
        around(bulk(n_k=8, **terms), STRONG, radius)


def test_zero_temperature_is_refused_and_a_loop_that_does_not_end_is_said():
    model = bdg.build_model(
        bdg.build_sample("square", [1, 1], Boundary("bloch", n_k=16)), **(S | {"temperature": 0.0})
    )
    with pytest.raises(InputError, match="a hundredth of Δ"):
        around(bdg.solve(model, observables=[], solver=DENSE).state(), STRONG, 2.0)
    state = bulk(n_k=16, **S)
    from dataclasses import replace

    short = replace(state, loops=replace(state.loops, scf=ScfOptions(max_iterations=2)))
    with pytest.raises(NumericalError, match="do not converge"):
        around(short, STRONG, 2.0)
