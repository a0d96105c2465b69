"""The two sweeps of the selected inversion over the tree of fronts.

Front f is a dense matrix over its own rows S and its boundary B. From the leaves to the root,

    P = F_SS⁻¹,   X = P F_SB,   Y = F_BS P,   U = F_BB − F_BS X,

U being added to the parent's front; and from the root to the leaves, with G_BB taken from the parent,

    G_SB = −X G_BB,   G_BS = −G_BB Y,   G_SS = P − G_SB Y.

For symmetric matrices Y = Xᵀ, G_BS = G_SBᵀ, G_SS = P − X G_BS, and of U and G_SS only the entries above the
diagonal are formed. Small fronts of symmetric quaternion matrices are done eight at a time, see
:mod:`bdg.kernels.fronts.batched_fronts`.
"""

from collections import namedtuple

from bdg.kernels.compiler import jit_dense, jit_inner
from bdg.kernels.compiler.underflow import flush, restore
from bdg.kernels.dense.blas import gemm
from bdg.kernels.dense.blocks import clear, copy, divided_matrix, matrix, move, shifted, whole_vectors
from bdg.kernels.dense.inversion import invert
from bdg.kernels.dense.products import multiply, multiply_symmetric, multiply_transposed
from bdg.kernels.dense.separate import separate
from bdg.kernels.fronts.batched_fronts import add_to_planes, eliminate_batch, select_batch, update_of
from bdg.kernels.registers.lanes import LANES, add_lanes, move_lanes
from bdg.kernels.registers.streaming import stream

Tree = namedtuple(
    "Tree",
    "own boundary parent child_start children maps_start maps run_end split storage_start up_start "
    "down_start entry_start row column steps own_width boundary_width",
)
"""The symbolic elimination in rows (not sites), children before parents.

own, boundary
    Rows of S and B of each front, shape (n_fronts,).
parent
    −1 for a root, shape (n_fronts,).
child_start, children
    Children of front f are ``children[child_start[f]:child_start[f + 1]]``.
maps_start, maps, run_end, split
    Row of the parent's front for each row of B, and where the stretch of consecutive ones it is in ends
    (counted in B); the first ``split`` of them lie in the parent's S.
storage_start, up_start, down_start
    Where a front's P, X, Y, its U and its G stand in their buffers.
entry_start, row, column
    Which entries of the front are entries of the matrix; the shapes are (n_fronts + 1,) and (n_entries,).
steps
    Fronts that are done together: from ``steps[k]`` to ``steps[k + 1]``, shape (n_steps + 1,).
own_width, boundary_width
    Rows that a front's S and B have in its batch, see :mod:`bdg.kernels.fronts.batched_fronts`, where its U
    and its G are matrices of a batch; 0 and 0 for those in none. All children of a front in a batch are in
    one.
"""


@jit_inner
def _stored(planes, tree, f, data, first):
    """The blocks P, X and Y of a front (Y only where it is kept), one behind the other."""
    s, b = tree.own[f], tree.boundary[f]
    p = matrix(planes, data, first, s)
    x = matrix(planes, data, first + s * p.row, b)
    y = matrix(planes, data, x.start + s * x.row, s)
    return p, x, y


@jit_inner
def _load_entries(planes, tree, f, values, shift, p, sb, bs):
    """Write the entries of the matrix that enter at front f, and the shift on its diagonal."""
    s = tree.own[f]
    for e in range(tree.entry_start[f], tree.entry_start[f + 1]):
        i, j = tree.row[e], tree.column[e]
        if i >= s:
            target, i = bs, i - s
        elif j >= s:
            target, j = sb, j - s
        else:
            target = p
        o = target.start + i * target.row + j
        for q in range(planes):
            target.data[o + q * target.plane] = values[q, e]
    for i in range(s):
        p.data[p.start + i * (p.row + 1)] += shift


@jit_inner
def _add_line(line, target, length):
    for j in range(length):
        target[j] += line[j]


@separate("void int block int int int int bool block short short int int")
def _add_mapped(
    planes, source, rows_from, rows_to, columns_from, columns_to, upper, target, maps, run_end, i0, j0
):
    """target[maps[i] − i0, maps[j] − j0] += source[i, j] over a range of rows and columns.

    With ``upper`` the entries i > j don't matter.
    """
    step = LANES if planes == 4 else 1
    for i in range(rows_from, rows_to, step):
        j = max(columns_from, i) if upper else columns_from
        while j < columns_to:
            length = min(run_end[j], columns_to) - j
            if planes == 4:
                length = min(length, LANES)
            for line in range(i, min(i + step, rows_to)):
                a = source.start + line * source.row + j
                o = target.start + (maps[line] - i0) * target.row + maps[j] - j0
                if planes == 4:
                    add_lanes(target.data, o, target.plane, source.data, a, source.plane, length)
                else:
                    _add_line(source.data[a : a + length], target.data[o : o + length], length)
            j += length


