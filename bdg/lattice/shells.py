"""Neighbour shells of a unit cell, found by distance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.lattice.cell import UnitCell

DISTANCE_TOLERANCE = 1e-6
"""Two distances closer than this, in lattice constants, belong to one shell."""


@dataclass(frozen=True)
class BondKinds:
    """The bonds that leave one cell: every bond of the infinite lattice is one kind, translated.

    Each bond appears once, oriented source → target; of the two orientations the one with the
    lexicographically larger (offset, target − source orbital) is kept, so +x and +y on a square lattice.

    Parameters
    ----------
    source, target
        Orbitals, shape ``(n_kinds,)``.
    offset
        Cell of the target less cell of the source, shape ``(n_kinds, n_directions)``.
    shell
        Neighbour shell, from 1, shape ``(n_kinds,)``.
    displacement
        Position of the target less that of the source, shape ``(n_kinds, dimension)``.
    distance
        Length of each shell's bonds, shape ``(n_shells,)``.
    """

    source: NDArray[np.int32]
    target: NDArray[np.int32]
    offset: NDArray[np.int32]
    shell: NDArray[np.int8]
    displacement: NDArray[np.float64]
    distance: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.source)


def bond_kinds(cell: UnitCell, n_shells: int) -> BondKinds:
    """All bonds of the first ``n_shells`` neighbour shells of a cell, each once.

    Shells are ordered by distance over all pairs of orbitals, r_target − r_source = displacement.

    Parameters
    ----------
    cell
        Any unit cell, in any dimension.
    n_shells
        How many distinct distances; 0 gives no bonds.
    """
    offsets, source, target, displacement, length = _pairs_in_reach(cell, n_shells)
    distances = _distinct(length)[:n_shells]
    shell = np.searchsorted(distances + DISTANCE_TOLERANCE, length) + 1
    keep = (shell <= n_shells) & _is_kept_orientation(offsets, source, target)
    offsets, source, target = offsets[keep], source[keep], target[keep]
    displacement, shell = displacement[keep], shell[keep]
    # By shell, then by direction: +x before +y, whatever order the search met them in.
    order = np.lexsort((*(-offsets.T[::-1]), target, source, shell))
    return BondKinds(
        source[order].astype(np.int32),
        target[order].astype(np.int32),
        offsets[order].astype(np.int32),
        shell[order].astype(np.int8),
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
    radius = float(np.linalg.norm(cell.vectors, axis=1).max())
    while True:
        reach = np.floor((radius + spread) * dual_length + 1e-9).astype(int)
        grid = np.meshgrid(*[np.arange(-r, r + 1) for r in reach], indexing="ij")
        cells = np.stack([axis.ravel() for axis in grid], axis=1)
        source, target = np.divmod(np.arange(cell.n_orbitals**2), cell.n_orbitals)
        offsets = np.repeat(cells, len(source), axis=0)
        source, target = np.tile(source, len(cells)), np.tile(target, len(cells))
        displacement = offsets @ cell.vectors + cell.basis[target] - cell.basis[source]
        length = np.linalg.norm(displacement, axis=1)
        inside = (length > DISTANCE_TOLERANCE) & (length <= radius + DISTANCE_TOLERANCE)
        if len(_distinct(length[inside])) >= n_shells:
            return offsets[inside], source[inside], target[inside], displacement[inside], length[inside]
        radius *= 1.5


def _distinct(length: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sorted distances, those within the tolerance merged."""
    ordered: NDArray[np.float64] = np.sort(length)
    first = (
        np.concatenate([[True], np.diff(ordered) > DISTANCE_TOLERANCE]) if len(ordered) else np.zeros(0, bool)
    )
    distinct: NDArray[np.float64] = ordered[first]
    return distinct


def _is_kept_orientation(
    offsets: NDArray[np.int64], source: NDArray[np.int64], target: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """One of each pair of opposite bonds: the first nonzero of (offset, target − source) is positive."""
    key = np.column_stack([offsets, target - source])
    first = np.argmax(key != 0, axis=1)
    kept: NDArray[np.bool_] = key[np.arange(len(key)), first] > 0
    return kept
