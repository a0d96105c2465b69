"""What is not read again soon goes to memory past the caches.

An ordinary store first fetches the line that it is going to overwrite, and drives out another one that is
needed sooner.
"""

import numba
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

LINE = 64
"""Bytes of a cache line."""

_WORD = ir.IntType(64)


@intrinsic
def _stream_lines(typingctx, target, start, source, first, count):
    def generate(context, builder, sig, args):
        line = ir.VectorType(_WORD, LINE // 8).as_pointer()
        size = context.get_abi_sizeof(context.get_data_type(target.dtype))
        past = builder.module.add_metadata([ir.Constant(ir.IntType(32), 1)])

        def address(k, begin):
            data = context.make_array(sig.args[k])(context, builder, args[k]).data
            return builder.bitcast(builder.gep(data, [begin]), line)

        to, origin = address(0, args[1]), address(2, args[3])
        total = builder.mul(args[4], _WORD(size))
        lines = builder.udiv(builder.add(total, _WORD(LINE - 1)), _WORD(LINE))
        with cgutils.for_range(builder, lines) as loop:
            value = builder.load(builder.gep(origin, [loop.index]), align=LINE)
            builder.store(value, builder.gep(to, [loop.index]), align=LINE).set_metadata("nontemporal", past)
        return context.get_dummy_value()

    return types.void(target, types.int64, source, types.int64, types.int64), generate


def _stream_interpreted(target, start, source, first, count):
    target[start : start + count] = source[first : first + count]


stream = _stream_interpreted if numba.config.DISABLE_JIT else _stream_lines
"""``stream(target, start, source, first, count)``: so many numbers of a flat array, from ``first`` on, to
another from ``start`` on. Both places begin with a cache line; the rest of the last one may be overwritten.
"""