@jit_inner
def _maps(tree, f):
    """Places of the boundary in the parent's front, and the ends of stretches of them."""
    first, end = tree.maps_start[f], tree.maps_start[f] + tree.boundary[f]
    return tree.maps[first:end], tree.run_end[first:end]


@jit_inner
def _add_child_to_own(planes, symmetric, tree, f, child, up, p, sb, bs):
    """Add U of a child into the own rows and columns of its parent's front."""
    s, b, k = tree.own[f], tree.boundary[child], tree.split[child]
    maps, run_end = _maps(tree, child)
    if tree.own_width[child] > 0:
        u = update_of(tree, child, up)
        add_to_planes(u, 0, k, 0, k, p, maps, 0, 0)
        add_to_planes(u, 0, k, k, b, sb, maps, 0, s)
        return
    u = matrix(planes, up, tree.up_start[child], b)
    _add_mapped(planes, u, 0, k, 0, k, symmetric, p, maps, run_end, 0, 0)
    if k < b:
        _add_mapped(planes, u, 0, k, k, b, False, sb, maps, run_end, 0, s)
    if not symmetric:
        _add_mapped(planes, u, k, b, 0, k, False, bs, maps, run_end, s, 0)


@jit_inner
def _add_child_to_boundary(planes, symmetric, tree, f, child, up, bb):
    """Add U of a child to that of its parent's front."""
    s, b, k = tree.own[f], tree.boundary[child], tree.split[child]
    maps, run_end = _maps(tree, child)
    if tree.own_width[child] > 0:
        add_to_planes(update_of(tree, child, up), k, b, k, b, bb, maps, s, s)
        return
    u = matrix(planes, up, tree.up_start[child], b)
    if k < b:
        _add_mapped(planes, u, k, b, k, b, symmetric, bb, maps, run_end, s, s)


@jit_dense
def eliminate(planes, symmetric, streaming, tree, values, shift, storage, up, scratch, tiles, swaps):
    """The upward sweep: fill ``storage`` with P, X, Y of all fronts and return ln|det|.

    Parameters
    ----------
    planes, symmetric
        4 for quaternions, otherwise 1; whether the matrix equals its transpose.
    streaming
        Whether ``storage`` is filled past the caches, see :mod:`bdg.kernels.registers.streaming`.
    tree
        See :data:`Tree`.
    values
        Entries of the matrix, shape (planes, n_entries), in the order of the tree.
    shift
        Number added to the diagonal (of plane 0).
    storage, up, scratch, tiles
        Flat workspaces.
    swaps
        Empty; or as long as the largest front has rows, for elimination with row exchanges inside fronts.
    """
    log_det, mode = 0.0, flush()
    for step in range(len(tree.steps) - 1):
        f = tree.steps[step]
        if tree.own_width[f] > 0:
            end = tree.steps[step + 1]
            log_det += eliminate_batch(tree, f, end, values, shift, streaming, storage, up, scratch)
            continue
        s, b = tree.own[f], tree.boundary[f]
        made, first = (scratch, 0) if streaming else (storage, tree.storage_start[f])
        p, x, y = _stored(planes, tree, f, made, first)
        kept = (y.start if symmetric else y.start + b * y.row) - first
        sb = matrix(planes, scratch, whole_vectors(kept) if streaming else 0, b)
        bs = matrix(planes, scratch, sb.start + s * sb.row, s)
        bb = matrix(planes, up, tree.up_start[f], b)
        clear(p, s)
        clear(sb, s)
        if not symmetric:
            clear(bs, b)
        _load_entries(planes, tree, f, values, shift, p, sb, bs)
        first_child, end_child = tree.child_start[f], tree.child_start[f + 1]
        for c in range(first_child, end_child):
            _add_child_to_own(planes, symmetric, tree, f, tree.children[c], up, p, sb, bs)
        rest = bs.start if symmetric else bs.start + b * bs.row
        log_det += invert(planes, symmetric, p, s, scratch, whole_vectors(rest), tiles, swaps)
        multiply(planes, 1, p, False, sb, 0, x, s, s, b, False, tiles)
        if s == 0:
            clear(bb, b)
        elif symmetric:
            multiply(planes, -1, sb, True, x, 0, bb, b, s, b, True, tiles)
        else:
            multiply(planes, 1, bs, False, p, 0, y, b, s, s, False, tiles)
            multiply(planes, -1, bs, False, x, 0, bb, b, s, b, False, tiles)
        if streaming:
            stream(storage, tree.storage_start[f], scratch, 0, kept)
        # Last, so that U need not be cleared before.
        for c in range(first_child, end_child):
            _add_child_to_boundary(planes, symmetric, tree, f, tree.children[c], up, bb)
    restore(mode)
    return log_det


