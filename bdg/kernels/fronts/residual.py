"""How well the selected entries invert the matrix, measured where they suffice for it.

The pattern holds for each row i all G_ki with A_ik ≠ 0, so (A G)_ii − 1 is computable from selected entries
alone: one number a row, at the price of reading the entries once. Of quaternions all four planes of it count:
where a pivot is small, as at weak coupling and low temperature, the real part alone may be right to rounding
while the others are off by a million times that.
"""

from bdg.kernels.compiler import jit_dense, jit_inner


@jit_inner
def _add_product(planes, a, e, turned_a, g, f, turned_g, defect, i):
    """Add A_e G_f to row i; ``turned`` is −1 of a number that is to be transposed."""
    if planes == 1:
        defect[0, i] += a[0, e] * g[0, f]
        return
    a0, a1, a2, a3 = a[0, e], a[1, e], turned_a * a[2, e], a[3, e]
    g0, g1, g2, g3 = g[0, f], g[1, f], turned_g * g[2, f], g[3, f]
    defect[0, i] += a0 * g0 - a1 * g1 - a2 * g2 - a3 * g3
    defect[1, i] += a0 * g1 + a1 * g0 + a2 * g3 - a3 * g2
    defect[2, i] += a0 * g2 + a2 * g0 + a3 * g1 - a1 * g3
    defect[3, i] += a0 * g3 + a3 * g0 + a1 * g2 - a2 * g1


@jit_inner
def _larger(size, most):
    """The larger of two sizes; NaN where one is."""
    return size if size > most or size != size else most


@jit_inner
def residual_of(planes, symmetric, row, column, partner, values, shift, inverse, defect):
    """See :func:`diagonal_residual`."""
    for p in range(planes):
        defect[p] = 0 if p > 0 else -1
    turned = -1 if symmetric else 1
    largest = 0.0
    for e in range(len(row)):
        i, j = row[e], column[e]
        if i == j:
            _add_product(planes, values, e, 1, inverse, e, 1, defect, i)
            size = 0.0
            for p in range(planes):
                defect[p, i] += shift * inverse[p, e]
                size += abs(inverse[p, e]) ** 2
            largest = max(largest, size)
            continue
        _add_product(planes, values, e, 1, inverse, e if symmetric else partner[e], turned, defect, i)
        if symmetric:
            _add_product(planes, values, e, turned, inverse, e, 1, defect, j)
    worst, real = 0.0, 0.0
    for i in range(defect.shape[1]):
        real = _larger(abs(defect[0, i]), real)
        for p in range(planes):
            worst = _larger(abs(defect[p, i]), worst)
    return worst, real, largest


@jit_dense
def diagonal_residual(planes, symmetric, row, column, partner, values, shift, inverse, defect):
    """Largest |(A G)_ii − 1| over the rows, the same of plane 0 alone, and largest |G_ii|².

    Parameters
    ----------
    row, column
        Global indices of the entries, shape (n_entries,).
    partner
        Index of the transposed entry, shape (n_entries,); not read where ``symmetric``.
    values, inverse
        Entries of A without the shift, and of A⁻¹, shape (planes, n_entries).
    shift
        Number on the diagonal of A.
    defect
        Workspace, shape (planes, n_rows), of the same dtype.
    """
    return residual_of(planes, symmetric, row, column, partner, values, shift, inverse, defect)
