"""Nested dissection of a graph by the positions of its sites, in place on one permutation array.

A range of the permutation is cut across one of several directions, at a coordinate near the median:
wherever the separator, the sites above the cut with a neighbour below it, is smallest for the balance it
brings. On a square lattice cuts across the diagonals make diamonds, which have a third fewer neighbours
than squares of their size, so that factorisations take half the products that they take with cuts along the
axes. Large ranges are also cut by distance on the graph from one of their sites: where directions close on
themselves the ball round a site is the better half. Nothing is assumed of the graph but its symmetry; bonds
that wrap around or reach far only thicken separators. A range of at most ``leaf_size`` sites stays whole.
So the permutation ends up being the elimination order, and every front owns one contiguous stretch of it.
Workspaces are made by NumPy, outside of the compiled code, where every way to make an array costs a good
part of a second to compile.
"""

from collections import namedtuple
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.kernels.compiler import jit_dense, jit_inner

Array = NDArray[Any]

BINS = 64
"""Coordinates of a range are distinguished in so many steps."""
UNBALANCE = 0.3
"""Largest difference between the two parts, as a share of the range, where cuts of at most that exist."""
DIAGONAL_GAIN = 0.95
"""What the separator of a cut across a diagonal counts, against one of that size along an axis."""
BALL_SHARE = 0.1
"""Ranges of at least this share of all sites are also cut by distance on the graph."""

PARALLEL_FROM = 100_000
"""Sites from which two threads take less time than one."""

_Work = namedtuple("_Work", "label bins distance queue scratch part below change lowest low high")
"""Workspaces: by site (the first three), by place in the range (three), by direction (five)."""


@jit_inner
def _measure_distance(permutation, low, high, stamp, indptr, indices, work):
    """Fill ``distance`` on the range's graph from its first site; returns that of sites out of reach."""
    distance, queue = work.distance, work.queue
    for i in range(low, high):
        distance[permutation[i]] = -1
    queue[0] = permutation[low]
    distance[queue[0]] = 0
    head, tail = 0, 1
    while head < tail:
        site = queue[head]
        head += 1
        for k in range(indptr[site], indptr[site + 1]):
            other = indices[k]
            if work.label[other] == stamp and distance[other] < 0:
                distance[other] = distance[site] + 1
                queue[tail] = other
                tail += 1
    beyond = distance[queue[tail - 1]] + 1
    for i in range(low, high):
        if distance[permutation[i]] < 0:
            distance[permutation[i]] = beyond
    return beyond


@jit_inner
def _sort_into_bins(permutation, low, high, coordinates, n_ways, work):
    """Fill ``bins`` of every site in the range, and count the sites in each."""
    bins, lowest, highest = work.bins, work.low, work.high
    n_directions = coordinates.shape[1]
    for d in range(n_directions):
        lowest[d] = highest[d] = coordinates[permutation[low], d]
    for i in range(low + 1, high):
        own = coordinates[permutation[i]]
        for d in range(n_directions):
            lowest[d] = min(lowest[d], own[d])
            highest[d] = max(highest[d], own[d])
    for d in range(n_ways):
        extent = highest[d] - lowest[d]
        highest[d] = (BINS - 1) / extent if extent > 0.0 else 0.0
        for k in range(BINS + 1):
            work.below[d, k] = work.change[d, k] = 0
    for i in range(low, high):
        site = permutation[i]
        own = coordinates[site]
        for d in range(n_ways):
            x = own[d] if d < n_directions else np.float32(work.distance[site])
            # An odd shift keeps equal coordinates that differ by rounding off the edge between two bins.
            k = np.int32((x - lowest[d]) * highest[d] + np.float32(0.37))
            bins[site, d] = k
            work.below[d, k + 1] += 1


