"""Nested dissection of a graph by the positions of its sites, in place on one permutation array.

A range of the permutation is cut across its longest side at the median coordinate; the sites of the
upper part that have a neighbour in the lower part form the separator and go to the end of the range.
Nothing is assumed of the graph but its symmetry: wrap-around bonds and long hops only thicken the
separator. A range of at most ``leaf_size`` sites stays whole. So the permutation ends up being the
elimination order, and every front owns one contiguous stretch of it. Workspaces are made by NumPy, outside of
the compiled code, where every way to make an array costs a good part of a second to compile.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.kernels import jit_dense, jit_inner

Array = NDArray[Any]


@jit_inner
def _median(values, n, k):
    """The k-th smallest of ``values[:n]`` (which is shuffled)."""
    low, high = 0, n - 1
    while low < high:
        pivot = values[(low + high) // 2]
        i, j = low, high
        while i <= j:
            while values[i] < pivot:
                i += 1
            while values[j] > pivot:
                j -= 1
            if i <= j:
                values[i], values[j] = values[j], values[i]
                i += 1
                j -= 1
        if k <= j:
            high = j
        elif k >= i:
            low = i
        else:
            break
    return values[k]


@jit_inner
def _longest_side(permutation, low, high, positions):
    """Axis along which the sites of the range extend furthest, and the extent."""
    axis, longest = 0, -1.0
    for d in range(positions.shape[1]):
        first = last = positions[permutation[low], d]
        for i in range(low + 1, high):
            x = positions[permutation[i], d]
            first = min(first, x)
            last = max(last, x)
        if last - first > longest:
            axis, longest = d, last - first
    return axis, longest


@jit_inner
def _partition(permutation, low, high, keep, scratch):
    """Bring the sites with ``keep[i - low]`` to the front, both parts in their old order; returns the cut."""
    front, back = low, 0
    for i in range(low, high):
        site = permutation[i]
        if keep[i - low]:
            permutation[front] = site
            front += 1
        else:
            scratch[back] = site
            back += 1
    for i in range(back):
        permutation[front + i] = scratch[i]
    return front


@jit_inner
def _halve(permutation, low, high, positions, values, keep, scratch):
    """Split a range at the median of its longest side; returns the cut, strictly inside the range."""
    n = high - low
    axis, extent = _longest_side(permutation, low, high, positions)
    if not extent > 0.0:
        return low + n // 2
    for i in range(n):
        values[i] = positions[permutation[low + i], axis]
    # Sites at the median coordinate fall into the upper half: most of them will be the separator. Equal
    # coordinates may differ by rounding, hence the margin.
    cut = _median(values, n, (n - 1) // 2) - 1e-9 * extent
    below = 0
    for i in range(n):
        keep[i] = positions[permutation[low + i], axis] < cut
        below += keep[i]
    if below == 0:
        for i in range(n):
            keep[i] = positions[permutation[low + i], axis] < cut + 2e-9 * extent
            below += keep[i]
    if below == n:
        return low + n // 2
    return _partition(permutation, low, high, keep, scratch)


@jit_inner
def _separate(permutation, cut, high, low, indptr, indices, label, stamp, keep, scratch):
    """Move the sites of [cut, high) with a neighbour in [low, cut) to the end; returns where they begin."""
    for i in range(low, cut):
        label[permutation[i]] = stamp
    for i in range(cut, high):
        site = permutation[i]
        keep[i - cut] = True
        for k in range(indptr[site], indptr[site + 1]):
            if label[indices[k]] == stamp:
                keep[i - cut] = False
                break
    return _partition(permutation, cut, high, keep, scratch)


@jit_dense
def _dissect(
    indptr, indices, positions, leaf_size, permutation, label, values, keep, scratch, waiting, fronts
):
    """Cut until all is leaves; fills ``permutation`` and ``fronts`` (parents first); returns their number."""
    n = len(permutation)
    for i in range(n):
        permutation[i] = i
        label[i] = -1
    # Ranges yet to be looked at: first and end, parent, depth.
    waiting[0, 0], waiting[0, 1], waiting[0, 2], waiting[0, 3] = 0, n, -1, 0
    left = 1
    count = np.int64(0)  # for the literal 0 all that it is given to would be compiled a second time
    while left > 0:
        left -= 1
        low, high, depth = waiting[left, 0], waiting[left, 1], waiting[left, 3]
        own = low
        fronts[count, 2], fronts[count, 3] = waiting[left, 2], depth
        if high - low > leaf_size:
            cut = _halve(permutation, low, high, positions, values, keep, scratch)
            own = _separate(permutation, cut, high, low, indptr, indices, label, count, keep, scratch)
            for part in range(2 if own > cut else 1):
                waiting[left, 0], waiting[left, 1] = (cut, own) if part == 1 else (low, cut)
                waiting[left, 2], waiting[left, 3] = count, depth + 1
                left += 1
        fronts[count, 0], fronts[count, 1] = own, high
        count += 1
    return count


def dissect(indptr: Array, indices: Array, positions: Array, leaf_size: int) -> tuple[Array, Array]:
    """Elimination order and the tree of fronts.

    Parameters
    ----------
    indptr, indices
        CSR graph, symmetric; shapes (n + 1,) and (n_edges,).
    positions
        Shape (n, dimension).
    leaf_size
        Largest number of sites of a leaf.

    Returns
    -------
    permutation
        Sites in the order in which they are eliminated, shape (n,).
    fronts
        Shape (n_fronts, 4), children before parents: first and end of the own stretch of the
        permutation, parent (−1 for the root), depth.
    """
    n = len(indptr) - 1
    permutation, label, scratch = (np.empty(n, np.int32) for _ in range(3))
    # Leaves and fronts with one child own sites, at most n of them; those with two are fewer than the leaves.
    fronts, waiting = np.empty((2 * n + 1, 4), np.int64), np.empty((n + 1, 4), np.int64)
    count = _dissect(
        indptr, indices, positions, leaf_size,
        permutation, label, np.empty(n), np.empty(n, np.bool_), scratch, waiting, fronts,
    )  # fmt: skip
    # Parents were met first, right children before left ones: backwards this is the order of elimination.
    fronts = fronts[:count][::-1].copy()
    fronts[:, 2] = np.where(fronts[:, 2] >= 0, count - 1 - fronts[:, 2], -1)
    return permutation, fronts
