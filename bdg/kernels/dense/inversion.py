"""Inverse of the diagonal block of a front, by recursion into 2×2 blocks.

    A = [[A₁₁, A₁₂], [A₂₁, A₂₂]],  P = A₁₁⁻¹,  X = P A₁₂,  Y = A₂₁ P,  S = (A₂₂ − A₂₁ X)⁻¹
    A⁻¹ = [[P + X S Y, −X S], [−S Y, S]]

The matrices γ + iH have the Hermitian part γ > 0, and so has every Schur complement of them: all the
inverses exist without exchanging rows. Where γ is small against the level spacing of a part that they
describe the inverse of a leading block may still be large and digits are lost; for that case there is
elimination with row exchanges inside the block.
"""

import numpy as np

from bdg.kernels.compiler import jit_dense, jit_inner
from bdg.kernels.dense.blocks import clear, copy, matrix, move, shifted, whole_vectors
from bdg.kernels.dense.products import multiply
from bdg.kernels.dense.separate import separate
from bdg.kernels.dense.transposition import mirror, transpose
from bdg.kernels.registers.lanes import LANES
from bdg.kernels.registers.vectors import store_product, subtract_product

BASE = 28
"""Size up to which Gauss–Jordan elimination is used."""
BASE_WORK = 4 * (BASE + 1) * (BASE + 7)
"""Elements of scratch it takes."""


@jit_dense
def inversion_scratch(planes, n):
    """Elements of scratch that ``invert`` of an n×n block wants."""
    return planes * (n + 1) * (n + 8) + 32 * 16 + BASE_WORK


@jit_inner
def _swap_rows(w, k, other, length):
    for j in range(length):
        w[k * length + j], w[other * length + j] = w[other * length + j], w[k * length + j]


@separate("int line int int int int")
def _largest_pivot(w, k, n, planes, width):
    """Row i ≥ k with the largest |w_ik|²."""
    best, largest = k, -1.0
    for i in range(k, n):
        size = 0.0
        for p in range(planes):
            size += abs(w[(i * planes + p) * width + k]) ** 2
        if size > largest:
            best, largest = i, size
    return best


@separate("void line int int int integers")
def _restore_columns(w, n, planes, width, swaps):
    """Undo row exchanges of the matrix, which are column exchanges of its inverse."""
    for k in range(n - 1, -1, -1):
        other = swaps[k]
        if other != k:
            for line in range(n * planes):
                o = line * width
                w[o + k], w[o + other] = w[o + other], w[o + k]


@jit_inner
def _gauss_jordan_quaternions(w, n, width, pivoting, swaps):
    """Invert in place a matrix whose rows are four planes of ``width`` numbers, followed by one spare row.

    Returns ln|det| of the complex 2n×2n matrix that it stands for, Σ ln|pivot|².
    """
    log_det, product, spare = 0.0, 1.0, n * 4 * width
    for k in range(n):
        if pivoting:
            swaps[k] = _largest_pivot(w, k, n, 4, width)
            _swap_rows(w, k, swaps[k], 4 * width)
        o = k * 4 * width + k
        d0, d1, d2, d3 = w[o], w[o + width], w[o + 2 * width], w[o + 3 * width]
        norm = d0 * d0 + d1 * d1 + d2 * d2 + d3 * d3
        # A logarithm takes as long as many a row: one for as many pivots as are far from overflow.
        product *= np.float64(abs(norm))
        if not 1e-100 < product < 1e100:
            log_det += np.log(product)
            product = 1.0
        inverse = 1 / norm
        p0, p1, p2, p3 = d0 * inverse, -d1 * inverse, -d2 * inverse, -d3 * inverse
        # Column k gets what the inverse has there: 1·p in row k, 0 − f·p in the others.
        for c in range(0, width, LANES):
            store_product(w, spare + c, k * 4 * width + c, width, p0, p1, p2, p3, k - c)
        for i in range(n):
            if i != k:
                o = i * 4 * width
                f0, f1, f2, f3 = w[o + k], w[o + width + k], w[o + 2 * width + k], w[o + 3 * width + k]
                for c in range(0, width, LANES):
                    subtract_product(w, o + c, spare + c, width, f0, f1, f2, f3, k - c)
        move(w[spare : spare + 4 * width], w[k * 4 * width : (k + 1) * 4 * width])
    log_det += np.log(product)
    if pivoting:
        _restore_columns(w, n, 4, width, swaps)
    return log_det


