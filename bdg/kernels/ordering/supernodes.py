"""Fronts from any order of elimination: elimination tree, column counts, columns put together to fronts.

A column of the factor is a front with one own site; its parent is the first later site it touches. A front
is put together with its parent where that saves time: the parent's own sites grow by the child's, zeros fill
what the child's boundary lacks, and one front's worth of loading, adding and reading falls away. Starting
from single columns this finds the supernodes (nothing to fill) and the leaves (so small that filling costs
less than a front) in one go. As in :mod:`bdg.kernels.ordering.dissection` NumPy makes the arrays.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.kernels.compiler import jit_dense, jit_inner

Array = NDArray[Any]


@jit_inner
def front_time(s, b, costs):
    """Predicted time of one front with s own rows and b boundary rows; ``costs`` see :func:`put_together`."""
    n = s + b
    return costs[0] + costs[1] * n * n + costs[2] * s * (0.5 * s * s + 1.5 * s * b + 1.5 * b * b)


@jit_dense
def _tree_of_columns(indptr, indices, permutation, place, parent, mark, counts):
    """Parents and numbers of entries below the diagonal of all columns, by walking the row subtrees.

    Row i of the factor holds the columns on the paths of the tree from its entries of the matrix up to i
    (Liu, SIAM J. Matrix Anal. Appl. 11, 134 (1990)); a step an entry.
    """
    n = len(permutation)
    for i in range(n):
        place[permutation[i]] = i
        parent[i] = mark[i] = -1
        counts[i] = 0
    for i in range(n):
        mark[i] = i
        site = permutation[i]
        for k in range(indptr[site], indptr[site + 1]):
            j = place[indices[k]]
            while j < i and mark[j] != i:
                if parent[j] < 0:
                    parent[j] = i
                counts[j] += 1
                mark[j] = i
                j = parent[j]


def column_tree(indptr: Array, indices: Array, permutation: Array) -> tuple[Array, Array]:
    """Parent (−1 for a root) and number of entries below the diagonal of each column of the factor.

    Parameters
    ----------
    indptr, indices
        CSR graph, symmetric; shapes (n + 1,) and (n_edges,).
    permutation
        Sites in the order in which they are eliminated, shape (n,).
    """
    n = len(permutation)
    place, parent, mark, counts = (np.empty(n, np.int32) for _ in range(4))
    _tree_of_columns(indptr, indices, permutation, place, parent, mark, counts)
    return parent, counts


@jit_inner
def _try(child, parent, own, bound, rows, costs):
    """Time saved by putting a child and its parent together."""
    s, b = own[parent] * rows, bound[parent] * rows
    apart = front_time(own[child] * rows, bound[child] * rows, costs) + front_time(s, b, costs)
    return apart - front_time(s + own[child] * rows, b, costs)


@jit_dense
def _merge(parent, own, bound, rows, costs, child, sibling, into):
    """Put fronts together from the leaves up; ``into`` gets the front that each became part of, or itself."""
    n = len(parent)
    for p in range(n):
        child[p] = sibling[p] = -1
        into[p] = p
    for p in range(n):
        # The child that fills least comes first: with its sites the parent may suit the others, too.
        best, most = -1, -1
        c = child[p]
        while c >= 0:
            if bound[c] > most:
                best, most = c, bound[c]
            c = sibling[c]
        kept = -1
        for pass_ in range(2):
            c = best if pass_ == 0 else child[p]
            while c >= 0:
                following = sibling[c]
                if pass_ == 0 or c != best:
                    if _try(c, p, own, bound, rows, costs) > 0:
                        own[p] += own[c]
                        into[c] = p
                        g = child[c]
                        while g >= 0:
                            after = sibling[g]
                            parent[g], sibling[g], kept = p, kept, g
                            g = after
                    else:
                        # Not to be linked before ``child[p]`` has been walked through.
                        into[c] = -1
                if pass_ == 0:
                    break
                c = following
        c = child[p]
        while c >= 0:
            following = sibling[c]
            if into[c] < 0:
                into[c] = c
                sibling[c], kept = kept, c
            c = following
        child[p] = kept
        if parent[p] >= 0:
            sibling[p], child[parent[p]] = child[parent[p]], p


@jit_dense
def _number(parent, own, child, sibling, into, number, fronts, waiting):
    """Number the fronts, parents first and every subtree in one stretch; returns how many there are."""
    n = len(parent)
    count, left = np.int64(0), np.int64(0)
    for p in range(n):
        if into[p] == p and parent[p] < 0:
            waiting[left] = p
            left += 1
    # Parents first, backwards in the end, as in ``dissection``.
    while left > 0:
        left -= 1
        p = waiting[left]
        number[p] = count
        fronts[count, 1] = own[p]
        fronts[count, 2] = number[parent[p]] if parent[p] >= 0 else -1
        count += 1
        c = child[p]
        while c >= 0:
            waiting[left] = c
            left += 1
            c = sibling[c]
    end = n
    for k in range(count):
        size = fronts[k, 1]
        fronts[k, 0], fronts[k, 1] = end - size, end
        end -= size
    return count


@jit_dense
def _reorder(place, into, number, fronts, fill, out):
    """Sites in the order of the fronts; inside a front, where any order will do, in that of the lattice.

    Neighbours on a separator then have neighbouring numbers, and children's boundaries meet it in few
    stretches.
    """
    n = len(place)
    for p in range(n - 1, -1, -1):
        if into[p] != p:
            into[p] = into[into[p]]
    for site in range(n):
        k = number[into[place[site]]]
        out[fronts[k, 0] + fill[k]] = site
        fill[k] += 1


def put_together(
    permutation: Array, parent: Array, counts: Array, rows: int, costs: Array
) -> tuple[Array, Array]:
    """Fronts of an order of elimination, and an equivalent order in which each owns one stretch.

    Parameters
    ----------
    permutation
        Sites in the order in which they are eliminated, shape (n,).
    parent, counts
        From :func:`column_tree`; changed.
    rows
        Rows of a site.
    costs
        Time of a front with s own and b boundary rows: costs[0] + costs[1]·(s + b)² + costs[2]·products,
        products = s³/2 + 3s²b/2 + 3sb²/2.

    Returns
    -------
    permutation, fronts
        As from :func:`bdg.kernels.ordering.dissection.dissect`.
    """
    n = len(permutation)
    own, child, sibling, into, number, waiting, place, out = (np.empty(n, np.int32) for _ in range(8))
    own[:] = 1
    _merge(parent, own, counts, rows, costs, child, sibling, into)
    fronts = np.empty((n, 3), np.int64)
    count = _number(parent, own, child, sibling, into, number, fronts, waiting)
    fronts = fronts[:count]
    place[permutation] = np.arange(n, dtype=np.int32)
    _reorder(place, into, number, fronts, np.zeros(count, np.int64), out)
    fronts = fronts[::-1].copy()
    fronts[:, 2] = np.where(fronts[:, 2] >= 0, count - 1 - fronts[:, 2], -1)
    return out, fronts
