"""Searches over a key: each step looks at all numbers there are and proposes the next value of the key.

What is looked for lies in a bracket, an interval at whose ends something differs: the sign of f, whether an
order parameter is there, or which neighbour of an extremum is lower. Within it interpolation estimates the
place r with an error e, and the next value lies beyond r by max(2e, tolerance/2), so that the bracket closes
from both sides; where it does not halve every other step, it is halved. The error that is stated is how far
the ends of the bracket are from r: it holds however the quantity behaves between, at a √ onset or a jump too.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bdg.arrays import Floats
from bdg.config.schema.added import Find
from bdg.studies.plan.axes import rounded
from bdg.studies.plan.crossings import SAME
from bdg.studies.plan.group import Group

FLOOR = 3e-3
"""What counts as vanished, relative to the largest: an order parameter this small is 3e-6 T_c below T_c."""


@dataclass(frozen=True)
class Place:
    """How far a search is.

    Parameters
    ----------
    low, high
        The bracket; NaN where there is none, as the numbers at both ends are alike.
    value, error
        What is looked for, and the distance of the further end from it.
    certain
        How well interpolation knows the value by itself.
    is_bracketed
        Whether it is certain to lie there: false where two branches differ next to where they are one state,
        but no change of sign is known.
    slack
        How far beyond the bracket it may lie, as what is small counts as vanished.
    """

    low: float
    high: float
    value: float
    certain: float
    is_bracketed: bool = True
    slack: float = 0.0

    @property
    def error(self) -> float:
        """How far the ends of the bracket are from the value, at most."""
        return max(self.value - self.low, self.high - self.value) + self.slack


NOWHERE = Place(math.nan, math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class Search:
    """The plan of points that close the bracket of what is looked for.

    Parameters
    ----------
    find
        What is looked for, and where.
    """

    find: Find

    @property
    def takes_branches_together(self) -> bool:
        """A crossing is one of two branches, all else is looked for on each."""
        return self.find.at == "crossing"

    @property
    def keys(self) -> tuple[str, ...]:
        """That which is searched."""
        return (self.find.key,)

    @property
    def quantity(self) -> str:
        """The formula of the number that is looked at."""
        return self.find.quantity or "energy"

    def following(self, group: Group) -> list[tuple[float]]:
        """The next value; none where the place is known well enough, or there is no more to try."""
        place = self.place(group)
        if place.error - place.slack <= self.find.tolerance or len(group.numbers) >= self.find.at_most:
            return []
        if math.isnan(place.low):
            return self._first(group)
        value = rounded(self._next(place, len(group.numbers)))
        return [] if (value,) in group.numbers or not place.low < value < place.high else [(value,)]

    def place(self, group: Group) -> Place:
        """What the numbers say."""
        x, y = _numbers(group.numbers)
        if len(x) < 2:
            return NOWHERE
        if self.find.at in ("maximum", "minimum"):
            return _extremum(x, y[:, 0] * (1 if self.find.at == "maximum" else -1))
        if self.find.at == "onset":
            return _onset(x, y[:, 0] - self.find.value)
        if self.find.at == "value":
            return _root(x, y[:, 0] - self.find.value, np.zeros(len(x)))
        return _root(x, y[:, 0] - y[:, 1], SAME * np.abs(y).max(axis=1))

    def _first(self, group: Group) -> list[tuple[float]]:
        """Without a bracket: the middle for an extremum, or between ends at which both branches are one."""
        if self.find.at in ("value", "onset"):
            return []
        x, _ = _numbers(group.numbers)
        widest = int(np.argmax(np.diff(x))) if len(x) > 1 else 0
        if len(x) < 2 or x[widest + 1] - x[widest] <= 2 * self.find.tolerance:
            return []
        return [(rounded(0.5 * (x[widest] + x[widest + 1])),)]

    def _next(self, place: Place, count: int) -> float:
        """The next value of the key, within the bracket."""
        width, whole = place.high - place.low, self.find.between[1] - self.find.between[0]
        is_behind = width > whole * 2.0 ** (-(count - 3) / 2)
        if self.find.at in ("maximum", "minimum"):
            return _next_to(place, self.find.tolerance, is_behind=is_behind)
        if is_behind or not place.certain < width / 8 or width <= 2.2 * self.find.tolerance:
            return 0.5 * (place.low + place.high)
        beyond = max(2 * place.certain, 0.5 * self.find.tolerance)
        is_low = place.value - place.low < place.high - place.value
        value = place.value + (beyond if is_low else -beyond)
        return min(max(value, place.low + 0.02 * width), place.high - 0.02 * width)


def _numbers(numbers: Mapping[tuple[Any, ...], tuple[float, ...]]) -> tuple[Floats, Floats]:
    """The values of the key in order and the numbers there, shapes ``(n,)`` and ``(n, branches)``."""
    rows = sorted((row[0], branches) for row, branches in numbers.items() if np.isfinite(branches).all())
    x = np.array([one for one, _ in rows], dtype=np.float64)
    return x, np.array([branches for _, branches in rows], dtype=np.float64).reshape(len(x), -1)


def _root(x: Floats, f: Floats, same: Floats) -> Place:
    """A change of sign; where there is none, next to numbers that count as 0: two branches are one there."""
    there = np.flatnonzero(np.abs(f) > same)
    changes = np.flatnonzero(f[there][:-1] * f[there][1:] < 0)
    if len(changes):
        at = int(changes[0])
        low, high = there[at : at + 2]
        if high > low + 1:
            return _exactly(float(x[low + 1]))
        near = there[max(0, at - 1) : at + 3]
        return _interpolated(x[near], f[near], float(x[low]), float(x[high]))
    if len(there) < len(x) and not same.any():
        return _exactly(float(x[np.flatnonzero(f == 0)[0]]))
    is_there = np.isin(np.arange(len(x)), there)
    edges = np.flatnonzero(is_there[:-1] != is_there[1:])
    if not len(edges):
        return NOWHERE
    widest = int(edges[np.argmax(x[edges + 1] - x[edges])])
    return replace(_halved(float(x[widest]), float(x[widest + 1])), is_bracketed=False)


def _onset(x: Floats, y: Floats) -> Place:
    """Where y vanishes: the zero of y² beyond the last values at which it is there."""
    is_there = np.abs(y) > FLOOR * np.abs(y).max()
    changes = np.flatnonzero(is_there[:-1] != is_there[1:])
    if not len(changes):
        return NOWHERE
    at = int(changes[0])
    low, high = float(x[at]), float(x[at + 1])
    near = [n for n in range(at, at - 3, -1) if n >= 0] if is_there[at] else list(range(at + 1, at + 4))
    near = [n for n in near if n < len(x) and is_there[n]]
    if len(near) < 2:
        return _halved(low, high)
    places = [_at_zero(x[near[:count]], y[near[:count]] ** 2) for count in range(2, len(near) + 1)]
    certain = abs(places[-1] - (places[0] if len(places) > 1 else x[near[0]]))
    inside = low < places[-1] < high
    place = Place(low, high, places[-1], certain) if inside else _halved(low, high)
    step = float(y[near[0]] - y[near[1]])
    left = abs(float(y[at + 1 if is_there[at] else at]))  # what counts as vanished goes on for this much
    return replace(place, slack=left * abs(float(x[near[0]] - x[near[1]]) / step) if step else 0.0)


def _extremum(x: Floats, y: Floats) -> Place:
    """A maximum: the vertex of the parabola through the largest number and its neighbours."""
    top = int(np.argmax(y))
    if top in (0, len(x) - 1):
        return NOWHERE if len(x) < 3 else _at_end(x, top)
    near = x[top - 1 : top + 2]
    below, above = np.diff(y[top - 1 : top + 2]) / np.diff(near)  # slopes, at the middles of both steps
    curve = float(above - below) / float(near[2] - near[0])
    vertex = float(near[:2].mean() - below / (2 * curve)) if curve < 0 else float(near[1])
    vertex = float(np.clip(vertex, near[0], near[2]))
    return Place(float(near[0]), float(near[2]), vertex, abs(vertex - float(near[1])))


def _at_end(x: Floats, top: int) -> Place:
    """The largest number is at an end: it may be an extremum there, or lie close to it."""
    low, high = (x[0], x[1]) if top == 0 else (x[-2], x[-1])
    return Place(float(low), float(high), float(x[top]), math.inf)


def _next_to(place: Place, tolerance: float, *, is_behind: bool) -> float:
    """The vertex, then beside it in the larger part of the bracket, by the golden section if that is slow."""
    below, above = place.value - place.low, place.high - place.value
    if is_behind or math.isinf(place.certain):
        return place.value + (0.382 * above if above > below else -0.382 * below)
    if place.certain > 0.5 * tolerance:
        return place.value
    return place.value + 0.45 * tolerance * (1 if above > below else -1)


def _interpolated(x: Floats, f: Floats, low: float, high: float) -> Place:
    """The zero of f from up to four points around it, and how far that of fewer is."""
    value = _at_zero(x, f)
    if not low < value < high:
        return _halved(low, high)
    if len(x) == 2:
        return Place(low, high, value, 0.1 * (high - low))
    fewer = slice(0, -1) if x[-1] > high else slice(1, None)
    return Place(low, high, value, abs(value - _at_zero(x[fewer], f[fewer])))


def _at_zero(x: Floats, f: Floats) -> float:
    """The x where f is 0, of the polynomial x(f) through all points (Lagrange); infinite without one."""
    if len(np.unique(f)) < len(f):
        return math.inf
    others = [np.delete(f, n) for n in range(len(x))]
    return float(sum(x[n] * np.prod(one / (one - f[n])) for n, one in enumerate(others)))


def _exactly(value: float) -> Place:
    return Place(value, value, value, 0.0)


def _halved(low: float, high: float) -> Place:
    return Place(low, high, 0.5 * (low + high), math.inf)
