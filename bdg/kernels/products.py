"""Products of blocks of planes: one gemm for one plane, eight for the four planes of quaternions.

With g = ¼ Had(Had a · Had b), Had the 4×4 Hadamard transform over the planes,

    c₀ = 2a₀b₀ − g₀,   c₁ = g₁ − 2a₃b₂,   c₂ = g₂ − 2a₁b₃,   c₃ = g₃ − 2a₂b₁

is the quaternion product: eight real products in place of sixteen. Tiles keep the transforms and the
four products Had a · Had b in the second-level cache, and stay below the size (100³) at which OpenBLAS
starts to copy its operands.
"""

from bdg.kernels import jit_inner
from bdg.kernels.blas import gemm
from bdg.kernels.blocks import Block, shifted
from bdg.kernels.lanes import LANES
from bdg.kernels.separate import separate
from bdg.kernels.vectors import ROWS, add_hadamard, hadamard, multiply_row, multiply_rows

TILE_M, TILE_K, TILE_N = 64, 96, 128
TILE_UPPER = 24
"""Rows of a tile on the diagonal of a product of which only the upper half is wanted."""
SMALL = 25_000
"""Products m·k·n up to which the transforms don't pay."""
TILE_WORK = 4 * (TILE_M * TILE_K + 2 * TILE_K * TILE_N + TILE_M * TILE_N)
"""Elements of the tile workspace."""


@separate("void block int int int line int")
def _hadamard(a, rows, columns, sign, out, start):
    """Transform of a block over its planes into contiguous planes; ``sign`` multiplies q₂."""
    n = rows * columns
    if a.row == columns:
        rows, columns = 1, n
    for i in range(rows):
        k, o = a.start + i * a.row, start + i * columns
        for j in range(0, columns, LANES):
            hadamard(out, o + j, n, sign, a.data, k + j, a.plane, min(LANES, columns - j))


@separate("void block int int line int int")
def _recombine(c, rows, columns, t, start, alpha):
    """Add the Hadamard part α(−g₀, g₁, g₂, g₃) to c, from the products of transforms in ``t``."""
    n = rows * columns
    if c.row == columns:
        rows, columns = 1, n
    for i in range(rows):
        k, o = c.start + i * c.row, start + i * columns
        for j in range(0, columns, LANES):
            add_hadamard(c.data, k + j, c.plane, 0.25 * alpha, t, o + j, n, min(LANES, columns - j))


@separate("block block int int line int")
def _transposed(b, k, n, tiles, first):
    """Copy of the transpose of a block, shape (k, n); ``gemm`` reads it twice as fast."""
    data, row = b.data, b.row
    for p in range(4):
        sign = -1 if p == 2 else 1
        for j in range(n):
            start = b.start + p * b.plane + j * row
            source = data[start : start + k]
            o = first + p * k * n + j
            for i in range(k):
                tiles[o + i * n] = sign * source[i]
    return Block(tiles, first, k * n, n)


@jit_inner
def _direct_product(planes, p, alpha, transpose_a):
    """Planes of A and B, and the factor, of the product that goes into plane p untransformed."""
    if planes == 1:
        return 0, 0, alpha
    if p == 0:
        return 0, 0, 2 * alpha
    if p == 1:
        return 3, 2, -2 * alpha
    if p == 2:
        return 1, 3, -2 * alpha
    return 2, 1, 2 * alpha if transpose_a else -2 * alpha


@jit_inner
def _even(n, tile):
    """Size of equal tiles not above ``tile``."""
    count = (n + tile - 1) // tile
    return (n + count - 1) // count


