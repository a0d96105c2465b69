"""How well the selected entries invert the matrix, measured where they suffice for it.

The pattern holds for each row i all G_ki with A_ik ≠ 0, so (A G)_ii − 1 is computable from selected entries
alone: one number a row, at the price of reading the entries once.
"""

from bdg.kernels.compiler import jit_dense, jit_inner


@jit_inner
def _real_part_of_product(planes, a, g, e, f, sign):
    """Plane 0 of A_e G_f; ``sign`` = −1 where one of them is to be transposed."""
    if planes == 1:
        return a[0, e] * g[0, f]
    return a[0, e] * g[0, f] - a[1, e] * g[1, f] - sign * a[2, e] * g[2, f] - a[3, e] * g[3, f]


@jit_dense
def diagonal_residual(planes, symmetric, row, column, partner, values, shift, inverse, defect):
    """Largest |(A G)_ii − 1| over the rows (plane 0 of it) and largest |G_ii|².

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
        Workspace, shape (n_rows,), of the same dtype.
    """
    for i in range(len(defect)):
        defect[i] = -1
    sign = -1 if symmetric else 1
    largest = 0.0
    for e in range(len(row)):
        i, j = row[e], column[e]
        other = e if symmetric else partner[e]
        defect[i] += _real_part_of_product(planes, values, inverse, e, other, sign)
        if i == j:
            defect[i] += shift * inverse[0, e]
            size = 0.0
            for p in range(planes):
                size += abs(inverse[p, e]) ** 2
            largest = max(largest, size)
        elif symmetric:
            defect[j] += _real_part_of_product(planes, values, inverse, e, e, sign)
    worst = 0.0
    for i in range(len(defect)):
        if not abs(defect[i]) <= worst:
            worst = abs(defect[i])
    return worst, largest
