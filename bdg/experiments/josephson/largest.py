"""The largest value of a curve between three of its points."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

MOST = 14
"""Points that are added."""

APART = 0.02
"""Two points are at least this share of the interval from each other, so that it closes from both sides."""

STEEP = 8.0
"""A curve that falls by half of what it fell by over a side so many times longer breaks off there."""

CORNER = 4.0
"""Times that the points are nearer to each other when the slopes tell a corner from a maximum."""

MISSED = 0.3
"""A parabola that misses by this share of its height is none to go on with."""

CUBE = 8.0
"""What a parabola misses falls by this when its points come half as near; by no more is it believed."""

Three = tuple[float, float, float]


class Peak(NamedTuple):
    """A largest value.

    Parameters
    ----------
    place, value
        Where it is, and the value there, which is one of the curve's.
    error
        Estimate of how much larger the curve is in between; ``None`` where nothing tells.
    """

    place: float
    value: float
    error: float | None


def largest(curve: Callable[[float], float], places: Three, values: Three, tolerance: float) -> Peak:
    """The largest value between three places of a curve, the middle one being the highest.

    First the middle of either side is looked at, for two maxima beside the middle one look like one at it.
    Then the tip of the parabola through the three highest is, and they close in on it, until it promises no
    more than the tolerance and the last ones kept their promises as well: a point next to a known one has
    nothing to break, so that what was missed before counts on, see :data:`CUBE`. Where they do not close in,
    halves are; and where the curve breaks off or has a corner, as where branches cross, until the slopes up
    to there promise no more.

    Parameters
    ----------
    curve
        The function.
    places, values
        Ascending, and the curve there.
    tolerance
        The error that is small enough.
    """
    first = places, values
    places, values, missed = _halved(curve, places, values)
    widths = list[float]()
    for _ in range(MOST - 2):
        error = _error(places, values, first, missed)
        if error <= tolerance:
            break
        widths.append(places[2] - places[0])
        fails = len(widths) > 1 and missed > MISSED * (values[1] - min(values))
        idles = len(widths) > 2 and widths[-1] > 0.5 * widths[-3]
        halve = fails or idles or _breaks(places, values, first) != 0 or _is_corner(places, values, first)
        place = _next(places, values, halve=halve)
        value = curve(place)
        missed = max(abs(value - _parabola(places, values, place)), missed / CUBE)
        places, values = _closer(places, values, place, value)
    return Peak(places[1], values[1], _error(places, values, first, missed))


def _halved(curve: Callable[[float], float], places: Three, values: Three) -> tuple[Three, Three, float]:
    """The highest of the points and the middles between them, with its neighbours; and what was missed."""
    middles = [0.5 * (places[1] + places[side]) for side in (0, 2)]
    seen = [curve(middle) for middle in middles]
    missed = max(abs(value - _parabola(places, values, at)) for at, value in zip(middles, seen, strict=True))
    every = sorted(zip((*places, *middles), (*values, *seen), strict=True))
    best = max((1, 2, 3), key=lambda n: every[n][1])
    (left, low), (mid, top), (right, high) = every[best - 1 : best + 2]
    return (left, mid, right), (low, top, high), missed


def _closer(places: Three, values: Three, place: float, value: float) -> tuple[Three, Three]:
    """The three points about the highest of four."""
    (left, mid, right), (low, top, high) = places, values
    if value > top:
        if place > mid:
            return (mid, place, right), (top, value, high)
        return (left, place, mid), (low, value, top)
    if place > mid:
        return (left, mid, place), (low, top, value)
    return (place, mid, right), (value, top, high)


def _breaks(places: Three, values: Three, first: tuple[Three, Three]) -> int:
    """1 where the curve breaks off on the right, −1 on the left, else 0."""
    for side, way in ((2, 1), (0, -1)):
        fall, width = values[1] - values[side], abs(places[side] - places[1])
        fell, over = first[1][1] - first[1][side], abs(first[0][side] - first[0][1])
        if fall > 0.5 * fell and STEEP * width < over:
            return way
    return 0


def _is_corner(places: Three, values: Three, first: tuple[Three, Three]) -> bool:
    """Whether the slopes stay as the three close in, as where two branches cross: of a parabola they fall."""
    is_close = CORNER * (places[2] - places[0]) < first[0][2] - first[0][0]
    return is_close and sum(_slopes(places, values)) > 2 / CORNER * sum(_slopes(*first))


def _slopes(places: Three, values: Three) -> tuple[float, float]:
    """By which the curve rises to the middle and falls from it."""
    (left, mid, right), (low, top, high) = places, values
    return (top - low) / (mid - left), (top - high) / (right - mid)


def _error(places: Three, values: Three, first: tuple[Three, Three], missed: float) -> float:
    """What the tip of the parabola promises, or the slope up to a break, or either slope to a corner."""
    (left, mid, right), (low, top, high) = places, values
    breaks = _breaks(places, values, first)
    if breaks > 0:
        return (top - low) / (mid - left) * (right - mid)
    if breaks < 0:
        return (top - high) / (right - mid) * (mid - left)
    if _is_corner(places, values, first):
        up, down = _slopes(places, values)
        return max(up * (right - mid), down * (mid - left))
    return missed + _parabola(places, values, _tip(places, values)) - top


def _tip(places: Three, values: Three) -> float:
    """Where the parabola through three points is highest; the middle one if they are level."""
    (left, mid, right), (low, top, high) = places, values
    rise, fall = (mid - left) * (top - high), (right - mid) * (top - low)
    if rise + fall <= 0:
        return mid
    return mid - 0.5 * ((mid - left) * rise - (right - mid) * fall) / (rise + fall)


def _parabola(places: Three, values: Three, at: float) -> float:
    """The parabola through three points."""
    (left, mid, right), (low, top, high) = places, values
    before, beyond = (low - top) / (left - mid), (high - top) / (right - mid)
    bend = (beyond - before) / (right - left)
    return top + (at - mid) * (before + bend * (at - left))


def _next(places: Three, values: Three, *, halve: bool) -> float:
    """The tip, but not too near to a point; or half of the larger side."""
    left, mid, right = places
    away = 1.0 if right - mid > mid - left else -1.0  # towards the larger side
    if halve:
        return mid + 0.5 * away * max(right - mid, mid - left)
    tip, least = _tip(places, values), APART * (right - left)
    if abs(tip - mid) < least:
        tip = mid + away * least
    return min(max(tip, left + least), right - least)
