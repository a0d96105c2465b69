"""e^{−iHt} on vectors by the Chebyshev expansion, a few columns at a time, so that they stay in cache.

With ‖H‖ ≤ R, e^{−iHt} = Σ_k (2 − δ_k0) (−i)^k J_k(Rt) T_k(H/R). The coefficients are given without their
powers of i: ``coefficients[k]`` = (2 − δ_k0) (−1)^{k//2} J_k(Rt), times 1 of even k and −i of odd ones.
"""

from bdg.kernels.compiler import jit_dense, jit_inner


@jit_inner
def _load(vectors, start, stop, work, coefficient):
    """The columns into the first part of the work space, nothing in the second, and the first of the sum."""
    for row in range(vectors.shape[0]):
        for n in range(work.shape[2]):
            here = start + n < stop
            re = vectors[row, start + n].real if here else 0.0
            im = vectors[row, start + n].imag if here else 0.0
            work[0, row, n], work[1, row, n] = re, im
            work[2, row, n], work[3, row, n] = 0.0, 0.0
            work[4, row, n], work[5, row, n] = coefficient * re, coefficient * im


@jit_inner
def _add_row(work, before, row, c, k):
    """Add a term of the expansion to a row of the sum."""
    if k % 2 == 0:
        for n in range(work.shape[2]):
            work[4, row, n] += c * work[before, row, n]
            work[5, row, n] += c * work[before + 1, row, n]
    else:
        for n in range(work.shape[2]):
            work[4, row, n] += c * work[before + 1, row, n]
            work[5, row, n] -= c * work[before, row, n]


@jit_inner
def _store(vectors, start, stop, work):
    """The sum back into the columns."""
    for row in range(vectors.shape[0]):
        for n in range(stop - start):
            vectors[row, start + n] = work[4, row, n] + 1j * work[5, row, n]


@jit_inner
def _term(k, scale, work, before, row):
    """Factor of H in a term of the recursion; of the row of the term before the last, what is kept."""
    keep = 0.0 if k == 1 else -1.0
    for n in range(work.shape[2]):
        work[before, row, n] *= keep
        work[before + 1, row, n] *= keep
    return scale if k == 1 else 2.0 * scale


@jit_dense
def evolve_columns(indptr, indices, real, imag, vectors, coefficients, scale, first, last, work):
    """Replace columns first … last − 1 of the vectors by those of e^{−iHt}, H the same for all of them.

    indptr, indices : CSR of H, its values ``real`` + i ``imag``, (n_entries,); vectors : (n_rows, n_columns)
    complex; scale : 1/R; work : (6, n_rows, width) real. ``imag`` of no entries means that H is real.
    """
    n_rows, width = vectors.shape[0], work.shape[2]
    is_complex = len(imag) > 0
    for start in range(first, last, width):
        stop = min(start + width, last)
        _load(vectors, start, stop, work, coefficients[0])
        for k in range(1, len(coefficients)):
            now, before = 2 * ((k + 1) % 2), 2 * (k % 2)
            for row in range(n_rows):
                factor = _term(k, scale, work, before, row)
                for entry in range(indptr[row], indptr[row + 1]):
                    column, a = indices[entry], factor * real[entry]
                    for n in range(width):
                        work[before, row, n] += a * work[now, column, n]
                        work[before + 1, row, n] += a * work[now + 1, column, n]
                    if is_complex and imag[entry] != 0.0:
                        b = factor * imag[entry]
                        for n in range(width):
                            work[before, row, n] -= b * work[now + 1, column, n]
                            work[before + 1, row, n] += b * work[now, column, n]
                _add_row(work, before, row, coefficients[k], k)
        _store(vectors, start, stop, work)


@jit_dense
def evolve_each(indptr, indices, real, imag, vectors, coefficients, scale, first, last, work):
    """The same where each column has an H of its own, of one pattern: real, imag : (n_entries, n_columns)."""
    n_rows, width = vectors.shape[0], work.shape[2]
    is_complex = imag.shape[0] > 0
    for start in range(first, last, width):
        stop = min(start + width, last)
        _load(vectors, start, stop, work, coefficients[0])
        for k in range(1, len(coefficients)):
            now, before = 2 * ((k + 1) % 2), 2 * (k % 2)
            for row in range(n_rows):
                factor = _term(k, scale, work, before, row)
                for entry in range(indptr[row], indptr[row + 1]):
                    column = indices[entry]
                    for n in range(stop - start):
                        a = factor * real[entry, start + n]
                        work[before, row, n] += a * work[now, column, n]
                        work[before + 1, row, n] += a * work[now + 1, column, n]
                    if is_complex:
                        for n in range(stop - start):
                            b = factor * imag[entry, start + n]
                            work[before, row, n] -= b * work[now + 1, column, n]
                            work[before + 1, row, n] += b * work[now, column, n]
                _add_row(work, before, row, coefficients[k], k)
        _store(vectors, start, stop, work)
