"""The symbolic elimination of a sample, made once and used by every factorisation of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.kernels.dense.blocks import lead, padded
from bdg.kernels.dense.inversion import inversion_scratch
from bdg.kernels.fronts.batched_fronts import batch_scratch, kept_entries
from bdg.kernels.fronts.crowd import crowd_sizes
from bdg.kernels.fronts.dual import dual_scratch
from bdg.kernels.fronts.fronts import Tree
from bdg.kernels.ordering.grouping import group
from bdg.kernels.ordering.symbolic import (
    find_boundaries,
    find_runs,
    map_to_parents,
    place_entries,
    share_buffer,
)
from bdg.kernels.registers.batch_registers import ENTRY


@dataclass(frozen=True)
class Elimination:
    """Tree of fronts over the rows of a block matrix, and the sizes of the workspaces it needs.

    Parameters
    ----------
    planes, rows, symmetric
        The arithmetic: planes of a number, rows of a site, whether the matrix equals its transpose.
    tree
        See :data:`bdg.kernels.fronts.fronts.Tree`.
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

    @cached_property
    def alone(self) -> Elimination:
        """The same with one front after the other, for row exchanges inside them."""
        tree, n = self.tree, len(self.tree.own)
        if not tree.own_width.any():
            return self
        layout, (storage, up, down, scratch) = _lay_out_steps(
            self.planes, self.symmetric, tree.own, tree.boundary, tree.parent,
            np.arange(n + 1), np.zeros(n, bool),
        )  # fmt: skip
        return replace(self, tree=tree._replace(**layout), storage=storage, up=up, down=down, scratch=scratch)

    @cached_property
    def crowd(self) -> tuple[NDArray[np.int64], tuple[int, int, int, int]]:
        """Where fronts stand in the workspaces of :mod:`bdg.kernels.fronts.crowd`, and the sizes of these."""
        tree, steps = self.tree, np.arange(len(self.tree.own))
        kept, upwards, downwards, scratch = crowd_sizes(tree.own, tree.boundary)
        storage_start, storage = _lay_out(kept)
        up_start, up = _lay_out_upwards(upwards, steps, tree.parent)
        down_start, down = _lay_out_downwards(downwards, steps, tree.parent)
        return np.stack([storage_start, up_start, down_start]), (storage, up, down, int(scratch.max()))

    @cached_property
    def dual_scratch(self) -> int:
        """Elements of scratch that :func:`bdg.kernels.fronts.dual.eliminate_dual` wants."""
        return int(dual_scratch(self.planes, self.tree.own, self.tree.boundary).max())

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
    order: tuple[NDArray[Any], NDArray[Any]],
    *,
    planes: int,
    rows: int,
    symmetric: bool,
) -> Elimination:
    """Lay out the fronts of an order of elimination.

    Parameters
    ----------
    indptr, indices
        Block CSR pattern over sites, symmetric, diagonal present, columns sorted.
    order
        Permutation and fronts, as from :func:`bdg.kernels.ordering.dissection.dissect`.
    planes, rows, symmetric
        See :class:`Elimination`.
    """
    permutation, fronts = order
    steps, batched = np.arange(len(fronts) + 1), np.zeros(len(fronts), bool)
    if planes == 4 and symmetric:
        bound = np.diff(find_boundaries(indptr, indices, permutation, fronts)[3])
        permutation, fronts, steps, batched = group(permutation, fronts, bound)
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
    parent = fronts[:, 2]
    layout, sizes = _lay_out_steps(planes, symmetric, own, bound, parent, steps, batched)
    tree = Tree(
        own=own.astype(np.int64), boundary=bound.astype(np.int64), parent=parent.astype(np.int32),
        child_start=child_start, children=children, maps_start=starts, maps=maps,
        run_end=find_runs(starts, maps), split=split, entry_start=entry_start, row=row, column=column,
        **layout,
    )  # fmt: skip
    blocks = 1 if symmetric else 2
    products = float(np.sum(blocks * (own**3 / 2 + 1.5 * own * own * bound + 1.5 * own * bound * bound)))
    return Elimination(planes, rows, symmetric, tree, boundary, source, *sizes, products)


def _lay_out_steps(
    planes: int,
    symmetric: bool,
    own: NDArray[np.int64],
    bound: NDArray[np.int64],
    parent: NDArray[Any],
    steps: NDArray[np.int64],
    batched: NDArray[np.bool_],
) -> tuple[dict[str, NDArray[Any]], tuple[int, int, int, int]]:
    """The fields of a tree that say where its fronts stand in the workspaces, and the sizes of these.

    The fronts of a step share one block of each workspace. U and G of a batch are eight matrices with an
    entry's room behind each; half of P, and X, are one block of vectors.
    """
    blocks, n_steps = 1 if symmetric else 2, len(steps) - 1
    step_of = np.repeat(np.arange(n_steps), np.diff(steps))
    above = np.where(parent >= 0, step_of[parent], -1)
    s, b = (np.maximum.reduceat(k, steps[:-1]) for k in (own, bound))
    together = batched[steps[:-1]]
    numbers, behind = np.where(together, ENTRY, planes), together.astype(np.int64)
    ahead = np.where(together, 0, lead(planes, s, b))
    wide_s, wide_b, wide = (np.where(together, k, padded(planes, k)) for k in (s, b, ahead + s + b))
    up_size, down_size = b * wide_b + behind, (s + b) * wide + behind
    beside = s * wide_b + (blocks - 1) * b * wide_s
    inverse = np.where(together, kept_entries(s), s * wide_s)
    kept = numbers * (inverse + beside + behind)
    storage_start, storage = _lay_out(kept)
    up_start, up = _lay_out_upwards(numbers * up_size, step_of, above)
    down_start, down = _lay_out_downwards(numbers * down_size, step_of, above)
    scratch = np.where(together, batch_scratch(s, b), _whole_lines(kept) + planes * beside + 8)
    worst = int(scratch.max()) + inversion_scratch(planes, int(own.max()))
    lane = np.arange(len(own)) - steps[step_of]
    layout = {
        "storage_start": storage_start[step_of],
        "up_start": up_start[step_of] + planes * lane * up_size[step_of],
        "down_start": down_start[step_of] + planes * lane * down_size[step_of],
        "steps": steps,
        "own_width": np.where(batched, s[step_of], 0),
        "boundary_width": np.where(batched, b[step_of], 0),
    }
    return layout, (storage, up, down, worst)


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


def _lay_out(sizes: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Starts of consecutive blocks, each on a cache line, and the total."""
    ends = np.cumsum(_whole_lines(sizes))
    return np.concatenate(([0], ends[:-1])), int(ends[-1])


def _lay_out_upwards(
    sizes: NDArray[np.int64], step_of: NDArray[np.int64], above: NDArray[np.int64]
) -> tuple[NDArray[np.int64], int]:
    """The same where a block lives until the step of its last parent, children coming first."""
    steps = np.arange(len(sizes))
    last = steps.copy()
    np.maximum.at(last, step_of, above)
    return share_buffer(_whole_lines(sizes), steps, last)


def _lay_out_downwards(
    sizes: NDArray[np.int64], step_of: NDArray[np.int64], above: NDArray[np.int64]
) -> tuple[NDArray[np.int64], int]:
    """The same where a block lives until its last child has been made, parents coming first."""
    steps = np.arange(len(sizes))
    lowest, inner = steps.copy(), above >= 0
    np.minimum.at(lowest, above[inner], step_of[inner])
    return share_buffer(_whole_lines(sizes), steps[::-1].copy(), steps[::-1][lowest])


def _whole_lines(sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    return (sizes + 15) // 16 * 16
