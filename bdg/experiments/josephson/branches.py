"""What the points of a curve leave open between two neighbouring ones: smooth branches, a corner, a break."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

SHARPEST = 7.0
"""Corner that the points around do not exclude, over what their third differences amount to."""

MISSED = 3.0
"""A branch that misses the next point bends or ends by these times that at most, before it."""

LINE = 0.2
"""Share of what the line misses by that a parabola misses at least, for it may hit a point by accident."""

OWN = 0.1
"""A point is on no branch that misses it by more than this share of the branch's rise beyond it."""

CLOSE, BESIDE = 1e-4, 0.1
"""Shares of an interval that a new point is away from its ends at least; from a tip that is known."""


class Polynomial(NamedTuple):
    """c₀ + c₁ (x − x₀) + c₂ (x − x₀)(x − x₁) + …, through points of a curve.

    Parameters
    ----------
    nodes, coefficients
        The x of the points, and the divided differences.
    """

    nodes: Sequence[float]
    coefficients: Sequence[float]

    def at(self, place: float) -> float:
        """The value at a place."""
        value = self.coefficients[-1]
        for node, coefficient in zip(self.nodes[-2::-1], self.coefficients[-2::-1], strict=True):
            value = value * (place - node) + coefficient
        return value

    def tilted(self, slope: float, origin: float) -> Polynomial:
        """The polynomial plus slope · (x − origin)."""
        constant, linear, *rest = self.coefficients
        constant += slope * (self.nodes[0] - origin)
        return Polynomial(self.nodes, [constant, linear + slope, *rest])

    def highest(self, low: float, high: float) -> tuple[float, float]:
        """The largest value between two places, and where; of a parabola at most."""
        best = max((self.at(low), low), (self.at(high), high))
        if len(self.coefficients) == 3 and self.coefficients[2] < 0:
            tip = 0.5 * (self.nodes[0] + self.nodes[1] - self.coefficients[1] / self.coefficients[2])
            if low < tip < high:
                best = max(best, (self.at(tip), tip))
        return best


def through(places: Sequence[float], values: Sequence[float]) -> Polynomial:
    """The polynomial through points."""
    row, found = list(values), [values[0]]
    for order in range(1, len(places)):
        row = [(row[n + 1] - row[n]) / (places[n + order] - places[n]) for n in range(len(row) - 1)]
        found.append(row[0])
    return Polynomial(places, found)


class Branch:
    """The curve on one side of an interval, continued into it.

    Parameters
    ----------
    places, values
        The points on that side, the nearest first.
    """

    def __init__(self, places: Sequence[float], values: Sequence[float]) -> None:
        self.line, self.parabola = (through(places[:n], values[:n]) for n in (2, 3))

    def highest(self, low: float, high: float) -> float:
        """The largest value between two places."""
        return max(self.line.highest(low, high)[0], self.parabola.highest(low, high)[0])

    def misses(self, place: float, value: float) -> tuple[float, float]:
        """How far the line and the parabola pass a point."""
        return abs(self.line.at(place) - value), abs(self.parabola.at(place) - value)


