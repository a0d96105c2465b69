"""The symbolic elimination of a sample, made once and used by every factorisation of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.kernels.fronts import Tree
from bdg.kernels.inversion import inversion_scratch
from bdg.kernels.symbolic import find_boundaries, map_to_parents, place_entries, share_buffer
from bdg.solvers.selected_inversion.ordering import order

Ordering = Callable[[NDArray[Any], NDArray[Any], NDArray[Any], int], tuple[NDArray[Any], NDArray[Any]]]


@dataclass(frozen=True)
class Elimination:
    """Tree of fronts over the rows of a block matrix, and the sizes of the workspaces it needs.

    Parameters
    ----------
    planes, rows, symmetric
        The arithmetic: planes of a number, rows of a site, whether the matrix equals its transpose.
    tree
        See :data:`bdg.kernels.fronts.Tree`.
    later
        Place in the order of elimination of every boundary row, in the order of ``tree.maps``.
    source
        For each entry of the tree its index in the flat CSR values ``(n_blocks * rows * rows)``.
    storage, up, down, scratch
        Elements of the four workspaces.
    products
        Multiplications of numbers (of the planes' algebra) in the two sweeps, for flop counts.
    """

    planes: int
    rows: int
    symmetric: bool
    tree: Tree
    later: NDArray[np.int32]
    source: NDArray[np.int64]
    storage: int
    up: int
    down: int
    scratch: int
    products: float

    @property
    def n_entries(self) -> int:
        """Entries of the matrix that the sweeps read and write."""
        return len(self.source)

    @cached_property
    def largest_front(self) -> tuple[int, int]:
        """Most own rows, and most rows, of a front."""
        return int(self.tree.own.max()), int((self.tree.own + self.tree.boundary).max())

    @cached_property
    def rows_total(self) -> int:
        """Rows of the matrix (of its planes)."""
        return int(self.tree.own.sum())


def analyse(
    indptr: NDArray[np.int64],
    indices: NDArray[np.int32],
    positions: NDArray[np.float64],
    *,
    planes: int,
    rows: int,
    symmetric: bool,
    ordering: Ordering = order,
) -> Elimination:
    """Order the sites and lay out the fronts.

    Parameters
    ----------
    indptr, indices
        Block CSR pattern over sites, symmetric, diagonal present, columns sorted.
    positions
        Shape (n_sites, dimension).
    planes, rows, symmetric
        See :class:`Elimination`.
    ordering
        Makes the permutation and the fronts.
    """
    positions = np.ascontiguousarray(positions, dtype=float)
    permutation, fronts = ordering(indptr, indices, positions, rows)
    place, child_start, children, starts, boundary = find_boundaries(indptr, indices, permutation, fronts)
    maps, split = map_to_parents(fronts, starts, boundary)
    entry_start, row, column, source = place_entries(
        indptr, indices, permutation, place, fronts, starts, boundary, symmetric
    )
    own, bound = fronts[:, 1] - fronts[:, 0], np.diff(starts)
    if rows > 1:
        entry_start, row, column, source = _expand_entries(entry_start, row, column, source, rows, symmetric)
        maps, boundary = (
            (k[:, None] * rows + np.arange(rows, dtype=np.int32)).ravel() for k in (maps, boundary)
        )
        own, bound, starts, split = own * rows, bound * rows, starts * rows, split * rows
    blocks = 1 if symmetric else 2
    storage_start, storage = _lay_out(planes * own * (own + blocks * bound))
    up_start, up = _lay_out_upwards(planes * bound * bound, fronts[:, 2])
    down_start, down = _lay_out_downwards(planes * (own + bound) ** 2, fronts[:, 2])
    scratch = planes * own * bound * blocks + 8
    tree = Tree(
        own.astype(np.int64), bound.astype(np.int64), fronts[:, 2].astype(np.int32), child_start, children,
        starts, maps,
        _run_ends(maps, starts), split,
        storage_start, up_start, down_start, entry_start, row, column,
    )  # fmt: skip
    worst = int(scratch.max()) + inversion_scratch(planes, int(own.max()))
    products = float(np.sum(blocks * (own**3 / 2 + 1.5 * own * own * bound + 1.5 * own * bound * bound)))
    return Elimination(planes, rows, symmetric, tree, boundary, source, storage, up, down, worst, products)


def _expand_entries(
    starts: NDArray[np.int64],
    row: NDArray[np.int32],
    column: NDArray[np.int32],
    source: NDArray[np.int64],
    rows: int,
    symmetric: bool,
) -> tuple[NDArray[Any], ...]:
    """From entries of sites to entries of rows; of a symmetric diagonal block the upper half is kept."""
    a, b = (k.ravel().astype(np.int32) for k in np.indices((rows, rows)))
    wide_row, wide_column = row[:, None] * rows + a, column[:, None] * rows + b
    wide_source = source[:, None] * rows * rows + a * rows + b
    keep = wide_row <= wide_column if symmetric else np.ones(wide_row.shape, bool)
    count = np.concatenate(([0], np.cumsum(keep.sum(axis=1))))
    return count[starts], wide_row[keep], wide_column[keep], wide_source[keep]


def _run_ends(maps: NDArray[np.int32], starts: NDArray[np.int64]) -> NDArray[np.int32]:
    """For each row of a boundary the end of the stretch of consecutive places it is mapped to."""
    breaks = np.ones(len(maps) + 1, bool)
    breaks[1:-1] = np.diff(maps) != 1
    breaks[starts] = True
    ends = np.flatnonzero(breaks)
    after = ends[np.searchsorted(ends, np.arange(len(maps)), side="right")]
    front_start = np.repeat(starts[:-1], np.diff(starts))
    return (after - front_start).astype(np.int32)


def _lay_out(sizes: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Starts of consecutive blocks, each on a cache line, and the total."""
    ends = np.cumsum(_whole_lines(sizes))
    return np.concatenate(([0], ends[:-1])), int(ends[-1])


def _lay_out_upwards(sizes: NDArray[np.int64], parent: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """The same where a block lives until its parent has been made, children coming first."""
    turns = np.arange(len(sizes))
    return share_buffer(_whole_lines(sizes), turns, np.where(parent >= 0, parent, turns))


def _lay_out_downwards(sizes: NDArray[np.int64], parent: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """The same where a block lives until its last child has been made, parents coming first."""
    turns = np.arange(len(sizes))
    lowest, inner = turns.copy(), parent >= 0
    np.minimum.at(lowest, parent[inner], turns[inner])
    return share_buffer(_whole_lines(sizes), turns[::-1].copy(), turns[::-1][lowest])


def _whole_lines(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return (sizes + 15) // 16 * 16
