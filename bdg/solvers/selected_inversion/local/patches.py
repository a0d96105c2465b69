"""Patches: a core with a buffer around it, an open sample of its own cut out of a larger one.

Where (γ + iH)⁻¹ decays, its entries on a core hardly depend on what lies beyond a buffer around it: the
inverse of the matrix restricted to core and buffer has them, up to what decays over the way to the rim of the
buffer and back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats, Indices
from bdg.nambu import SparsityPattern
from bdg.solvers.contract import Pattern

FILLED = 0.5
"""A site joins a buffer with the next ring if this share of its neighbours are in it: so corners stay."""

DECIMALS = 6
"""Digits of positions by which patches are known to be of one shape."""


@dataclass(frozen=True, eq=False)
class Patch:
    """A piece of a sample, its sites in an order that is the same for all pieces of this shape.

    Parameters
    ----------
    sparsity
        Where its matrix has blocks, on its own sites.
    slots
        The places of these blocks in the matrix of the sample, shape ``(n_blocks,)``.
    sites
        Its sites in the sample, shape ``(n_own,)``.
    """

    sparsity: SparsityPattern
    slots: NDArray[np.int64]
    sites: NDArray[np.int64]


class Surroundings:
    """Walks from some sites of a sample to those around them, one walk at a time.

    Parameters
    ----------
    sparsity
        Of the sample.
    """

    def __init__(self, sparsity: SparsityPattern) -> None:
        self._sparsity = sparsity
        self._degrees = np.diff(sparsity.indptr) - 1
        self._joined = np.zeros(sparsity.n_sites, bool)
        self._place = np.full(sparsity.n_sites, -1, np.int64)
        self._minimal = _nearest_image(sparsity.periods)

    def patch(self, core: Indices, reach: int, among: NDArray[np.bool_] | None = None) -> Patch:
        """A core with all that is within ``reach`` rings of neighbours, of the sites ``among``."""
        sites, positions = self._walk(core, reach, among)
        shifted = np.round(positions - positions[: len(core)].min(axis=0), DECIMALS) + 0.0
        order = np.lexsort((sites, *shifted.T[::-1]))
        sites, shifted = sites[order], shifted[order]
        indptr, indices, slots = self._blocks(sites)
        return Patch(SparsityPattern(indptr, indices, shifted), slots, sites)

    def restriction(self, sites: Indices, patch: Patch) -> Patch:
        """Some of the sites of a patch, as a patch of their own; ascending."""
        indptr, indices, slots = self._blocks(sites)
        place = self._place
        place[patch.sites] = np.arange(len(patch.sites))
        positions = patch.sparsity.positions[place[sites]]
        place[patch.sites] = -1
        return Patch(SparsityPattern(indptr, indices, positions), slots, sites)

    def size(self, core: Indices, reach: int) -> int:
        """Sites of a patch."""
        return len(self._walk(core, reach, None)[0])

    def _walk(
        self, core: Indices, reach: int, among: NDArray[np.bool_] | None
    ) -> tuple[NDArray[np.int64], Floats]:
        """The sites of a patch, core first, and their positions unrolled from the core."""
        found, where = [np.asarray(core, np.int64)], [self._sparsity.positions[core]]
        joined = self._joined
        joined[core] = True
        rim = found[0], where[0]
        for _ in range(reach):
            ring = self._beyond(*rim, lambda other: np.ones(len(other), bool), among)
            corners = self._beyond(*ring, self._is_filled, among)
            rim = np.concatenate([ring[0], corners[0]]), np.concatenate([ring[1], corners[1]])
            if not len(rim[0]):
                break
            found.append(rim[0])
            where.append(rim[1])
        sites = np.concatenate(found)
        joined[sites] = False
        return sites, np.concatenate(where)

    def _beyond(
        self,
        rim: NDArray[np.int64],
        positions: Floats,
        joins: Callable[[NDArray[np.int64]], NDArray[np.bool_]],
        among: NDArray[np.bool_] | None,
    ) -> tuple[NDArray[np.int64], Floats]:
        """Neighbours of the rim that have not joined and may, in ascending order; they join."""
        sparsity, joined = self._sparsity, self._joined
        slots, row = _ranges(sparsity.indptr, rim)
        other = sparsity.indices[slots].astype(np.int64)
        new = ~joined[other] if among is None else ~joined[other] & among[other]
        other, first = np.unique(other[new], return_index=True)
        row = row[new][first]
        may = joins(other)
        other, row = other[may], row[may]
        joined[other] = True
        step = self._minimal(sparsity.positions[other] - sparsity.positions[rim[row]])
        return other, positions[row] + step

    def _is_filled(self, sites: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Whether half the neighbours of a site have joined."""
        slots, row = _ranges(self._sparsity.indptr, sites)
        inside = np.bincount(row, self._joined[self._sparsity.indices[slots]], len(sites))
        return inside >= FILLED * self._degrees[sites]

    def _blocks(
        self, sites: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int32], NDArray[np.int64]]:
        """Block CSR of the matrix between these sites, and where its blocks stand in that of the sample."""
        place, n = self._place, len(sites)
        place[sites] = np.arange(n)
        slots, row = _ranges(self._sparsity.indptr, sites)
        column = place[self._sparsity.indices[slots]]
        place[sites] = -1
        inside = column >= 0
        slots, row, column = slots[inside], row[inside], column[inside]
        order = np.argsort(row * n + column, kind="stable")
        indptr = np.searchsorted(row, np.arange(n + 1))  # rows ascend as they are
        return indptr.astype(np.int64), column[order].astype(np.int32), slots[order]

    def wanted(self, patch: Patch, pattern: Pattern, entries: Indices) -> tuple[Pattern, Indices]:
        """Some entries of a pattern of the sample on the sites of a patch, in an order of its own.

        Returns the pattern and the entries in that order.
        """
        place, n = self._place, len(patch.sites)
        place[patch.sites] = np.arange(n)
        rows, columns = place[pattern.rows[entries]], place[pattern.columns[entries]]
        place[patch.sites] = -1
        order = np.argsort(rows * n + columns, kind="stable")
        chosen = Pattern(rows[order].astype(np.int32), columns[order].astype(np.int32))
        return chosen, entries[order]


def _ranges(
    indptr: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """All slots of some rows of a CSR matrix, and for each the place of its row among them."""
    counts = indptr[rows + 1] - indptr[rows]
    row = np.repeat(np.arange(len(rows)), counts)
    starts = np.cumsum(counts) - counts
    return np.arange(len(row)) - starts[row] + indptr[rows][row], row


def _nearest_image(periods: Floats | None) -> Callable[[Floats], Floats]:
    """From a displacement to the shortest one up to the translations that close a sample on itself."""
    if periods is None or not len(periods):
        return lambda step: step
    inverse = np.linalg.pinv(periods)
    return lambda step: step - np.round(step @ inverse) @ periods
