"""Fronts done eight at a time: kernels against NumPy, what is grouped, and against one after the other."""

from dataclasses import replace

import numpy as np
import pytest
from test_kernels import as_matrix

from bdg.kernels.dense.batch_dense import invert_eight, multiply_eight
from bdg.kernels.dense.blocks import Block
from bdg.kernels.ordering.dissection import dissect
from bdg.kernels.ordering.grouping import LARGEST, group
from bdg.kernels.ordering.symbolic import find_boundaries
from bdg.kernels.registers.batch_registers import ENTRY
from bdg.kernels.registers.lanes import LANES
from bdg.solvers.selected_inversion import factorisation
from bdg.solvers.selected_inversion.algebra import choose_algebra, complex_algebra
from bdg.solvers.selected_inversion.factorisation import invert_selected, workspaces
from bdg.solvers.selected_inversion.plan import make_plan
from benchmarks.samples import open_lattice, whole_pattern


def batch(eight):
    """Eight matrices (8, planes, rows, columns) as the kernels want them."""
    data = np.ascontiguousarray(eight.transpose(2, 3, 1, 0))
    return Block(data.reshape(-1), 0, LANES, ENTRY * eight.shape[3])


def singles(block, rows, columns):
    return block.data.reshape(rows, columns, 4, LANES).transpose(3, 2, 0, 1)


