"""Eight matrices of quaternions at a time, one in each lane of the vector registers.

An entry (i, j) of all eight stands together: four planes of eight numbers, one of each matrix. So nothing of
a vector is idle however small the matrices are, nothing is masked, and a transpose is another order of
reading. As the planes are real there is nothing of this for complex numbers.
"""

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from bdg.kernels.registers.lanes import LANES, Planes, splat, transposed
from bdg.kernels.registers.vectors import TERMS

ENTRY = 4 * LANES
"""Numbers of one entry of eight matrices."""

_FUSED = ("contract",)
_WORD = ir.IntType(64)


def _tile_intrinsic(transposed_a, transposed_b):
    def typed(
        typingctx, c, c0, c_row, accumulate, sign, a, a0, along, step, b, b0, b_row, b_step, k, rows, columns
    ):  # fmt: skip
        def generate(context, builder, sig, args):
            if isinstance(c.dtype, types.Complex):
                return context.get_dummy_value()
            (_, c0_, c_row_, accumulate_, sign_, _, a0_, along_, step_,
             _, b0_, b_row_, b_step_, k_, rows_, columns_) = args  # fmt: skip
            to, left, right = (Planes(context, builder, sig.args[i], args[i]) for i in (0, 5, 9))
            zero = ir.Constant(to.vector, [0.0] * LANES)
            factor = splat(builder, context.cast(builder, sign_, sign, c.dtype), to.vector.element)
            adding = context.is_true(builder, types.boolean, accumulate_)

            def load(origin, start, *steps):
                where = ((_WORD(LANES), p) for p in range(4))
                return [builder.load(origin.at(start, *steps, w), align=origin.size) for w in where]

            def tile(most, wide):
                sums = [
                    [[cgutils.alloca_once_value(builder, zero) for _ in range(4)] for _ in range(wide)]
                    for _ in range(most)
                ]
                with cgutils.for_range(builder, k_) as loop:
                    at_a = builder.add(a0_, builder.mul(loop.index, step_))
                    at_b = builder.add(b0_, builder.mul(loop.index, b_row_))
                    r = [load(right, at_b, (b_step_, j)) for j in range(wide)]
                    for i in range(most):
                        f = load(left, at_a, (along_, i))
                        for j in range(wide):
                            for p in range(4):
                                for way, q, s in TERMS[p]:
                                    flips = (way < 0) ^ (transposed_a and q == 2) ^ (transposed_b and s == 2)
                                    add = builder.fsub if flips else builder.fadd
                                    term = builder.fmul(f[q], r[j][s], flags=_FUSED)
                                    where = sums[i][j][p]
                                    builder.store(add(builder.load(where), term, flags=_FUSED), where)
                for i in range(most):
                    for j in range(wide):
                        for p in range(4):
                            target = to.at(c0_, (c_row_, i), (_WORD(ENTRY), j), (_WORD(LANES), p))
                            total = builder.fmul(builder.load(sums[i][j][p]), factor, flags=_FUSED)
                            old = cgutils.alloca_once_value(builder, zero)
                            with builder.if_then(adding):
                                builder.store(builder.load(target, align=to.size), old)
                            total = builder.fadd(builder.load(old), total, flags=_FUSED)
                            builder.store(total, target, align=to.size)

            two_rows = builder.icmp_signed(">", rows_, _WORD(1))
            two_columns = builder.icmp_signed(">", columns_, _WORD(1))
            with builder.if_else(two_rows) as (both, single):
                for branch, most in ((both, 2), (single, 1)):
                    with branch, builder.if_else(two_columns) as (wide, narrow):
                        with wide:
                            tile(most, 2)
                        with narrow:
                            tile(most, 1)
            return context.get_dummy_value()

        whole = types.int64
        signature = types.void(
            c, whole, whole, types.boolean, sign, a, whole, whole, whole,
            b, whole, whole, whole, whole, whole, whole,
        )  # fmt: skip
        return signature, generate

    return intrinsic(typed)


