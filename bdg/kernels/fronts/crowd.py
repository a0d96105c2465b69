"""Both sweeps for eight shifts of one small matrix at a time: shift l in lane l of all vectors.

Where a matrix is small its fronts fill no vector, and there are too few of a size for the batches of
:mod:`bdg.kernels.fronts.batched_fronts`. But it is wanted at many shifts, all with the same fronts: here an
entry of every front is a vector of its values at eight of them, so that nothing is idle however small a front
is, what is moved between fronts is whole vectors, and one call does all. The matrices are symmetric
quaternion ones: of U and of G only the entries on and above the diagonal count.
"""

from typing import Any

import numpy as np

from bdg.kernels.compiler import jit_dense, jit_inner
from bdg.kernels.compiler.underflow import flush, restore
from bdg.kernels.dense.batch_dense import batch, invert_eight, mirror_eight, multiply_eight
from bdg.kernels.dense.blocks import Block
from bdg.kernels.fronts.batched_fronts import kept_entries
from bdg.kernels.fronts.residual import residual_of
from bdg.kernels.fronts.response import add_response_of
from bdg.kernels.registers.batch_registers import ENTRY, add_entry, move_entry
from bdg.kernels.registers.lanes import LANES

_kept = jit_inner(kept_entries)


def crowd_sizes(s: Any, b: Any) -> tuple[Any, Any, Any, Any]:
    """Elements of storage, U, G and scratch of a front of s own and b boundary rows."""
    storage = ENTRY * (kept_entries(s) + s * b)
    return storage, ENTRY * b * b, ENTRY * (s + b) ** 2, ENTRY * (s * (s + b) + 3 * s)


@jit_inner
def _within(block, i, j):
    """The block whose first entry is (i, j) of the given one."""
    return Block(block.data, block.start + i * block.row + ENTRY * j, LANES, block.row)


@jit_inner
def _load(tree, f, values, shifts, p, sb):
    """The entries of the matrix that enter at front f, in every lane, and the shifts on its diagonal."""
    s = tree.own[f]
    p.data[p.start : p.start + s * p.row] = 0
    sb.data[sb.start : sb.start + s * sb.row] = 0
    for e in range(tree.entry_start[f], tree.entry_start[f + 1]):
        j = tree.column[e]
        target = p if j < s else sb
        o = target.start + tree.row[e] * target.row + ENTRY * (j if j < s else j - s)
        for q in range(4):
            target.data[o + q * LANES : o + (q + 1) * LANES] = values[q, e]
    for i in range(s):
        o = p.start + i * (p.row + ENTRY)
        for lane in range(LANES):
            p.data[o + lane] += shifts[lane]


@jit_inner
def _add(source, rows_from, rows_to, columns_from, columns_to, target, maps, i0, j0):
    """target[maps[i] − i0, maps[j] − j0] += source[i, j], i ≤ j."""
    for i in range(rows_from, rows_to):
        a, o = source.start + i * source.row, target.start + (maps[i] - i0) * target.row
        for j in range(max(i, columns_from), columns_to):
            add_entry(target.data, o + ENTRY * (maps[j] - j0), source.data, a + ENTRY * j)


@jit_inner
def _child(tree, starts, c, up):
    """U of a child, how many of its rows its parent owns, and where all of them lie in its parent."""
    child = tree.children[c]
    first, b = tree.maps_start[child], tree.boundary[child]
    return batch(up, starts[1, child], b), tree.split[child], tree.maps[first : first + b]


@jit_inner
def _add_logarithms(norms, first, s, log_dets):
    """Add ln|det| of every lane, from the |q|² of its pivots."""
    for lane in range(LANES):
        product = 1.0
        for k in range(s):
            product *= np.float64(norms[first + k * LANES + lane])
            if not 1e-100 < product < 1e100:
                log_dets[lane] += np.log(product)
                product = 1.0
        log_dets[lane] += np.log(product)