@separate("void int int block bool block bool int block int int int bool line")
def multiply(planes, alpha, a, transpose_a, b, transpose_b, beta, c, m, k, n, upper, tiles):
    """C ← α·op(A)·op(B) + β·C, shapes (m, k)·(k, n); with ``upper`` the entries i > j of C may be left alone.

    α is ±1, β is 0 or 1, op the transpose of :mod:`bdg.kernels.blocks`; ``tiles`` is a workspace of
    ``TILE_WORK`` elements.
    """
    if m == 0 or n == 0 or k == 0:
        return
    if planes == 1:
        step_m, step_k, step_n = m, k, n
        if upper and m >= 2 * TILE_UPPER:
            step_m = _even(m, max(TILE_UPPER, m // 8))
    elif m * n * k <= SMALL:
        # Sixteen real products in registers: where blocks are small the transforms would cost more.
        right = _transposed(b, k, n, tiles, 0) if transpose_b else b
        step, stride, flip = (a.row, 1, -1) if transpose_a else (1, a.row, 1)
        whole = m - m % ROWS
        for i in range(0, whole, ROWS):
            for j in range(i // LANES * LANES if upper else 0, n, LANES):
                multiply_rows(
                    c.data, c.start + i * c.row + j, c.row, c.plane, beta != 0, alpha,
                    a.data, a.start + i * stride, stride, step, a.plane, flip,
                    right.data, right.start + j, right.row, right.plane, k, min(LANES, n - j),
                )  # fmt: skip
        for i in range(whole, m):
            for j in range(i // LANES * LANES if upper else 0, n, LANES):
                multiply_row(
                    c.data, c.start + i * c.row + j, c.row, c.plane, beta != 0, alpha,
                    a.data, a.start + i * stride, stride, step, a.plane, flip,
                    right.data, right.start + j, right.row, right.plane, k, min(LANES, n - j),
                )  # fmt: skip
        return
    else:
        step_m, step_k, step_n = _even(m, TILE_M), _even(k, TILE_K), _even(n, TILE_N)
        if upper and m < 4 * TILE_M:
            step_m = _even(m, TILE_UPPER)
    ha, t = 8 * TILE_K * TILE_N, 8 * TILE_K * TILE_N + 4 * TILE_M * TILE_K
    for k0 in range(0, k, step_k):
        kt = min(step_k, k - k0)
        for n0 in range(0, n, step_n):
            nt = min(step_n, n - n0)
            bt = shifted(b, n0, k0) if transpose_b else shifted(b, k0, n0)
            turned = transpose_b
            if planes == 4:
                if transpose_b:
                    bt, turned = _transposed(bt, kt, nt, tiles, 4 * TILE_K * TILE_N), False
                _hadamard(bt, kt, nt, 1, tiles, 0)
            for m0 in range(0, min(m, n0 + nt) if upper else m, step_m):
                mt = min(step_m, m - m0)
                skip = max(0, m0 - n0) if upper else 0
                at = shifted(a, k0, m0) if transpose_a else shifted(a, m0, k0)
                ct = shifted(c, m0, n0 + skip)
                row_a = mt if transpose_a else kt
                if planes == 4:
                    _hadamard(at, kt if transpose_a else mt, row_a, -1 if transpose_a else 1, tiles, ha)
                    for p in range(4):
                        gemm(
                            transpose_a, False, mt, nt - skip, kt, 1, tiles, ha + p * mt * kt, row_a,
                            tiles, p * kt * nt + skip, nt, 0, tiles, t + p * mt * (nt - skip), nt - skip,
                        )  # fmt: skip
                for p in range(planes):
                    pa, pb, factor = _direct_product(planes, p, alpha, transpose_a)
                    gemm(
                        transpose_a, turned, mt, nt - skip, kt, factor,
                        at.data, at.start + pa * at.plane, at.row,
                        bt.data, bt.start + pb * bt.plane + (skip * bt.row if turned else skip), bt.row,
                        beta if k0 == 0 else 1, ct.data, ct.start + p * ct.plane, ct.row,
                    )  # fmt: skip
                if planes == 4:
                    _recombine(ct, mt, nt - skip, tiles, t, alpha)
