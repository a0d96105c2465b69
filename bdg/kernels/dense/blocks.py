"""Blocks of planes inside flat buffers: where every dense kernel of the engine reads and writes.

A quaternion matrix is four real planes, any other matrix one. A block of shape (rows, columns) of it
lies in a flat buffer at ``start + p·plane + i·row + j``. Rows are contiguous, so that inner loops run
over slices ``data[k:k + columns]``, which the compiler vectorises. In a matrix of its own the four planes
of a row stand side by side: what is moved together lies together. Where rows are long each plane begins with
a whole vector, so that none straddles cache lines.

The planes q₀, q₁, q₂, q₃ belong to 1, iτ_z, iτ_y, iτ_x (multiplied like 1, i, j, k). The transpose of the
complex matrix they stand for transposes every plane and changes the sign of q₂, because iτ_y is the
antisymmetric one. A kernel's ``transpose`` always means this one.
"""

from collections import namedtuple
from typing import Any

from bdg.kernels.compiler import jit_inner
from bdg.kernels.registers.lanes import LANES, move_lanes

Block = namedtuple("Block", "data start plane row")
"""Buffer, index of the first element, distance of planes, distance of rows."""

WIDE = 48
"""Columns of four planes from which rows are filled up to whole vectors; shorter ones would grow by much."""


def padded(planes: Any, columns: Any) -> Any:
    """Numbers from a plane of a row to the next one."""
    return columns + (-columns % LANES) * ((planes == 4) & (columns >= WIDE))


def lead(planes: Any, s: Any, b: Any) -> Any:
    """Numbers in front of the rows of an (s + b)² matrix whose last b columns begin with a whole vector."""
    return (-s % LANES) * ((planes == 4) & (s + b >= WIDE))


distance = jit_inner(padded)
_lead = jit_inner(lead)


@jit_inner
def whole_vectors(n):
    """So many numbers rounded up, so that what follows straddles no cache line."""
    return (n + LANES - 1) // LANES * LANES


@jit_inner
def matrix(planes, data, start, columns):
    """The block of a matrix that begins at ``start`` of a buffer."""
    plane = distance(planes, columns)
    return Block(data, start, plane, planes * plane)


@jit_inner
def divided_matrix(planes, data, start, s, b):
    """The same of a square one whose last b columns are aligned."""
    before = _lead(planes, s, b)
    plane = distance(planes, before + s + b)
    return Block(data, start + before, plane, planes * plane)


@jit_inner
def shifted(block, i, j):
    """The block whose first element is (i, j) of the given one."""
    return Block(block.data, block.start + i * block.row + j, block.plane, block.row)


@jit_inner
def move(source, target):
    """Copy a line of numbers (an assignment of slices would set a temporary copy aside)."""
    for j in range(len(target)):
        target[j] = source[j]


@jit_inner
def clear(block, rows):
    """Set a matrix of its own to zero."""
    block.data[block.start : block.start + rows * block.row] = 0


@jit_inner
def copy(planes, source, target, rows, columns, upper):
    """Copy a block; with ``upper`` the entries i > j may be left alone."""
    for i in range(rows):
        a, o, first = source.start + i * source.row, target.start + i * target.row, i if upper else 0
        if planes == 4:
            for j in range(first // LANES * LANES, columns, LANES):
                lanes = min(LANES, columns - j)
                move_lanes(target.data, o + j, target.plane, source.data, a + j, source.plane, lanes)
        else:
            move(source.data[a + first : a + columns], target.data[o + first : o + columns])
