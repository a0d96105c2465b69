"""What was measured along an axis, as quantities: NaN where there is no state, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bdg.experiments.follow import NOT_TRIED, Point
from bdg.observables.quantity import Notes, Quantity

NAMED = 3
"""Points without a state that are named one by one."""


@dataclass(frozen=True)
class Line:
    """A quantity along the axis of an experiment.

    Parameters
    ----------
    number
        Its name among the numbers of a point.
    units, long_name, error
        See :class:`bdg.observables.quantity.Quantity`.
    dims
        Its axes beside that of the experiment.
    notes
        Its attributes.
    """

    number: str
    units: str
    long_name: str
    error: float | None = None
    dims: tuple[str, ...] = ()
    notes: Notes | None = None


def curves(
    points: Sequence[Point[Any]], axis: Quantity, lines: Mapping[str, Line], *, notes: Notes | None = None
) -> dict[str, Quantity]:
    """A quantity for each line, by name, over the axis.

    Points without a state are NaN; ``no_state`` of each quantity says where they are and why, and so does its
    ``warning``.

    Raises
    ------
    NumericalError
        If no point has a state.
    """
    if all(point.why for point in points):
        points[0].required()
    lacking = without_state(points)
    return {
        name: Quantity(
            np.array(_column(points, line.number)),
            (*axis.dims, *line.dims),
            line.units,
            line.long_name,
            {axis.dims[0]: axis},
            line.error,
            {**lacking, **(line.notes or {})},
        )
        for name, line in lines.items()
    }


def without_state(points: Sequence[Point[Any]]) -> Notes:
    """The attributes of a quantity some of whose points have no state: where, and why."""
    missing = [point for point in points if point.why]
    if not missing:
        return {}
    tried = [f"at {point.no_state}" for point in missing if point.why != NOT_TRIED]
    parts = tried[:NAMED]
    if len(tried) > NAMED:
        parts.append(f"at {len(tried) - NAMED} more")
    if len(tried) < len(missing):
        parts.append(f"the {len(missing) - len(tried)} beyond not tried")
    text = "; ".join(parts)
    return {"no_state": text, "warning": f"no state {text}"}


def _column(points: Sequence[Point[Any]], number: str) -> list[Any]:
    """A number of each point, NaN where there is no state."""
    found = [None if point.why else np.asarray(point.numbers[number]) for point in points]
    shape = next(values.shape for values in found if values is not None)
    return [np.full(shape, np.nan) if values is None else values for values in found]
