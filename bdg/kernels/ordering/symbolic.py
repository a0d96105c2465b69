"""Symbolic elimination: which later sites each front touches, and where each entry of the matrix goes.

The boundary of a front are the later sites adjacent to its own sites or to the boundary of a child, in
elimination order; so the map from a child's boundary to the parent's front (own sites, then boundary) is
monotone, and what lies above the diagonal of one lies above the diagonal of the other. As in
:mod:`bdg.kernels.ordering.dissection` NumPy makes the arrays, outside of the compiled code.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.kernels.compiler import jit_dense, jit_inner

Array = NDArray[Any]


@jit_inner
def _sort(values, first, last):
    """Shell's sort of ``values[first:last]``: lists are short, and consist of sorted stretches."""
    gap = 1
    while gap < last - first:
        gap = 3 * gap + 1
    while gap > 1:
        gap //= 3
        for i in range(first + gap, last):
            value, j = values[i], i
            while j >= first + gap and values[j - gap] > value:
                values[j] = values[j - gap]
                j -= gap
            values[j] = value


@jit_dense
def _order_sites(permutation, fronts, place, child_start, children, mark):
    """Fill ``place``, ``child_start`` and ``children``; see ``find_boundaries``."""
    for i in range(len(permutation)):
        place[permutation[i]] = i
        mark[i] = -1
    count = len(fronts)
    for f in range(count):
        if fronts[f, 2] >= 0:
            child_start[fronts[f, 2] + 1] += 1
    for f in range(count):
        child_start[f + 1] += child_start[f]
    # Backwards, so that ``child_start`` ends up where it began.
    for f in range(count - 1, -1, -1):
        parent = fronts[f, 2]
        if parent >= 0:
            child_start[parent + 1] -= 1
            children[child_start[parent + 1]] = f
    for f in range(count):
        child_start[f] = child_start[f + 1]
    child_start[count] = len(children)


@jit_dense
def _gather_boundaries(
    f, fronts, child_start, children, starts, boundary, indptr, indices, permutation, place, mark
):
    """Append the sorted boundaries of the fronts from f on; returns the first that may not fit."""
    while f < len(fronts):
        own, end = fronts[f, 0], fronts[f, 1]
        first = last = starts[f]
        room = len(boundary) - first
        for c in range(child_start[f], child_start[f + 1]):
            room -= starts[children[c] + 1] - starts[children[c]]
        for i in range(own, end):
            room -= indptr[permutation[i] + 1] - indptr[permutation[i]]
        if room < 0:
            return f
        for c in range(child_start[f], child_start[f + 1]):
            for k in range(starts[children[c]], starts[children[c] + 1]):
                later = boundary[k]
                if later >= end and mark[later] != f:
                    mark[later] = f
                    boundary[last] = later
                    last += 1
        for i in range(own, end):
            site = permutation[i]
            for k in range(indptr[site], indptr[site + 1]):
                later = place[indices[k]]
                if later >= end and mark[later] != f:
                    mark[later] = f
                    boundary[last] = later
                    last += 1
        _sort(boundary, first, last)
        f += 1
        starts[f] = last
    return f


def find_boundaries(indptr: Array, indices: Array, permutation: Array, fronts: Array) -> tuple[Array, ...]:
    """Children and boundaries of all fronts.

    Returns
    -------
    place
        Position of each site in the order of elimination, shape (n,).
    child_start, children
        Children of front f, in their order: ``children[child_start[f]:child_start[f + 1]]``.
    starts, boundary
        Boundary of front f: ``boundary[starts[f]:starts[f + 1]]``, positions in the order of elimination.
    """
    n, count = len(permutation), len(fronts)
    place, mark = np.empty(n, np.int32), np.empty(n, np.int32)
    child_start = np.zeros(count + 1, np.int32)
    children = np.empty(np.count_nonzero(fronts[:, 2] >= 0), np.int32)
    _order_sites(permutation, fronts, place, child_start, children, mark)
    starts, boundary, done = np.zeros(count + 1, np.int64), np.empty(0, np.int32), 0
    while done < count:
        larger = np.empty(2 * len(boundary) + len(indices) + 16, np.int32)
        larger[: starts[done]] = boundary[: starts[done]]
        boundary = larger
        done = _gather_boundaries(
            done, fronts, child_start, children, starts, boundary, indptr, indices, permutation, place, mark
        )
    return place, child_start, children, starts, boundary[: starts[count]].copy()


@jit_dense
def _share(sizes, born, last, starts, live):
    """Fill ``starts``; see ``share_buffer``. ``live`` are the blocks in use, in their order in the buffer."""
    count, longest = 0, 0
    for step in range(len(sizes)):
        k = born[step]
        kept = 0
        for i in range(count):
            if last[live[i]] >= step:
                live[kept] = live[i]
                kept += 1
        count = kept
        starts[k] = 0
        if sizes[k] == 0:
            continue
        place, free = 0, 0
        while place < count and starts[live[place]] - free < sizes[k]:
            free = starts[live[place]] + sizes[live[place]]
            place += 1
        for i in range(count, place, -1):
            live[i] = live[i - 1]
        live[place] = k
        starts[k] = free
        count += 1
        longest = max(longest, free + sizes[k])
    return longest


