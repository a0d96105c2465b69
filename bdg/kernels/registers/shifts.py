"""A sum of shifted pieces of a vector, less another vector, and its products, written for vector registers.

The number of terms is known when it runs only. Left to itself the compiler would store and fetch the sum
after each of them, with a remainder and tests for overlapping arrays at each; here it stays in registers.
"""

from functools import partial

import numba
from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

from bdg.kernels.registers.lanes import LANES, Planes, first_lanes, masked, splat

WIDE = 4
"""Vectors that are summed at a time: enough sums to hide how long an addition takes."""

_WORD = ir.IntType(64)
_FUSED = ("contract",)


@intrinsic
def _shifted_sum_vectors(
    typingctx, y, start, length, x, source, factor, stored, entries, low, middle, high, sums
):  # fmt: skip
    def generate(context, builder, sig, args):
        (_, start_, length_, _, _, _, _, _, low_, middle_, high_, _) = args
        (into, taken, sources, factors, places, values, products) = (
            Planes(context, builder, sig.args[k], args[k]) for k in (0, 3, 4, 5, 6, 7, 11)
        )
        number, vector = into.vector.element, into.vector
        fetch, put = masked(builder, vector, into.size)
        zero = ir.Constant(vector, [0.0] * LANES)
        squares, crossed = ([cgutils.alloca_once_value(builder, zero) for _ in range(WIDE)] for _ in range(2))

        def add(total, one, two):
            term = builder.fmul(one, two, flags=_FUSED)
            builder.store(builder.fadd(builder.load(total), term, flags=_FUSED), total)

        def tile(offset, vectors, load, store):
            here, steps = builder.add(start_, offset), [(_WORD(LANES), v) for v in range(vectors)]
            totals = [cgutils.alloca_once(builder, vector) for _ in steps]
            for total, step in zip(totals, steps, strict=True):
                builder.store(builder.fneg(load(into.at(here, step))), total)
            for first, last, is_stored in ((low_, middle_, False), (middle_, high_, True)):
                with cgutils.for_range(builder, last, start=first) as loop:
                    value = f = splat(builder, builder.load(factors.element(loop.index)), number)
                    at = builder.add(builder.load(sources.element(loop.index)), offset)
                    if is_stored:
                        entry = builder.add(builder.load(places.element(loop.index)), offset)
                    for total, step in zip(totals, steps, strict=True):
                        if is_stored:
                            value = builder.fmul(f, load(values.at(entry, step)))
                        add(total, value, load(taken.at(at, step)))
            for total, step, square, product in zip(totals, steps, squares, crossed, strict=False):
                value = builder.load(total)
                store(value, into.at(here, step))
                add(square, value, value)
                add(product, value, load(taken.at(here, step)))

        size = _WORD(WIDE * LANES)
        whole = builder.udiv(length_, size)
        with cgutils.for_range(builder, whole) as loop:
            load, store = (partial(access, align=into.size) for access in (builder.load, builder.store))
            tile(builder.mul(loop.index, size), WIDE, load, store)
        done = builder.mul(whole, size)
        left = builder.sub(length_, done)
        rest = builder.udiv(builder.add(left, _WORD(LANES - 1)), _WORD(LANES))
        with cgutils.for_range(builder, rest) as loop:
            begun = builder.mul(loop.index, _WORD(LANES))
            mask = first_lanes(builder, builder.sub(left, begun))
            tile(builder.add(done, begun), 1, partial(fetch, mask=mask), partial(put, mask=mask))
        for row, parts in enumerate((squares, crossed)):
            where = products.at(_WORD(row * LANES))
            total = builder.load(where, align=into.size)
            for part in parts:
                total = builder.fadd(total, builder.load(part))
            builder.store(total, where, align=into.size)
        return context.get_dummy_value()

    whole = types.int64
    signature = types.void(y, whole, whole, x, source, factor, stored, entries, whole, whole, whole, sums)
    return signature, generate


def _shifted_sum_interpreted(
    y, start, length, x, source, factor, stored, entries, low, middle, high, sums
):  # fmt: skip
    into, here = y[start : start + length], x[start : start + length]
    into *= -1
    for t in range(low, high):
        value = factor[t] * (1 if t < middle else entries[stored[t] : stored[t] + length])
        into += value * x[source[t] : source[t] + length]
    for r in range(length):
        sums[r % LANES] += into[r] * into[r]
        sums[LANES + r % LANES] += into[r] * here[r]


shifted_sum = _shifted_sum_interpreted if numba.config.DISABLE_JIT else _shifted_sum_vectors
"""``shifted_sum(y, start, length, x, source, factor, stored, entries, low, middle, high, sums)``: the numbers
``start`` to ``start + length`` of y become Σ_t f_t v_t x_{s_t + r} − y_r, r < length, over the terms t from
``low`` to ``high``; v_t is 1 before ``middle`` and ``entries`` from ``stored[t]`` on behind it. Adds y² to
the first eight of ``sums``, the products of y and x at the same places to the other eight.
"""