@jit_inner
def _count_separators(permutation, low, high, stamp, indptr, indices, n_ways, work):
    """Fill ``change``: by how much the separator grows from one cut to the next.

    A site belongs to the separators of the cuts above its lowest neighbour and not above itself.
    """
    bins, least = work.bins, work.lowest
    for i in range(low, high):
        site = permutation[i]
        for d in range(n_ways):
            least[d] = bins[site, d]
        for k in range(indptr[site], indptr[site + 1]):
            other = indices[k]
            if work.label[other] == stamp:
                for d in range(n_ways):
                    least[d] = min(least[d], bins[other, d])
        for d in range(n_ways):
            work.change[d, least[d] + 1] += 1
            work.change[d, bins[site, d] + 1] -= 1


@jit_inner
def _best_cut(n, dimension, n_ways, work):
    """Way and first bin above of the best cut; −1 where nothing tells the sites apart."""
    best, way, cut = np.inf, -1, 0
    for d in range(n_ways):
        below, separator = 0, 0
        for k in range(1, BINS):
            below += work.below[d, k]
            separator += work.change[d, k]
            if below == 0 or below == n:
                continue
            unbalance = abs(2 * below + separator - n) / n
            cost = separator * (1.0 + 0.5 * unbalance) * (1.0 if d < dimension else DIAGONAL_GAIN)
            if unbalance > UNBALANCE:
                cost = n * (2.0 + unbalance)
            if cost < best:
                best, way, cut = cost, d, k
    return way, cut


@jit_inner
def _part(permutation, low, high, way, cut, indptr, indices, stamp, work):
    """Order the range: below the cut, above it, the separator, each part as before; returns two borders."""
    part, scratch, bins = work.part, work.scratch, work.bins
    below = above = 0
    for i in range(low, high):
        site = permutation[i]
        scratch[i - low] = site
        if bins[site, way] < cut:
            part[i - low] = 0
            below += 1
            continue
        part[i - low] = 1
        for k in range(indptr[site], indptr[site + 1]):
            if work.label[indices[k]] == stamp and bins[indices[k], way] < cut:
                part[i - low] = 2
                break
        above += part[i - low] == 1
    a, b, c = low, low + below, low + below + above
    for i in range(high - low):
        if part[i] == 0:
            permutation[a] = scratch[i]
            a += 1
        elif part[i] == 1:
            permutation[b] = scratch[i]
            b += 1
        else:
            permutation[c] = scratch[i]
            c += 1
    return low + below, low + below + above


@jit_inner
def _split(permutation, low, high, stamp, indptr, indices, coordinates, dimension, work):
    """Cut one range in the best way; returns where the upper part and the separator begin."""
    n, n_ways = high - low, coordinates.shape[1]
    for i in range(low, high):
        work.label[permutation[i]] = stamp
    if n >= BALL_SHARE * len(permutation):
        work.low[n_ways] = 0
        work.high[n_ways] = _measure_distance(permutation, low, high, stamp, indptr, indices, work)
        n_ways += 1
    _sort_into_bins(permutation, low, high, coordinates, n_ways, work)
    _count_separators(permutation, low, high, stamp, indptr, indices, n_ways, work)
    way, cut = _best_cut(n, dimension, n_ways, work)
    if way < 0:  # all at one place: any half will do
        way, cut = 0, 1
        for i in range(low, high):
            work.bins[permutation[i], 0] = i >= low + n // 2
    return _part(permutation, low, high, way, cut, indptr, indices, stamp, work)


@jit_dense
def _dissect(
    indptr, indices, coordinates, dimension, leaf_size, permutation, first, end, work, waiting, fronts
):
    """Cut a range until all is leaves; fills ``fronts`` (parents first) and returns how many there are."""
    # Ranges yet to be looked at: first and end, parent.
    waiting[0, 0], waiting[0, 1], waiting[0, 2] = first, end, -1
    left = 1
    count = np.int64(0)  # for the literal 0 all that it is given to would be compiled a second time
    while left > 0:
        left -= 1
        low, high = waiting[left, 0], waiting[left, 1]
        own = low
        fronts[count, 2] = waiting[left, 2]
        if high - low > leaf_size:
            cut, own = _split(permutation, low, high, count, indptr, indices, coordinates, dimension, work)
            for part in range(2 if own > cut else 1):
                waiting[left, 0], waiting[left, 1] = (cut, own) if part == 1 else (low, cut)
                waiting[left, 2] = count
                left += 1
            # The sites of the separator are in no range any more.
            for i in range(own, high):
                work.label[permutation[i]] = -1
        fronts[count, 0], fronts[count, 1] = own, high
        count += 1
    return count


