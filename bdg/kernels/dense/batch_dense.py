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

    Gauss–Jordan elimination of whole rows: of the entries above the diagonal alone it would be half the work,
    but where a pivot is small nothing then keeps rows and columns in step, and seven digits more are lost.
    Returns the sum of ln|det| of the complex matrices. ``work`` has 3n entries; the last n begin with the
    |q|² of the pivots, of which ln|det| is the sum of the logarithms: eight of the first pivot, eight of the
    next one.
    """
    data, column, row, norms = work.data, work.start, work.start + n * ENTRY, work.start + 2 * n * ENTRY
    log_det, product = 0.0, 1.0
    mirror_eight(a, n)
    for k in range(n):
        line, own = a.start + k * a.row, column + k * ENTRY
        invert_entry(a.data, line + k * ENTRY, line + k * ENTRY, data, norms + k * LANES)
        move_entry(data, own, a.data, line + k * ENTRY)
        for lane in range(LANES):
            product *= np.float64(abs(data[norms + k * LANES + lane]))
            if not 1e-100 < product < 1e100:
                log_det += np.log(product)
                product = 1.0
        a.data[line + k * ENTRY : line + (k + 1) * ENTRY] = 0
        a.data[line + k * ENTRY : line + k * ENTRY + LANES] = 1
        whole, pivot = Block(data, row, LANES, ENTRY * n), Block(data, own, LANES, ENTRY)
        multiply_eight(
            1, pivot, False, Block(a.data, line, LANES, a.row), False, False, whole, 1, 1, n, False
        )
        for i in range(n):
            at = a.start + i * a.row + k * ENTRY
            if i != k:
                move_entry(data, column + i * ENTRY, a.data, at)
                a.data[at : at + ENTRY] = 0
        data[own : own + ENTRY] = 0
        multiply_eight(
            -1, Block(data, column, LANES, ENTRY), False, whole, False, True, a, n, 1, n, False
        )  # fmt: skip
        for j in range(n):
            move_entry(a.data, line + j * ENTRY, data, row + j * ENTRY)
    return log_det + np.log(product)
