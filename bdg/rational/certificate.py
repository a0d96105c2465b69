"""Measure the error of an expansion: a grid that resolves every scale, then each local maximum refined."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bdg.arrays import Floats

_EPSILON = float(np.finfo(float).eps)
_GOLDEN = 0.5 * (np.sqrt(5.0) - 1.0)


def certify(
    error: Callable[[Floats], Floats],
    trace_error: Callable[[Floats], Floats],
    low: float,
    high: float,
    gamma: Floats,
) -> tuple[float, float]:
    """Largest |error| of r and of its integral on [low, high].

    Parameters
    ----------
    error
        x ↦ r(x) minus the function approximated; arrays of shape ``(n,)``.
    trace_error
        x ↦ error of the integral of ½r, whose extrema lie where ``error`` changes sign or at an end.
    low, high
        The interval, 0 ≤ low < high, in units of the temperature or the gap.
    gamma
        Poles, whose size is a scale of r.

    Returns
    -------
    tuple of float
        Both maxima, with an allowance for the rounding of another order of summation.
    """
    x = grid(low, high, gamma)
    value = error(x)
    largest = max(float(np.abs(value).max()), _refined_maximum(error, x, np.abs(value)))
    left = np.flatnonzero(value[1:] * value[:-1] < 0)
    share = value[left] / (value[left] - value[left + 1])
    turning = np.concatenate([[x[0], x[-1]], x[left] + share * (x[left + 1] - x[left])])
    trace = float(np.abs(trace_error(turning)).max())
    # The terms all have one sign, so a sum of size ≤ 1 rounds by a few units; an integral of size ≤ high/2
    # likewise, with the constant (T ln 2 or b, below one in units of T or the gap) that is added to it.
    return largest * (1.0 + 1e-6) + 4.0 * _EPSILON, trace * (1.0 + 1e-4) + 4.0 * _EPSILON * (1.0 + high)


def grid(low: float, high: float, gamma: Floats) -> Floats:
    """Points of [low, high]: logarithmic, linear, clustered at both ends and around the poles; ascending."""
    # A best approximation oscillates about evenly in ln x; 40 points a hump leave the refinement no choice.
    count = max(2000, 80 * (len(gamma) + 1))
    smallest = low or 1e-3 * float(np.min(gamma, initial=high))
    near = np.geomspace(1e-6, 0.5, 200)
    around = np.linspace(0.5, 1.5, 17)
    x = np.concatenate(
        [
            np.geomspace(min(smallest, high), high, count),
            np.linspace(low, high, 1001),
            low + (high - low) * near**2,
            high - (high - low) * near,
            (gamma[:, None] * around).ravel(),
        ]
    )
    x = np.unique(np.clip(x, low, high))
    return x


def _refined_maximum(error: Callable[[Floats], Floats], x: Floats, size: Floats) -> float:
    """Golden-section search between the neighbours of every local maximum on the grid, all at once."""
    inner = np.flatnonzero((size[1:-1] >= size[:-2]) & (size[1:-1] >= size[2:])) + 1
    # Humps well below the largest can't overtake it between grid points.
    inner = inner[size[inner] > 0.5 * size.max()]
    if not len(inner):
        return 0.0
    left, right = x[inner - 1], x[inner + 1]
    largest = 0.0
    for _ in range(16):
        width = _GOLDEN * (right - left)
        first, second = right - width, left + width
        at_first, at_second = np.abs(error(first)), np.abs(error(second))
        largest = max(largest, float(at_first.max()), float(at_second.max()))
        rising = at_first < at_second
        left, right = np.where(rising, first, left), np.where(rising, right, second)
    return largest
