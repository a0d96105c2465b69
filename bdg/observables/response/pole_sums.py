r"""Σ_j w_j/(x_j + z) of millions of poles at many z: the weights are moved to a grid first.

1/(x + z) is smooth in x on the scale of Im z = η. Interpolated between p points of a grid of step h by
Lagrange's polynomials L_k it is off by no more than Π_k|x − g_k|/η^{p+1}, so that with p = 10 and h = η/16
the weights w_j L_k(x_j) on the grid have the same sum to 1e-9 of Σ|w_j|/η.
"""

from __future__ import annotations

import numpy as np

from bdg.arrays import Complexes, Floats

POINTS, PER_BROADENING = 10, 16
"""Of the grid, that a weight goes to, and to a broadening."""

AT_ONCE = 1 << 18
"""Poles whose shares are held at a time."""


def sum_of_poles(weights: Floats, places: Floats, z: Complexes) -> Complexes:
    """Σ_j w_j/(x_j + z), shape ``(n_z,)``.

    Parameters
    ----------
    weights, places
        w_j and x_j, real, shape ``(n_poles,)``.
    z
        Off the real axis.
    """
    if not len(weights):
        return np.zeros(len(z), np.complex128)
    step = float(np.abs(z.imag).min()) / PER_BROADENING
    low, high = float(places.min()), float(places.max())
    n_grid = int(np.ceil((high - low) / step)) + POINTS + 2
    if n_grid >= len(weights):
        return _direct(weights, places, z)
    first = low - POINTS // 2 * step  # one more than it takes, for rounding
    on_grid: Floats = np.zeros(n_grid)
    for start in range(0, len(weights), AT_ONCE):
        _spread(on_grid, weights[start : start + AT_ONCE], (places[start : start + AT_ONCE] - first) / step)
    grid: Floats = first + step * np.arange(n_grid, dtype=np.float64)
    return _direct(on_grid, grid, z)


def _spread(on_grid: Floats, weights: Floats, at: Floats) -> None:
    """Add w_j L_k(x_j) to the grid, x_j in steps of it."""
    left = np.floor(at).astype(np.int64) - (POINTS // 2 - 1)
    steps = np.arange(POINTS)
    apart = at - left - steps[:, None]
    below, above = np.ones_like(apart), np.ones_like(apart)
    np.cumprod(apart[:-1], axis=0, out=below[1:])
    np.cumprod(apart[:0:-1], axis=0, out=above[-2::-1])
    for k in range(POINTS):
        share = weights * below[k] * above[k] / np.prod(np.delete(k - steps, k).astype(float))
        on_grid += np.bincount(left + k, share, len(on_grid))


def _direct(weights: Floats, places: Floats, z: Complexes) -> Complexes:
    found = np.zeros(len(z), np.complex128)
    for n, energy in enumerate(z):
        found[n] = np.sum(weights / (places + energy))
    return found
