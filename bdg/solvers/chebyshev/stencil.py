"""H at one momentum as shifted rows, see :mod:`bdg.kernels.chebyshev.shifts`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.csgraph import reverse_cuthill_mckee

from bdg.arrays import Array, Floats, Indices, Numbers
from bdg.kernels.chebyshev.shifts import chunk_starts, last_reached, neighbours, terms
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

    @cached_property
    def sweep(self) -> tuple[Indices, Indices]:
        """An order of the chunks, and for each place in it that of the last chunk that is reached from there.

        That of memory, or that of Cuthill and McKee where chunks reach less far in it: around a periodic
        boundary, say.
        """
        pointers, chunks = self.reach
        in_memory = np.arange(self.n_chunks)
        last = last_reached(pointers, chunks, in_memory)
        graph = csr_array((np.ones(len(chunks), np.int8), chunks, pointers), shape=(self.n_chunks,) * 2)
        banded = reverse_cuthill_mckee(graph, symmetric_mode=True).astype(np.int64)
        other = last_reached(pointers, chunks, banded)
        return (banded, other) if _lag(other) < 0.5 * _lag(last) else (in_memory, last)

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
        return (*made, pointers, chunks, *self.sweep)


def _lag(last: Indices) -> int:
    """Chunks between one that takes a step and the last one that cannot yet take the next."""
    return int((np.maximum.accumulate(last) - np.arange(len(last))).max())


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
