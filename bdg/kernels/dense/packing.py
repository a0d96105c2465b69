"""What a packed product reads: the left factor transformed over its planes, the right one panel by panel.

The transforms of a panel lie one plane after the other, rows in whole vectors; its planes themselves, where
they are packed as well, behind them. See :mod:`bdg.kernels.dense.products`.
"""

from bdg.kernels.dense.blocks import whole_vectors
from bdg.kernels.dense.separate import separate
from bdg.kernels.registers.lanes import LANES, move_lanes, transpose_tile
from bdg.kernels.registers.tiles import hadamard, hadamard_beside

PLAIN, TRANSPOSED, HALF = range(3)
"""How the right factor of a product is given: itself, its transpose, entries i ≤ j of a symmetric one."""


@separate("void block int int int block")
def transform(a, rows, columns, sign, out):
    """Transform of a block over its planes; ``sign`` multiplies q₂."""
    for i in range(rows):
        k, o = a.start + i * a.row, out.start + i * out.row
        for j in range(0, columns, LANES):
            hadamard(out.data, o + j, out.plane, sign, a.data, k + j, a.plane, min(LANES, columns - j))


@separate("void block bool int int line")
def pack(b, whole, k, n, tiles):
    """Transforms of a panel of B, shape (k, n); with ``whole`` its planes behind them."""
    width = whole_vectors(n)
    for i in range(k):
        first, o = b.start + i * b.row, i * width
        for j in range(0, n, LANES):
            lanes = min(LANES, n - j)
            if whole:
                hadamard_beside(tiles, o + j, k * width, 1, b.data, first + j, b.plane, lanes)
            else:
                hadamard(tiles, o + j, k * width, 1, b.data, first + j, b.plane, lanes)


@separate("void block int int int int bool line")
def pack_transposed(b, k0, j0, k, n, symmetric, tiles):
    """The same of Bᵀ from its row k0 and column j0 on, or of a symmetric B given by its entries i ≤ j."""
    width = whole_vectors(n)
    plane = k * width
    for i in range(0, k, LANES):
        lines = min(LANES, k - i)
        for j in range(0, n, LANES):
            lanes, row, column = min(LANES, n - j), k0 + i, j0 + j
            first = 4 * plane + i * width + j
            if symmetric and row <= column:
                for line in range(lines):
                    source = b.start + (row + line) * b.row + column
                    move_lanes(tiles, first + line * width, plane, b.data, source, b.plane, lanes)
            if not symmetric or row >= column:
                source = b.start + column * b.row + row
                transpose_tile(
                    tiles, first, plane, width, b.data, source, b.plane, b.row, lanes, lines,
                    symmetric and row == column,
                )  # fmt: skip
            for line in range(i, i + lines):
                o = line * width + j
                hadamard(tiles, o, plane, 1, tiles, 4 * plane + o, plane, lanes)
