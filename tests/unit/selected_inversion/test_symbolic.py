"""Orders of elimination and the symbolic phase: theorems that must hold on any graph."""

import numpy as np
import pytest
from random_matrices import GRAPHS, random_matrix

from bdg.kernels.ordering import dissection
from bdg.kernels.ordering.dissection import dissect
from bdg.kernels.ordering.supernodes import column_tree
from bdg.kernels.ordering.symbolic import find_boundaries, map_to_parents, share_buffer
from bdg.solvers.selected_inversion import ordering
from benchmarks.samples import uniform_matrix

ORDERS = ("own", "random", "metis")


@pytest.fixture(params=ORDERS)
def symbolic(request):
    """Our fronts of a graph, or fronts made of an order that has none."""
    if request.param == "metis":
        pytest.importorskip("pymetis")

    def laid_out(graph, leaf=5):
        matrix = random_matrix(graph)
        adjacency = (matrix.indptr, matrix.indices)
        if request.param == "own":
            found = dissect(*adjacency, matrix.positions, leaf)
        else:
            shuffled = np.random.default_rng(3).permutation(matrix.n_sites).astype(np.int32)
            permutation = shuffled if request.param == "random" else ordering.metis(*adjacency)
            found = ordering.fronts_of(*adjacency, permutation)
        return matrix, *found, find_boundaries(*adjacency, *found)

    return laid_out


@pytest.mark.parametrize("graph", GRAPHS)
def test_every_site_is_owned_once(symbolic, graph):
    matrix, permutation, fronts, _ = symbolic(graph)
    assert np.array_equal(np.sort(permutation), np.arange(matrix.n_sites))
    owned = np.concatenate([np.arange(low, high) for low, high in fronts[:, :2]])
    assert np.array_equal(owned, np.arange(matrix.n_sites))
    inner = fronts[:, 2] >= 0
    assert (fronts[inner, 2] > np.flatnonzero(inner)).all()
    assert not inner[-1]


@pytest.mark.parametrize("graph", GRAPHS)
@pytest.mark.parametrize("leaf", [1, 5, 1000])
def test_two_threads_find_the_fronts_of_one(graph, leaf, monkeypatch):
    matrix = random_matrix(graph)
    one = dissect(matrix.indptr, matrix.indices, matrix.positions, leaf)
    monkeypatch.setattr(dissection, "PARALLEL_FROM", 0)
    two = dissect(matrix.indptr, matrix.indices, matrix.positions, leaf)
    for found, expected in zip(two, one, strict=True):
        np.testing.assert_array_equal(found, expected)


@pytest.mark.parametrize("graph", GRAPHS)
def test_separators_cut_every_bond(symbolic, graph):
    """Sites of two fronts are neighbours only if one front descends from the other."""
    matrix, permutation, fronts, _ = symbolic(graph)
    front_of = np.empty(matrix.n_sites, int)
    for f, (low, high) in enumerate(fronts[:, :2]):
        front_of[permutation[low:high]] = f
    above = [{f} for f in range(len(fronts))]
    for f in range(len(fronts) - 2, -1, -1):
        if fronts[f, 2] >= 0:
            above[f] |= above[fronts[f, 2]]
    rows = np.repeat(np.arange(matrix.n_sites), np.diff(matrix.indptr))
    for i, j in zip(front_of[rows], front_of[matrix.indices], strict=True):
        assert i in above[j] or j in above[i]


@pytest.mark.parametrize("graph", GRAPHS)
def test_boundaries_are_the_fill_of_elimination(symbolic, graph):
    """The boundary of a front is what dense elimination of its subtree connects it to."""
    matrix, _, fronts, (place, _, _, starts, boundary) = symbolic(graph)
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
        inside = np.flatnonzero(fronts[:, 2] == f)
        # What else there is comes from children or neighbours: nothing else may thicken a front.
        allowed = np.zeros(matrix.n_sites, bool)
        for child in inside:
            allowed[boundary[starts[child] : starts[child + 1]]] = True
        allowed[place[matrix.indices[np.isin(place[rows], np.arange(low, high))]]] = True
        assert allowed[found].all()
        assert (np.diff(found) > 0).all()


@pytest.mark.parametrize("graph", GRAPHS)
def test_maps_are_monotone_and_right(symbolic, graph):
    _, _, fronts, (_, _, _, starts, boundary) = symbolic(graph)
    maps, split = map_to_parents(fronts, starts, boundary)
    for f, (_, _, parent) in enumerate(fronts):
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
    starts = find_boundaries(indptr, indices, permutation, fronts)[3]
    assert np.diff(starts).max() <= 2
    assert (fronts[:, 1] - fronts[:, 0]).max() <= 16


