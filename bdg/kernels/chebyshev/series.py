"""Sums of Chebyshev series at many energies, and a bound on the norm of a block matrix."""

import numpy as np

from bdg.kernels.compiler import jit


@jit
def power_series(moments, ratio):
    """Σ_{n≥1} μ_n w^n of each w by Horner's rule, shape ``(n_ratios,)``.

    moments : (n_moments,) μ_0, μ_1, …; ratio : (n_ratios,) complex.
    """
    real, imag = np.zeros(len(ratio)), np.zeros(len(ratio))
    w, v = ratio.real.copy(), ratio.imag.copy()
    for n in range(len(moments) - 1, 0, -1):
        m = moments[n]
        for e in range(len(w)):
            r = real[e] + m
            i = imag[e]
            real[e] = r * w[e] - i * v[e]
            imag[e] = r * v[e] + i * w[e]
    return real + 1j * imag


@jit
def block_norms(values):
    """Bound on the spectral norm of each block: √(largest row sum of |B†B|), exact where B†B is c·1."""
    n_blocks, dofs = values.shape[0], values.shape[1]
    norms = np.empty(n_blocks)
    for block in range(n_blocks):
        largest = 0.0
        for a in range(dofs):
            total = 0.0
            for b in range(dofs):
                entry = values[block, 0, a] * 0.0
                for c in range(dofs):
                    entry += np.conj(values[block, c, a]) * values[block, c, b]
                total += abs(entry)
            if total > largest or np.isnan(total):
                largest = total
        norms[block] = np.sqrt(largest)
    return norms


@jit
def largest_ratio(indptr, indices, norms, vector):
    """The vector times a matrix of positive numbers, in its place, and the largest ratio of the two."""
    n = len(indptr) - 1
    found, largest = np.empty(n), 0.0
    for i in range(n):
        total = 0.0
        for k in range(indptr[i], indptr[i + 1]):
            total += norms[k] * vector[indices[k]]
        found[i] = total
        ratio = total / vector[i]
        if ratio > largest or np.isnan(ratio):
            largest = ratio
    for i in range(n):
        # A part of the start is kept, so that no number underflows far from a strong impurity.
        vector[i] = found[i] / largest + 1e-3 * vector[i]
    return largest
