"""Neighbour shells against a brute-force search by distance."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bdg.errors import InputError
from bdg.lattice import UnitCell, bond_kinds, preset, presets

SKEW = UnitCell.build([[1, 0.1], [2.3, 0.6]], [[0, 0], [0.3, 0.2]])
DOUBLE = UnitCell.build([[1, 0], [0, 1]], [[0, 0], [0, 0]])
CELLS = {"skew": SKEW, "double": DOUBLE} | {name: preset(name) for name in presets()}


def brute_force(cell, n_shells, reach=9):
    """Every ordered neighbour pair of the first shells by looking at all pairs of sites in a big block."""
    found = []
    offsets = np.stack(np.meshgrid(*[np.arange(-reach, reach + 1)] * cell.n_directions), -1)
    for offset in offsets.reshape(-1, cell.n_directions):
        for a in range(cell.n_orbitals):
            for b in range(cell.n_orbitals):
                d = offset @ cell.vectors + cell.basis[b] - cell.basis[a]
                if np.linalg.norm(d) > 1e-9:
                    found.append((np.linalg.norm(d), a, b, tuple(int(n) for n in offset)))
    distances = sorted({round(entry[0], 6) for entry in found})[:n_shells]
    return distances, {
        entry[1:]: distances.index(round(entry[0], 6)) + 1
        for entry in found
        if entry[0] < distances[-1] + 1e-6
    }


@pytest.mark.parametrize("name", CELLS)
@pytest.mark.parametrize("n_shells", [1, 2, 4])
def test_shells_are_those_of_a_search_by_distance(name, n_shells):
    cell = CELLS[name]
    kinds = bond_kinds(cell, n_shells)
    distances, pairs = brute_force(cell, n_shells)
    np.testing.assert_allclose(kinds.distance, distances, atol=1e-6)
    oriented = {
        (int(a), int(b), tuple(int(n) for n in offset)): int(shell)
        for a, b, offset, shell in zip(kinds.source, kinds.target, kinds.offset, kinds.shell, strict=True)
    }
    reversed_ = {(b, a, tuple(-n for n in offset)): shell for (a, b, offset), shell in oriented.items()}
    assert not oriented.keys() & reversed_.keys()  # each bond once
    assert oriented | reversed_ == pairs
    lengths = np.linalg.norm(kinds.displacement, axis=1)
    np.testing.assert_allclose(lengths, kinds.distance[kinds.shell - 1], atol=1e-9)


@pytest.mark.parametrize(
    ("name", "coordination"),
    [
        ("chain", [2]),
        ("square", [4]),
        ("triangular", [6]),
        ("honeycomb", [3, 3]),
        ("kagome", [4, 4, 4]),
        ("lieb", [4, 2, 2]),
        ("cubic", [6]),
    ],
)
def test_coordination_numbers(name, coordination):
    kinds = bond_kinds(preset(name), 1)
    ends = np.concatenate([kinds.source, kinds.target])
    assert np.bincount(ends).tolist() == coordination
    np.testing.assert_allclose(kinds.distance, 1.0, atol=1e-12)


def test_square_bonds_point_along_plus_x_and_plus_y():
    np.testing.assert_array_equal(bond_kinds(preset("square"), 1).displacement, [[1, 0], [0, 1]])


@given(st.integers(-60, 60), st.integers(20, 100))
def test_any_oblique_cell(shear, height):
    cell = UnitCell.build([[1, 0], [shear / 50, height / 50]])
    kinds = bond_kinds(cell, 3)
    _, pairs = brute_force(cell, 3)
    assert 2 * len(kinds) == len(pairs)


def test_no_shells_no_bonds():
    assert len(bond_kinds(preset("square"), 0)) == 0


@pytest.mark.parametrize(
    ("vectors", "basis", "word"),
    [
        ([[1, 0], [0, np.nan]], None, "finite"),
        ([[1, 0], [2, 0]], None, "dependent"),
        ([[1, 0], [0, 1]], [[0, 0, 0]], "coordinates"),
    ],
)
def test_impossible_cells_are_refused(vectors, basis, word):
    with pytest.raises(InputError, match=word):
        UnitCell.build(vectors, basis)


def test_unknown_preset_names_the_known_ones():
    with pytest.raises(InputError, match="square"):
        preset("sqare")
