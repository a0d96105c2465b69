"""The inner parts of packed products of quaternions, written for vector registers.

A tile of C has up to eight rows and up to three vectors of columns: as many sums as there are registers, and
enough of them to hide how long an addition takes. The four planes are transformed, packed and put together
eight columns at a time. As planes are real there is nothing of this for complex numbers.
"""

import numba
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from bdg.kernels.registers.lanes import LANES, Planes, first_lanes, masked, splat

PANEL = 3 * LANES
"""Columns of a whole panel."""

_WORD = ir.IntType(64)
_FUSED = ("contract",)


def _sum_intrinsic(most, vectors):
    def typed(typingctx, t, t0, t_row, a, a0, along, step, rows, b, b0, b_row, k, lanes):
        def generate(context, builder, sig, args):
            if isinstance(t.dtype, types.Complex):
                return context.get_dummy_value()
            _, t0_, t_row_, _, a0_, along_, step_, rows_, _, b0_, b_row_, k_, lanes_ = args
            to, left, right = (Planes(context, builder, sig.args[i], args[i]) for i in (0, 3, 8))
            load, _ = masked(builder, right.vector, right.size)
            full = [_WORD(LANES)] * (vectors - 1) + [lanes_]
            masks = [first_lanes(builder, count) for count in full]
            last = builder.sub(rows_, _WORD(1))
            starts = []
            for i in range(most):  # rows beyond the last are the last once more
                line = builder.select(builder.icmp_signed("<", _WORD(i), rows_), _WORD(i), last)
                starts.append(builder.add(a0_, builder.mul(line, along_)))
            zero = ir.Constant(to.vector, [0.0] * LANES)
            sums = [[cgutils.alloca_once_value(builder, zero) for _ in range(vectors)] for _ in range(most)]
            with cgutils.for_range(builder, k_) as loop:
                at_a = builder.mul(loop.index, step_)
                at_b = builder.add(b0_, builder.mul(loop.index, b_row_))
                row = [load(right.at(at_b, (_WORD(LANES), v)), masks[v]) for v in range(vectors)]
                for i in range(most):
                    factor = builder.load(left.element(builder.add(starts[i], at_a)))
                    factor = splat(builder, factor, left.vector.element)
                    for v in range(vectors):
                        term = builder.fmul(factor, row[v], flags=_FUSED)
                        total = builder.fadd(builder.load(sums[i][v]), term, flags=_FUSED)
                        builder.store(total, sums[i][v])
            for i in range(most):
                for v in range(vectors):
                    where = to.at(t0_, (t_row_, i), (_WORD(LANES), v))
                    builder.store(builder.load(sums[i][v]), where, align=to.size)
            return context.get_dummy_value()

        whole = types.int64
        signature = types.void(t, whole, whole, a, whole, whole, whole, whole, b, whole, whole, whole, whole)
        return signature, generate

    return intrinsic(typed)


def _sum_interpreted(most, vectors):
    def apply(t, t0, t_row, a, a0, along, step, rows, b, b0, b_row, k, lanes):
        width = (vectors - 1) * LANES + lanes
        for i in range(most):
            line, to = a0 + min(i, rows - 1) * along, t0 + i * t_row
            t[to : to + width] = 0
            for s in range(k):
                t[to : to + width] += a[line + s * step] * b[b0 + s * b_row : b0 + s * b_row + width]

    return apply


def _transform_intrinsic(beside):
    def typed(typingctx, target, start, plane, sign, source, first, distance, lanes):
        def generate(context, builder, sig, args):
            if isinstance(target.dtype, types.Complex):
                return context.get_dummy_value()
            to, origin = (Planes(context, builder, sig.args[i], args[i]) for i in (0, 4))
            load, _ = masked(builder, to.vector, to.size)
            mask = first_lanes(builder, args[7])
            a = [load(origin.at(args[5], (args[6], p)), mask) for p in range(4)]
            planes = tuple(a) if beside else ()
            factor = context.cast(builder, args[3], sign, target.dtype)
            a[2] = builder.fmul(a[2], splat(builder, factor, to.vector.element))
            a[0], a[1] = builder.fadd(a[0], a[1]), builder.fsub(a[0], a[1])
            a[2], a[3] = builder.fadd(a[2], a[3]), builder.fsub(a[2], a[3])
            parts = (builder.fadd(a[0], a[2]), builder.fadd(a[1], a[3]))
            parts += (builder.fsub(a[0], a[2]), builder.fsub(a[1], a[3]))
            for p, part in enumerate(parts + planes):
                builder.store(part, to.at(args[1], (args[2], p)), align=to.size)
            return context.get_dummy_value()

        whole = types.int64
        return types.void(target, whole, whole, sign, source, whole, whole, whole), generate

    return intrinsic(typed)


def _transform_interpreted(beside):
    def apply(target, start, plane, sign, source, first, distance, lanes):
        a = [source[first + p * distance : first + p * distance + lanes].copy() for p in range(4)]
        b = (a[0] + a[1], a[0] - a[1], sign * a[2] + a[3], sign * a[2] - a[3])
        parts = [b[0] + b[2], b[1] + b[3], b[0] - b[2], b[1] - b[3]]
        for p, part in enumerate(parts + a if beside else parts):
            target[start + p * plane : start + p * plane + lanes] = part

    return apply


