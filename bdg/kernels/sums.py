"""Sums over eigenstates."""

import numpy as np

from bdg.kernels.compiler import jit


@jit
def occupied_blocks(vectors, occupation, rows, columns, dofs):
    """Entries of f(H) = V f V†: out[e, a, b] = Σ_n V[row, a; n] f_n V*[column, b; n].

    vectors : (dofs·n_sites, n_states) row-contiguous; occupation : (n_states,); rows, columns : (n_entries,).
    Returns (n_entries, dofs, dofs) of the vectors' type.
    """
    n_states = len(occupation)
    out = np.empty((len(rows), dofs, dofs), vectors.dtype)
    for entry in range(len(rows)):
        for a in range(dofs):
            left = vectors[dofs * rows[entry] + a]
            for b in range(dofs):
                right = vectors[dofs * columns[entry] + b]
                # Four running sums: the order of additions is fixed, and the adder's latency is hidden.
                s0 = s1 = s2 = s3 = left[0] * 0.0
                n = 0
                while n + 4 <= n_states:
                    s0 += left[n] * occupation[n] * np.conj(right[n])
                    s1 += left[n + 1] * occupation[n + 1] * np.conj(right[n + 1])
                    s2 += left[n + 2] * occupation[n + 2] * np.conj(right[n + 2])
                    s3 += left[n + 3] * occupation[n + 3] * np.conj(right[n + 3])
                    n += 4
                while n < n_states:
                    s0 += left[n] * occupation[n] * np.conj(right[n])
                    n += 1
                out[entry, a, b] = (s0 + s1) + (s2 + s3)
    return out


@jit
def weight_products(vectors, rows, columns, dofs):
    """Products of amplitudes, out[e·dofs² + a·dofs + b, n] = V[row, a; n] V*[column, b; n].

    Shapes as in :func:`occupied_blocks`; returns (n_entries·dofs², n_states).
    """
    out = np.empty((len(rows) * dofs * dofs, vectors.shape[1]), vectors.dtype)
    for entry in range(len(rows)):
        for a in range(dofs):
            for b in range(dofs):
                line = (entry * dofs + a) * dofs + b
                left, right = vectors[dofs * rows[entry] + a], vectors[dofs * columns[entry] + b]
                for n in range(vectors.shape[1]):
                    out[line, n] = left[n] * np.conj(right[n])
    return out