def share_buffer(sizes: Array, born: Array, last: Array) -> tuple[Array, int]:
    """Starts of blocks that live in one buffer at different times, and its length: the first gap that fits.

    Parameters
    ----------
    sizes
        Elements of each block; whole cache lines keep them aligned.
    born
        The block that comes to life at each step.
    last
        The last step in which each block is needed.
    """
    starts = np.empty(len(sizes), np.int64)
    return starts, int(_share(sizes, born, last, starts, np.empty(len(sizes), np.int64)))


def map_to_parents(fronts: Array, starts: Array, boundary: Array) -> tuple[Array, Array]:
    """Positions of every boundary in the parent's front, and how many of them the parent owns."""
    maps, split = np.empty(len(boundary), np.int32), np.zeros(len(fronts), np.int32)
    _map_to_parents(fronts, starts, boundary, maps, split)
    return maps, split


@jit_dense
def _map_to_parents(fronts, starts, boundary, maps, split):
    """Fill ``maps`` and count ``split``."""
    for f in range(len(fronts)):
        parent = fronts[f, 2]
        if parent < 0:
            continue
        own, end = fronts[parent, 0], fronts[parent, 1]
        k = starts[parent]
        for b in range(starts[f], starts[f + 1]):
            if boundary[b] < end:
                maps[b] = boundary[b] - own
                split[f] += 1
            else:
                while boundary[k] < boundary[b]:
                    k += 1
                maps[b] = end - own + k - starts[parent]


@jit_dense
def _find_runs(starts, maps, run_end):
    """Fill ``run_end``; see ``find_runs``."""
    for f in range(len(starts) - 1):
        first, last = starts[f], starts[f + 1] - 1
        end = 0
        for k in range(last, first - 1, -1):
            if k == last or maps[k + 1] != maps[k] + 1:
                end = k + 1 - first
            run_end[k] = end


def find_runs(starts: Array, maps: Array) -> Array:
    """For each row of a boundary the end of the stretch of consecutive places it is mapped to."""
    run_end = np.empty(len(maps), np.int32)
    _find_runs(starts, maps, run_end)
    return run_end


@jit_inner
def _find(values, low, high, x):
    while low < high:
        middle = (low + high) // 2
        if values[middle] < x:
            low = middle + 1
        else:
            high = middle
    return low


def place_entries(
    indptr: Array,
    indices: Array,
    permutation: Array,
    place: Array,
    fronts: Array,
    starts: Array,
    boundary: Array,
    symmetric: bool,
) -> tuple[Array, Array, Array, Array]:
    """Where each block of the matrix enters its front.

    An entry belongs to the front that eliminates the first of its two sites. With ``symmetric`` only
    those above the diagonal (in the order of elimination) are listed, the transposes are left out.

    Returns
    -------
    entry_starts
        Shape (n_fronts + 1,).
    rows, columns
        Positions in the front, shape (n_entries,).
    source
        Index of the block in the CSR pattern, shape (n_entries,).
    """
    n_entries = len(indices)
    if symmetric:
        n_entries = (len(indices) + len(indptr) - 1) // 2
    entry_starts = np.zeros(len(fronts) + 1, np.int64)
    rows, columns = np.empty(n_entries, np.int32), np.empty(n_entries, np.int32)
    source = np.empty(n_entries, np.int64)
    _place_entries(
        indptr, indices, permutation, place, fronts, starts, boundary, symmetric,
        entry_starts, rows, columns, source,
    )  # fmt: skip
    return entry_starts, rows, columns, source


@jit_dense
def _place_entries(
    indptr,
    indices,
    permutation,
    place,
    fronts,
    starts,
    boundary,
    symmetric,
    entry_starts,
    rows,
    columns,
    source,
):
    """Fill the last four; see ``place_entries``."""
    e = 0
    for f in range(len(fronts)):
        own, end = fronts[f, 0], fronts[f, 1]
        for i in range(own, end):
            site = permutation[i]
            for k in range(indptr[site], indptr[site + 1]):
                j = place[indices[k]]
                if j < own or (symmetric and j < i):
                    continue
                local = j - own
                if j >= end:
                    local = end - own + _find(boundary, starts[f], starts[f + 1], j) - starts[f]
                rows[e], columns[e], source[e] = i - own, local, k
                e += 1
                if j >= end and not symmetric:
                    other = indices[k]
                    rows[e], columns[e] = local, i - own
                    source[e] = _find(indices, indptr[other], indptr[other + 1], site)
                    e += 1
        entry_starts[f + 1] = e