@jit_inner
def _eliminate(tree, starts, values, shifts, storage, up, scratch, log_dets):
    """P, X and U of all fronts, children before parents; of P the entries i ≤ j are kept."""
    for f in range(len(tree.own)):
        s, b, kept = tree.own[f], tree.boundary[f], starts[0, f]
        p = batch(scratch, 0, s)
        sb = batch(scratch, s * p.row, b)
        work = batch(scratch, sb.start + s * sb.row, s)
        x, bb = batch(storage, kept + ENTRY * _kept(s), b), batch(up, starts[1, f], b)
        _load(tree, f, values, shifts, p, sb)
        for c in range(tree.child_start[f], tree.child_start[f + 1]):
            u, k, maps = _child(tree, starts, c, up)
            _add(u, 0, k, 0, k, p, maps, 0, 0)
            _add(u, 0, k, k, len(maps), sb, maps, 0, s)
        invert_eight(p, s, work)
        _add_logarithms(scratch, work.start + 2 * s * ENTRY, s, log_dets)
        for i in range(s):
            for j in range(i, s):
                move_entry(storage, kept, scratch, p.start + i * p.row + ENTRY * j)
                kept += ENTRY
        multiply_eight(1, p, False, sb, False, False, x, s, s, b, False)
        multiply_eight(-1, sb, True, x, False, False, bb, b, s, b, True)
        # Last, so that U need not be cleared before.
        for c in range(tree.child_start[f], tree.child_start[f + 1]):
            u, k, maps = _child(tree, starts, c, up)
            _add(u, k, len(maps), k, len(maps), bb, maps, s, s)


@jit_inner
def _fetch(tree, starts, f, down, bb):
    """G_BB of front f from its parent's G."""
    parent, b = tree.parent[f], tree.boundary[f]
    source = batch(down, starts[2, parent], tree.own[parent] + tree.boundary[parent])
    maps = tree.maps[tree.maps_start[f] : tree.maps_start[f] + b]
    for i in range(b):
        a, o = source.start + maps[i] * source.row, bb.start + i * bb.row
        for j in range(i, b):
            move_entry(down, o + ENTRY * j, down, a + ENTRY * maps[j])


@jit_inner
def _select(tree, starts, storage, down, out):
    """G of all fronts, parents before children, and the entries of the inverses that they hold."""
    for f in range(len(tree.own) - 1, -1, -1):
        s, b, kept = tree.own[f], tree.boundary[f], starts[0, f]
        g, x = batch(down, starts[2, f], s + b), batch(storage, kept + ENTRY * _kept(s), b)
        for i in range(s):
            for j in range(i, s):
                move_entry(down, g.start + i * g.row + ENTRY * j, storage, kept)
                kept += ENTRY
        if b > 0:
            sb, bb = _within(g, 0, s), _within(g, s, s)
            _fetch(tree, starts, f, down, bb)
            mirror_eight(bb, b)
            multiply_eight(-1, x, False, bb, False, False, sb, s, b, b, False)
            multiply_eight(-1, x, False, sb, True, True, g, s, b, s, True)
        for e in range(tree.entry_start[f], tree.entry_start[f + 1]):
            o = g.start + tree.row[e] * g.row + ENTRY * tree.column[e]
            for lane in range(LANES):
                for q in range(4):
                    out[lane, q, e] = down[o + q * LANES + lane]


@jit_dense
def sum_inverses(
    tree, starts, row, column, partner, values, shifts, weights, workspaces, out, defect,
    entries, products, measured,
):  # fmt: skip
    """Σ_l w_l (A + γ_l)⁻¹ over eight shifts, and what else is summed over them.

    Parameters
    ----------
    tree
        See :data:`bdg.kernels.fronts.fronts.Tree`; which fronts are done together there does not matter.
    starts
        Where the storage, U and G of each front stand in their workspaces, shape (3, n_fronts).
    row, column, partner
        See :func:`bdg.kernels.fronts.residual.diagonal_residual`.
    values
        Entries of A in the order of the tree, shape (4, n_entries).
    shifts, weights
        γ and w, shape (8,). Lanes of weight 0 are computed, and left out of all sums.
    workspaces
        Flat: storage, U, G, scratch.
    out, defect
        Workspaces, shapes (8, 4, n_entries) and (4, n_rows).
    entries
        The sum is added to it, shape (4, n_entries).
    products
        See :func:`bdg.kernels.fronts.response.add_response`.
    measured
        ln|det| and what ``diagonal_residual`` finds, of each lane, shape (4, 8).
    """
    storage, up, down, scratch = workspaces
    measured[0] = 0
    mode = flush()
    _eliminate(tree, starts, values, shifts, storage, up, scratch, measured[0])
    _select(tree, starts, storage, down, out)
    for lane in range(LANES):
        if weights[lane] == 0:
            continue
        inverse = out[lane]
        worst, real, largest = residual_of(
            4, True, row, column, partner, values, shifts[lane], inverse, defect
        )
        measured[1, lane], measured[2, lane], measured[3, lane] = worst, real, largest
        for q in range(4):
            for e in range(entries.shape[1]):
                entries[q, e] += weights[lane] * inverse[q, e]
        add_response_of(weights[lane], True, partner, inverse, products)
    restore(mode)
