"""How an inverse of quaternions changes on the diagonal when its matrix does: bare susceptibilities."""

import numpy as np

from bdg.kernels.compiler import jit_dense, jit_inner


@jit_inner
def add_response_of(weight, symmetric, partner, entries, out):
    """See :func:`add_response`."""
    for e in range(entries.shape[1]):
        other, sign = (e, -1) if symmetric else (partner[e], 1)
        l0, l1 = np.float64(entries[0, e]), np.float64(entries[1, e])
        l2, l3 = np.float64(entries[2, e]), np.float64(entries[3, e])
        r0, r1 = np.float64(entries[0, other]), np.float64(entries[1, other])
        r2, r3 = sign * np.float64(entries[2, other]), np.float64(entries[3, other])
        # The components of e_b K_ji, one b after the other.
        for b, t0, t1, t2, t3 in ((0, -r1, r0, -r3, r2), (1, -r2, r3, r0, -r1), (2, -r3, -r2, r1, r0)):
            out[b, e] += weight * (l0 * t1 + l1 * t0 + l2 * t3 - l3 * t2)
            out[3 + b, e] += weight * (l0 * t2 + l2 * t0 + l3 * t1 - l1 * t3)
            out[6 + b, e] += weight * (l0 * t3 + l3 * t0 + l1 * t2 - l2 * t1)


@jit_dense
def add_response(weight, symmetric, partner, entries, out):
    """Add weight · [K_ij e_b K_ji]_a for every entry (i, j) of K = A⁻¹; a, b = 1, 2, 3 are components.

    δK_ii = −Σ_j K_ij δA_j K_ji for a change δA_j of the diagonal.

    Parameters
    ----------
    partner
        Index of the transposed entry, shape (n_entries,); not read where ``symmetric``.
    entries
        Entries of K, shape (4, n_entries).
    out
        Shape (9, n_entries): component a of the response to e_b at 3(a − 1) + b − 1.
    """
    add_response_of(weight, symmetric, partner, entries, out)
