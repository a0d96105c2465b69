"""Transposes of blocks of planes, in tiles that stay in vector registers or in cache."""

from bdg.kernels.dense.separate import separate
from bdg.kernels.registers.lanes import LANES, transpose_tile

TILE = 32


@separate("void int block block int int")
def transpose(planes, source, target, rows, columns):
    """Write the transpose of a rows × columns block into another block."""
    if planes == 4:
        for i in range(0, rows, LANES):
            for j in range(0, columns, LANES):
                transpose_tile(
                    target.data, target.start + j * target.row + i, target.plane, target.row,
                    source.data, source.start + i * source.row + j, source.plane, source.row,
                    min(LANES, rows - i), min(LANES, columns - j), False,
                )  # fmt: skip
        return
    for i0 in range(0, rows, TILE):
        for j0 in range(0, columns, TILE):
            for j in range(j0, min(j0 + TILE, columns)):
                for i in range(i0, min(i0 + TILE, rows)):
                    target.data[target.start + j * target.row + i] = source.data[
                        source.start + i * source.row + j
                    ]


@separate("void int block int")
def mirror(planes, block, n):
    """Fill the entries i > j of a symmetric block from those with i < j."""
    data, row = block.data, block.row
    if planes == 4:
        for i in range(0, n, LANES):
            for j in range(i, n, LANES):
                transpose_tile(
                    data, block.start + j * row + i, block.plane, row,
                    data, block.start + i * row + j, block.plane, row,
                    min(LANES, n - i), min(LANES, n - j), i == j,
                )  # fmt: skip
        return
    for i0 in range(0, n, TILE):
        for j0 in range(0, i0 + 1, TILE):
            for i in range(i0, min(i0 + TILE, n)):
                for j in range(j0, min(j0 + TILE, i)):
                    data[block.start + i * row + j] = data[block.start + j * row + i]
