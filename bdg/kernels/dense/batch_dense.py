"""Products and inverses of eight matrices of quaternions at a time, each in a lane of its own."""

import numpy as np

from bdg.kernels.compiler import jit_inner
from bdg.kernels.dense.blocks import Block
from bdg.kernels.dense.separate import separate
from bdg.kernels.registers.batch_registers import (
    ENTRY,
    invert_entry,
    move_entry,
    multiply_tile,
    multiply_tile_transposed,
    multiply_transposed_tile,
    transpose_entry,
)
from bdg.kernels.registers.lanes import LANES


@jit_inner
def batch(data, start, columns):
    """The block of eight matrices that begins at ``start`` of a buffer."""
    return Block(data, start, LANES, ENTRY * columns)


@separate("void int block bool block bool bool block int int int bool")
def multiply_eight(sign, a, transpose_a, b, transpose_b, accumulate, c, m, k, n, upper):
    """C ← ±op(A)·op(B) (+ C) for eight matrices, shapes (m, k)·(k, n); at most one is to be transposed.

    With ``upper`` the entries i > j of C may be anything.
    """
    along, step = (ENTRY, a.row) if transpose_a else (a.row, ENTRY)
    b_row, b_step = (ENTRY, b.row) if transpose_b else (b.row, ENTRY)
    for i in range(0, m, 2):
        first = a.start + i * along
        for j in range(i if upper else 0, n, 2):
            to, other = c.start + i * c.row + ENTRY * j, b.start + j * b_step
            if transpose_a:
                multiply_transposed_tile(
                    c.data, to, c.row, accumulate, sign, a.data, first, along, step,
                    b.data, other, b_row, b_step, k, m - i, n - j,
                )  # fmt: skip
            elif transpose_b:
                multiply_tile_transposed(
                    c.data, to, c.row, accumulate, sign, a.data, first, along, step,
                    b.data, other, b_row, b_step, k, m - i, n - j,
                )  # fmt: skip
            else:
                multiply_tile(
                    c.data, to, c.row, accumulate, sign, a.data, first, along, step,
                    b.data, other, b_row, b_step, k, m - i, n - j,
                )  # fmt: skip


@jit_inner
def mirror_eight(block, n):
    """Fill the entries i > j from those with i < j."""
    for i in range(n):
        for j in range(i + 1, n):
            transpose_entry(
                block.data, block.start + j * block.row + ENTRY * i,
                block.data, block.start + i * block.row + ENTRY * j,
            )  # fmt: skip


@separate("float block int block")
def invert_eight(a, n, work):
    """Replace eight n×n matrices, given by their entries i ≤ j, by their inverses, in full.

    Gauss–Jordan elimination of the entries above the diagonal alone: those of eliminated rows against rows
    yet to come change their sign when they are transposed, all others don't. Returns the sum of ln|det| of
    the complex matrices. ``work`` has 3n entries; the last n begin with the |q|² of the pivots, of which
    ln|det| is the sum of the logarithms: eight of the first pivot, eight of the next one.
    """
    data, column, row, norms = work.data, work.start, work.start + n * ENTRY, work.start + 2 * n * ENTRY
    log_det, product = 0.0, 1.0
    for k in range(n):
        pivot = a.start + k * (a.row + ENTRY)
        invert_entry(a.data, pivot, pivot, data, norms + k * LANES)
        for lane in range(LANES):
            product *= np.float64(abs(data[norms + k * LANES + lane]))
            if not 1e-100 < product < 1e100:
                log_det += np.log(product)
                product = 1.0
        for i in range(n):
            f, r = column + i * ENTRY, row + i * ENTRY
            if i < k:
                at = a.start + i * a.row + ENTRY * k
                move_entry(data, f, a.data, at)
                multiply_tile(a.data, at, 0, False, -1, data, f, 0, 0, a.data, pivot, 0, 0, 1, 1, 1)
                transpose_entry(data, r, a.data, at)
            elif i > k:
                at = a.start + k * a.row + ENTRY * i
                transpose_entry(data, f, a.data, at)
                move_entry(data, r, a.data, at)
                multiply_tile(a.data, at, 0, False, 1, a.data, pivot, 0, 0, data, r, 0, 0, 1, 1, 1)
                move_entry(data, r, a.data, at)
            else:  # row and column k are right already
                data[f : f + ENTRY] = 0
                data[r : r + ENTRY] = 0
        multiply_eight(
            -1, Block(data, column, LANES, ENTRY), False, Block(data, row, LANES, ENTRY * n), False, True,
            a, n, 1, n, True,
        )  # fmt: skip
    mirror_eight(a, n)
    return log_det + np.log(product)
