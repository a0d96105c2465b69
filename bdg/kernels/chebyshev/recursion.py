r"""The recursion |α_{n+1}⟩ = 2(H/a)|α_n⟩ − |α_{n−1}⟩, on the chunks that it has reached."""

from bdg.kernels.compiler import jit_dense, jit_inner
from bdg.kernels.compiler.underflow import flush, restore


@jit_dense
def steps(x, y, products, dropped, sums, region, threshold, stencil):
    """Some steps; of each the products of the vectors, and the norm of what a bound of the region cuts off.

    x, y : (planes · n,) |α_n⟩ and |α_{n−1}⟩, which end as the last two; products : (n_steps, 2) gets
    ⟨α_{n+1}|α_{n+1}⟩ and ⟨α_{n+1}|α_n⟩; dropped : (n_steps,) the norm of |α_n⟩ where neighbours are left out.
    sums : (2, CHUNK) work; region : counts (3,) of the chunks that are active, on the rim of these and new,
    the active ones and those of the rim, (n_chunks,) each, and whether a chunk is active. Neighbours join
    where an amplitude exceeds the threshold. stencil : what :mod:`.shifts` makes of 2H/a: starts, first,
    mixed, source, factor, stored, entries, pointers, reached.
    """
    starts, first, mixed, source, factor, stored, entries, pointers, reached = stencil
    count, active, _, _ = region
    planes = first.shape[1] - 1
    n = len(x) // planes
    before = flush()
    for step in range(len(products)):
        dropped[step] = _grow(x, n, planes, region, threshold, starts, pointers, reached)
        squares, crossed = sums[0], sums[1]
        for r in range(len(squares)):
            squares[r] = 0.0
            crossed[r] = 0.0
        for k in range(count[0]):
            c = active[k]
            start, length = starts[c], starts[c + 1] - starts[c]
            for p in range(planes):
                here, into = (
                    x[p * n + start : p * n + start + length],
                    y[p * n + start : p * n + start + length],
                )
                _same(into, x, first[c, p], mixed[c, p], source, factor)
                _mixed(into, x, mixed[c, p], first[c, p + 1], source, factor, stored, entries)
                for r in range(length):
                    squares[r] += into[r] * into[r]
                    crossed[r] += into[r] * here[r]
        one = two = 0.0
        for r in range(len(squares)):
            one += squares[r]
            two += crossed[r]
        products[step, 0], products[step, 1] = one, two
        x, y = y, x
    restore(before)


@jit_inner
def _same(into, x, low, high, source, factor):
    """−y and the terms with the same entry all along, six, four or two at a time."""
    length = len(into)
    if high - low >= 4:
        a, b, c, d = source[low], source[low + 1], source[low + 2], source[low + 3]
        f, g, h, i = factor[low], factor[low + 1], factor[low + 2], factor[low + 3]
        xa, xb, xc, xd = x[a : a + length], x[b : b + length], x[c : c + length], x[d : d + length]
        low += 4
        if high - low >= 2:
            k, m, s, t = source[low], source[low + 1], factor[low], factor[low + 1]
            xk, xm = x[k : k + length], x[m : m + length]
            low += 2
            for r in range(length):
                into[r] = (
                    (f * xa[r] + g * xb[r]) + (h * xc[r] + i * xd[r]) + (s * xk[r] + t * xm[r]) - into[r]
                )
        else:
            for r in range(length):
                into[r] = (f * xa[r] + g * xb[r]) + (h * xc[r] + i * xd[r]) - into[r]
    else:
        for r in range(length):
            into[r] = -into[r]
    while low + 2 <= high:
        a, b, f, g = source[low], source[low + 1], factor[low], factor[low + 1]
        xa, xb = x[a : a + length], x[b : b + length]
        low += 2
        for r in range(length):
            into[r] += f * xa[r] + g * xb[r]
    if low < high:
        a, f = source[low], factor[low]
        xa = x[a : a + length]
        for r in range(length):
            into[r] += f * xa[r]


@jit_inner
def _mixed(into, x, low, high, source, factor, stored, entries):
    """The terms whose entries are stored, two at a time."""
    length = len(into)
    while low + 2 <= high:
        a, b, f, g = source[low], source[low + 1], factor[low], factor[low + 1]
        i, k = stored[low], stored[low + 1]
        xa, xb, va, vb = (
            x[a : a + length],
            x[b : b + length],
            entries[i : i + length],
            entries[k : k + length],
        )
        low += 2
        for r in range(length):
            into[r] += (f * va[r]) * xa[r] + (g * vb[r]) * xb[r]
    if low < high:
        a, f, i = source[low], factor[low], stored[low]
        xa, va = x[a : a + length], entries[i : i + length]
        for r in range(length):
            into[r] += (f * va[r]) * xa[r]


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
