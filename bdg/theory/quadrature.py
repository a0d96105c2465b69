"""Integrals over energies with inverse square roots at the gap's edges, steps of f, and scales far apart."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from bdg.theory.band import Array, panels

_RATIO = 1.7
"""Of the widths of neighbouring panels."""


def graded(
    centres: Iterable[float], finest: float, low: float, high: float, roots: Iterable[float] = ()
) -> tuple[Array, Array]:
    """Points and weights from ``low`` to ``high``, fine around every centre.

    Parameters
    ----------
    centres
        Where the integrand changes on a scale of ``finest``: thermal steps, edges.
    finest
        Width of the panels beside a centre; they widen away from it.
    low, high
        The ends.
    roots
        Centres at which it has an inverse square root; there E = root ± s² takes its place.

    Returns
    -------
    points, weights
        Each ``(n,)``.
    """
    singular = sorted({root for root in roots if low <= root <= high})
    between = [(a + b) / 2 for a, b in itertools.pairwise(singular)]  # so that no panel ends in two roots
    marks = {low, high, *(c for c in (*centres, *singular, *between) if low < c < high)}
    count = max(1, int(np.ceil(np.log(max((high - low) / finest, 2.0)) / np.log(_RATIO))) + 1)
    steps = finest * _RATIO ** np.arange(count)
    fine = {float(c + sign * step) for c in marks for step in steps for sign in (-1, 1)}
    edges = np.array(sorted(marks | {e for e in fine if low < e < high}))
    # Of edges that nearly coincide one is kept, and a mark rather than another.
    close = np.diff(edges) < 1e-3 * finest
    drop = {
        float(a if b in marks else b)
        for (a, b), near in zip(itertools.pairwise(edges), close, strict=True)
        if near
    }
    edges = np.array([e for e in edges if e not in drop or e in marks])
    return _joined(edges, np.isin(edges[:-1], singular), np.isin(edges[1:], singular))


def _joined(edges: Array, at_left: NDArray[np.bool_], at_right: NDArray[np.bool_]) -> tuple[Array, Array]:
    """Gauss–Legendre in each panel, in √|E − root| where it touches a root."""
    s, ds = panels([0.0, 1.0])
    left, right = edges[:-1, None], edges[1:, None]
    width = right - left
    points, weights = left + width * s, width * ds
    near, far = at_left[:, None], at_right[:, None]
    points = np.where(near, left + width * s**2, np.where(far, right - width * s**2, points))
    weights = np.where(near | far, 2 * width * s * ds, weights)
    return points.ravel(), weights.ravel()
