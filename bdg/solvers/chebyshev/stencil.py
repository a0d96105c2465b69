"""H at one momentum as shifted rows, see :mod:`bdg.kernels.chebyshev.shifts`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Array, Floats, Indices, Numbers
from bdg.kernels.chebyshev.shifts import chunk_starts, neighbours, terms
from bdg.nambu import SparsityPattern

LONG = 32
"""Rows of a chunk, in the mean, that are long enough."""

PERIODS = (1, 2, 3, 4, 5, 6, 8)
"""Orbitals of a cell by which the sites may be sorted."""


@dataclass(frozen=True)
class Stencil:
    """2H/a, a bound on the spectrum, and the order of the sites in which its rows repeat.

    Parameters
    ----------
    bound
        a.
    order, rank
        Site of each row, and its inverse, shape ``(n_sites,)``.
    dofs, planes
        Nambu components; real vectors that hold one of H, twice as many where H is complex.
    starts, first, mixed, source, factor, stored, entries
        See :func:`bdg.kernels.chebyshev.shifts.terms`.
    """

    bound: float
    order: Indices
    rank: Indices
    dofs: int
    planes: int
    starts: Indices
    first: Indices
    mixed: Indices
    source: Indices
    factor: Floats
    stored: Indices
    entries: Floats

    @classmethod
    def of(cls, sparsity: SparsityPattern, values: Numbers, bound: float) -> Stencil:
        """That of blocks, shape ``(n_blocks, dofs, dofs)``, on a pattern."""
        order, rank, starts = _best_order(sparsity)
        dofs = values.shape[1]
        planes = 2 * dofs if np.iscomplexobj(values) else dofs
        places = starts, sparsity.indptr, sparsity.indices, order, rank
        return cls(bound, order, rank, dofs, planes, starts, *terms(*places, values, planes, 2.0 / bound))

    @cached_property
    def reach(self) -> tuple[Indices, NDArray[np.int32]]:
        """Which chunks each one is coupled to, as pointers and chunks."""
        pointers, chunks = neighbours(self.starts, self.first, self.source, self.n_sites)
        return pointers, chunks

    @property
    def n_sites(self) -> int:
        """Number of sites."""
        return len(self.order)

    @property
    def n_chunks(self) -> int:
        """Number of chunks."""
        return len(self.starts) - 1

    @property
    def arrays(self) -> tuple[Array, ...]:
        """What the recursion takes of it, in its order."""
        pointers, chunks = self.reach
        made = (self.starts, self.first, self.mixed, self.source, self.factor, self.stored, self.entries)
        return (*made, pointers, chunks)


def _best_order(sparsity: SparsityPattern) -> tuple[Indices, Indices, Indices]:
    """The order of the sites with the fewest chunks, its inverse, and the chunks.

    Sites of a cell with several orbitals follow each other, and rows repeat after as many: those of each
    orbital are put together.
    """
    best: tuple[Indices, Indices, Indices] | None = None
    sites = np.arange(sparsity.n_sites)
    for period in PERIODS[: sparsity.n_sites]:
        order = np.concatenate([sites[first::period] for first in range(period)])
        rank = np.empty_like(order)
        rank[order] = sites
        starts = chunk_starts(sparsity.indptr, sparsity.indices, order, rank)
        if best is None or len(starts) < len(best[2]):
            best = order, rank, starts
        if sparsity.n_sites >= LONG * (len(best[2]) - 1):
            break
    assert best is not None
    return best
