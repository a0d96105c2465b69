"""Blocks of planes inside flat buffers: where every dense kernel of the engine reads and writes.

A quaternion matrix is four real planes, any other matrix one. A block of shape (rows, columns) of it
lies in a flat buffer at ``start + p·plane + i·row + j``. Rows are contiguous, so that inner loops run
over slices ``data[k:k + columns]``, which the compiler vectorises.

The planes q₀, q₁, q₂, q₃ belong to 1, iτ_z, iτ_y, iτ_x (multiplied like 1, i, j, k). The transpose of the
complex matrix they stand for transposes every plane and changes the sign of q₂, because iτ_y is the
antisymmetric one. A kernel's ``transpose`` always means this one.
"""

from collections import namedtuple

from bdg.kernels import jit_inner

Block = namedtuple("Block", "data start plane row")
"""Buffer, index of the first element, distance of planes, distance of rows."""


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
    """Set a block to zero."""
    for p in range(planes):
        for i in range(rows):
            first = block.start + p * block.plane + i * block.row
            block.data[first : first + columns] = 0


@jit_inner
def copy_upper(planes, source, target, n):
    """Copy the entries i ≤ j of a square block."""
    for p in range(planes):
        for i in range(n):
            a = source.start + p * source.plane + i * (source.row + 1)
            b = target.start + p * target.plane + i * (target.row + 1)
            move(source.data[a : a + n - i], target.data[b : b + n - i])


@jit_inner
def copy(planes, source, target, rows, columns):
    """Copy a block."""
    for p in range(planes):
        for i in range(rows):
            a = source.start + p * source.plane + i * source.row
            b = target.start + p * target.plane + i * target.row
            move(source.data[a : a + columns], target.data[b : b + columns])


@jit_inner
def mirror(planes, block, n):
    """Fill the entries i > j of a symmetric block from those with i < j, in tiles that stay in cache."""
    data, row = block.data, block.row
    for p in range(planes):
        sign = -1 if p == 2 else 1
        first = block.start + p * block.plane
        for i0 in range(0, n, 32):
            for j0 in range(0, i0 + 1, 32):
                for i in range(i0, min(i0 + 32, n)):
                    for j in range(j0, min(j0 + 32, i)):
                        data[first + i * row + j] = sign * data[first + j * row + i]
