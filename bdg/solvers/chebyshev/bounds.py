r"""A bound on the spectrum that is proven, so that no level is outside of the interval of the polynomials."""

from __future__ import annotations

import numpy as np

from bdg.arrays import Numbers
from bdg.kernels.chebyshev.series import block_norms, largest_ratio
from bdg.nambu import SparsityPattern

PASSES, GAIN = 30, 2e-3
"""Multiplications at most, and the relative gain below which no more are made."""

ROUNDING = 1e-12
"""Share by which a bound is larger than computed."""

SMALLEST = 1e-6
"""The least bound, in t: H may be zero."""


def spectral_bound(sparsity: SparsityPattern, values: Numbers, passes: int = PASSES) -> float:
    """A number no |E_n| exceeds: ‖H‖ ≤ ρ(B) ≤ max_i (Bx)_i/x_i for any x > 0, B_ij ≥ ‖H_ij‖ of the blocks.

    The last is the bound of Collatz and Wielandt; x is made better by multiplications with B (Horn, Johnson,
    Matrix Analysis, 8.1.26). A strong impurity adds what its bound state has, not its potential. Infinite
    where H is not finite.
    """
    norms = block_norms(values)
    vector = np.ones(sparsity.n_sites)
    bound = np.inf
    for _ in range(passes):
        ratio = largest_ratio(sparsity.indptr, sparsity.indices, norms, vector)
        is_worth = ratio < (1 - GAIN) * bound
        bound = min(bound, ratio)
        if not is_worth:
            break
    return max(float(bound) * (1 + ROUNDING), SMALLEST)