class Interval:
    """Two neighbouring points, and the branches on both sides.

    Parameters
    ----------
    places, values
        All points of the curve, ascending; four at least.
    n
        The interval is between the places n and n + 1.
    """

    def __init__(self, places: Sequence[float], values: Sequence[float], n: int) -> None:
        self.low, self.high = places[n], places[n + 1]
        self._values = values[n], values[n + 1]
        self._places, self._all, self._n = places, values, n
        self._left = Branch(places[n::-1], values[n::-1]) if n else None
        self._right = Branch(places[n + 1 :], values[n + 1 :]) if n + 2 < len(places) else None

    def bound(self, top: float) -> float:
        """The highest that the curve may be, ``top`` being known, if it is as tame as the points around.

        The least of what three cases allow, each of which holds where its own evidence does:

        - Where a branch ends anywhere in between, the higher end of both branches, continued by a line
          through the last two points and a parabola through the last three. For a break, and for a corner.
        - Where the other end is met by one branch, and not by what is beyond, that branch and what it misses.
        - Where all is smooth, the parabolas, and the sharpest corner that third differences do not exclude.
        """
        sides = [side for side in (self._left, self._right) if side is not None]
        bounds = [
            max(*self._values, *(side.highest(self.low, self.high) for side in sides)),
            self._smooth()[0],
        ]
        bounds += [self._continued(left, top) for left in (True, False)]
        return min(bounds)

    def next_place(self, top: float, bound: float, tolerance: float) -> float:
        """Where to look next: at the expected maximum of a smooth curve or of a corner, else in the middle.

        Away from both ends by the share that makes the rest small enough, or by what the expectation is
        uncertain to: the curve is to be closed in from both sides. Where the tip is known, and only a corner
        beside it is not excluded, where this would be.
        """
        rest, width = bound - top, self.high - self.low
        (height, tip), (smooth, beside), corner = self._tip(), self._smooth(), self._corner()
        expected = [(smooth - height, tip)] + ([] if corner is None else [corner])
        uncertain, place = min(expected)
        share = max(0.5 * tolerance / rest, uncertain / rest, CLOSE)
        if uncertain > 0.5 * rest:
            place, share = (beside, BESIDE) if smooth <= bound else (self.low, 0.5)
        away = width * min(share, 0.5)
        return min(max(place, self.low + away), self.high - away)

    def _parabolas(self) -> list[Polynomial]:
        """Through the interval and the next point on either side."""
        first = [n for n in (self._n - 1, self._n) if n >= 0 and n + 3 <= len(self._places)]
        return [through(self._places[n : n + 3], self._all[n : n + 3]) for n in first]

    def _tip(self) -> tuple[float, float]:
        """The highest of the parabolas, and where."""
        return max(parabola.highest(self.low, self.high) for parabola in self._parabolas())

    def _smooth(self) -> tuple[float, float]:
        """The highest of the parabolas, with the sharpest corner anywhere in the interval, and where.

        Third differences of a corner with the change of slope s, its points being h apart, are at least about
        s h/2 for one of the three sets of points around an interval; above the parabola it is by
        no more than s/4 times the distance to the nearer end.
        """
        sharpest = 0.0
        for n in range(max(self._n - 2, 0), min(self._n + 1, len(self._places) - 3)):
            places = self._places[n : n + 4]
            third = through(places, self._all[n : n + 4]).coefficients[-1]
            sharpest = max(sharpest, 0.25 * SHARPEST * abs(third) * (0.5 * (places[3] - places[0])) ** 2)
        middle = 0.5 * (self.low + self.high)
        return max(
            max(
                parabola.tilted(sharpest, self.low).highest(self.low, middle),
                parabola.tilted(-sharpest, self.high).highest(middle, self.high),
            )
            for parabola in self._parabolas()
        )

    def _continued(self, left: bool, top: float) -> float:
        """The highest of the branch of one side, where the other end is its own; else infinite."""
        side = self._left if left else self._right
        if side is None:
            return float("inf")
        end, value = (self.high, self._values[1]) if left else (self.low, self._values[0])
        if not self._is_own(left, end, value, top):
            return float("inf")
        line, parabola = side.misses(end, value)
        return max(side.parabola.highest(self.low, self.high)[0], value) + MISSED * max(parabola, LINE * line)

    def _is_own(self, left: bool, end: float, value: float, top: float) -> bool:
        """Whether an end is on no branch beyond that could come down through it from within the interval.

        A point that was looked at where two branches were expected to cross is on both.
        """
        beyond = slice(self._n + 2, None) if left else slice(self._n - 1, None, -1) if self._n else slice(0)
        places, values = self._places[beyond], self._all[beyond]
        if not places:
            return True
        other = Branch(places, values)
        return min(other.misses(end, value)) > OWN * (other.highest(self.low, self.high) - top)

    def _corner(self) -> tuple[float, float] | None:
        """Where the branches cross, after how far a line and a parabola differ there; if they do."""
        if not 2 <= self._n <= len(self._places) - 4 or self._left is None or self._right is None:
            return None
        left, right = self._left, self._right
        if left.parabola.at(self.high) <= self._values[1] or right.parabola.at(self.low) <= self._values[0]:
            return None
        low, high = self.low, self.high
        for _ in range(40):
            middle = 0.5 * (low + high)
            if right.parabola.at(middle) > left.parabola.at(middle):
                low = middle
            else:
                high = middle
        apart = [abs(side.line.at(low) - side.parabola.at(low)) for side in (left, right)]
        return max(apart), low
