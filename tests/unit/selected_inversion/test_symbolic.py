"""Nested dissection and the symbolic phase: theorems that must hold on any graph."""

import numpy as np
import pytest
from random_matrices import GRAPHS, random_matrix

from bdg.kernels.dissection import dissect
from bdg.kernels.symbolic import find_boundaries, map_to_parents


def symbolic(graph, leaf=5):
    matrix = random_matrix(graph)
    permutation, fronts = dissect(matrix.indptr, matrix.indices, matrix.positions, leaf)
    return matrix, permutation, fronts, find_boundaries(matrix.indptr, matrix.indices, permutation, fronts)


@pytest.mark.parametrize("graph", GRAPHS)
def test_every_site_is_owned_once(graph):
    matrix, permutation, fronts, _ = symbolic(graph)
    assert np.array_equal(np.sort(permutation), np.arange(matrix.n_sites))
    owned = np.concatenate([np.arange(low, high) for low, high in fronts[:, :2]])
    assert np.array_equal(owned, np.arange(matrix.n_sites))
    assert np.count_nonzero(fronts[:, 2] < 0) == 1
    assert (fronts[:-1, 2] > np.arange(len(fronts) - 1)).all()


@pytest.mark.parametrize("graph", GRAPHS)
def test_separators_cut_every_bond(graph):
    """Sites of two fronts are neighbours only if one front descends from the other."""
    matrix, permutation, fronts, _ = symbolic(graph)
    front_of = np.empty(matrix.n_sites, int)
    for f, (low, high) in enumerate(fronts[:, :2]):
        front_of[permutation[low:high]] = f
    above = [{f} for f in range(len(fronts))]
    for f in range(len(fronts) - 2, -1, -1):
        above[f] |= above[fronts[f, 2]]
    rows = np.repeat(np.arange(matrix.n_sites), np.diff(matrix.indptr))
    for i, j in zip(front_of[rows], front_of[matrix.indices], strict=True):
        assert i in above[j] or j in above[i]


@pytest.mark.parametrize("graph", GRAPHS)
def test_boundaries_are_the_fill_of_elimination(graph):
    """The boundary of a front is what dense elimination of its subtree connects it to."""
    matrix, _, fronts, (place, _, starts, boundary) = symbolic(graph)
    filled = np.zeros((matrix.n_sites,) * 2, bool)
    rows = np.repeat(np.arange(matrix.n_sites), np.diff(matrix.indptr))
    filled[place[rows], place[matrix.indices]] = True
    for k in range(matrix.n_sites):
        later = np.flatnonzero(filled[k, k + 1 :]) + k + 1
        filled[np.ix_(later, later)] = True
    for f, (low, high) in enumerate(fronts[:, :2]):
        expected = np.flatnonzero(filled[low:high, high:].any(axis=0)) + high
        found = boundary[starts[f] : starts[f + 1]]
        # A front is treated as dense, also where its own sites are not connected: a superset at most.
        assert np.isin(expected, found).all()
        assert (np.diff(found) > 0).all()


@pytest.mark.parametrize("graph", GRAPHS)
def test_maps_are_monotone_and_right(graph):
    _, _, fronts, (_, _, starts, boundary) = symbolic(graph)
    maps, split = map_to_parents(fronts, starts, boundary)
    for f, (_, _, parent, _) in enumerate(fronts):
        if parent < 0:
            continue
        low, high = fronts[parent, :2]
        front = np.concatenate((np.arange(low, high), boundary[starts[parent] : starts[parent + 1]]))
        mine = maps[starts[f] : starts[f + 1]]
        assert np.array_equal(front[mine], boundary[starts[f] : starts[f + 1]])
        assert np.count_nonzero(mine < high - low) == split[f]


def test_long_strip_needs_small_fronts():
    """On a 1D chain no front grows with its length."""
    n = 3000
    indptr = np.concatenate(([0], np.cumsum([2] + [3] * (n - 2) + [2]))).astype(np.int64)
    indices = np.concatenate([[i + d for d in (-1, 0, 1) if 0 <= i + d < n] for i in range(n)]).astype(
        np.int32
    )
    permutation, fronts = dissect(indptr, indices, np.arange(float(n))[:, None], 16)
    _, _, starts, _ = find_boundaries(indptr, indices, permutation, fronts)
    assert np.diff(starts).max() <= 2
    assert (fronts[:, 1] - fronts[:, 0]).max() <= 16
