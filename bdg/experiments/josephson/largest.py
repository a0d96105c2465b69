"""The largest value of a curve near the highest of its points."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from bdg.experiments.josephson.branches import Interval

MOST = 14
"""Points that are added."""


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


def largest(
    curve: Callable[[float], float],
    places: Sequence[float],
    values: Sequence[float],
    tolerance: float,
    best: int | None = None,
) -> Peak:
    """The largest value of a curve between the two neighbours of the highest of its points.

    First the middles of both sides are looked at, for two maxima beside the highest point look like one at
    it. Then the interval in which the curve may be highest, see :meth:`.branches.Interval.bound`, is divided
    until it is nowhere higher by more than the tolerance: at the expected tip of a smooth maximum, where two
    branches are expected to cross, or in the middle where a branch breaks off. A hump that shows in none of
    the points is not found.

    Parameters
    ----------
    curve
        The function, between the two neighbours.
    places, values
        Three points or more, ascending, the highest of which is none of the ends. What is beyond its
        neighbours helps to tell a corner from a smooth maximum.
    tolerance
        The error that is small enough.
    best
        Which point is the highest, of some that rounding may order.
    """
    if best is None:
        best = max(range(1, len(places) - 1), key=lambda n: values[n])
    low, middle, high = places[best - 1 : best + 2]
    points = dict(zip(places, values, strict=True))
    points |= {half: curve(half) for half in (0.5 * (low + middle), 0.5 * (middle + high))}
    for left in reversed(range(MOST - 1)):
        known, seen = sorted(points), [points[place] for place in sorted(points)]
        inside = [n for n, place in enumerate(known) if low <= place < high]
        top, place = max((points[place], place) for place in known if low <= place <= high)
        intervals = [Interval(known, seen, n) for n in inside]
        bound, widest = max(((each.bound(top), each) for each in intervals), key=lambda pair: pair[0])
        if bound - top <= tolerance or not left:
            break
        following = widest.next_place(top, bound, tolerance)
        if not widest.low < following < widest.high:
            break
        points[following] = curve(following)
    return Peak(place, top, bound - top)


def neighbours(
    places: Sequence[float], values: Sequence[float], n: int, *, is_closed: bool = False
) -> tuple[list[float], list[float], int]:
    """Point n of a list at equal steps, with two on either side where there are, and which of them it is.

    Parameters
    ----------
    places, values
        The points.
    n
        Which.
    is_closed
        Whether the list goes around, and the last is the first.
    """
    last, step = len(places) - 1, places[1] - places[0]
    offsets = [offset for offset in range(-2, 3) if is_closed or 0 <= n + offset <= last]
    near = [values[(n + offset) % last if is_closed else n + offset] for offset in offsets]
    return [places[n] + offset * step for offset in offsets], near, offsets.index(0)
