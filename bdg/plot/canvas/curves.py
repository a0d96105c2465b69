"""Quantities against an axis of their own: what grows in steps, point by point."""

from __future__ import annotations

from typing import Any

from bdg.plot.canvas.finding import find
from bdg.plot.canvas.labels import add_si_axis, label
from bdg.plot.canvas.lines import widen_if_uniform
from bdg.plot.canvas.style import COLOURS
from bdg.result import Result


def draw_curve(axes: Any, result: Result, name: str, along: str, colour: str = COLOURS[0]) -> None:
    """Draw a quantity against its axis ``along``, with SI units where they are known."""
    quantity = find(result, name)
    place = quantity.coords[along]
    axes.plot(place.values, quantity.values, "o-", color=colour, markersize=3)
    widen_if_uniform(axes, quantity.values)
    axes.set(xlabel=label(place), ylabel=label(quantity).replace(", per", "\nper"))
    add_si_axis(axes, "y", quantity.units, result.units)
