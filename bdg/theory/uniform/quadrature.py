"""Integrals over energies with inverse square roots at the gap's edges, steps of f, and scales far apart."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cmp_to_key

import numpy as np

from bdg.arrays import Floats
from bdg.theory.uniform.band import panels

_RATIO = 1.7
"""Of the widths of neighbouring panels."""

Root = tuple[float, ...]
"""A place as the terms of a sum, (Δ, −V) for Δ − V, so that differences of places lose no digits."""


@dataclass(frozen=True)
class Grid:
    """Points and weights of an integral over E.

    Parameters
    ----------
    points, weights
        Shape ``(n,)``.
    roots
        The places where the integrand has an inverse square root, ascending.
    distances
        E − root, exact to rounding where it is small, shape ``(n_roots, n)``.
    """

    points: Floats
    weights: Floats
    roots: list[Root]
    distances: Floats

    def from_root(self, root: Root) -> Floats:
        """E − root of one of the places, ``(n,)``."""
        (row,) = (n for n, place in enumerate(self.roots) if separation(place, root) == 0)
        return np.asarray(self.distances[row])


def separation(one: Root, other: Root) -> float:
    """One place minus the other, the sum of all terms correctly rounded."""
    return math.fsum((*one, *(-term for term in other)))


def _compared(one: Root, other: Root) -> int:
    return int(np.sign(separation(one, other)))


def graded(
    centres: Iterable[float], finest: float, low: float, high: float, roots: Iterable[Root] = ()
) -> Grid:
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
        Places at which it has an inverse square root, inside or outside. As far as a root is the nearest one,
        E = root ± s² takes the place of E, in panels as narrow as the next root is close.
    """
    ordered = sorted(roots, key=cmp_to_key(_compared))
    places = ordered[:1] + [b for a, b in itertools.pairwise(ordered) if separation(a, b)]
    marks = [*centres, low, high]
    if not places:
        points, weights = panels(_edges(low, high, dict.fromkeys(marks, finest)))
        return Grid(points, weights, [], np.empty((0, len(points))))
    apart = [math.inf, *(separation(b, a) for a, b in itertools.pairwise(places)), math.inf]
    pieces = []
    for root, before, after in zip(places, apart, apart[1:], strict=False):
        at = math.fsum(root)
        left, right = max(low - at, -before / 2), min(high - at, after / 2)
        if left < right:
            fine = {mark - at: finest for mark in marks} | {0.0: min(finest, before, after)}
            offsets, weights = _about_root(_edges(left, right, fine))
            distances = np.array([offsets + separation(root, other) for other in places])
            pieces.append((at + offsets, weights, distances))
    points, weights, distances = (np.concatenate(parts, axis=-1) for parts in zip(*pieces, strict=True))
    return Grid(points, weights, places, distances)


def _edges(left: float, right: float, marks: dict[float, float]) -> Floats:
    """Edges of panels: the marks inside, and steps that widen away from each, from its own finest on."""
    inside = {left, right, *(mark for mark in marks if left < mark < right)}
    for mark, finest in marks.items():
        count = max(1, int(np.ceil(np.log(max((right - left) / finest, 2.0)) / np.log(_RATIO))) + 1)
        steps = finest * _RATIO ** np.arange(count)
        inside.update(float(e) for e in (*(mark - steps), *(mark + steps)) if left < e < right)
    return np.array(sorted(inside))


def _about_root(edges: Sequence[float] | Floats) -> tuple[Floats, Floats]:
    """Gauss–Legendre in s in each panel, x = ± s²; the root is at 0, which lies inside no panel."""
    ends = np.sqrt(np.abs(edges))
    s, ds = panels([0.0, 1.0])
    near, width = np.minimum(ends[:-1], ends[1:])[:, None], np.abs(np.diff(ends))[:, None]
    root = near + width * s
    side = np.where(np.asarray(edges)[1:, None] > 0, 1.0, -1.0)
    return (side * root**2).ravel(), (2 * root * width * ds).ravel()
