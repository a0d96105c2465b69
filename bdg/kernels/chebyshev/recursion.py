r"""The recursion |α_{n+1}⟩ = 2(H/a)|α_n⟩ − |α_{n−1}⟩, on the chunks that it has reached.

Once these are all, several steps go over memory together: a chunk takes its next step as soon as those that
it is coupled to have taken the one before, while they are still in the cache. The sums are the same to the
last bit.
"""

from bdg.kernels.compiler import jit_dense, jit_inner
from bdg.kernels.compiler.underflow import flush, restore
from bdg.kernels.registers.lanes import LANES
from bdg.kernels.registers.shifts import shifted_sum

DEPTH = 8
"""Steps that go over memory together."""

LEAD = 8
"""Chunks by which the first of them goes ahead at a time."""


@jit_dense
def steps(x, y, products, dropped, sums, done, region, threshold, stencil):
    """Some steps; of each the products of the vectors, and the norm of what a bound of the region cuts off.

    x, y : (planes · n,) |α_n⟩ and |α_{n−1}⟩, which end as the last two; products : (n_steps, 2) gets
    ⟨α_{n+1}|α_{n+1}⟩ and ⟨α_{n+1}|α_n⟩; dropped : (n_steps,) the norm of |α_n⟩ where neighbours are left out.
    sums : (DEPTH, 2 · LANES) and done : (DEPTH,) work; region : counts (3,) of the chunks that are active, on
    the rim of these and new, the active ones and those of the rim, (n_chunks,) each, and whether a chunk is
    active. Neighbours join where an amplitude exceeds the threshold. stencil : what :mod:`.shifts` makes of
    2H/a: starts, first, mixed, source, factor, stored, entries, pointers, reached, and an order of the
    chunks with the place in it, of each, of the last one that it reaches.
    """
    starts, first, mixed, source, factor, stored, entries, pointers, reached, order, last = stencil
    count, active, _, _ = region
    n, n_chunks = starts[-1], len(order)
    before = flush()
    step = 0
    while step < len(products):
        if count[0] < n_chunks:
            together = 1
            dropped[step] = _grow(x, n, len(x) // n, region, threshold, starts, pointers, reached)
            sums[0] = 0.0
            for k in range(count[0]):
                _advance(x, y, active[k], sums[0], starts, first, mixed, source, factor, stored, entries)
        else:
            together = min(DEPTH, len(products) - step)
            sums[:] = 0.0
            done[:] = 0
            while done[0] < n_chunks:
                for level in range(together):
                    one, two = (x, y) if level % 2 == 0 else (y, x)
                    here = done[level]
                    until = n_chunks if level else min(here + LEAD, n_chunks)
                    while here < until and (level == 0 or last[here] < done[level - 1]):
                        c = order[here]
                        _advance(
                            one, two, c, sums[level], starts, first, mixed, source, factor, stored, entries
                        )
                        here += 1
                    done[level] = here
            dropped[step : step + together] = 0.0
        for level in range(together):
            squared = crossed = 0.0
            for lane in range(LANES):
                squared += sums[level, lane]
                crossed += sums[level, LANES + lane]
            products[step + level, 0], products[step + level, 1] = squared, crossed
        if together % 2:
            x, y = y, x
        step += together
    restore(before)


@jit_inner
def _advance(x, y, c, sums, starts, first, mixed, source, factor, stored, entries):
    """One step of the rows of a chunk."""
    n, start, length = starts[-1], starts[c], starts[c + 1] - starts[c]
    for p in range(first.shape[1] - 1):
        low, middle, high = first[c, p], mixed[c, p], first[c, p + 1]
        shifted_sum(y, p * n + start, length, x, source, factor, stored, entries, low, middle, high, sums)


@jit_inner
def _grow(x, n, planes, region, threshold, starts, pointers, reached):
    """Let neighbours of chunks with a larger amplitude join; returns the norm on the rim that is left."""
    count, active, rim, is_active = region
    kept, norm, on_rim = 0, 0.0, count[1]
    for k in range(on_rim):
        c = rim[k]
        largest = total = 0.0
        for p in range(planes):
            for r in range(p * n + starts[c], p * n + starts[c + 1]):
                largest = max(largest, abs(x[r]))
                total += x[r] * x[r]
        if largest <= threshold:
            rim[kept] = c
            kept += 1
            norm += total
            continue
        for place in range(pointers[c], pointers[c + 1]):
            other = reached[place]
            if not is_active[other]:
                is_active[other] = True
                active[count[0]] = other
                rim[on_rim + count[2]] = other
                count[0] += 1
                count[2] += 1
    for k in range(count[2]):
        rim[kept + k] = rim[on_rim + k]
    count[1], count[2] = kept + count[2], 0
    return norm**0.5
