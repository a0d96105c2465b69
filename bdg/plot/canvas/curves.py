"""Quantities against an axis of their own: what grows in steps, point by point."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bdg.plot.canvas.finding import find
from bdg.plot.canvas.labels import add_si_axis, label
from bdg.plot.canvas.lines import widen_if_uniform
from bdg.plot.canvas.style import COLOURS, add_title, new_figure
from bdg.result import Result


def draw_curve(axes: Any, result: Result, name: str, along: str, colour: str = COLOURS[0]) -> None:
    """Draw a quantity against its axis ``along``, with SI units where they are known."""
    quantity = find(result, name)
    place = quantity.coords[along]
    axes.plot(place.values, quantity.values, "o-", color=colour, markersize=3)
    widen_if_uniform(axes, quantity.values)
    axes.set(xlabel=label(place), ylabel=label(quantity).replace(", per", "\nper"))
    add_si_axis(axes, "y", quantity.units, result.units)


def stacked(result: Result, drawings: Sequence[Callable[[Any], None]], height: float = 2.2) -> Any:
    """A figure of panels one above the other with one axis; each drawing draws into the axes of its own."""
    figure = new_figure(6.4, height * len(drawings))
    panels = figure.subplots(len(drawings), 1, sharex=True)
    for panel, draw in zip(panels, drawings, strict=True):
        draw(panel)
    for panel in panels[:-1]:
        panel.set_xlabel("")
    add_title(figure, result.title)
    return figure