def _add_intrinsic():
    def typed(typingctx, c, start, plane, accumulate, alpha, flip, t, first, size, lanes):
        def generate(context, builder, sig, args):
            if isinstance(c.dtype, types.Complex):
                return context.get_dummy_value()
            _, start_, plane_, accumulate_, alpha_, flip_, _, first_, size_, lanes_ = args
            to, origin = (Planes(context, builder, sig.args[i], args[i]) for i in (0, 6))
            load, store = masked(builder, to.vector, to.size)
            mask = first_lanes(builder, lanes_)
            keep = builder.select(
                context.is_true(builder, types.boolean, accumulate_), mask, mask.type([0] * LANES)
            )

            def number(value, kind):
                return splat(builder, context.cast(builder, value, kind, c.dtype), to.vector.element)

            def constant(value):
                return ir.Constant(to.vector, [value] * LANES)

            h = [builder.load(origin.at(first_, (size_, q)), align=to.size) for q in range(8)]
            h, direct = h[:4], h[4:]
            h[0], h[2] = builder.fadd(h[0], h[2]), builder.fsub(h[0], h[2])
            h[1], h[3] = builder.fadd(h[1], h[3]), builder.fsub(h[1], h[3])
            parts = [builder.fadd(h[0], h[1]), builder.fsub(h[0], h[1])]
            parts += [builder.fadd(h[2], h[3]), builder.fsub(h[2], h[3])]
            factor = number(alpha_, alpha)
            quarter, twice = (builder.fmul(factor, constant(x)) for x in (0.25, -2.0))
            for p in range(4):
                where = to.at(start_, (plane_, p))
                g = builder.fmul(parts[p], quarter, flags=_FUSED)
                d = builder.fmul(twice, number(flip_, flip)) if p == 3 else twice
                d = builder.fmul(direct[p], d, flags=_FUSED)
                total = builder.fadd(load(where, keep), d, flags=_FUSED) if p else None
                if p == 0:
                    total = builder.fsub(builder.fsub(load(where, keep), d, flags=_FUSED), g, flags=_FUSED)
                else:
                    total = builder.fadd(total, g, flags=_FUSED)
                store(total, where, mask)
            return context.get_dummy_value()

        whole = types.int64
        signature = types.void(c, whole, whole, types.boolean, alpha, flip, t, whole, whole, whole)
        return signature, generate

    return intrinsic(typed)


def _add_interpreted(c, start, plane, accumulate, alpha, flip, t, first, size, lanes):
    h = [t[first + q * size : first + q * size + lanes].copy() for q in range(8)]
    b = (h[0] + h[2], h[1] + h[3], h[0] - h[2], h[1] - h[3])
    g = (-(b[0] + b[1]), b[0] - b[1], b[2] + b[3], b[2] - b[3])
    for p in range(4):
        out = c[start + p * plane : start + p * plane + lanes]
        direct = (2, -2, -2, -2 * flip)[p] * h[4 + p]
        out[:] = (out if accumulate else 0) + alpha * (0.25 * g[p] + direct)


def _announce_intrinsic():
    def typed(typingctx, c, start, plane):
        def generate(context, builder, sig, args):
            if isinstance(c.dtype, types.Complex):
                return context.get_dummy_value()
            to = Planes(context, builder, sig.args[0], args[0])
            kind, number = ir.IntType(8).as_pointer(), ir.IntType(32)
            fetch = cgutils.get_or_insert_function(
                builder.module, ir.FunctionType(ir.VoidType(), [kind, number, number, number]),
                "llvm.prefetch.p0",
            )  # fmt: skip
            for p in range(4):
                where = builder.bitcast(to.element(args[1], (args[2], p)), kind)
                builder.call(fetch, [where, number(1), number(3), number(1)])
            return context.get_dummy_value()

        return types.void(c, types.int64, types.int64), generate

    return intrinsic(typed)


def _announce_interpreted(c, start, plane):
    pass


_compiled = not numba.config.DISABLE_JIT
_make_sum = _sum_intrinsic if _compiled else _sum_interpreted

sum_tile_81, sum_tile_82, sum_tile_83 = (_make_sum(8, v) for v in (1, 2, 3))
sum_tile_61, sum_tile_62, sum_tile_63 = (_make_sum(6, v) for v in (1, 2, 3))
sum_tile_41, sum_tile_42, sum_tile_43 = (_make_sum(4, v) for v in (1, 2, 3))
"""``sum_tile_rv(t, t0, t_row, a, a0, along, step, rows, b, b0, b_row, k, lanes)`` writes the sums over s < k
of a[a0 + i·along + s·step] · b[b0 + s·b_row + j] to t[t0 + i·t_row + j] for r rows and v vectors, the last of
which has ``lanes`` lanes; rows beyond ``rows`` hold nothing of use.
"""

_make_transform = _transform_intrinsic if _compiled else _transform_interpreted

hadamard, hadamard_beside = _make_transform(False), _make_transform(True)
"""``hadamard(data, start, plane, sign, source, first, distance, lanes)``: the transform over planes of up to
eight quaternions at ``first`` of ``source``, planes ``distance`` apart, to ``start`` of ``data``, where
there is room for eight; q₂ counts ``sign``.

The planes come out in the order h₀, h₂, h₁, h₃: the same for both factors, undone by ``add_sums``.
``hadamard_beside`` writes the four planes themselves as well, behind their transforms.
"""

add_sums = _add_intrinsic() if _compiled else _add_interpreted
"""``add_sums(c, start, plane, accumulate, alpha, flip, t, first, size, lanes)`` puts the eight sums of a
product together, h_q = t[first + q·size + j], and writes alpha times it to C or adds it; ``flip`` = −1 where
the planes q₂ of A are to be taken with the other sign.
"""

announce = _announce_intrinsic() if _compiled else _announce_interpreted
"""``announce(c, start, plane)``: the cache lines of a quaternion of C are about to be written."""
