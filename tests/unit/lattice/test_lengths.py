"""Cells whose lengths or offsets no arithmetic survives are refused, quickly and by name."""

import numpy as np
import pytest

from bdg.errors import InputError
from bdg.lattice import UnitCell, build_sample
from bdg.lattice.shells import bond_kinds


@pytest.mark.parametrize(
    ("vectors", "words"),
    [
        ([[1e155, 0], [0, 1e155]], "lattice vector 0"),
        ([[1, 0], [0, 1e-200]], "lattice vector 1"),
        ([[1e-4, 0], [0, 1]], "lattice vector 0"),
        ([[1e300]], "lattice vector 0"),
        ([[1, 0], [1e6, 1e-3]], "linearly dependent"),
        ([[1, 0, 0], [0, 1, 0], [5e5, 5e5, 1e-5]], "linearly dependent"),
    ],
)
def test_lengths_out_of_reach(vectors, words):
    with pytest.raises(InputError, match=words):
        UnitCell.build(vectors)


def test_a_basis_point_far_away():
    with pytest.raises(InputError, match="basis point lies at 1e"):
        UnitCell.build([[1.0]], [[0.0], [1e200]])


def test_neighbours_very_many_cells_apart():
    with pytest.raises(InputError, match="too many cells apart"):
        bond_kinds(UnitCell.build([[1, 0], [2000.5, 1e-2]]), 12)


@pytest.mark.parametrize("offset", [20_000, -(10**12), 2**31, 2**63 - 1])
def test_offsets_beyond_the_integers_that_store_them(offset):
    with pytest.raises(InputError, match="reaches over more than"):
        UnitCell.build([[1.0]], hoppings=[(0, 0, [offset], 1.0)])


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3, 1e6])
def test_neighbours_are_the_same_at_every_scale_that_is_allowed(scale):
    cell = UnitCell.build(scale * np.array([[1.0, 0.0], [0.5, 0.75**0.5]]))
    sample = build_sample(cell, [4, 4], "periodic", shells=2)
    assert sample.n_bonds == 6 * 16


def test_anisotropic_cells_find_their_nearest_neighbours_first():
    kinds = bond_kinds(UnitCell.build([[1.0, 0.0], [0.0, 1e6]]), 2)
    np.testing.assert_allclose(kinds.distance, [1.0, 2.0])
