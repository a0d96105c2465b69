"""Eight quaternions at a time: the inner step of Gauss-Jordan elimination, written for vector registers.

Left to itself the compiler guards such a loop, with four planes read and four written, by so many tests
for overlapping arrays that short rows spend their time there. These intrinsics work at plain indices of
one buffer; planes are ``plane`` elements apart.
"""

import numba
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

LANES = 8
"""Columns handled by one call; rows are padded to a multiple of it."""

# (f·r)_p = Σ_q sign · f_q r_s of quaternions f, r: the terms (sign, q, s) of each component p.
_TERMS = (
    ((1, 0, 0), (-1, 1, 1), (-1, 2, 2), (-1, 3, 3)),
    ((1, 0, 1), (1, 1, 0), (1, 2, 3), (-1, 3, 2)),
    ((1, 0, 2), (1, 2, 0), (1, 3, 1), (-1, 1, 3)),
    ((1, 0, 3), (1, 3, 0), (1, 1, 2), (-1, 2, 1)),
)


def _intrinsic(subtract):
    def typed(typingctx, data, target, source, plane, f0, f1, f2, f3):
        def generate(context, builder, sig, args):
            if isinstance(data.dtype, types.Complex):  # quaternion planes are real: never reached
                return context.get_dummy_value()
            vector = ir.VectorType(context.get_value_type(data.dtype), LANES)
            array = context.make_array(data)(context, builder, args[0]).data
            size = data.dtype.bitwidth // 8

            def place(start, p):
                index = builder.add(start, builder.mul(args[3], ir.Constant(args[3].type, p)))
                return builder.bitcast(builder.gep(array, [index]), vector.as_pointer())

            def splat(value, kind):
                value = context.cast(builder, value, kind, data.dtype)
                one = builder.insert_element(ir.Constant(vector, ir.Undefined), value, ir.IntType(32)(0))
                mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
                return builder.shuffle_vector(one, ir.Constant(vector, ir.Undefined), mask)

            f = [splat(value, kind) for value, kind in zip(args[4:], sig.args[4:], strict=True)]
            r = [builder.load(place(args[2], p), align=size) for p in range(4)]
            fused = ("contract",)
            for p in range(4):
                total = None
                if subtract:
                    total = builder.load(place(args[1], p), align=size)
                for sign, q, s in _TERMS[p]:
                    term = builder.fmul(f[q], r[s], flags=fused)
                    if total is None:
                        total = term
                    elif (sign > 0) == subtract:
                        total = builder.fsub(total, term, flags=fused)
                    else:
                        total = builder.fadd(total, term, flags=fused)
                builder.store(total, place(args[1], p), align=size)
            return context.get_dummy_value()

        return types.void(data, types.int64, types.int64, types.int64, f0, f1, f2, f3), generate

    return intrinsic(typed)


def _interpreted(subtract):
    def apply(data, target, source, plane, f0, f1, f2, f3):
        f = (f0, f1, f2, f3)
        rows = [data[source + p * plane : source + p * plane + LANES].copy() for p in range(4)]
        for p in range(4):
            product = sum(sign * f[q] * rows[s] for sign, q, s in _TERMS[p])
            out = data[target + p * plane : target + p * plane + LANES]
            out[:] = out - product if subtract else product

    return apply


_make = _interpreted if numba.config.DISABLE_JIT else _intrinsic

subtract_product = _make(True)
"""``subtract_product(data, target, source, plane, f0, f1, f2, f3)``: row ← row − f·r at eight columns."""

store_product = _make(False)
"""``store_product(data, target, source, plane, f0, f1, f2, f3)``: row ← f·r at eight columns."""