def _tile_interpreted(transposed_a, transposed_b):
    def entry(data, start, transposed):
        values = data[start : start + ENTRY].reshape(4, LANES).copy()
        values[2] *= -1 if transposed else 1
        return values

    def apply(c, c0, c_row, accumulate, sign, a, a0, along, step, b, b0, b_row, b_step, k, rows, columns):
        for i in range(min(rows, 2)):
            for j in range(min(columns, 2)):
                total = [0.0] * 4
                for t in range(k):
                    f = entry(a, a0 + i * along + t * step, transposed_a)
                    r = entry(b, b0 + t * b_row + j * b_step, transposed_b)
                    for p in range(4):
                        total[p] = total[p] + sum(way * f[q] * r[s] for way, q, s in TERMS[p])
                at = c0 + i * c_row + j * ENTRY
                out = c[at : at + ENTRY].reshape(4, LANES)
                out[:] = (out if accumulate else 0) + sign * np.array(total)

    return apply


def _invert_intrinsic():
    def typed(typingctx, data, target, source, norms, at):
        def generate(context, builder, sig, args):
            if isinstance(data.dtype, types.Complex):
                return context.get_dummy_value()
            entries, out = (Planes(context, builder, sig.args[i], args[i]) for i in (0, 3))
            d = [builder.load(entries.at(args[2], (_WORD(LANES), p)), align=entries.size) for p in range(4)]
            norm = builder.fmul(d[0], d[0], flags=_FUSED)
            for x in d[1:]:
                norm = builder.fadd(norm, builder.fmul(x, x, flags=_FUSED), flags=_FUSED)
            builder.store(norm, out.at(args[4]), align=out.size)
            inverse = builder.fdiv(ir.Constant(entries.vector, [1.0] * LANES), norm)
            minus = builder.fneg(inverse)
            for p in range(4):
                value = builder.fmul(d[p], minus if p else inverse)
                builder.store(value, entries.at(args[1], (_WORD(LANES), p)), align=entries.size)
            return context.get_dummy_value()

        whole = types.int64
        return types.void(data, whole, whole, norms, whole), generate

    return intrinsic(typed)


def _invert_interpreted(data, target, source, norms, at):
    d = data[source : source + ENTRY].reshape(4, LANES).copy()
    norm = sum(x * x for x in d)
    norms[at : at + LANES] = norm
    data[target : target + ENTRY] = (d / norm * [[1], [-1], [-1], [-1]]).ravel()


def _move_intrinsic(transposed, add=False):
    def typed(typingctx, data, target, source_data, source):
        def generate(context, builder, sig, args):
            if isinstance(data.dtype, types.Complex):
                return context.get_dummy_value()
            to, origin = (Planes(context, builder, sig.args[i], args[i]) for i in (0, 2))
            for p in range(4):
                value = builder.load(origin.at(args[3], (_WORD(LANES), p)), align=to.size)
                value = builder.fneg(value) if transposed and p == 2 else value
                where = to.at(args[1], (_WORD(LANES), p))
                if add:
                    value = builder.fadd(builder.load(where, align=to.size), value)
                builder.store(value, where, align=to.size)
            return context.get_dummy_value()

        whole = types.int64
        return types.void(data, whole, source_data, whole), generate

    return intrinsic(typed)


def _move_interpreted(transposed, add=False):
    def apply(data, target, source_data, source):
        values = source_data[source : source + ENTRY].reshape(4, LANES).copy()
        values[2] *= -1 if transposed else 1
        out = data[target : target + ENTRY]
        out[:] = (out if add else 0) + values.ravel()

    return apply


def _spread_intrinsic():
    def typed(typingctx, target, start, source, first, distance):
        def generate(context, builder, sig, args):
            if isinstance(target.dtype, types.Complex):
                return context.get_dummy_value()
            to, origin = (Planes(context, builder, sig.args[i], args[i]) for i in (0, 2))
            rows = [builder.load(origin.at(args[3], (args[4], k)), align=to.size) for k in range(LANES)]
            for k, column in enumerate(transposed(builder, rows)):
                builder.store(column, to.at(args[1], (_WORD(LANES), k)), align=to.size)
            return context.get_dummy_value()

        whole = types.int64
        return types.void(target, whole, source, whole, whole), generate

    return intrinsic(typed)


