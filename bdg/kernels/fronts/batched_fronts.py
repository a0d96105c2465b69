"""Both sweeps for small fronts of about one size, eight at a time: front l in lane l of all vectors.

Most fronts are so small that their rows fill no vector, and that moving and assembling them takes longer than
their products. A batch of eight of them is eliminated as one front of as many rows as the largest has: the
rows that a front lacks are those of the unit matrix. What the fronts exchange with their children and parents
lies outside of the vectors, each matrix alone, the four numbers of a quaternion side by side: eight such
matrices become a batch, and a batch eight matrices, two entries at a time. All matrices are symmetric
quaternion ones: of U and of G only the entries on and above the diagonal count.
"""

from typing import Any

from bdg.kernels.compiler import jit_inner
from bdg.kernels.dense.batch_dense import batch, invert_eight, mirror_eight, multiply_eight
from bdg.kernels.dense.blocks import Block, divided_matrix, shifted
from bdg.kernels.dense.separate import separate
from bdg.kernels.registers.batch_registers import (
    ENTRY,
    add_quaternion,
    collect_pair,
    move_entry,
    move_quaternion,
    spread_pair,
)
from bdg.kernels.registers.lanes import LANES
from bdg.kernels.registers.streaming import stream


@jit_inner
def _single(data, start, lane, rows, columns):
    """The matrix of one lane outside of the vectors: its quaternions have their four numbers side by side.

    Behind the last row there is room for what pairs of odd rows write.
    """
    return Block(data, start + 4 * lane * (rows * columns + 1), 1, 4 * columns)


