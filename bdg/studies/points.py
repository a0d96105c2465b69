"""The points of a sweep: the values of its keys, in the order in which they are counted.

The keys span a grid, the last one fastest; keys that advance together are one axis of it. A condition leaves
points out, formulas add keys that depend on the others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np

from bdg.config.schema.sweep import Range, Sweep
from bdg.errors import InputError
from bdg.expressions import Expression

BRANCHES = {"forward": ("forward",), "backward": ("backward",), "both": ("forward", "backward")}
"""The ways along a followed key, by the word in the configuration."""


@dataclass(frozen=True)
class Point:
    """One run of a sweep.

    Parameters
    ----------
    number
        Its place in the sweep, from 0.
    place
        Index along each axis of the grid.
    values
        The swept keys and their values.
    derived
        Keys that follow from them.
    branch
        The way along the followed key; empty without one.
    after
        Number of the point whose fields it starts from.
    """

    number: int
    place: tuple[int, ...]
    values: Mapping[str, Any]
    derived: Mapping[str, Any] = field(default_factory=dict)
    branch: str = ""
    after: int | None = None

    @property
    def settings(self) -> dict[str, Any]:
        """All keys that it sets."""
        return {**self.values, **self.derived}

    def __str__(self) -> str:
        named = ", ".join(f"{key} = {shown(value)}" for key, value in self.values.items())
        return f"{named} ({self.branch})" if self.branch else named


@dataclass(frozen=True)
class Axis:
    """Keys that advance together, and the values of each, in order."""

    keys: tuple[str, ...]
    values: tuple[tuple[Any, ...], ...]

    def __len__(self) -> int:
        return len(self.values[0])


def shown(value: Any) -> str:
    """A value as a person writes it."""
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def values_of(given: Any) -> tuple[Any, ...]:
    """The values of a key, from a list or a range; numbers of a range are rounded to 12 digits."""
    if not isinstance(given, Range):
        return tuple(given)
    if given.count is not None:
        return tuple(range(given.first, given.first + given.count))
    assert given.start is not None
    assert given.stop is not None
    assert given.num is not None
    spaced = np.geomspace if given.spacing == "log" else np.linspace
    return tuple(float(f"{value:.12g}") for value in spaced(given.start, given.stop, given.num))


def axes_of(sweep: Sweep) -> tuple[Axis, ...]:
    """The axes of the grid, in the order in which their first keys are written.

    Raises
    ------
    InputError
        If keys that advance together have different numbers of values, or one has a value twice.
    """
    values = {key: values_of(given) for key, given in sweep.axes.items()}
    group_of = {key: group for group in sweep.zip for key in group}
    groups = dict.fromkeys(group_of.get(key, (key,)) for key in values)
    axes = tuple(Axis(group, tuple(values[key] for key in group)) for group in groups)
    for axis in axes:
        counts = {key: len(values[key]) for key in axis.keys}
        if len(set(counts.values())) > 1:
            told = ", ".join(f"{key} {count}" for key, count in counts.items())
            raise InputError(f"zip: keys that advance together have as many values each, not {told}")
        rows = [json.dumps(row, sort_keys=True) for row in zip(*axis.values, strict=True)]
        twice = next((row for row in rows if rows.count(row) > 1), None) if len(rows) < 10_000 else None
        if twice is not None:
            raise InputError(f"{axis.keys[0]}: the value {twice} stands twice; remove one")
    return axes


def points_of(sweep: Sweep) -> list[Point]:
    """All points of a sweep.

    Raises
    ------
    InputError
        If a formula cannot be evaluated, axes disagree, or no point is left.
    """
    axes = axes_of(sweep)
    wanted = None if sweep.where is None else _formula("where", sweep.where, sweep)
    derived = {key: _formula(f"derived.{key}", text, sweep) for key, text in sweep.derived.items()}
    branches = ("",) if sweep.follow is None else BRANCHES[sweep.direction]
    along = next((at for at, axis in enumerate(axes) if sweep.follow in axis.keys), None)
    points: list[Point] = []
    for branch in branches:
        kept: dict[tuple[int, ...], int] = {}
        for place in _places(axes, along, branch):
            values = {
                key: row[index]
                for axis, index in zip(axes, place, strict=True)
                for key, row in zip(axis.keys, axis.values, strict=True)
            }
            if wanted is not None and not wanted(values):
                continue
            also = {key: formula(values) for key, formula in derived.items()}
            after = None if along is None else _before(place, along, branch, len(axes[along]), kept)
            kept[place] = len(points)
            points.append(Point(len(points), place, values, also, branch, after))
    if not points:
        raise InputError(f"where: no point is left by {sweep.where!r}; correct the condition")
    return points


def _places(axes: tuple[Axis, ...], along: int | None, branch: str) -> Iterator[tuple[int, ...]]:
    """Indices of all points, the last axis fastest; against a followed axis on the way back."""
    ways = [range(len(axis)) for axis in axes]
    if along is not None and branch == "backward":
        ways[along] = ways[along][::-1]
    return product(*ways)


def _before(
    place: tuple[int, ...], along: int, branch: str, count: int, kept: Mapping[tuple[int, ...], int]
) -> int | None:
    """The nearest point before this one along the followed axis that was not left out."""
    step = 1 if branch == "backward" else -1
    at = place[along] + step
    while 0 <= at < count:
        neighbour = (*place[:along], at, *place[along + 1 :])
        if neighbour in kept:
            return kept[neighbour]
        at += step
    return None


def _formula(where: str, text: str, sweep: Sweep) -> Callable[[Mapping[str, Any]], Any]:
    """A formula in the swept keys, by their names or the last parts of these where they are unique."""
    lasts = [key.split(".")[-1] for key in sweep.axes]
    names = {key: key for key in sweep.axes} | {
        last: key for last, key in zip(lasts, sweep.axes, strict=True) if lasts.count(last) == 1
    }
    longest_first = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    pattern = re.compile(rf"(?<![\w.])({longest_first})(?![\w.(])")

    def evaluate(values: Mapping[str, Any]) -> Any:
        def number(found: re.Match[str]) -> str:
            value = values[names[found[1]]]
            if not isinstance(value, int | float):
                raise InputError(f"{where}: {found[1]} is {value!r}, no number; leave it out of the formula")
            return f"({value!r})"

        try:
            value = Expression(pattern.sub(number, text))()
        except InputError as error:
            raise InputError(f"{where}: {error}; it may hold {', '.join(sorted(set(names)))}") from None
        single = value.item()
        return int(single) if isinstance(single, float) and single.is_integer() else single

    return evaluate
