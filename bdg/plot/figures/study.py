"""Figures of a study: a quantity along the keys that were swept."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np

from bdg.observables import Quantity
from bdg.plot.canvas.labels import add_si_axis, capital, label, number
from bdg.plot.canvas.scale import amount_scale
from bdg.plot.canvas.style import COLOURS, add_title, new_figure, styled
from bdg.result import Units

MOST_LINES = len(COLOURS)
"""Lines that colours alone tell apart; more get a colour bar."""


@styled
def study_lines(
    quantity: Quantity,
    error: Quantity | None = None,
    *,
    note: str = "",
    title: str = "",
    units: Units | None = None,
) -> Any:
    """A line for each value of the first axis, along the last; bands show the error.

    Parameters
    ----------
    quantity
        Real, with one axis or two.
    error
        As large: half the width of the bands.
    note
        What was made of it: a mean over an axis.
    title, units
        Of the study.
    """
    figure = new_figure(6.4, 4.2)
    axes = figure.subplots()
    along = quantity.coords[quantity.dims[-1]]
    rows = np.atleast_2d(quantity.values)
    widths = None if error is None else np.atleast_2d(error.values)
    hue = None if len(quantity.dims) == 1 else quantity.coords[quantity.dims[0]]
    colours = _colours(len(rows))
    place = along.values if along.values.dtype.kind in "iuf" else np.arange(len(along.values))
    style = "o-" if rows.shape[1] < 40 else "-"
    for n, row in enumerate(rows):
        name = None if hue is None else _value(hue, n, units)
        axes.plot(place, row, style, color=colours[n], markersize=3, label=name)
        if widths is not None:
            axes.fill_between(place, row - widths[n], row + widths[n], color=colours[n], alpha=0.2, lw=0)
    if along.values.dtype.kind not in "iuf":
        axes.set_xticks(place, labels=[str(value) for value in along.values])
    if hue is not None:
        _name_lines(figure, axes, hue, len(rows))
    axes.set(xlabel=label(along), ylabel=_short(quantity), title=_heading(quantity, note))
    add_si_axis(axes, "x", along.units, units)
    add_si_axis(axes, "y", quantity.units, units)
    add_title(figure, title)
    return figure


@styled
def study_map(quantity: Quantity, *, note: str = "", title: str = "", units: Units | None = None) -> Any:
    """A map over two axes, the first upwards.

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
    drawn = axes.pcolormesh(
        along.values,
        up.values,
        quantity.values,
        cmap=scale.colours,
        vmin=scale.low,
        vmax=scale.high,
        rasterized=True,
    )
    figure.colorbar(drawn, ax=axes, label=_short(quantity))
    axes.set(xlabel=label(along), ylabel=label(up), title=_heading(quantity, note))
    add_si_axis(axes, "x", along.units, units)
    add_title(figure, title)
    return figure


def _short(quantity: Quantity) -> str:
    """The label of an axis: the name up to its first explanation."""
    return label(replace(quantity, long_name=re.split("[:,]", quantity.long_name)[0]))


def _heading(quantity: Quantity, note: str) -> str:
    return capital(f"{quantity.long_name}, {note}" if note else quantity.long_name)


def _colours(count: int) -> Any:
    """A colour for each line: those of the style, or shades of one scale where they are many."""
    if count <= MOST_LINES:
        return COLOURS
    import matplotlib

    return matplotlib.colormaps["viridis"](np.linspace(0.0, 0.92, count))


def _name_lines(figure: Any, axes: Any, hue: Quantity, count: int) -> None:
    if count <= MOST_LINES or hue.values.dtype.kind not in "iuf":
        axes.legend(title=label(hue))
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
