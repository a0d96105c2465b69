"""Neighbour shells of a unit cell, found by distance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.lattice.cell import UnitCell
from bdg.lattice.hoppings import BondName, require_bonds, with_bonds
from bdg.lattice.kinds import (
    DISTANCE_TOLERANCE,
    BondKinds,
    arranged,
    distinct,
    is_kept_orientation,
    shells_of,
)

MOST_PAIRS = 1e7
"""Pairs of orbitals that a search for neighbours looks at."""


def bond_kinds(cell: UnitCell, n_shells: int, bonds: Sequence[BondName] = ()) -> BondKinds:
    """All bonds of the first ``n_shells`` neighbour shells of a cell, each once.

    Shells are ordered by distance over all pairs of orbitals, r_target − r_source = displacement. Orbitals
    at one place are no neighbours: bonds between them have to be named.

    Parameters
    ----------
    cell
        Any unit cell, in any dimension.
    n_shells
        How many distinct distances; 0 gives no bonds.
    bonds
        Bonds that must be there: all shells are, up to that of the longest.

    Raises
    ------
    InputError
        If the vectors are so long or so skew that the neighbours lie very many cells apart, or there can be
        no such bond.
    """
    require_bonds(bonds, cell.n_orbitals, cell.n_directions)
    longest = max((length_of(cell, bond) for bond in bonds), default=0.0)
    offsets, source, target, length = _pairs_in_reach(cell, n_shells, longest)
    shell, distances = shells_of(length)
    n_shells = max(n_shells, int(np.searchsorted(distances, longest + DISTANCE_TOLERANCE)))
    keep = (shell <= n_shells) & is_kept_orientation(offsets, source, target)
    found = arranged(cell.vectors, cell.basis, source[keep], target[keep], offsets[keep])
    return with_bonds(found, cell.vectors, cell.basis, bonds)


def length_of(cell: UnitCell, bond: BondName) -> float:
    """Length of a bond."""
    source, target, offset = bond
    return float(np.linalg.norm(np.array(offset) @ cell.vectors + cell.basis[target] - cell.basis[source]))


def _pairs_in_reach(
    cell: UnitCell, n_shells: int, longest: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """All (offset, source, target, length) up to a radius that surely holds ``n_shells`` distances
    and the longest bond.
    """
    # A ball of radius R holds only points with |n_d| ≤ R·|dual vector d|: grow R until the shells fit.
    dual_length = np.linalg.norm(np.linalg.pinv(cell.vectors), axis=0)
    spread = float(np.linalg.norm(cell.basis[:, None] - cell.basis[None], axis=-1).max())
    radius = max(float(np.linalg.norm(cell.vectors, axis=1).min()), longest)
    while True:
        reach = np.floor((radius + spread) * dual_length + 1e-9).astype(int)
        if np.prod(2.0 * reach + 1) * cell.n_orbitals**2 > MOST_PAIRS:
            raise InputError(
                f"neighbours of the cell {cell.vectors.tolist()} are too many cells apart to be found by"
                " distance; give shorter vectors of the same lattice, or the hoppings one by one"
            )
        grid = np.meshgrid(*[np.arange(-r, r + 1) for r in reach], indexing="ij")
        cells = np.stack([axis.ravel() for axis in grid], axis=1)
        source, target = np.divmod(np.arange(cell.n_orbitals**2), cell.n_orbitals)
        offsets = np.repeat(cells, len(source), axis=0)
        source, target = np.tile(source, len(cells)), np.tile(target, len(cells))
        displacement = offsets @ cell.vectors + cell.basis[target] - cell.basis[source]
        length = np.linalg.norm(displacement, axis=1)
        inside = (length > DISTANCE_TOLERANCE) & (length <= radius + DISTANCE_TOLERANCE)
        if len(distinct(length[inside])) >= n_shells:
            return offsets[inside], source[inside], target[inside], length[inside]
        radius *= 1.5
