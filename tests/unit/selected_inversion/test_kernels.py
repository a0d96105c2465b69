"""Dense kernels against NumPy: quaternion products and inverses in planes."""

import numpy as np
import pytest

from bdg.kernels.compiler import jit_dense
from bdg.kernels.dense.blas import gemm
from bdg.kernels.dense.blocks import Block
from bdg.kernels.dense.inversion import inversion_scratch, invert
from bdg.kernels.dense.products import TILE_WORK, multiply, multiply_symmetric, multiply_transposed
from bdg.kernels.dense.transposition import mirror, transpose
from bdg.kernels.fronts.response import add_response

UNITS = [np.eye(2), 1j * np.diag([1, -1]), np.array([[0, 1], [-1, 0]]), np.array([[0, 1j], [1j, 0]])]


def as_matrix(planes):
    """The complex matrix that four planes stand for, or the one plane itself."""
    return sum(np.kron(q, u) for q, u in zip(planes, UNITS, strict=True)) if len(planes) == 4 else planes[0]


def block(planes):
    return Block(planes.reshape(-1), 0, planes.shape[1] * planes.shape[2], planes.shape[2])


@pytest.mark.parametrize("planes", [1, 4])
@pytest.mark.parametrize("shape", [(3, 5, 7), (16, 9, 20), (70, 100, 150), (1, 300, 2)])
@pytest.mark.parametrize("ta", [False, True])
@pytest.mark.parametrize("beta", [0, 1])
def test_products(planes, shape, ta, beta):
    m, k, n = shape
    rng = np.random.default_rng(0)
    a = rng.normal(size=(planes, k, m) if ta else (planes, m, k))
    b = rng.normal(size=(planes, k, n))
    c = rng.normal(size=(planes, m, n))
    left, right, before = as_matrix(a), as_matrix(b), as_matrix(c).copy()
    multiply(planes, -1, block(a), ta, block(b), beta, block(c), m, k, n, False, np.empty(TILE_WORK))
    expected = beta * before - (left.T if ta else left) @ right
    np.testing.assert_allclose(as_matrix(c), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("planes", [1, 4])
@pytest.mark.parametrize("n", [7, 30, 130, 300])
def test_upper_products_leave_nothing_out(planes, n):
    rng = np.random.default_rng(0)
    a, b, c = (rng.normal(size=(planes, n, n)) for _ in range(3))
    full = c.copy()
    for target, upper in ((c, True), (full, False)):
        multiply(planes, 1, block(a), True, block(b), 1, block(target), n, n, n, upper, np.empty(TILE_WORK))
    np.testing.assert_allclose(np.triu(c), np.triu(full), rtol=0, atol=1e-11)


@pytest.mark.parametrize("planes", [1, 4])
@pytest.mark.parametrize("shape", [(3, 5), (16, 20), (40, 27), (20, 250), (150, 203)])
def test_products_with_half_of_a_symmetric_matrix(planes, shape):
    m, n = shape
    rng = np.random.default_rng(0)
    a, half, c = (rng.normal(size=(planes, rows, n)) for rows in (m, n, m))
    sign = np.array([1, 1, -1, 1])[:planes, None, None]
    full = half + sign * half.swapaxes(1, 2)
    half = np.where(np.triu(np.ones((n, n))), full, np.nan)
    multiply_symmetric(planes, -1, block(a), block(half), block(c), m, n, np.empty(TILE_WORK))
    np.testing.assert_allclose(as_matrix(c), -as_matrix(a) @ as_matrix(full), rtol=0, atol=1e-12)


@pytest.mark.parametrize("planes", [1, 4])
@pytest.mark.parametrize("shape", [(3, 5, 7), (16, 9, 20), (70, 100, 150), (9, 4000, 9)])
@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("beta", [0, 1])
def test_products_with_a_transpose(planes, shape, upper, beta):
    m, k, n = shape
    rng = np.random.default_rng(0)
    a, b, c = (rng.normal(size=(planes, *size)) for size in ((m, k), (n, k), (m, n)))
    wanted = np.triu(np.ones((m, n), bool)) if upper else np.ones((m, n), bool)
    expected = beta * as_matrix(c) - as_matrix(a) @ as_matrix(b).T
    multiply_transposed(planes, -1, block(a), block(b), beta, block(c), m, k, n, upper, np.empty(TILE_WORK))
    rows = len(expected) // m
    wanted = np.kron(wanted, np.ones((rows, rows), bool))
    np.testing.assert_allclose(as_matrix(c)[wanted], expected[wanted], rtol=0, atol=1e-11)


@pytest.mark.parametrize("planes", [1, 4])
@pytest.mark.parametrize("n", [1, 5, 28, 29, 97, 210])
@pytest.mark.parametrize("symmetric", [False, True])
@pytest.mark.parametrize("pivoting", [False, True])
def test_inverses(planes, n, symmetric, pivoting):
    rng = np.random.default_rng(n)
    q = rng.normal(size=(planes, n, n))
    if symmetric:
        sign = np.array([1, 1, -1, 1])[:planes, None, None]
        q = q + sign * q.swapaxes(1, 2)
    q[0] += 4 * np.sqrt(n) * np.eye(n) if not pivoting else 0
    dense, a = as_matrix(q).copy(), q.copy()
    if symmetric:
        a *= np.triu(np.ones((n, n)))
    swaps = np.empty(n if pivoting else 0, np.int64)
    scratch = np.empty(inversion_scratch(planes, n))
    log_det = invert(planes, symmetric, block(a), n, scratch, 0, np.empty(TILE_WORK), swaps)
    inverse = np.linalg.inv(dense)
    np.testing.assert_allclose(as_matrix(a), inverse, rtol=0, atol=1e-9 * np.abs(inverse).max())
    assert log_det == pytest.approx(np.linalg.slogdet(dense)[1], abs=1e-9 * max(1, n))


@pytest.mark.parametrize("scale", [1e-9, 1e9])
def test_determinants_beyond_the_range_of_numbers(scale):
    """The product of the pivots would be 1e∓504: its logarithm is taken in parts."""
    q = scale * np.eye(28) * np.array([1, 0, 0, 0])[:, None, None]
    scratch = np.empty(inversion_scratch(4, 28))
    log_det = invert(4, True, block(q), 28, scratch, 0, np.empty(TILE_WORK), np.empty(0, np.int64))
    assert log_det == pytest.approx(56 * np.log(scale), rel=1e-14)


@pytest.mark.parametrize("planes", [1, 4])
@pytest.mark.parametrize("shape", [(1, 1), (5, 19), (8, 16), (40, 33)])
def test_transposes_leave_the_surroundings_alone(planes, shape):
    """The second row and column of a wider block are where the transposed one begins."""
    rows, columns = shape
    rng = np.random.default_rng(0)
    source, target = rng.normal(size=(planes, rows, columns)), np.zeros((planes, columns + 2, rows + 3))
    inner = Block(target.reshape(-1), rows + 4, (columns + 2) * (rows + 3), rows + 3)
    transpose(planes, block(source), inner, rows, columns)
    sign = np.array([1, 1, -1, 1])[:planes, None, None]
    np.testing.assert_array_equal(target[:, 1:-1, 1:-2], sign * source.swapaxes(1, 2))
    target[:, 1:-1, 1:-2] = 0
    assert not target.any()


@pytest.mark.parametrize("planes", [1, 4])
@pytest.mark.parametrize("n", [1, 8, 21, 67])
def test_mirrored_blocks_are_symmetric(planes, n):
    upper = np.triu(np.random.default_rng(0).normal(size=(planes, n, n)))
    full = upper.copy()
    mirror(planes, block(full), n)
    sign = np.array([1, 1, -1, 1])[:planes, None, None]
    np.testing.assert_array_equal(full, upper + sign * np.triu(upper, 1).swapaxes(1, 2))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("symmetric", [False, True])
def test_response_is_the_product_with_a_unit_between(dtype, symmetric):
    rng = np.random.default_rng(0)
    entries, partner = rng.normal(size=(4, 6)).astype(dtype), rng.permutation(6)
    out = np.zeros((9, 6))
    add_response(0.5, symmetric, partner, entries, out)
    for e in range(6):
        left = as_matrix(entries[:, e, None, None].astype(float))
        right = left.T if symmetric else as_matrix(entries[:, partner[e], None, None].astype(float))
        for b in range(3):
            product = left @ UNITS[b + 1] @ right
            # ½ tr(u† M) picks the component on u.
            expected = [0.25 * np.trace(u.conj().T @ product).real for u in UNITS[1:]]
            np.testing.assert_allclose(out[b::3, e], expected, rtol=0, atol=1e-12)


@jit_dense
def _gemm(ta, tb, m, n, k, alpha, a, b, beta, c):
    gemm(ta, tb, m, n, k, alpha, a, 0, m if ta else k, b, 0, k if tb else n, beta, c, 0, n)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex64, np.complex128])
def test_gemm_of_every_type(dtype):
    rng = np.random.default_rng(0)
    a, b, c = (rng.normal(size=s).astype(dtype) for s in ((3, 4), (5, 4), (3, 5)))
    if np.issubdtype(dtype, np.complexfloating):
        a = a * dtype(1 + 2j)
    expected = 2 * (a @ b.T) + c
    _gemm(False, True, 3, 5, 4, 2, a.ravel(), b.ravel(), 1, c.reshape(-1))
    np.testing.assert_allclose(c, expected, rtol=1e-5)
