"""Products of blocks of planes: one gemm for one plane, eight real products for four planes.

With g = ¼ Had(Had a · Had b), Had the 4×4 Hadamard transform over the planes,

    c₀ = 2a₀b₀ − g₀,   c₁ = g₁ − 2a₃b₂,   c₂ = g₂ − 2a₁b₃,   c₃ = g₃ − 2a₂b₁

is the quaternion product: eight real products in place of sixteen. The left factor is transformed once; of
the right factor one panel of a few columns after the other is packed (:mod:`bdg.kernels.dense.packing`); a
tile of a few rows of a panel is summed in registers, eight times, and the eight sums are put together while
they are in the first-level cache. Where blocks are small all this costs more than it saves: there sixteen
products are summed in registers at once.
"""

from bdg.kernels.compiler import jit_inner
from bdg.kernels.dense.blas import gemm
from bdg.kernels.dense.blocks import Block, shifted, whole_vectors
from bdg.kernels.dense.packing import HALF, PLAIN, TRANSPOSED, pack, pack_transposed, transform
from bdg.kernels.dense.separate import separate
from bdg.kernels.dense.transposition import mirror, transpose
from bdg.kernels.registers.lanes import LANES
from bdg.kernels.registers.tiles import (
    PANEL,
    add_sums,
    announce,
    sum_tile_41,
    sum_tile_42,
    sum_tile_43,
    sum_tile_61,
    sum_tile_62,
    sum_tile_63,
    sum_tile_81,
    sum_tile_82,
    sum_tile_83,
)
from bdg.kernels.registers.vectors import (
    ROWS,
    multiply_row,
    multiply_rows,
    multiply_transposed_row,
    multiply_transposed_rows,
    multiply_two_rows,
    multiply_two_transposed_rows,
)

TILE_M, TILE_K = 128, 96
"""Largest tile of A: its transforms, and those of a panel of B, stay in the second-level cache."""
WHOLE = 32
"""Rows of A from which the planes of B are packed as well: rows of any alignment are read more slowly."""
STRIP = 16
"""Rows of C whose sums are put together at a time: they stay in the first-level cache."""
TILE_UPPER = 24
"""Rows of a tile on the diagonal of a product of one plane of which only the upper half is wanted."""
TILE_WORK = 8 * TILE_K * PANEL + 4 * TILE_M * TILE_K + 8 * STRIP * PANEL
"""Elements of the tile workspace."""


@jit_inner
def _worth_packing(m, k, n):
    """Whether half of the products are worth transforming A, packing B and putting the sums together."""
    return m * k * n > 6 * k * n + 4 * m * k + 9 * m * n


@jit_inner
def _tile_rows(left):
    """Rows of the next tile of so many that are left: tiles of eight, six and four waste one row at most."""
    if left in (7, 8) or left >= 12:
        return 8
    return 6 if left > 4 else 4


@separate("void block block bool int block block int int int line int")
def _eight_sums(transforms, a, transposed, m, panel, b, columns, k, diagonal, tiles, t):
    """Sums over k of the eight products of a strip of A with a panel, one after the other from ``t``.

    One real product after the other: its part of the panel stays in the first-level cache meanwhile. Columns
    j < i + ``diagonal`` may be left out.
    """
    for q in range(8):
        f, g, p, o = transforms, panel, q, q
        if q >= 4:  # the pairs (0, 0), (3, 2), (1, 3), (2, 1) of planes
            f, g = a, b
            p = 0 if q == 4 else (q - 3) % 3 + 1
            o = 0 if q == 4 else 1 + (q - 4) % 3
        along, step = (1, f.row) if transposed else (f.row, 1)
        i = 0
        while i < m:
            most = _tile_rows(m - i)
            j = max(0, i + diagonal) // LANES * LANES
            rows, vectors = min(most, m - i), (columns - j + LANES - 1) // LANES
            lanes = columns - j - (vectors - 1) * LANES
            to, start = t + (q * STRIP + i) * PANEL + j, f.start + p * f.plane + i * along
            at, data = g.start + o * g.plane + j, f.data
            if most == 8 and vectors == 3:
                sum_tile_83(tiles, to, PANEL, data, start, along, step, rows, g.data, at, g.row, k, lanes)
            elif most == 8 and vectors == 2:
                sum_tile_82(tiles, to, PANEL, data, start, along, step, rows, g.data, at, g.row, k, lanes)
            elif most == 8:
                sum_tile_81(tiles, to, PANEL, data, start, along, step, rows, g.data, at, g.row, k, lanes)
            elif most == 6 and vectors == 3:
                sum_tile_63(tiles, to, PANEL, data, start, along, step, rows, g.data, at, g.row, k, lanes)
            elif most == 6 and vectors == 2:
                sum_tile_62(tiles, to, PANEL, data, start, along, step, rows, g.data, at, g.row, k, lanes)
            elif most == 6:
                sum_tile_61(tiles, to, PANEL, data, start, along, step, rows, g.data, at, g.row, k, lanes)
            elif vectors == 3:
                sum_tile_43(tiles, to, PANEL, data, start, along, step, rows, g.data, at, g.row, k, lanes)
            elif vectors == 2:
                sum_tile_42(tiles, to, PANEL, data, start, along, step, rows, g.data, at, g.row, k, lanes)
            else:
                sum_tile_41(tiles, to, PANEL, data, start, along, step, rows, g.data, at, g.row, k, lanes)
            i += most


