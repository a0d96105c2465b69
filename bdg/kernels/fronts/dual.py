r"""How the selected inverse changes with the matrix: the derivative of both sweeps, over the same factors.

For a change D of A the entries of δG = −G D G, the upper right block of the inverse of the dual matrix
[[A, D], [0, A]]. Front by front, by the product rule, with E = δF_SS, δF_SB and δF_BS of the front's rows:

    W = δF_SB − E X,   V = δF_BS − Y E,
    δP = −P E P,   δX = P W,   δY = V P,   δU = δF_BB − δF_BS X − Y W,

and from the root to the leaves, with G_BB and δG_BB taken from the parent,

    δG_SB = −δX G_BB − X δG_BB,   δG_BS = −G_BB δY − δG_BB Y,   δG_SS = δP − δG_SB Y − G_SB δY.

These take twice the products of the sweeps themselves. Of a symmetric A each change is either symmetric, of
sign σ = 1, or antisymmetric, σ = −1, and so is all that follows from it: δY = σ δXᵀ, and of δU and δG_SS only
the entries above the diagonal are formed,

    δU = δF_BB − Xᵀ W′ − σ W′ᵀ X,   W′ = δF_SB − ½ E X.

All fronts are done one after the other, so the tree must be one without batches.
"""

from typing import Any

from bdg.kernels.compiler import jit_dense, jit_inner
from bdg.kernels.compiler.underflow import flush, restore
from bdg.kernels.dense.blocks import (
    clear,
    copy,
    divided_matrix,
    matrix,
    padded,
    shifted,
    whole_vectors,
)
from bdg.kernels.dense.products import multiply, multiply_symmetric, multiply_transposed
from bdg.kernels.dense.transposition import mirror
from bdg.kernels.fronts.fronts import (
    _add_child_to_boundary,
    _add_child_to_own,
    _gather,
    _load_entries,
    _maps,
    _stored,
)
from bdg.kernels.registers.lanes import LANES


def dual_scratch(planes: int, own: Any, boundary: Any) -> Any:
    """Elements of scratch that a front of so many own and boundary rows wants."""
    wide_s, wide_b = padded(planes, own), padded(planes, boundary)
    return planes * (2 * own * wide_s + boundary * wide_s + 2 * own * wide_b) + 6 * LANES


@jit_inner
def _subtract_half(source, target, rows):
    """Target −= ½ source, of two matrices of their own with the same shape in one buffer."""
    data = target.data
    for i in range(rows * target.row):
        data[target.start + i] -= data[source.start + i] / 2


@jit_inner
def _mirror_signed(planes, sign, block, n):
    """Fill the entries i > j from those with i < j of a matrix that is symmetric up to a sign."""
    mirror(planes, block, n)
    if sign < 0:
        for i in range(n):
            for q in range(planes):
                first = block.start + q * block.plane + i * block.row
                for j in range(i):
                    block.data[first + j] = -block.data[first + j]


@jit_dense
def eliminate_dual(planes, symmetric, signs, tree, changes, storage, kept, ups, scratch, tiles):
    """The upward sweep: fill ``kept`` with δP, δX, δY of all fronts for each change.

    Parameters
    ----------
    planes, symmetric, tree, tiles
        See :func:`bdg.kernels.fronts.fronts.eliminate`; no front of the tree is in a batch.
    signs
        σ of each change, shape ``(n_changes,)``; not read where A is not symmetric.
    changes
        Entries of D, shape ``(n_changes, planes, n_entries)``, in the order of the tree.
    storage
        What ``eliminate`` left there.
    kept, ups
        Like ``storage`` and ``up``, one row a change.
    scratch
        As long as :func:`dual_scratch` of the largest front.
    """
    mode = flush()
    for f in range(len(tree.own)):
        s, b = tree.own[f], tree.boundary[f]
        p, x, y = _stored(planes, tree, f, storage, tree.storage_start[f])
        ss = matrix(planes, scratch, 0, s)
        work = matrix(planes, scratch, whole_vectors(ss.start + s * ss.row), s)
        bs = matrix(planes, scratch, whole_vectors(work.start + s * work.row), s)
        sb = matrix(planes, scratch, whole_vectors(bs.start + b * bs.row), b)
        ex = matrix(planes, scratch, whole_vectors(sb.start + s * sb.row), b)
        for d in range(len(changes)):
            dp, dx, dy = _stored(planes, tree, f, kept[d], tree.storage_start[f])
            du, sign = matrix(planes, ups[d], tree.up_start[f], b), signs[d]
            clear(ss, s)
            clear(sb, s)
            if not symmetric:
                clear(bs, b)
            _load_entries(planes, tree, f, changes[d], 0, ss, sb, bs)
            for c in range(tree.child_start[f], tree.child_start[f + 1]):
                _add_child_to_own(planes, symmetric, tree, f, tree.children[c], ups[d], ss, sb, bs)
            if symmetric:
                _mirror_signed(planes, sign, ss, s)
            multiply(planes, 1, p, False, ss, 0, work, s, s, s, False, tiles)
            multiply(planes, -1, work, False, p, 0, dp, s, s, s, symmetric, tiles)
            multiply(planes, 1, ss, False, x, 0, ex, s, s, b, False, tiles)
            _subtract_half(ex, sb, s)
            if s == 0:
                clear(du, b)
            elif symmetric:
                multiply(planes, -1, x, True, sb, 0, du, b, s, b, True, tiles)
                multiply(planes, -sign, sb, True, x, 1, du, b, s, b, True, tiles)
            _subtract_half(ex, sb, s)
            multiply(planes, 1, p, False, sb, 0, dx, s, s, b, False, tiles)
            if not symmetric:
                multiply(planes, -1, bs, False, x, 0, du, b, s, b, False, tiles)
                multiply(planes, -1, y, False, sb, 1, du, b, s, b, False, tiles)
                multiply(planes, -1, y, False, ss, 1, bs, b, s, s, False, tiles)
                multiply(planes, 1, bs, False, p, 0, dy, b, s, s, False, tiles)
            for c in range(tree.child_start[f], tree.child_start[f + 1]):
                _add_child_to_boundary(planes, symmetric, tree, f, tree.children[c], ups[d], du)
    restore(mode)