@jit_inner
def _subtract(row, pivot, f):
    for j in range(len(row)):
        row[j] -= f * pivot[j]


@separate("float line int bool integers")
def _gauss_jordan_plain(w, n, pivoting, swaps):
    """Invert in place a contiguous n×n matrix; returns ln|det|."""
    log_det = 0.0
    for k in range(n):
        if pivoting:
            swaps[k] = _largest_pivot(w, k, n, 1, n)
            _swap_rows(w, k, swaps[k], n)
        pivot = w[k * n : (k + 1) * n]
        d = pivot[k]
        log_det += np.log(np.float64(abs(d)))
        pivot[k] = 1
        for j in range(n):
            pivot[j] /= d
        for i in range(n):
            if i != k:
                row = w[i * n : (i + 1) * n]
                f = row[k]
                row[k] = 0
                _subtract(row, pivot, f)
    if pivoting:
        _restore_columns(w, n, 1, n, swaps)
    return log_det


@separate("float int bool block int line int integers")
def _invert_base(planes, symmetric, a, n, scratch, first, swaps):
    """Gauss–Jordan on a copy with the planes of a row side by side."""
    width = whole_vectors(n) if planes == 4 else n
    w = scratch[first : first + (n + 1) * planes * width]
    rows = matrix(planes, scratch, first, width)
    clear(rows, n)
    copy(planes, a, rows, n, n, symmetric)
    if symmetric:
        mirror(planes, rows, n)
    if planes == 4:
        log_det = _gauss_jordan_quaternions(w, n, width, len(swaps) > 0, swaps)
    else:
        log_det = _gauss_jordan_plain(w, n, len(swaps) > 0, swaps)
    copy(planes, rows, a, n, n, False)
    return log_det


@separate("float int bool block int line int line integers")
def invert(planes, symmetric, a, n, scratch, first, tiles, swaps):
    """Replace an n×n block by its inverse and return ln|det|.

    A symmetric block is read from its entries i ≤ j; the inverse is written in full. ``scratch`` has
    ``inversion_scratch(planes, n)`` elements from ``first``. ``swaps`` is empty, or has n integers: then rows
    are exchanged for the largest pivot and the block is not divided, which is slower by far.
    """
    if n <= BASE or len(swaps) > 0:
        if n == 0:
            return 0.0
        return _invert_base(planes, symmetric, a, n, scratch, first, swaps)
    n1 = n // 2
    n2 = n - n1
    a12, a21, a22 = shifted(a, 0, n1), shifted(a, n1, 0), shifted(a, n1, n1)
    log_det = invert(planes, symmetric, a, n1, scratch, first, tiles, swaps)
    x = matrix(planes, scratch, first, n2)
    rest = first + whole_vectors(n1 * x.row)
    multiply(planes, 1, a, False, a12, 0, x, n1, n1, n2, False, tiles)
    if symmetric:
        multiply(planes, -1, a12, True, x, 1, a22, n2, n1, n2, True, tiles)
        log_det += invert(planes, symmetric, a22, n2, scratch, rest, tiles, swaps)
        multiply(planes, -1, x, False, a22, 0, a12, n1, n2, n2, False, tiles)
        transpose(planes, a12, a21, n1, n2)
        multiply(planes, -1, x, False, a21, 1, a, n1, n2, n1, True, tiles)
        mirror(planes, a, n1)
        return log_det
    y = matrix(planes, scratch, rest, n1)
    rest += whole_vectors(n2 * y.row)
    multiply(planes, 1, a21, False, a, 0, y, n2, n1, n1, False, tiles)
    multiply(planes, -1, a21, False, x, 1, a22, n2, n1, n2, False, tiles)
    log_det += invert(planes, symmetric, a22, n2, scratch, rest, tiles, swaps)
    multiply(planes, -1, x, False, a22, 0, a12, n1, n2, n2, False, tiles)
    multiply(planes, -1, a22, False, y, 0, a21, n2, n2, n1, False, tiles)
    multiply(planes, -1, a12, False, y, 1, a, n1, n2, n1, False, tiles)
    return log_det
