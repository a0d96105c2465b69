"""Up to eight quaternions of a row at a time: moved, added and transposed by vector registers.

Rows of fronts are short, and what is moved between fronts are short stretches of them. Left to itself the
compiler makes every such loop a choice between a vector part, a remainder and tests for overlapping arrays,
once for each plane; here it is four masked loads and four masked stores. As the planes are real there is
nothing of this for complex numbers.
"""

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

LANES = 8
"""Columns handled by one call."""

_WORD = ir.IntType(64)


def splat(builder, value, kind):
    """All lanes equal to one value."""
    empty = ir.Constant(ir.VectorType(kind, LANES), ir.Undefined)
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(builder.insert_element(empty, value, ir.IntType(32)(0)), empty, zeros)


def first_lanes(builder, count):
    """The mask of the first ``count`` lanes."""
    index = ir.Constant(ir.VectorType(_WORD, LANES), list(range(LANES)))
    return builder.icmp_signed("<", index, splat(builder, count, _WORD))


def masked(builder, vector, size):
    """``load(where, mask)`` and ``store(value, where, mask)`` of a vector; what is not loaded is zero."""
    number = ir.IntType(32)
    mask_type = ir.VectorType(ir.IntType(1), LANES)
    zero = ir.Constant(vector, [0.0] * LANES)
    pointer, suffix = vector.as_pointer(), f"v{LANES}f{8 * size}.p0"
    loading = ir.FunctionType(vector, [pointer, number, mask_type, vector])
    storing = ir.FunctionType(ir.VoidType(), [vector, pointer, number, mask_type])
    fetch = cgutils.get_or_insert_function(builder.module, loading, f"llvm.masked.load.{suffix}")
    put = cgutils.get_or_insert_function(builder.module, storing, f"llvm.masked.store.{suffix}")

    def load(where, mask):
        return builder.call(fetch, [where, number(size), mask, zero])

    def store(value, where, mask):
        builder.call(put, [value, where, number(size), mask])

    return load, store


class Planes:
    """Addresses of vectors in a flat array of numbers, some of them a plane or a row apart.

    Parameters
    ----------
    context, builder
        Of the code that is being made.
    kind, array
        The array's type and value.
    """

    def __init__(self, context, builder, kind, array):
        scalar = context.get_value_type(kind.dtype)
        self.builder, self.vector, self.size = builder, ir.VectorType(scalar, LANES), kind.dtype.bitwidth // 8
        self.data = context.make_array(kind)(context, builder, array).data

    def element(self, start, *steps):
        """Address of the number at start + Σ distance·count."""
        for distance, count in steps:
            start = self.builder.add(start, self.builder.mul(distance, ir.Constant(_WORD, count)))
        return self.builder.gep(self.data, [start])

    def at(self, start, *steps):
        """Address of the vector that begins there."""
        return self.builder.bitcast(self.element(start, *steps), self.vector.as_pointer())


def _transfer_intrinsic(add):
    def typed(typingctx, target, start, plane, source, first, distance, lanes):
        def generate(context, builder, sig, args):
            if isinstance(target.dtype, types.Complex):
                return context.get_dummy_value()
            to, origin = (Planes(context, builder, sig.args[i], args[i]) for i in (0, 3))
            load, store = masked(builder, to.vector, to.size)
            mask = first_lanes(builder, args[6])
            for p in range(4):
                where = to.at(args[1], (args[2], p))
                value = load(origin.at(args[4], (args[5], p)), mask)
                store(builder.fadd(load(where, mask), value) if add else value, where, mask)
            return context.get_dummy_value()

        whole = types.int64
        return types.void(target, whole, whole, source, whole, whole, whole), generate

    return intrinsic(typed)


def _transfer_interpreted(add):
    def apply(target, start, plane, source, first, distance, lanes):
        for p in range(4):
            line = source[first + p * distance : first + p * distance + lanes].copy()
            out = target[start + p * plane : start + p * plane + lanes]
            with np.errstate(invalid="ignore", over="ignore"):  # of upper halves the rest may be anything
                out[:] = out + line if add else line

    return apply


