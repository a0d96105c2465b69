"""The local Newton preconditioner of the self-consistency loop."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
from numpy.typing import NDArray

from bdg.solvers import Correlations

Vector = NDArray[np.float64]


def newton_step(f: Correlations, strength: Vector, delta: slice) -> Callable[[Vector], Vector] | None:
    """Approximate Newton step r → (1 − J)⁻¹ r for the order parameter; ``None`` if J is unknown or singular.

    J_ij = ∂Δ_out,i/∂Δ_j = U_i ∂⟨c_i↑ c_i↓⟩/∂Δ_j, of which the entries on sites and bonds come for free with
    f(H); the others, which decay over the coherence length, are left to the accelerator. Real fields only.

    Parameters
    ----------
    f
        Entries of f(H) on sites and bonds, with their ``pair_response``.
    strength
        U_i, shape ``(n_sites,)``.
    delta
        Where Δ lies in the packed vector; the rest of a residual passes unchanged.
    """
    if f.pair_response is None:
        return None
    n = len(strength)
    upper = np.maximum(f.pattern.rows, f.pattern.columns).astype(np.int64)
    lower = np.minimum(f.pattern.rows, f.pattern.columns)
    # Two bonds may join the same two sites, either way round: each carries the whole entry; count it once.
    pairs, first = np.unique(upper * n + lower, return_index=True)
    i, j, response = pairs // n, pairs % n, f.pair_response[first]
    off = i != j
    mirrored = (np.concatenate([i, j[off]]), np.concatenate([j, i[off]]))
    values = np.concatenate([response, response[off]])
    susceptibility = scipy.sparse.csr_array((values, mirrored), shape=(n, n))
    matrix = scipy.sparse.eye_array(n) - scipy.sparse.diags_array(strength) @ susceptibility
    try:
        solve = scipy.sparse.linalg.splu(scipy.sparse.csc_matrix(matrix)).solve
    except RuntimeError:  # exactly singular, as at the critical temperature
        return None

    def step(residual: Vector) -> Vector:
        improved = residual.copy()
        improved[delta] = solve(residual[delta])
        return improved

    return step