@pytest.mark.parametrize("shape", [(1, 1, 1), (2, 3, 4), (5, 4, 7)])
@pytest.mark.parametrize("turned", [(False, False), (True, False), (False, True)])
@pytest.mark.parametrize("accumulate", [False, True])
def test_products_of_eight(shape, turned, accumulate):
    m, k, n = shape
    rng = np.random.default_rng(0)
    a = rng.normal(size=(LANES, 4, k, m) if turned[0] else (LANES, 4, m, k))
    b = rng.normal(size=(LANES, 4, n, k) if turned[1] else (LANES, 4, k, n))
    before = rng.normal(size=(LANES, 4, m, n))
    c = batch(before)
    multiply_eight(-1, batch(a), turned[0], batch(b), turned[1], accumulate, c, m, k, n, False)
    found = singles(c, m, n)
    for lane in range(LANES):
        left, right = as_matrix(a[lane]), as_matrix(b[lane])
        product = (left.T if turned[0] else left) @ (right.T if turned[1] else right)
        expected = accumulate * as_matrix(before[lane]) - product
        np.testing.assert_allclose(as_matrix(found[lane]), expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("n", [1, 2, 7, 12])
def test_inverses_of_eight(n):
    rng = np.random.default_rng(n)
    q = rng.normal(size=(LANES, 4, n, n))
    q += np.array([1, 1, -1, 1])[:, None, None] * q.swapaxes(2, 3)
    q[:, 0] += 4 * np.sqrt(n) * np.eye(n)
    a = batch(q * np.triu(np.ones((n, n))))
    log_det = invert_eight(a, n, batch(np.empty((LANES, 4, 3 * n, 1))))
    dense = [as_matrix(matrix) for matrix in q]
    for matrix, inverse in zip(dense, singles(a, n, n), strict=True):
        np.testing.assert_allclose(as_matrix(inverse), np.linalg.inv(matrix), rtol=0, atol=1e-13)
    assert log_det == pytest.approx(sum(np.linalg.slogdet(matrix)[1] for matrix in dense), rel=1e-13)


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_determinants_of_eight_beyond_the_range_of_numbers(scale):
    q = np.zeros((LANES, 4, 5, 5))
    q[:, 0] = scale * np.eye(5)
    log_det = invert_eight(batch(q), 5, batch(np.empty((LANES, 4, 15, 1))))
    assert log_det == pytest.approx(80 * np.log(scale), rel=1e-14)


def test_what_is_grouped():
    """Children come before parents, sites stay in their fronts, and the fronts of a step are independent."""
    hamiltonian = open_lattice((37, 53))
    graph = hamiltonian.indptr, hamiltonian.indices
    permutation, fronts = dissect(*graph, hamiltonian.positions, 10)
    bound = np.diff(find_boundaries(*graph, permutation, fronts)[3])
    moved, after, steps, batched = group(permutation, fronts, bound)
    _, child_start, children, starts, _ = find_boundaries(*graph, moved, after)

    def owned(sites, stretches):
        return sorted(tuple(sites[first:end]) for first, end, _ in stretches)

    assert owned(permutation, fronts) == owned(moved, after)
    parent, rows = after[:, 2], after[:, 1] - after[:, 0] + np.diff(starts)
    assert np.all((parent > np.arange(len(after))) | (parent < 0))
    assert sorted(np.diff(starts)) == sorted(bound)
    assert batched.mean() > 0.8
    assert rows[batched].max() <= LARGEST
    lengths = np.diff(steps)
    assert steps[0] == 0
    assert steps[-1] == len(after)
    assert 1 <= lengths.min() <= lengths.max() <= LANES
    assert np.all(lengths[~batched[steps[:-1]]] == 1)
    step_of = np.repeat(np.arange(len(lengths)), lengths)
    assert np.all(step_of[parent[parent >= 0]] > step_of[parent >= 0])
    for f in np.flatnonzero(batched):
        assert batched[children[child_start[f] : child_start[f + 1]]].all()


@pytest.mark.parametrize("shape", [(23, 41), (9, 9, 5)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_batches_equal_one_front_after_the_other(shape, dtype):
    hamiltonian = open_lattice(shape)
    plan = make_plan(hamiltonian, whole_pattern(hamiltonian), choose_algebra(hamiltonian))
    alone = replace(plan, elimination=plan.elimination.alone)
    assert plan.elimination.tree.own_width.any()
    assert not alone.elimination.tree.own_width.any()
    values = plan.load(hamiltonian.momenta[0].values).astype(dtype)
    found, expected = (invert_selected(p, values, 0.1) for p in (plan, alone))
    scale = np.finfo(dtype).eps * np.abs(expected.entries).max()
    np.testing.assert_allclose(found.entries, expected.entries, rtol=0, atol=1000 * scale)
    assert found.log_det == pytest.approx(expected.log_det, rel=20 * float(np.finfo(dtype).eps))


def test_workspaces_may_hold_anything():
    """Rows that fill fronts up, and room that pairs of odd rows spill into, are never read."""
    hamiltonian = open_lattice((23, 41))
    plan = make_plan(hamiltonian, whole_pattern(hamiltonian), choose_algebra(hamiltonian))
    values = plan.load(hamiltonian.momenta[0].values)
    expected = invert_selected(plan, values, 0.3)
    for buffer in workspaces(plan.elimination, values.dtype):
        buffer[:] = np.nan
    found = invert_selected(plan, values, 0.3)
    np.testing.assert_array_equal(found.entries, expected.entries)
    assert found.log_det == expected.log_det


@pytest.mark.parametrize("kind", ["real", "complex", "rashba"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_what_goes_past_the_caches_comes_back(kind, dtype, monkeypatch):
    """The same products of the same numbers, wherever they are stored meanwhile: equal to the last bit."""
    hamiltonian = open_lattice((23, 41), kind)
    algebra = complex_algebra(hamiltonian) if dtype is np.complex128 else choose_algebra(hamiltonian)
    plan = make_plan(hamiltonian, whole_pattern(hamiltonian), algebra)
    factor, shift = (-1.0, 0.2 + 0.05j) if dtype is np.complex128 else (1j, 0.2)
    values = plan.load(hamiltonian.momenta[0].values, factor).astype(dtype)
    expected = invert_selected(plan, values, shift)
    monkeypatch.setattr(factorisation, "STREAM_FROM", 0)
    for buffer in workspaces(plan.elimination, values.dtype):
        buffer[:] = np.nan
    found = invert_selected(plan, values, shift)
    np.testing.assert_array_equal(found.entries, expected.entries)
    assert found.log_det == expected.log_det
