"""Eight quaternions at a time: the inner step of Gauss-Jordan elimination, written for vector registers.

Left to itself the compiler guards such a loop, with four planes read and four written, by so many tests
for overlapping arrays that short rows spend their time there. These intrinsics work at plain indices of
one buffer; planes are ``plane`` elements apart.
"""

import numba
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from bdg.kernels.registers.lanes import LANES, Planes, first_lanes, masked, splat

# (f·r)_p = Σ_q sign · f_q r_s of quaternions f, r: the terms (sign, q, s) of each component p.
TERMS = (
    ((1, 0, 0), (-1, 1, 1), (-1, 2, 2), (-1, 3, 3)),
    ((1, 0, 1), (1, 1, 0), (1, 2, 3), (-1, 3, 2)),
    ((1, 0, 2), (1, 2, 0), (1, 3, 1), (-1, 1, 3)),
    ((1, 0, 3), (1, 3, 0), (1, 1, 2), (-1, 2, 1)),
)


_FUSED = ("contract",)


def _intrinsic(subtract):
    def typed(typingctx, data, target, source, plane, f0, f1, f2, f3, hole):
        def generate(context, builder, sig, args):
            if isinstance(data.dtype, types.Complex):  # quaternion planes are real: never reached
                return context.get_dummy_value()
            rows = Planes(context, builder, data, args[0])
            word, number = ir.IntType(64), rows.vector.element
            index = ir.Constant(ir.VectorType(word, LANES), list(range(LANES)))
            kept = builder.icmp_signed("!=", index, splat(builder, args[8], word))
            zero = ir.Constant(rows.vector, [0.0] * LANES)

            def load(start, p, instead=zero):
                row = builder.load(rows.at(start, (args[3], p)), align=rows.size)
                return builder.select(kept, row, instead)

            f = [
                splat(builder, context.cast(builder, value, kind, data.dtype), number)
                for value, kind in zip(args[4:8], sig.args[4:8], strict=True)
            ]
            if subtract:
                r = [builder.load(rows.at(args[2], (args[3], p)), align=rows.size) for p in range(4)]
            else:
                one = ir.Constant(rows.vector, [1.0] * LANES)
                r = [load(args[2], p, zero if p else one) for p in range(4)]
            for p in range(4):
                total = load(args[1], p) if subtract else None
                for sign, q, s in TERMS[p]:
                    term = builder.fmul(f[q], r[s], flags=_FUSED)
                    if total is None:
                        total = term
                    elif (sign > 0) == subtract:
                        total = builder.fsub(total, term, flags=_FUSED)
                    else:
                        total = builder.fadd(total, term, flags=_FUSED)
                builder.store(total, rows.at(args[1], (args[3], p)), align=rows.size)
            return context.get_dummy_value()

        whole = types.int64
        return types.void(data, whole, whole, whole, f0, f1, f2, f3, whole), generate

    return intrinsic(typed)


def _interpreted(subtract):
    def apply(data, target, source, plane, f0, f1, f2, f3, hole):
        f = (f0, f1, f2, f3)
        rows = [data[source + p * plane : source + p * plane + LANES].copy() for p in range(4)]
        for p in range(4):
            if not subtract and 0 <= hole < LANES:
                rows[p][hole] = p == 0
        for p in range(4):
            product = sum(sign * f[q] * rows[s] for sign, q, s in TERMS[p])
            out = data[target + p * plane : target + p * plane + LANES]
            if subtract and 0 <= hole < LANES:
                out[hole] = 0
            out[:] = out - product if subtract else product

    return apply


_make = _interpreted if numba.config.DISABLE_JIT else _intrinsic

subtract_product = _make(True)
"""``subtract_product(data, target, source, plane, f0, f1, f2, f3, hole)``: row ← row − f·r at eight columns;
the row counts as zero in the column ``hole``, if that is one of them."""

store_product = _make(False)
"""``store_product(data, target, source, plane, f0, f1, f2, f3, hole)``: row ← f·r at eight columns; r counts
as one in the column ``hole``."""


