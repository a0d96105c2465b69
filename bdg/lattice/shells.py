"""Neighbour shells of a unit cell, found by distance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.lattice.cell import UnitCell
from bdg.lattice.kinds import (
    DISTANCE_TOLERANCE,
    BondKinds,
    distinct,
    is_kept_orientation,
    sorting,
)

MOST_PAIRS = 1e7
"""Pairs of orbitals that a search for neighbours looks at."""


def bond_kinds(cell: UnitCell, n_shells: int) -> BondKinds:
    """All bonds of the first ``n_shells`` neighbour shells of a cell, each once.

    Shells are ordered by distance over all pairs of orbitals, r_target − r_source = displacement. Orbitals
    at one place are no neighbours: a hopping between them has to be given.

    Parameters
    ----------
    cell
        Any unit cell, in any dimension.
    n_shells
        How many distinct distances; 0 gives no bonds.

    Raises
    ------
    InputError
        If the vectors are so long or so skew that the neighbours lie very many cells apart.
    """
    offsets, source, target, displacement, length = _pairs_in_reach(cell, n_shells)
    distances = distinct(length)[:n_shells]
    shell = np.searchsorted(distances + DISTANCE_TOLERANCE, length) + 1
    keep = (shell <= n_shells) & is_kept_orientation(offsets, source, target)
    offsets, source, target = offsets[keep], source[keep], target[keep]
    displacement, shell = displacement[keep], shell[keep]
    order = sorting(offsets, source, target, shell)
    return BondKinds(
        source[order].astype(np.int32),
        target[order].astype(np.int32),
        offsets[order].astype(np.int32),
        shell[order].astype(np.int16),
        displacement[order],
        distances,
    )


def _pairs_in_reach(
    cell: UnitCell, n_shells: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64], NDArray[np.float64], NDArray[np.float64]]:
    """All (offset, source, target) up to a radius that surely holds ``n_shells`` distances."""
    # A ball of radius R holds only points with |n_d| ≤ R·|dual vector d|: grow R until the shells fit.
    dual_length = np.linalg.norm(np.linalg.pinv(cell.vectors), axis=0)
    spread = float(np.linalg.norm(cell.basis[:, None] - cell.basis[None], axis=-1).max())
    radius = float(np.linalg.norm(cell.vectors, axis=1).min())
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
            return offsets[inside], source[inside], target[inside], displacement[inside], length[inside]
        radius *= 1.5
