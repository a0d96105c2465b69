r"""H as chunks of rows that are coupled alike: each takes pieces of a vector, shifted.

Where the rows r, r + 1, … of a lattice have their neighbours at the same distances, y_r = Σ_s v_s x_{r+s}
runs over memory in order and needs no index of a column. A chunk is such a run, cut at :data:`CHUNK` rows.
Vectors are real, in planes of n rows: one for each Nambu component, and where H is complex one more for its
imaginary part. A term of a chunk adds ``factor * v * x`` to one plane; v is 1 where the entries are the same
all along.
"""

import numpy as np

from bdg.kernels.compiler import jit

CHUNK = 128
"""Most rows of a chunk."""


@jit
def chunk_starts(indptr, indices, order, rank):
    """First row of each chunk and the end, shape ``(n_chunks + 1,)``; row r is site ``order[r]``.

    ``rank`` is the inverse of ``order``; ``indptr``, ``indices`` the block CSR pattern of the sites.
    """
    n = len(order)
    starts = np.empty(n + 1, np.int64)
    count, run = 0, 0
    for r in range(1, n + 1):
        alike = r < n
        if alike:
            here, before = indptr[order[r]], indptr[order[r - 1]]
            length = indptr[order[r] + 1] - here
            alike = length == indptr[order[r - 1] + 1] - before
            for k in range(length):
                if not alike:
                    break
                alike = rank[indices[here + k]] - r == rank[indices[before + k]] - (r - 1)
        if not alike:  # the run ends: pieces of it that are nearly as long as each other
            pieces = (r - run + CHUNK - 1) // CHUNK
            for piece in range(pieces):
                starts[count] = run + piece * (r - run) // pieces
                count += 1
            run = r
    starts[count] = n
    return starts[: count + 1].copy()


@jit
def terms(starts, indptr, indices, order, rank, values, planes, scale):
    """Terms of every chunk and plane.

    values : (n_blocks, dofs, dofs) real or complex blocks of the sites; planes : dofs, or 2·dofs where
    they are complex; scale : multiplies all of them.
    Returns, of chunk c and plane p, the terms ``first[c, p]`` to ``first[c, p + 1]``, those with the same
    entry all along before ``mixed[c, p]``; of each ``source`` (its first place in a vector), ``factor`` and
    ``stored`` (the first of its entries in ``entries``, −1 where all are 1).
    """
    n = len(order)
    n_chunks = len(starts) - 1
    first = np.zeros((n_chunks, planes + 1), np.int64)
    mixed = np.zeros((n_chunks, planes), np.int64)
    room, space = 1024, 1024
    source, factor, stored = np.empty(room, np.int64), np.empty(room), np.empty(room, np.int64)
    entries = np.empty(space)
    used, filled = 0, 0
    waiting = np.empty(planes * (1 + _most(indptr)), np.int64)
    for c in range(n_chunks):
        start, length = starts[c], starts[c + 1] - starts[c]
        own, slots = filled, indptr[order[start] + 1] - indptr[order[start]]
        most = slots * planes * planes
        if used + most > room:
            room = 2 * (used + most)
            source, factor, stored = _grown(source, room), _grown(factor, room), _grown(stored, room)
        if filled + most * length > space:
            space = (3 * (filled + most * length)) // 2
            entries = _grown(entries, space)
        for p in range(planes):
            first[c, p] = used
            n_mixed = 0
            for s in range(slots):
                column = rank[indices[indptr[order[start]] + s]]
                for q in range(planes):
                    head, kind = _scan(values, indptr, order, start, length, s, p, q)
                    if kind == 2:  # for later, behind those that are the same all along
                        waiting[n_mixed] = s * planes + q
                        n_mixed += 1
                    elif head != 0.0:
                        source[used], factor[used], stored[used] = q * n + column, scale * head, -1
                        used += 1
            mixed[c, p] = used
            for k in range(n_mixed):
                s, q = waiting[k] // planes, waiting[k] % planes
                source[used] = q * n + rank[indices[indptr[order[start]] + s]]
                for r in range(length):
                    entries[filled + r] = scale * _entry(values, indptr[order[start + r]] + s, p, q)
                factor[used], stored[used] = 1.0, filled
                for place in range(own, filled, length):
                    sign = _equal(entries, place, filled, length)
                    if sign != 0.0:
                        factor[used], stored[used] = sign, place
                        break
                if stored[used] == filled:
                    filled += length
                used += 1
        first[c, planes] = used
    return (
        first,
        mixed,
        source[:used].copy(),
        factor[:used].copy(),
        stored[:used].copy(),
        entries[:filled].copy(),
    )


@jit
def _grown(array, room):
    larger = np.empty(room, array.dtype)
    larger[: len(array)] = array
    return larger


@jit
def _most(indptr):
    """Blocks of the fullest row."""
    most = 0
    for i in range(len(indptr) - 1):
        most = max(most, indptr[i + 1] - indptr[i])
    return most


@jit
def _scan(values, indptr, order, start, length, s, p, q):
    """The first entry (p, q) of the blocks at one place of the rows of a chunk, and 2 if others differ."""
    head = _entry(values, indptr[order[start]] + s, p, q)
    for r in range(1, length):
        if _entry(values, indptr[order[start + r]] + s, p, q) != head:
            return head, 2
    return head, 1


@jit
def _entry(values, block, p, q):
    """Entry of the real form [[Re, −Im], [Im, Re]] of a block."""
    dofs = values.shape[1]
    if p < dofs:
        return values[block, p, q].real if q < dofs else -values[block, p, q - dofs].imag
    return values[block, p - dofs, q].imag if q < dofs else values[block, p - dofs, q - dofs].real


@jit
def _equal(entries, one, two, length):
    """1 or −1 where a piece of the entries is the other one times that; 0 where it is neither."""
    sign = 1.0 if entries[one] == entries[two] else -1.0
    for r in range(length):
        if entries[one + r] != sign * entries[two + r]:
            return 0.0
    return sign


@jit
def neighbours(starts, first, source, n):
    """Chunks that each chunk reaches, as ``(pointers, chunks)``; H couples both ways."""
    n_chunks, planes = first.shape[0], first.shape[1] - 1
    chunk_of = np.empty(n, np.int32)
    for c in range(n_chunks):
        for r in range(starts[c], starts[c + 1]):
            chunk_of[r] = c
    pointers = np.zeros(n_chunks + 1, np.int64)
    found = np.empty(4 * n_chunks + 16, np.int32)
    count = 0
    for c in range(n_chunks):
        length = starts[c + 1] - starts[c]
        for t in range(first[c, 0], first[c, planes]):
            row = source[t] % n
            for other in range(chunk_of[row], chunk_of[row + length - 1] + 1):
                known = other == c
                for k in range(pointers[c], count):
                    known = known or found[k] == other
                if not known:
                    if count == len(found):
                        found = _grown(found, 2 * count)
                    found[count] = other
                    count += 1
        pointers[c + 1] = count
    return pointers, found[:count].copy()


@jit
def last_reached(pointers, reached, order):
    """The last place, in an order of the chunks, that the chunk at each place reaches; itself is one."""
    place = np.empty(len(order), np.int64)
    for k in range(len(order)):
        place[order[k]] = k
    last = np.empty(len(order), np.int64)
    for k in range(len(order)):
        last[k] = k
        for at in range(pointers[order[k]], pointers[order[k] + 1]):
            last[k] = max(last[k], place[reached[at]])
    return last
