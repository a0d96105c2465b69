"""Figures of a study: a quantity along the keys that were swept."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from textwrap import fill
from typing import Any

import numpy as np

from bdg.observables import Quantity
from bdg.plot.canvas.labels import add_si_axis, capital, label, number
from bdg.plot.canvas.scale import amount_scale
from bdg.plot.canvas.style import COLOURS, add_title, new_figure, styled
from bdg.result import Units

MOST_LINES = len(COLOURS)
"""Lines that colours alone tell apart; more get a colour bar."""

LABEL, HEADING = 40, 64
"""Letters of a line of a label and of a heading."""


@dataclass(frozen=True)
class Mark:
    """A place along a figure, as a vertical line with a name, or two with what lies between shaded."""

    low: float
    high: float
    name: str


@styled
def study_lines(
    quantity: Quantity,
    band: tuple[Quantity, Quantity] | None = None,
    *,
    marks: Sequence[Mark] = (),
    note: str = "",
    title: str = "",
    units: Units | None = None,
) -> Any:
    """A line for each value of the first axis, along the last, through the points there are; bands around it.

    Parameters
    ----------
    quantity
        Real, with one axis or two.
    band
        As large: the lower and the upper end of what is shaded, which the note names.
    marks
        Places along the axis.
    note
        What was made of it: a mean over an axis.
    title, units
        Of the study.
    """
    figure = new_figure(6.4, 4.2)
    axes = figure.subplots()
    along = quantity.coords[quantity.dims[-1]]
    rows = np.atleast_2d(quantity.values)
    ends = None if band is None else [np.atleast_2d(end.values) for end in band]
    hue = None if len(quantity.dims) == 1 else quantity.coords[quantity.dims[0]]
    colours = _colours(len(rows))
    place = np.asarray(along.values if along.values.dtype.kind in "iuf" else np.arange(len(along.values)))
    style = "o-" if rows.shape[1] < 40 else "-"
    for n, row in enumerate(rows):
        name = None if hue is None else _value(hue, n, units)
        there = np.isfinite(row)
        axes.plot(place[there], row[there], style, color=colours[n], markersize=3, label=name)
        if ends is not None:
            low, high = (end[n][there] for end in ends)
            axes.fill_between(place[there], low, high, color=colours[n], alpha=0.2, lw=0)
    for mark in marks:
        _add_mark(axes, mark)
    if along.values.dtype.kind not in "iuf":
        axes.set_xticks(place, labels=[str(value) for value in along.values])
    if hue is not None or marks:
        _name_lines(figure, axes, hue, len(rows))
    axes.set(xlabel=label(along), ylabel=_short(quantity), title=_heading(quantity, note))
    add_si_axis(axes, "x", along.units, units)
    add_si_axis(axes, "y", quantity.units, units)
    add_title(figure, title)
    return figure


@styled
def study_map(quantity: Quantity, *, note: str = "", title: str = "", units: Units | None = None) -> Any:
    """A map over two axes, the first upwards; between points that fill no grid it is interpolated.

    Parameters
    ----------
    quantity
        Real, with two axes that have numbers.
    note
        What was made of it: a mean over an axis.
    title, units
        Of the study.
    """
    figure = new_figure(5.6, 4.4)
    axes = figure.subplots()
    up, along = (quantity.coords[dim] for dim in quantity.dims)
    scale = amount_scale(quantity.values, quantity.long_name, quantity.units)
    look = {**scale.look, "rasterized": True}
    there = np.isfinite(quantity.values)
    if there.all() or min(there.any(axis=0).sum(), there.any(axis=1).sum()) < 2:
        drawn = axes.pcolormesh(along.values, up.values, quantity.values, **look)
    else:
        x, y = np.meshgrid(along.values, up.values)
        drawn = axes.tripcolor(x[there], y[there], quantity.values[there], shading="gouraud", **look)
        axes.plot(x[there], y[there], ".", color="0.5", markersize=1.5)
    figure.colorbar(drawn, ax=axes, label=_short(quantity), extend=scale.beyond)
    axes.set(xlabel=label(along), ylabel=label(up), title=_heading(quantity, note))
    add_si_axis(axes, "x", along.units, units)
    add_title(figure, title)
    return figure


def _add_mark(axes: Any, mark: Mark) -> None:
    if mark.low == mark.high:
        axes.axvline(mark.low, color="0.2", ls="--", lw=1, label=mark.name)
        return
    axes.axvspan(mark.low, mark.high, color="0.5", alpha=0.15, lw=0, label=mark.name)
    for place in (mark.low, mark.high):
        axes.axvline(place, color="0.5", ls=":", lw=1)


def _short(quantity: Quantity) -> str:
    """The label of an axis: the name up to its first explanation, in lines that fit."""
    short = label(replace(quantity, long_name=re.split("[:,]", quantity.long_name)[0]))
    return fill(short, LABEL, break_long_words=False)


def _heading(quantity: Quantity, note: str) -> str:
    heading = capital(f"{quantity.long_name}, {note}" if note else quantity.long_name)
    return fill(heading, HEADING, break_long_words=False)


def _colours(count: int) -> Any:
    """A colour for each line: those of the style, or shades of one scale where they are many."""
    if count <= MOST_LINES:
        return COLOURS
    import matplotlib

    return matplotlib.colormaps["viridis"](np.linspace(0.0, 0.92, count))


def _name_lines(figure: Any, axes: Any, hue: Quantity | None, count: int) -> None:
    if hue is None or count <= MOST_LINES or hue.values.dtype.kind not in "iuf":
        axes.legend(title=None if hue is None else label(hue))
        return
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LinearSegmentedColormap, Normalize

    shades = LinearSegmentedColormap.from_list("lines", _colours(count))
    span = Normalize(float(np.min(hue.values)), float(np.max(hue.values)))
    figure.colorbar(ScalarMappable(span, shades), ax=axes, label=label(hue))


def _value(quantity: Quantity, n: int, units: Units | None) -> str:
    value = quantity.values[n]
    if quantity.values.dtype.kind not in "iuf":
        return str(value)
    return number(float(value), quantity.units, None)
