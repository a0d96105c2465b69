"""The largest value of a curve between three of its points."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

MOST = 12
"""Points that are added."""

APART = 0.02
"""Two points are at least this share of the interval from each other, so that it closes from both sides."""


class Peak(NamedTuple):
    """A largest value.

    Parameters
    ----------
    place, value
        Where it is, and the value there, which is one of the curve's.
    error
        How much larger the curve may be in between, if it is concave there.
    """

    place: float
    value: float
    error: float


def largest(
    curve: Callable[[float], float],
    places: tuple[float, float, float],
    values: tuple[float, float, float],
    tolerance: float,
) -> Peak:
    """The largest value between three places of a curve, the middle one being the highest.

    The tip of the parabola through the three is looked at next, and they close in on it; where the curve
    breaks off, as where a junction goes over to another branch, halves of the larger side.

    Parameters
    ----------
    curve
        The function.
    places, values
        Ascending, and the curve there.
    tolerance
        The error that is small enough.
    """
    (left, mid, right), (low, top, high) = places, values
    halve = False
    for _ in range(MOST):
        if _excess((left, mid, right), (low, top, high)) <= tolerance:
            break
        width = right - left
        place = _next((left, mid, right), (low, top, high), halve=halve)
        value = curve(place)
        if value > top:
            left, low, right, high = (mid, top, right, high) if place > mid else (left, low, mid, top)
            mid, top = place, value
        elif place > mid:
            right, high = place, value
        else:
            left, low = place, value
        halve = right - left > 0.5 * width
    return Peak(mid, top, _excess((left, mid, right), (low, top, high)))


def _excess(places: tuple[float, float, float], values: tuple[float, float, float]) -> float:
    """How far a concave curve can rise above the middle point: no further than its chords go on."""
    (left, mid, right), (low, top, high) = places, values
    return max((top - low) / (mid - left) * (right - mid), (top - high) / (right - mid) * (mid - left))


def _next(places: tuple[float, float, float], values: tuple[float, float, float], *, halve: bool) -> float:
    (left, mid, right), (low, top, high) = places, values
    away = 1.0 if right - mid > mid - left else -1.0  # towards the larger side
    rise, fall = (mid - left) * (top - high), (right - mid) * (top - low)
    if halve or rise + fall <= 0:
        return mid + 0.5 * away * max(right - mid, mid - left)
    tip = mid - 0.5 * ((mid - left) * rise - (right - mid) * fall) / (rise + fall)
    least = APART * (right - left)
    if abs(tip - mid) < least:
        tip = mid + away * least
    return min(max(tip, left + least), right - least)