def _directions(dimension: int) -> Array:
    """The axes first, then all diagonals between two and three of them; shape (n_directions, dimension)."""
    signs = [v for v in product((0, 1, -1), repeat=dimension) if any(v) and next(x for x in v if x) > 0]
    return np.array(sorted(signs, key=lambda v: sum(map(abs, v))), float).reshape(-1, dimension)


def dissect(
    indptr: Array, indices: Array, positions: Array, leaf_size: int, threads: int = 2
) -> tuple[Array, Array]:
    """Elimination order and the tree of fronts.

    Parameters
    ----------
    indptr, indices
        CSR graph, symmetric; shapes (n + 1,) and (n_edges,).
    positions
        Shape (n, dimension).
    leaf_size
        Largest number of sites of a leaf.
    threads
        Threads that may be used; there is work for two.

    Returns
    -------
    permutation
        Sites in the order in which they are eliminated, shape (n,).
    fronts
        Shape (n_fronts, 3), children before parents: first and end of the own stretch of the
        permutation, parent (−1 for a root).
    """
    n, directions = len(indptr) - 1, _directions(positions.shape[1])
    coordinates = ((positions - positions.min(axis=0)) @ directions.T).astype(np.float32)
    ways = len(directions) + 1
    permutation, label = np.arange(n, dtype=np.int32), np.full(n, -1, np.int32)
    distance, bins = np.empty(n, np.int32), np.empty((n, ways), np.uint8)

    def cut(first: int, end: int, most: int) -> Array:
        """Fronts of a range, parents first, with leaves of at most so many sites."""
        size = end - first
        queue, scratch, part = np.empty(size, np.int32), np.empty(size, np.int32), np.empty(size, np.uint8)
        work = _Work(
            label, bins, distance, queue, scratch, part,
            *(np.empty((ways, BINS + 1), np.int64) for _ in range(2)),
            np.empty(ways, np.int64), np.empty(ways, np.float32), np.empty(ways, np.float32),
        )  # fmt: skip
        # Leaves and fronts with one child own sites, at most all; those with two are fewer than the leaves.
        fronts, waiting = np.empty((2 * size + 1, 3), np.int64), np.empty((size + 1, 3), np.int64)
        count = _dissect(
            indptr, indices, coordinates, positions.shape[1], most,
            permutation, first, end, work, waiting, fronts,
        )  # fmt: skip
        return fronts[:count]

    alone = n < PARALLEL_FROM or threads < 2
    fronts = cut(0, n, leaf_size) if alone else _cut_in_threads(cut, n, leaf_size)
    # Parents were met first, right children before left ones: backwards this is the order of elimination.
    fronts = fronts[::-1].copy()
    fronts[:, 2] = np.where(fronts[:, 2] >= 0, len(fronts) - 1 - fronts[:, 2], -1)
    return permutation, fronts


def _cut_in_threads(cut: Callable[[int, int, int], Array], n: int, leaf_size: int) -> Array:
    """The same fronts: the parts of the first cuts have no bonds between them, and are cut side by side."""
    top = cut(0, n, max(n // 2, leaf_size))
    is_part = np.ones(len(top), bool)
    is_part[top[top[:, 2] >= 0, 2]] = False
    with ThreadPoolExecutor(2) as pool:
        parts = iter(list(pool.map(lambda part: cut(part[0], part[1], leaf_size), top[is_part, :2].tolist())))
    pieces, place, count = [], np.empty(len(top), np.int64), 0
    for k, front in enumerate(top):
        place[k] = count
        piece = next(parts) if is_part[k] else front[None].copy()
        piece[1:, 2] += count
        piece[0, 2] = place[front[2]] if front[2] >= 0 else -1
        pieces.append(piece)
        count += len(piece)
    return np.concatenate(pieces)
