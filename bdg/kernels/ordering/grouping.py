"""Which small fronts are done together, and the order of elimination in which they follow each other.

A batch (:mod:`bdg.kernels.fronts.batched_fronts`) holds up to eight fronts of about one size, none of them
below another. They are found inside parts of the tree with a limited number of leaves, so that what they
leave to their parents stays in cache: in each part the fronts are put in the order of their height above
the leaves, then of their size.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.kernels.compiler import jit_dense
from bdg.kernels.registers.lanes import LANES

Array = NDArray[Any]

LARGEST = 24
"""Rows of the largest fronts in batches."""
LEAVES = 128
"""Most leaves of a part of the tree that is put in order; at 1000 what waits for parents leaves the cache."""
FEWEST = 4
"""Fronts of a height from which batches take less time than one front after the other."""


@jit_dense
def _climb(parent, most, height, leaves, top):
    """Height above the leaves of every front, leaves below it, and the uppermost front of its part."""
    n = len(parent)
    for f in range(n):
        if leaves[f] == 0:
            leaves[f] = 1
        p = parent[f]
        if p >= 0:
            height[p] = max(height[p], height[f] + 1)
            leaves[p] += leaves[f]
    for f in range(n - 1, -1, -1):
        p = parent[f]
        top[f] = top[p] if p >= 0 and leaves[p] <= most else f


def _choose(small: Array, parent: Array, height: Array, top: Array) -> Array:
    """Whether fronts are in batches: small, not too few of a height, and all their children in batches."""
    chosen = small.copy()
    for h in range(int(height.max(initial=0)) + 1):
        here = np.flatnonzero(height == h)
        count = np.bincount(top[here[chosen[here]]], minlength=len(top))
        chosen[here] &= count[top[here]] >= FEWEST
        inner = here[parent[here] >= 0]
        np.logical_and.at(chosen, parent[inner], chosen[inner])
        if not chosen[height > h].any():
            break
    return chosen


def group(permutation: Array, fronts: Array, boundary: Array) -> tuple[Array, Array, Array, Array]:
    """An equivalent order of elimination in which the fronts of a batch follow each other.

    Parameters
    ----------
    permutation, fronts
        From :func:`bdg.kernels.ordering.dissection.dissect`.
    boundary
        Rows of the boundary of each front, shape (n_fronts,).

    Returns
    -------
    permutation, fronts
        The new order.
    steps
        Fronts done together are those from ``steps[k]`` to ``steps[k + 1]``, shape (n_steps + 1,).
    batched
        Whether each front is in a batch, shape (n_fronts,).
    """
    n, parent, own = len(fronts), np.ascontiguousarray(fronts[:, 2]), fronts[:, 1] - fronts[:, 0]
    height, leaves, top = (np.zeros(n, np.int64) for _ in range(3))
    _climb(parent, LEAVES, height, leaves, top)
    batched = _choose((own > 0) & (own + boundary <= LARGEST), parent, height, top)
    order = np.lexsort((boundary, own, ~batched, height, top))
    batched = batched[order]
    return *_reordered(permutation, fronts, order), _steps(batched, height[order], top[order]), batched


def _reordered(permutation: Array, fronts: Array, order: Array) -> tuple[Array, Array]:
    """Fronts in another order, and the permutation in which each owns one stretch again."""
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    first, end, parent = fronts[order].T
    size = end - first
    ends = np.cumsum(size)
    source = np.repeat(first - (ends - size), size) + np.arange(len(permutation))
    above = np.where(parent >= 0, place[parent], -1)
    return permutation[source], np.stack((ends - size, ends, above), axis=1)


def _steps(batched: Array, height: Array, top: Array) -> Array:
    """Where the next batch, or the next front outside of batches, begins."""
    place = np.arange(len(batched))
    starts = ~batched
    starts[0] = True
    starts[1:] |= ~batched[:-1] | (height[1:] != height[:-1]) | (top[1:] != top[:-1])
    first = np.maximum.accumulate(np.where(starts, place, 0))
    return np.append(np.flatnonzero((place - first) % LANES == 0), len(batched))