@separate("void int bool block block int short short")
def _gather(planes, upper, source, target, n, maps, run_end):
    """target[i, j] = source[maps[i], maps[j]] for n rows and columns; with ``upper`` only i ≤ j count."""
    step = LANES if planes == 4 else 1
    for i in range(0, n, step):
        j = i if upper else 0
        while j < n:
            length = run_end[j] - j
            if planes == 4:
                length = min(length, LANES)
            for line in range(i, min(i + step, n)):
                a = source.start + maps[line] * source.row + maps[j]
                o = target.start + line * target.row + j
                if planes == 4:
                    move_lanes(target.data, o, target.plane, source.data, a, source.plane, length)
                else:
                    move(source.data[a : a + length], target.data[o : o + length])
            j += length


@jit_dense
def select(planes, symmetric, tree, storage, down, scratch, tiles, out):
    """The downward sweep: the entries of the inverse, ``out`` of shape (planes, n_entries)."""
    mode = flush()
    for step in range(len(tree.steps) - 2, -1, -1):
        f = tree.steps[step]
        if tree.own_width[f] > 0:
            select_batch(tree, f, tree.steps[step + 1], storage, down, scratch, out)
            continue
        s, b = tree.own[f], tree.boundary[f]
        p, x, y = _stored(planes, tree, f, storage, tree.storage_start[f])
        g = divided_matrix(planes, down, tree.down_start[f], s, b)
        sb, bs, bb = shifted(g, 0, s), shifted(g, s, 0), shifted(g, s, s)
        copy(planes, p, g, s, s, symmetric)
        if b > 0:
            parent = tree.parent[f]
            source = divided_matrix(
                planes, down, tree.down_start[parent], tree.own[parent], tree.boundary[parent]
            )
            maps, run_end = _maps(tree, f)
            _gather(planes, symmetric, source, bb, b, maps, run_end)
            if symmetric:
                multiply_symmetric(planes, -1, x, bb, sb, s, b, tiles)
                multiply_transposed(planes, -1, x, sb, 1, g, s, b, s, True, tiles)
            else:
                multiply(planes, -1, x, False, bb, 0, sb, s, b, b, False, tiles)
                multiply(planes, -1, bb, False, y, 0, bs, b, b, s, False, tiles)
                multiply(planes, -1, sb, False, y, 1, g, s, b, s, False, tiles)
        for e in range(tree.entry_start[f], tree.entry_start[f + 1]):
            o = g.start + tree.row[e] * g.row + tree.column[e]
            for q in range(planes):
                out[q, e] = down[o + q * g.plane]
    restore(mode)


@jit_dense
def solve(symmetric, tree, storage, later, x, work):
    """Replace x by A⁻¹x, from what ``eliminate`` left in ``storage``; one plane.

    Parameters
    ----------
    later
        Place in the order of elimination of every boundary row, shape (n_boundary_rows,).
    x
        Shape (n_rows,), in the order of elimination.
    work
        Workspace, twice as long as the largest front has rows.
    """
    first = 0
    half = len(work) // 2
    for f in range(len(tree.own)):
        s, b = tree.own[f], tree.boundary[f]
        p, xb, y = _stored(1, tree, f, storage, tree.storage_start[f])
        gemm(False, False, s, 1, s, 1, p.data, p.start, p.row, x, first, 1, 0, work, 0, 1)
        if b > 0 and s > 0:
            if symmetric:
                gemm(True, False, b, 1, s, 1, xb.data, xb.start, xb.row, x, first, 1, 0, work, half, 1)
            else:
                gemm(False, False, b, 1, s, 1, y.data, y.start, y.row, x, first, 1, 0, work, half, 1)
            for j in range(b):
                x[later[tree.maps_start[f] + j]] -= work[half + j]
        move(work[:s], x[first : first + s])
        first += s
    for f in range(len(tree.own) - 1, -1, -1):
        s, b = tree.own[f], tree.boundary[f]
        first -= s
        if b > 0 and s > 0:
            p, xb, y = _stored(1, tree, f, storage, tree.storage_start[f])
            for j in range(b):
                work[half + j] = x[later[tree.maps_start[f] + j]]
            gemm(False, False, s, 1, b, -1, xb.data, xb.start, xb.row, work, half, 1, 1, x, first, 1)


@jit_dense
def subtract_product(symmetric, tree, values, shift, later, x, out):
    """Subtract A·x from ``out``, A being given by the entries that ``eliminate`` reads; one plane."""
    first = 0
    for f in range(len(tree.own)):
        s = tree.own[f]
        for e in range(tree.entry_start[f], tree.entry_start[f + 1]):
            i, j = tree.row[e], tree.column[e]
            i = first + i if i < s else later[tree.maps_start[f] + i - s]
            j = first + j if j < s else later[tree.maps_start[f] + j - s]
            out[i] -= values[0, e] * x[j]
            if symmetric and i != j:
                out[j] -= values[0, e] * x[i]
        first += s
    for i in range(len(x)):
        out[i] -= shift * x[i]