_make_transfer = _transfer_interpreted if numba.config.DISABLE_JIT else _transfer_intrinsic

move_lanes = _make_transfer(False)
"""``move_lanes(target, start, plane, source, first, distance, lanes)``: up to eight quaternions at ``first``
of ``source``, planes ``distance`` apart, to ``start`` of ``target``, planes ``plane`` apart."""

add_lanes = _make_transfer(True)
"""The same, added to what is there."""


def transposed(builder, rows):
    """The columns of eight rows of eight numbers, by exchanging ever larger squares."""
    for d in (1, 2, 4):
        kind = ir.VectorType(ir.IntType(32), LANES)
        low = ir.Constant(kind, [k - d + LANES if k & d else k for k in range(LANES)])
        high = ir.Constant(kind, [k + LANES if k & d else k + d for k in range(LANES)])
        out = list(rows)
        for i in range(LANES):
            if not i & d:
                out[i] = builder.shuffle_vector(rows[i], rows[i + d], low)
                out[i + d] = builder.shuffle_vector(rows[i], rows[i + d], high)
        rows = out
    return rows


def _transpose_intrinsic():
    def typed(
        typingctx, target, start, plane, row, source, first, distance, source_row, rows, columns, strictly
    ):
        def generate(context, builder, sig, args):
            if isinstance(target.dtype, types.Complex):
                return context.get_dummy_value()
            _, start_, plane_, row_, _, first_, distance_, source_row_, rows_, columns_, strictly_ = args
            to, origin = (Planes(context, builder, sig.args[i], args[i]) for i in (0, 4))
            load, store = masked(builder, to.vector, to.size)
            number = to.vector.element
            with cgutils.for_range(builder, _WORD(4)) as plane_loop:
                p = plane_loop.index
                here = builder.add(first_, builder.mul(p, distance_))
                there = builder.add(start_, builder.mul(p, plane_))
                sign = builder.select(builder.icmp_signed("==", p, _WORD(2)), number(-1.0), number(1.0))
                lines = []
                for i in range(LANES):
                    present = builder.icmp_signed("<", _WORD(i), rows_)
                    mask = first_lanes(builder, builder.select(present, columns_, _WORD(0)))
                    lines.append(load(origin.at(here, (source_row_, i)), mask))
                for j, line in enumerate(transposed(builder, lines)):
                    present = builder.icmp_signed("<", _WORD(j), columns_)
                    length = builder.select(
                        context.is_true(builder, types.boolean, strictly_), _WORD(j), rows_
                    )
                    mask = first_lanes(builder, builder.select(present, length, _WORD(0)))
                    store(builder.fmul(line, splat(builder, sign, number)), to.at(there, (row_, j)), mask)
            return context.get_dummy_value()

        whole = types.int64
        signature = types.void(
            target, whole, whole, whole, source, whole, whole, whole, whole, whole, types.boolean
        )
        return signature, generate

    return intrinsic(typed)


def _transpose_interpreted(
    target, start, plane, row, source, first, distance, source_row, rows, columns, strictly
):
    tile = [
        [source[k : k + columns].copy() for i in range(rows) for k in [first + p * distance + i * source_row]]
        for p in range(4)
    ]
    for p in range(4):
        for j in range(columns):
            for i in range(j if strictly else rows):
                target[start + p * plane + j * row + i] = (-1 if p == 2 else 1) * tile[p][i][j]


transpose_tile = _transpose_interpreted if numba.config.DISABLE_JIT else _transpose_intrinsic()
"""``transpose_tile(target, start, plane, row, source, first, distance, source_row, rows, columns,
strictly)``: the transpose of a tile of up to eight rows and columns; if ``strictly`` only what comes to
lie below the diagonal."""