@separate("void block int int block int int bool")
def _spread(source, distance, first, target, rows, columns, upper):
    """Eight single matrices, from their column ``first`` on, to the lanes of a batch."""
    for i in range(rows):
        for j in range(i // 2 * 2 if upper else 0, columns, 2):
            spread_pair(
                target.data, target.start + i * target.row + ENTRY * j,
                source.data, source.start + i * source.row + 4 * (first + j), distance,
            )  # fmt: skip


@separate("void block block int int int int bool")
def _collect(source, target, distance, first, rows, columns, upper):
    """The lanes of a batch to eight single matrices, from their column ``first`` on."""
    for i in range(rows):
        for j in range(i // 2 * 2 if upper else 0, columns, 2):
            collect_pair(
                target.data, target.start + i * target.row + 4 * (first + j), distance,
                source.data, source.start + i * source.row + ENTRY * j,
            )  # fmt: skip


@separate("void block int int int block short int int int")
def _add_single(source, rows_from, rows_to, columns, target, maps, split, i0, shift):
    """target[maps[i] − i0, maps[j] − i0] += source[i, j], i ≤ j, of two single matrices.

    From ``split`` on places are ``shift`` further in a row: there the target has rows that fill it up.
    """
    for i in range(rows_from, rows_to):
        a, o = source.start + i * source.row, target.start + (maps[i] - i0) * target.row
        for j in range(i, columns):
            place = maps[j] - i0 + (shift if j >= split else 0)
            add_quaternion(target.data, o + 4 * place, source.data, a + 4 * j)


@separate("void block int int int int block short int int")
def add_to_planes(source, rows_from, rows_to, columns_from, columns_to, target, maps, i0, j0):
    """target[maps[i] − i0, maps[j] − j0] += source[i, j], i ≤ j, from a single matrix to one in planes."""
    data, out, plane = source.data, target.data, target.plane
    for i in range(rows_from, rows_to):
        line = target.start + (maps[i] - i0) * target.row - j0
        for j in range(max(i, columns_from), columns_to):
            a, o = source.start + i * source.row + 4 * j, line + maps[j]
            out[o] += data[a]
            out[o + plane] += data[a + 1]
            out[o + 2 * plane] += data[a + 2]
            out[o + 3 * plane] += data[a + 3]


@separate("void block int int short int block")
def _fetch_single(source, split, shift, maps, n, target):
    """target[i, j] = source[maps[i], maps[j]], i ≤ j < n, of two single matrices; see ``_add_single``."""
    for i in range(n):
        a = source.start + (maps[i] + (shift if i >= split else 0)) * source.row
        o = target.start + i * target.row
        for j in range(i, n):
            place = maps[j] + (shift if j >= split else 0)
            move_quaternion(target.data, o + 4 * j, source.data, a + 4 * place)


@separate("void block short int block")
def _fetch_planes(source, maps, n, target):
    """target[i, j] = source[maps[i], maps[j]], i ≤ j < n, from a matrix in planes to a single one."""
    data, out, plane = source.data, target.data, source.plane
    for i in range(n):
        line, o = source.start + maps[i] * source.row, target.start + i * target.row
        for j in range(i, n):
            a = line + maps[j]
            out[o + 4 * j] = data[a]
            out[o + 4 * j + 1] = data[a + plane]
            out[o + 4 * j + 2] = data[a + 2 * plane]
            out[o + 4 * j + 3] = data[a + 3 * plane]


@jit_inner
def update_of(tree, child, up):
    """U of a front in a batch."""
    return Block(up, tree.up_start[child], 1, 4 * tree.boundary_width[child])


@jit_inner
def _load(tree, f, values, shift, up, own):
    """The rows of front f that are its own."""
    s, width, data = tree.own[f], tree.own_width[f], own.data
    for e in range(tree.entry_start[f], tree.entry_start[f + 1]):
        j = tree.column[e]
        o = own.start + tree.row[e] * own.row + 4 * (j if j < s else j + width - s)
        for q in range(4):
            data[o + q] = values[q, e]
    for i in range(s):
        data[own.start + i * (own.row + 4)] += shift
    _pad(own, s, width)
    for c in range(tree.child_start[f], tree.child_start[f + 1]):
        child = tree.children[c]
        b, k, u = tree.boundary[child], tree.split[child], update_of(tree, child, up)
        maps = tree.maps[tree.maps_start[child] : tree.maps_start[child] + b]
        _add_single(u, 0, k, b, own, maps, k, 0, width - s)


@jit_inner
def _add_to_boundary(tree, f, up):
    """Add U of the children of front f to its own."""
    for c in range(tree.child_start[f], tree.child_start[f + 1]):
        child = tree.children[c]
        b, k = tree.boundary[child], tree.split[child]
        maps = tree.maps[tree.maps_start[child] : tree.maps_start[child] + b]
        _add_single(update_of(tree, child, up), k, b, b, update_of(tree, f, up), maps, k, tree.own[f], 0)


@jit_inner
def _pad(own, s, width):
    """The unit matrix where a front has no rows."""
    for i in range(s, width):
        own.data[own.start + i * (own.row + 4)] = 1


def kept_entries(s: Any) -> Any:
    """Entries i ≤ j of an s×s matrix."""
    return s * (s + 1) // 2


_kept = jit_inner(kept_entries)


def batch_scratch(s: Any, b: Any) -> Any:
    """Elements of scratch that a batch of s own and b boundary rows wants."""
    return ENTRY * (2 * s * (s + b) + b * b + kept_entries(s) + s * b + 3 * s + 16)


@jit_inner
def eliminate_batch(tree, first, end, values, shift, streaming, storage, up, scratch):
    """P, X and U of the fronts of a batch; returns ln|det| of their diagonal blocks together.

    Of P the entries i ≤ j are kept, one after the other.
    """
    s, b = tree.own_width[first], tree.boundary_width[first]
    distance = 4 * (s * (s + b) + 1)
    sb, bb = batch(scratch, LANES * distance, b), batch(scratch, LANES * distance + ENTRY * (s * b + 1), b)
    p = batch(scratch, bb.start + ENTRY * (b * b + 1), s)
    work = batch(scratch, p.start + ENTRY * (s * s + 1), s)
    aside = work.start + ENTRY * 3 * s
    made, kept = (scratch, aside) if streaming else (storage, tree.storage_start[first])
    x = batch(made, kept + ENTRY * _kept(s), b)
    scratch[: LANES * distance] = 0
    for lane in range(LANES):
        own = _single(scratch, 0, lane, s, s + b)
        if first + lane < end:
            _load(tree, first + lane, values, shift, up, own)
        else:
            _pad(own, 0, s)
    own = _single(scratch, 0, 0, s, s + b)
    _spread(own, distance, 0, p, s, s, True)
    _spread(own, distance, s, sb, s, b, False)
    log_det = invert_eight(p, s, work)
    for i in range(s):
        for j in range(i, s):
            move_entry(made, kept, p.data, p.start + i * p.row + ENTRY * j)
            kept += ENTRY
    multiply_eight(1, p, False, sb, False, False, x, s, s, b, False)
    multiply_eight(-1, sb, True, x, False, False, bb, b, s, b, True)
    if streaming:
        stream(storage, tree.storage_start[first], scratch, aside, ENTRY * (_kept(s) + s * b))
    u = _single(up, tree.up_start[first], 0, b, b)
    _collect(bb, u, 4 * (b * b + 1), 0, b, b, True)
    # Last, so that U need not be cleared before.
    for f in range(first, end):
        _add_to_boundary(tree, f, up)
    return log_det


@jit_inner
def _fetch(tree, f, down, bb):
    """G_BB of front f from its parent's G."""
    parent, k, b = tree.parent[f], tree.split[f], tree.boundary[f]
    maps = tree.maps[tree.maps_start[f] : tree.maps_start[f] + b]
    s = tree.own[parent]
    if tree.own_width[parent] > 0:
        width = tree.own_width[parent]
        source = Block(down, tree.down_start[parent], 1, 4 * (width + tree.boundary_width[parent]))
        _fetch_single(source, k, width - s, maps, b, bb)
    else:
        source = divided_matrix(4, down, tree.down_start[parent], s, tree.boundary[parent])
        _fetch_planes(source, maps, b, bb)


@jit_inner
def _read_entries(tree, f, lane, ss, sb, out):
    """The entries of the matrix that entered at front f."""
    s = tree.own[f]
    for e in range(tree.entry_start[f], tree.entry_start[f + 1]):
        i, j = tree.row[e], tree.column[e]
        source = ss
        if j >= s:
            source, j = sb, j - s
        o = source.start + lane + i * source.row + j * ENTRY
        for q in range(4):
            out[q, e] = source.data[o + q * LANES]


@jit_inner
def select_batch(tree, first, end, storage, down, scratch, out):
    """G of the fronts of a batch, and the entries of the inverse that they hold."""
    s, b = tree.own_width[first], tree.boundary_width[first]
    kept = tree.storage_start[first]
    x = batch(storage, kept + ENTRY * _kept(s), b)
    n, distance = s + b, 4 * ((s + b) * (s + b) + 1)
    bb = batch(scratch, 0, b)
    sb = batch(scratch, ENTRY * (b * b + 1), b)
    ss = batch(scratch, sb.start + ENTRY * (s * b + 1), s)
    for lane in range(LANES):
        f, g = first + lane, _single(down, tree.down_start[first], lane, n, n)
        if f >= end or tree.boundary[f] < b:  # there X is zero, and G_BB must be a number
            down[g.start : g.start + 4 * n * n] = 0
        if f < end and tree.boundary[f] > 0:
            _fetch(tree, f, down, shifted(g, s, 4 * s))
    g = _single(down, tree.down_start[first], 0, n, n)
    _spread(shifted(g, s, 0), distance, s, bb, b, b, True)
    mirror_eight(bb, b)
    multiply_eight(-1, x, False, bb, False, False, sb, s, b, b, False)
    for i in range(s):
        for j in range(i, s):
            move_entry(ss.data, ss.start + i * ss.row + ENTRY * j, storage, kept)
            kept += ENTRY
    multiply_eight(-1, x, False, sb, True, True, ss, s, b, s, True)
    if tree.child_start[first] < tree.child_start[end]:
        _collect(ss, g, distance, 0, s, s, True)
        _collect(sb, g, distance, s, s, b, False)
    for f in range(first, end):
        _read_entries(tree, f, f - first, ss, sb, out)
