"""Blocks of planes inside flat buffers: where every dense kernel of the engine reads and writes.

A quaternion matrix is four real planes, any other matrix one. A block of shape (rows, columns) of it
lies in a flat buffer at ``start + p·plane + i·row + j``. Rows are contiguous, so that inner loops run
over slices ``data[k:k + columns]``, which the compiler vectorises. In a matrix of its own the four planes
of a row stand side by side: what is moved together lies together.

The planes q₀, q₁, q₂, q₃ belong to 1, iτ_z, iτ_y, iτ_x (multiplied like 1, i, j, k). The transpose of the
complex matrix they stand for transposes every plane and changes the sign of q₂, because iτ_y is the
antisymmetric one. A kernel's ``transpose`` always means this one.
"""

from collections import namedtuple

from bdg.kernels import jit_inner
from bdg.kernels.lanes import LANES, move_lanes

Block = namedtuple("Block", "data start plane row")
"""Buffer, index of the first element, distance of planes, distance of rows."""


@jit_inner
def matrix(planes, data, start, columns):
    """The block of a matrix that begins at ``start`` of a buffer."""
    return Block(data, start, columns, planes * columns)


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
def clear(planes, block, rows, columns):
    """Set a matrix of its own to zero."""
    block.data[block.start : block.start + planes * rows * columns] = 0


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