def _spread_interpreted(target, start, source, first, distance):
    rows = np.array([source[first + k * distance : first + k * distance + LANES] for k in range(LANES)])
    target[start : start + LANES * LANES] = rows.T.ravel()


def _collect_intrinsic():
    def typed(typingctx, target, start, distance, source, first):
        def generate(context, builder, sig, args):
            if isinstance(target.dtype, types.Complex):
                return context.get_dummy_value()
            to, origin = (Planes(context, builder, sig.args[i], args[i]) for i in (0, 3))
            rows = [builder.load(origin.at(args[4], (_WORD(LANES), k)), align=to.size) for k in range(LANES)]
            for k, column in enumerate(transposed(builder, rows)):
                builder.store(column, to.at(args[1], (args[2], k)), align=to.size)
            return context.get_dummy_value()

        whole = types.int64
        return types.void(target, whole, whole, source, whole), generate

    return intrinsic(typed)


def _collect_interpreted(target, start, distance, source, first):
    rows = source[first : first + LANES * LANES].reshape(LANES, LANES).copy()
    for k in range(LANES):
        target[start + k * distance : start + k * distance + LANES] = rows[:, k]


def _quaternion_intrinsic(add):
    def typed(typingctx, target, start, source, first):
        def generate(context, builder, sig, args):
            if isinstance(target.dtype, types.Complex):
                return context.get_dummy_value()
            to, origin = (Planes(context, builder, sig.args[i], args[i]) for i in (0, 2))
            kind = ir.VectorType(to.vector.element, 4).as_pointer()
            where = builder.bitcast(to.element(args[1]), kind)
            value = builder.load(builder.bitcast(origin.element(args[3]), kind), align=to.size)
            if add:
                value = builder.fadd(builder.load(where, align=to.size), value)
            builder.store(value, where, align=to.size)
            return context.get_dummy_value()

        whole = types.int64
        return types.void(target, whole, source, whole), generate

    return intrinsic(typed)


def _quaternion_interpreted(add):
    def apply(target, start, source, first):
        out = target[start : start + 4]
        out[:] = (out if add else 0) + source[first : first + 4]

    return apply


_compiled = not numba.config.DISABLE_JIT
_make_tile = _tile_intrinsic if _compiled else _tile_interpreted
_make_move = _move_intrinsic if _compiled else _move_interpreted

multiply_tile, multiply_transposed_tile, multiply_tile_transposed = (
    _make_tile(*transposed) for transposed in ((False, False), (True, False), (False, True))
)
"""``multiply_tile(c, c0, c_row, accumulate, sign, a, a0, along, step, b, b0, b_row, b_step, k, rows,
columns)`` sets two rows and columns of a product of eight matrices (or one, if no more are left), or adds to
them: C_ij = sign · Σ_t a[a0 + i·along + t·step] · b[b0 + t·b_row + j·b_step]. In the second q₂ of a has the
other sign, in the third that of b: with rows and columns exchanged they are transposed.
"""

invert_entry = _invert_intrinsic() if _compiled else _invert_interpreted
"""``invert_entry(data, target, source, norms, at)``: the inverses of eight quaternions, and their |q|² to
``norms``."""

move_entry, transpose_entry, add_entry = _make_move(False), _make_move(True), _make_move(False, add=True)
"""``move_entry(data, target, source_data, source)`` copies an entry; ``transpose_entry`` its transpose;
``add_entry`` adds it."""

spread_pair = _spread_intrinsic() if _compiled else _spread_interpreted
"""``spread_pair(target, start, source, first, distance)``: two entries of a batch from those of eight single
matrices, ``distance`` apart, whose quaternions have their four numbers side by side."""

collect_pair = _collect_intrinsic() if _compiled else _collect_interpreted
"""``collect_pair(target, start, distance, source, first)``: the reverse."""

_make_quaternion = _quaternion_intrinsic if _compiled else _quaternion_interpreted
move_quaternion, add_quaternion = _make_quaternion(False), _make_quaternion(True)
"""``move_quaternion(target, start, source, first)`` copies four numbers side by side, ``add_quaternion`` adds
them."""