def _rows_intrinsic(most, transposed):
    # One row alone has too few sums to hide how long an addition takes: it gets two of each.
    parts = 2 if most == 1 else 1

    def typed(
        typingctx, c, c0, c_row, c_plane, accumulate, sign, a, a0, along, step, a_plane,
        b, b0, b_row, b_plane, k, lanes,
    ):  # fmt: skip
        def generate(context, builder, sig, args):
            if isinstance(c.dtype, types.Complex):  # quaternion planes are real: never reached
                return context.get_dummy_value()
            (_, c0_, c_row_, c_plane_, accumulate_, sign_, _, a0_, along_, step_, a_plane_,
             _, b0_, b_row_, b_plane_, k_, lanes_) = args  # fmt: skip
            to, left, right = (Planes(context, builder, sig.args[i], args[i]) for i in (0, 6, 11))
            number = to.vector.element
            load, store = masked(builder, to.vector, to.size)
            mask = first_lanes(builder, lanes_)
            zero = ir.Constant(to.vector, [0.0] * LANES)
            sums = [
                [[cgutils.alloca_once_value(builder, zero) for _ in range(4)] for _ in range(parts)]
                for _ in range(most)
            ]
            with cgutils.for_range(builder, k_) as loop:
                at_a = builder.add(a0_, builder.mul(loop.index, step_))
                at_b = builder.add(b0_, builder.mul(loop.index, b_row_))
                r = [load(right.at(at_b, (b_plane_, p)), mask) for p in range(4)]
                for i in range(most):
                    f = [builder.load(left.element(at_a, (along_, i), (a_plane_, q))) for q in range(4)]
                    f = [splat(builder, x, number) for x in f]
                    for p in range(4):
                        for n, (way, q, s) in enumerate(TERMS[p]):
                            where = sums[i][n % parts][p]
                            term = builder.fmul(f[q], r[s], flags=_FUSED)
                            add = builder.fadd if (way > 0) != (transposed and q == 2) else builder.fsub
                            builder.store(add(builder.load(where), term, flags=_FUSED), where)
            factor = splat(builder, context.cast(builder, sign_, sign, c.dtype), number)
            olds = [[cgutils.alloca_once_value(builder, zero) for _ in range(4)] for _ in range(most)]
            with builder.if_then(context.is_true(builder, types.boolean, accumulate_)):
                for i in range(most):
                    for p in range(4):
                        old = load(to.at(c0_, (c_row_, i), (c_plane_, p)), mask)
                        builder.store(old, olds[i][p])
            for i in range(most):
                for p in range(4):
                    target = to.at(c0_, (c_row_, i), (c_plane_, p))
                    total = builder.load(sums[i][0][p])
                    if parts == 2:
                        total = builder.fadd(total, builder.load(sums[i][1][p]))
                    old = builder.load(olds[i][p])
                    new = builder.fadd(old, builder.fmul(total, factor, flags=_FUSED), flags=_FUSED)
                    store(new, target, mask)
            return context.get_dummy_value()

        whole = types.int64
        signature = types.void(
            c, whole, whole, whole, types.boolean, sign, a, whole, whole, whole, whole,
            b, whole, whole, whole, whole, whole,
        )  # fmt: skip
        return signature, generate

    return intrinsic(typed)


def _rows_interpreted(most, transposed):
    def apply(
        c, c0, c_row, c_plane, accumulate, sign, a, a0, along, step, a_plane,
        b, b0, b_row, b_plane, k, lanes,
    ):  # fmt: skip
        for line in range(most):
            total = [0.0] * 4
            for s in range(k):
                at = a0 + line * along + s * step
                f = [a[at + q * a_plane] * (-1 if transposed and q == 2 else 1) for q in range(4)]
                start = b0 + s * b_row
                r = [b[start + p * b_plane : start + p * b_plane + lanes] for p in range(4)]
                for p in range(4):
                    total[p] = total[p] + sum(way * f[q] * r[other] for way, q, other in TERMS[p])
            for p in range(4):
                at = c0 + line * c_row + p * c_plane
                out = c[at : at + lanes]
                out[:] = (out if accumulate else 0) + sign * total[p]

    return apply


_make_rows = _rows_interpreted if numba.config.DISABLE_JIT else _rows_intrinsic

ROWS = 4
"""Rows of one call of ``multiply_rows``: enough sums to hide how long an addition takes."""

multiply_rows, multiply_two_rows, multiply_row = (_make_rows(most, False) for most in (ROWS, 2, 1))
"""Up to eight columns of :data:`ROWS` rows, of two and of one row of a product of quaternion blocks, summed
in registers.

``multiply_rows(c, c0, c_row, c_plane, accumulate, sign, a, a0, along, step, a_plane, b, b0, b_row, b_plane,
k, lanes)`` sets c[c0 + i·c_row + j] (or adds to it) to
sign · Σ_t a[a0 + i·along + t·step] · b[b0 + t·b_row + j], i < ROWS, j < lanes ≤ 8, t < k.
"""

multiply_transposed_rows, multiply_two_transposed_rows, multiply_transposed_row = (
    _make_rows(most, True) for most in (ROWS, 2, 1)
)
"""The same with the other sign of q₂ of a."""