@jit_inner
def _parent_block(planes, symmetric, tree, f, down, target):
    """G_BB of front f from its parent's G."""
    parent = tree.parent[f]
    source = divided_matrix(planes, down, tree.down_start[parent], tree.own[parent], tree.boundary[parent])
    maps, run_end = _maps(tree, f)
    _gather(planes, symmetric, source, target, tree.boundary[f], maps, run_end)


@jit_inner
def _read(planes, tree, f, g, out):
    """The entries of the matrix that entered at front f."""
    for e in range(tree.entry_start[f], tree.entry_start[f + 1]):
        o = g.start + tree.row[e] * g.row + tree.column[e]
        for q in range(planes):
            out[q, e] = g.data[o + q * g.plane]


@jit_dense
def select_dual(planes, symmetric, signs, tree, storage, kept, down, downs, tiles, inverse, out):
    """The downward sweep: the entries of G, ``inverse``, and of δG, ``out``.

    Their shapes are (planes, n_entries) and (n_changes, planes, n_entries). ``downs`` is like ``down``, one
    row a change; for the others see :func:`eliminate_dual`.
    """
    mode = flush()
    for f in range(len(tree.own) - 1, -1, -1):
        s, b = tree.own[f], tree.boundary[f]
        p, x, y = _stored(planes, tree, f, storage, tree.storage_start[f])
        g = divided_matrix(planes, down, tree.down_start[f], s, b)
        sb, bs, bb = shifted(g, 0, s), shifted(g, s, 0), shifted(g, s, s)
        copy(planes, p, g, s, s, symmetric)
        if b > 0:
            _parent_block(planes, symmetric, tree, f, down, bb)
            if symmetric:
                multiply_symmetric(planes, -1, x, bb, sb, s, b, tiles)
                multiply_transposed(planes, -1, x, sb, 1, g, s, b, s, True, tiles)
            else:
                multiply(planes, -1, x, False, bb, 0, sb, s, b, b, False, tiles)
                multiply(planes, -1, bb, False, y, 0, bs, b, b, s, False, tiles)
                multiply(planes, -1, sb, False, y, 1, g, s, b, s, False, tiles)
        _read(planes, tree, f, g, inverse)
        for d in range(len(out)):
            dp, dx, dy = _stored(planes, tree, f, kept[d], tree.storage_start[f])
            dg, sign = divided_matrix(planes, downs[d], tree.down_start[f], s, b), signs[d]
            dsb, dbs, dbb = shifted(dg, 0, s), shifted(dg, s, 0), shifted(dg, s, s)
            copy(planes, dp, dg, s, s, symmetric)
            if b > 0:
                _parent_block(planes, symmetric, tree, f, downs[d], dbb)
                if symmetric:
                    _mirror_signed(planes, sign, dbb, b)
                    multiply_symmetric(planes, -1, dx, bb, dsb, s, b, tiles)
                    multiply(planes, -1, x, False, dbb, 1, dsb, s, b, b, False, tiles)
                    multiply_transposed(planes, -1, dsb, x, 1, dg, s, b, s, True, tiles)
                    multiply_transposed(planes, -sign, sb, dx, 1, dg, s, b, s, True, tiles)
                else:
                    multiply(planes, -1, dx, False, bb, 0, dsb, s, b, b, False, tiles)
                    multiply(planes, -1, x, False, dbb, 1, dsb, s, b, b, False, tiles)
                    multiply(planes, -1, bb, False, dy, 0, dbs, b, b, s, False, tiles)
                    multiply(planes, -1, dbb, False, y, 1, dbs, b, b, s, False, tiles)
                    multiply(planes, -1, dsb, False, y, 1, dg, s, b, s, False, tiles)
                    multiply(planes, -1, sb, False, dy, 1, dg, s, b, s, False, tiles)
            _read(planes, tree, f, dg, out[d])
    restore(mode)
