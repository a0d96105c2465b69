"""The points of a sweep: the values of its keys, in the order in which they are counted.

The keys span a grid, the last one fastest; keys that advance together are one axis of it. A condition leaves
points out, formulas add keys that depend on the others. Each branch has all points: those that follow a key
one way, and those that start from something of their own.
"""

from __future__ import annotations

from bisect import bisect, insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from bdg.config.schema.sweep import WAYS, Sweep
from bdg.errors import InputError
from bdg.studies.plan.axes import Axis, axes_of
from bdg.studies.plan.formulas import formula


@dataclass(frozen=True)
class Point:
    """One run of a sweep.

    Parameters
    ----------
    number
        Its place in the sweep, from 0.
    values
        The swept keys and their values.
    derived
        Keys that follow from them.
    branch
        The way along the followed key, or the name of its start; empty without any.
    after
        Number of the point whose fields it starts from.
    start
        What it starts from otherwise, as in ``scf.initial``; ``None`` for that of the configuration.
    is_trial
        Whether it is one more run of a point, from a neighbour's state.
    """

    number: int
    values: Mapping[str, Any]
    derived: Mapping[str, Any] = field(default_factory=dict)
    branch: str = ""
    after: int | None = None
    start: Any = None
    is_trial: bool = False

    @property
    def settings(self) -> dict[str, Any]:
        """All keys that it sets."""
        return {**self.values, **self.derived}

    def __str__(self) -> str:
        named = ", ".join(f"{key} = {shown(value)}" for key, value in self.values.items())
        return f"{named} ({self.branch})" if self.branch else named


def shown(value: Any) -> str:
    """A value as a person writes it."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def points_of(sweep: Sweep) -> list[Point]:
    """All points of the grid of a sweep.

    Raises
    ------
    InputError
        If a formula cannot be evaluated, axes disagree, or no point is left.
    """
    axes, points = axes_of(sweep), Points(sweep)
    for branch in sweep.branches:
        for values in _grid(axes, sweep.follow, is_backward=branch == "backward"):
            points.add(values, branch)
    if not points.all:
        raise InputError(f"where: no point is left by {sweep.where!r}; correct the condition")
    return points.all


class Points:
    """The points of a sweep, to which others are added.

    Parameters
    ----------
    sweep
        The section.
    points
        Those that are known.
    """

    def __init__(self, sweep: Sweep, points: Sequence[Point] = ()) -> None:
        self._sweep, keys = sweep, list(sweep.axes)
        self._wanted = None if sweep.where is None else formula("where", sweep.where, keys)
        self._derived = {key: formula(f"derived.{key}", text, keys) for key, text in sweep.derived.items()}
        self._starts = {name: _plain(start) for name, start in sweep.branches.items()}
        self._rank = _rank(sweep)
        self._chains: dict[tuple[Any, ...], list[tuple[float, int]]] = {}
        self.all: list[Point] = []
        for point in points:
            self._take(point)

    def add(self, values: Mapping[str, Any], branch: str) -> Point | None:
        """Add a point of a branch; ``None`` where the condition leaves it out."""
        if not self.is_wanted(values):
            return None
        derived = {key: evaluate(values) for key, evaluate in self._derived.items()}
        after, start = self._before(values, branch), self._starts[branch]
        point = Point(len(self.all), values, derived, branch, after, start)
        self._take(point)
        return point

    def try_from(self, start: int, values: Mapping[str, Any], branch: str) -> None:
        """Add one more run of a point, from the fields of another run."""
        derived = {key: evaluate(values) for key, evaluate in self._derived.items()}
        self._take(Point(len(self.all), values, derived, branch, start, is_trial=True))

    def is_wanted(self, values: Mapping[str, Any]) -> bool:
        """Whether the condition leaves a point with these values in."""
        return self._wanted is None or bool(self._wanted(values))

    def _take(self, point: Point) -> None:
        self.all.append(point)
        if point.branch in WAYS["both"]:
            chain = self._chains.setdefault(self._chain(point.values, point.branch), [])
            insort(chain, (self._rank(point.values), point.number))

    def _chain(self, values: Mapping[str, Any], branch: str) -> tuple[Any, ...]:
        """What points of one chain have in common."""
        return branch, *(repr(value) for key, value in values.items() if key != self._sweep.follow)

    def _before(self, values: Mapping[str, Any], branch: str) -> int | None:
        """The nearest point of its chain, on the side that the branch comes from."""
        if branch not in WAYS["both"]:
            return None
        chain = self._chains.get(self._chain(values, branch), [])
        at = bisect(chain, (self._rank(values), -1)) - (branch == "forward")
        return chain[at][1] if 0 <= at < len(chain) else None


def _rank(sweep: Sweep) -> Callable[[Mapping[str, Any]], float]:
    """Where a point stands along the followed key: by the order in which its values are written."""
    key = sweep.follow
    if key is None:
        return lambda values: 0.0
    axis = next(axis for axis in axes_of(sweep) if key in axis.keys)
    row = axis.values[0]
    if axis.is_monotonic:
        sign = -1 if row[0] > row[-1] else 1
        return lambda values: sign * float(values[key])
    index = {repr(value): float(place) for place, value in enumerate(row)}
    return lambda values: index[repr(values[key])]


def _grid(axes: Sequence[Axis], follow: str | None, *, is_backward: bool) -> Iterator[dict[str, Any]]:
    """The values of all points, the last axis fastest; against a followed axis on the way back."""
    ways = [axis.rows[::-1] if is_backward and follow in axis.keys else axis.rows for axis in axes]
    keys = [key for axis in axes for key in axis.keys]
    for rows in product(*ways):
        yield dict(zip(keys, (value for row in rows for value in row), strict=True))


def _plain(start: Any) -> Any:
    """A start as a configuration has it."""
    return start.model_dump(mode="json", exclude_defaults=True) if hasattr(start, "model_dump") else start
