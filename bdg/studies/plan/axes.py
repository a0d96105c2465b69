"""The axes of a study: keys that advance together are one, points that were added lie between the others."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bdg.config.schema.sweep import Range, Sweep
from bdg.errors import InputError


@dataclass(frozen=True)
class Axis:
    """Keys that advance together, and the values of each, in order."""

    keys: tuple[str, ...]
    values: tuple[tuple[Any, ...], ...]

    def __len__(self) -> int:
        return len(self.values[0])

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """The values of all its keys, one row a place."""
        return list(zip(*self.values, strict=True))

    @property
    def is_monotonic(self) -> bool:
        """Whether it has one key, with numbers that ascend or descend: others may lie between them."""
        row = self.values[0]
        if len(self.keys) > 1 or any(
            isinstance(one, bool) or not isinstance(one, int | float) for one in row
        ):
            return False
        steps = np.diff(row)
        return bool(np.all(steps > 0) or np.all(steps < 0))


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
    return tuple(rounded(value) for value in spaced(given.start, given.stop, given.num))


def rounded(value: float) -> float:
    """A number to 12 digits, as a person could write it."""
    return float(f"{value:.12g}")


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
        rows = [_name(row) for row in axis.rows]
        twice = next((row for row, count in Counter(rows).items() if count > 1), None)
        if twice is not None:
            raise InputError(f"{axis.keys[0]}: the value {twice} stands twice; remove one")
    return axes


def with_values(axes: Sequence[Axis], added: Iterable[Mapping[str, Any]]) -> tuple[Axis, ...]:
    """The axes with the values of points that were added, in the order of the others.

    Parameters
    ----------
    axes
        Of the grid.
    added
        The swept keys and values of points, in the grid or not.
    """
    others = list(added)
    return tuple(_grown(axis, others) for axis in axes) if others else tuple(axes)


class Places:
    """Where points lie among the axes.

    Parameters
    ----------
    axes
        With the values of all points.
    """

    def __init__(self, axes: Sequence[Axis]) -> None:
        self._axes = axes
        self._index = [{_name(row): place for place, row in enumerate(axis.rows)} for axis in axes]

    def of(self, values: Mapping[str, Any]) -> tuple[int, ...]:
        """The index along each axis of a point with these values."""
        rows = (tuple(values[key] for key in axis.keys) for axis in self._axes)
        return tuple(index[_name(row)] for index, row in zip(self._index, rows, strict=True))


def _grown(axis: Axis, added: Sequence[Mapping[str, Any]]) -> Axis:
    known = {_name(row): row for row in axis.rows}
    more = {_name(row): row for values in added if (row := tuple(values[key] for key in axis.keys))}
    if not set(more) - set(known):
        return axis
    rows = sorted((known | more).values(), reverse=axis.values[0][0] > axis.values[0][-1])
    return Axis(axis.keys, tuple(zip(*rows, strict=True)))


def _name(row: Sequence[Any]) -> str:
    return json.dumps(row[0] if len(row) == 1 else row, sort_keys=True)