@pytest.mark.parametrize("shape", [(7,), (5, 6), (3, 3, 3)])
def test_column_counts_are_those_of_a_dense_factor(shape):
    matrix = uniform_matrix(shape, "periodic")
    permutation = dissect(matrix.indptr, matrix.indices, matrix.positions, 2)[0]
    n = matrix.n_sites
    filled = np.zeros((n, n), bool)
    filled[np.repeat(np.arange(n), np.diff(matrix.indptr)), matrix.indices] = True
    filled = filled[np.ix_(permutation, permutation)]
    for k in range(n):
        later = np.flatnonzero(filled[k + 1 :, k]) + k + 1
        filled[np.ix_(later, later)] = True
    below = np.tril(filled, -1)
    parent, counts = column_tree(matrix.indptr, matrix.indices, permutation)
    assert np.array_equal(counts, below.sum(axis=0))
    assert np.array_equal(parent, np.where(below.any(axis=0), below.argmax(axis=0), -1))


@pytest.mark.parametrize("shape", [(40, 40), (12, 12, 12)])
def test_fronts_of_an_order_do_not_cost_more_than_its_columns(shape):
    """Merging columns to fronts fills little: the products stay near those of the columns alone."""
    matrix = uniform_matrix(shape, "periodic")
    graph = (matrix.indptr, matrix.indices)
    permutation = dissect(*graph, matrix.positions, 1)[0]
    alone = column_tree(*graph, permutation)[1].astype(float)
    merged, fronts = ordering.fronts_of(*graph, permutation)
    # Σ over the columns of a front of 3c²/2 is s³/2 + 3s²b/2 + 3sb²/2 and less than a column more.
    products = ordering.predicted(*graph, merged, fronts)[1]
    assert 1.5 * np.sum(alone**2) < products < 1.5 * 1.5 * np.sum((alone + 1) ** 2)
    assert len(fronts) < matrix.n_sites / 3


def test_metis_gives_the_same_order_every_time():
    pytest.importorskip("pymetis")
    matrix = uniform_matrix((9, 9, 9), "periodic")
    first, second = (ordering.metis(matrix.indptr, matrix.indices) for _ in range(2))
    assert np.array_equal(first, second)


def test_dissection_spares_products():
    """Cuts across diagonals: half of the 27·n^1.5 products that cuts along the axes take on a square."""
    matrix = uniform_matrix((64, 64))
    graph = (matrix.indptr, matrix.indices)
    products = ordering.predicted(*graph, *ordering.order(*graph, matrix.positions))[1]
    assert products < 14 * matrix.n_sites**1.5


def test_metis_is_taken_only_where_it_predicts_less(monkeypatch):
    matrix = uniform_matrix((8, 8, 8), "periodic")
    graph = (matrix.indptr, matrix.indices, matrix.positions)
    own = dissect(*graph, 10)
    monkeypatch.setattr(ordering, "METIS_FROM", 0.0)
    monkeypatch.setattr(ordering, "metis", lambda *_: np.arange(512, dtype=np.int32))
    assert np.array_equal(ordering.order(*graph)[0], own[0])
    monkeypatch.setattr(ordering, "metis", lambda *_: None)
    assert np.array_equal(ordering.order(*graph)[0], own[0])
    better = dissect(*graph, 5)[0]
    monkeypatch.setattr(ordering, "metis", lambda *_: better)
    chosen = ordering.order(*graph)
    times = [
        ordering.predicted(*graph[:2], *found)[0] for found in (own, ordering.fronts_of(*graph[:2], better))
    ]
    assert times[1] != times[0]
    assert ordering.predicted(*graph[:2], *chosen)[0] == min(times)


def test_shared_buffer_holds_what_is_alive():
    rng = np.random.default_rng(0)
    n = 200
    sizes, born = rng.integers(0, 9, n), rng.permutation(n)
    turn = np.empty(n, int)
    turn[born] = np.arange(n)
    last = np.minimum(turn + rng.integers(0, 12, n), n - 1)
    starts, length = share_buffer(sizes, born, last)
    for now in range(n):
        owner = np.full(length, -1)
        for k in np.flatnonzero((turn <= now) & (last >= now)):
            assert (owner[starts[k] : starts[k] + sizes[k]] == -1).all()
            owner[starts[k] : starts[k] + sizes[k]] = k
    assert length <= 12 * 8