@separate("void block int int int")
def _announce(c, rows, columns, diagonal):
    """Let the lines of a strip of C come from memory while its sums are formed: see ``_put_together``."""
    for i in range(rows):
        for j in range(max(0, i + diagonal) // LANES * LANES, columns, LANES):
            announce(c.data, c.start + i * c.row + j, c.plane)


@separate("void int bool block int int bool int line int")
def _put_together(alpha, transposed, c, rows, columns, accumulate, diagonal, tiles, t):
    """Write the product that eight sums make to a block of C, or add it."""
    flip = -1 if transposed else 1
    for i in range(rows):
        o = c.start + i * c.row
        for j in range(max(0, i + diagonal) // LANES * LANES, columns, LANES):
            add_sums(
                c.data, o + j, c.plane, accumulate, alpha, flip,
                tiles, t + i * PANEL + j, STRIP * PANEL, min(LANES, columns - j),
            )  # fmt: skip


@jit_inner
def _rows_from(a, i, transposed):
    """op(A) from its row i on."""
    return shifted(a, 0, i) if transposed else shifted(a, i, 0)


@separate("void int block bool block int bool block int int int bool line")
def _multiply_packed(alpha, a, transpose_a, b, given, accumulate, c, m, k, n, upper, tiles):
    """C ← ±op(A)·B (+ C) in eight real products."""
    step_m, step_k = _even(m, TILE_M), whole_vectors(_even(k, TILE_K))
    ha = 8 * TILE_K * PANEL
    t, whole = ha + 4 * TILE_M * TILE_K, m > WHOLE or given != PLAIN
    for m0 in range(0, m, step_m):
        mt = min(step_m, m - m0)
        for k0 in range(0, k, step_k):
            kt, add = min(step_k, k - k0), accumulate or k0 > 0
            at = shifted(a, k0, m0) if transpose_a else shifted(a, m0, k0)
            lines, columns = (kt, mt) if transpose_a else (mt, kt)
            width = whole_vectors(columns)
            transforms = Block(tiles, ha, lines * width, width)
            transform(at, lines, columns, -1 if transpose_a else 1, transforms)
            for j0 in range(m0 // PANEL * PANEL if upper else 0, n, PANEL):
                columns = min(PANEL, n - j0)
                width = whole_vectors(columns)
                planes = shifted(b, k0, j0)
                if given == PLAIN:
                    pack(planes, whole, kt, columns, tiles)
                else:
                    pack_transposed(b, k0, j0, kt, columns, given == HALF, tiles)
                panel = Block(tiles, 0, kt * width, width)
                if whole:
                    planes = Block(tiles, 4 * kt * width, kt * width, width)
                # Of an upper half rows i ≤ j are wanted, for the last column j of the panel.
                rows = min(mt, j0 + columns - m0) if upper else mt
                step = (_even(rows, STRIP) + 1) // 2 * 2
                for i in range(0, rows, step):
                    strip = min(step, rows - i)
                    diagonal = m0 + i - j0 if upper else -STRIP
                    h, ai = _rows_from(transforms, i, transpose_a), _rows_from(at, i, transpose_a)
                    ct = shifted(c, m0 + i, j0)
                    if not add:
                        _announce(ct, strip, columns, diagonal)
                    _eight_sums(h, ai, transpose_a, strip, panel, planes, columns, kt, diagonal, tiles, t)
                    _put_together(alpha, transpose_a, ct, strip, columns, add, diagonal, tiles, t)


@jit_inner
def _multiply_small(alpha, a, transpose_a, b, accumulate, c, m, k, n, upper):
    """The same in sixteen real products."""
    along, step = (1, a.row) if transpose_a else (a.row, 1)
    i = 0
    while i < m:
        rows, start = ROWS if m - i >= ROWS else 1 + (m - i > 1), a.start + i * along
        for j in range(i // LANES * LANES if upper else 0, n, LANES):
            to, first, lanes = c.start + i * c.row + j, b.start + j, min(LANES, n - j)
            if transpose_a and rows == ROWS:
                multiply_transposed_rows(
                    c.data, to, c.row, c.plane, accumulate, alpha, a.data, start, along, step, a.plane,
                    b.data, first, b.row, b.plane, k, lanes,
                )  # fmt: skip
            elif transpose_a and rows == 2:
                multiply_two_transposed_rows(
                    c.data, to, c.row, c.plane, accumulate, alpha, a.data, start, along, step, a.plane,
                    b.data, first, b.row, b.plane, k, lanes,
                )  # fmt: skip
            elif transpose_a:
                multiply_transposed_row(
                    c.data, to, c.row, c.plane, accumulate, alpha, a.data, start, along, step, a.plane,
                    b.data, first, b.row, b.plane, k, lanes,
                )  # fmt: skip
            elif rows == ROWS:
                multiply_rows(
                    c.data, to, c.row, c.plane, accumulate, alpha, a.data, start, along, step, a.plane,
                    b.data, first, b.row, b.plane, k, lanes,
                )  # fmt: skip
            elif rows == 2:
                multiply_two_rows(
                    c.data, to, c.row, c.plane, accumulate, alpha, a.data, start, along, step, a.plane,
                    b.data, first, b.row, b.plane, k, lanes,
                )  # fmt: skip
            else:
                multiply_row(
                    c.data, to, c.row, c.plane, accumulate, alpha, a.data, start, along, step, a.plane,
                    b.data, first, b.row, b.plane, k, lanes,
                )  # fmt: skip
        i += rows


@jit_inner
def _even(n, tile):
    """Size of equal tiles not above ``tile``."""
    count = (n + tile - 1) // tile
    return (n + count - 1) // count


@jit_inner
def _multiply_plane(alpha, a, transpose_a, b, transpose_b, beta, c, m, k, n, upper):
    """C ← α·op(A)·op(B) + β·C of one plane."""
    step = _even(m, max(TILE_UPPER, m // 8)) if upper and m >= 2 * TILE_UPPER else m
    for i in range(0, m, step):
        rows, skip = min(step, m - i), i if upper else 0
        gemm(
            transpose_a, transpose_b, rows, n - skip, k, alpha,
            a.data, a.start + (i if transpose_a else i * a.row), a.row,
            b.data, b.start + (skip * b.row if transpose_b else skip), b.row,
            beta, c.data, c.start + i * c.row + skip, c.row,
        )  # fmt: skip


@separate("void int int block bool block int block int int int bool line")
def multiply(planes, alpha, a, transpose_a, b, beta, c, m, k, n, upper, tiles):
    """C ← α·op(A)·B + β·C, shapes (m, k)·(k, n); with ``upper`` the entries i > j of C may be left alone.

    α is ±1, β is 0 or 1, op the transpose of :mod:`bdg.kernels.dense.blocks`; ``tiles`` is a workspace of
    ``TILE_WORK`` elements.
    """
    if m == 0 or n == 0 or k == 0:
        return
    if planes == 4:
        if _worth_packing(m, k, n):
            _multiply_packed(alpha, a, transpose_a, b, PLAIN, beta != 0, c, m, k, n, upper, tiles)
        else:
            _multiply_small(alpha, a, transpose_a, b, beta != 0, c, m, k, n, upper)
        return
    _multiply_plane(alpha, a, transpose_a, b, False, beta, c, m, k, n, upper)


@separate("void int int block block block int int line")
def multiply_symmetric(planes, alpha, a, b, c, m, n, tiles):
    """C ← α·A·B with a symmetric B of which the entries i ≤ j are given; the others may be written."""
    if planes == 4 and _worth_packing(m, n, n):
        _multiply_packed(alpha, a, False, b, HALF, False, c, m, n, n, False, tiles)
        return
    mirror(planes, b, n)
    multiply(planes, alpha, a, False, b, 0, c, m, n, n, False, tiles)


@separate("void int int block block int block int int int bool line")
def multiply_transposed(planes, alpha, a, b, beta, c, m, k, n, upper, tiles):
    """C ← α·A·Bᵀ + β·C, shapes (m, k)·(n, k)ᵀ; with ``upper`` the entries i > j of C may be left alone."""
    width = whole_vectors(n)
    if planes == 4 and (_worth_packing(m, k, n) or 4 * k * width > TILE_WORK):
        _multiply_packed(alpha, a, False, b, TRANSPOSED, beta != 0, c, m, k, n, upper, tiles)
    elif planes == 4:
        transposed = Block(tiles, 0, k * width, width)
        transpose(planes, b, transposed, n, k)
        multiply(planes, alpha, a, False, transposed, beta, c, m, k, n, upper, tiles)
    elif m > 0 and n > 0 and k > 0:
        _multiply_plane(alpha, a, False, b, True, beta, c, m, k, n, upper)
