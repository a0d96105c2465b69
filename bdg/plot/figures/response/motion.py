"""Figures of a state in time: lines along the time or the frequency, maps at a few times."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from bdg.observables import Quantity
from bdg.plot.canvas.finding import find
from bdg.plot.canvas.geometry import middle_plane, profile
from bdg.plot.canvas.labels import add_si_axis, capital, label
from bdg.plot.canvas.style import COLOURS, add_title, new_figure, styled
from bdg.plot.canvas.window import in_window
from bdg.plot.figures.sample.maps import draw_layer, site_layers
from bdg.result import Result

MOST_LINES = 6
"""Sites or bonds of which each has a line."""

MAPS = 4
"""Maps at times, the first and the last among them."""

NOTHING = 1e-9
"""Share of the largest value below which a line shows nothing."""


@styled
def in_time(result: Result, name: str) -> Any:
    """A quantity along the time, or a spectrum along the frequency."""
    figure = new_figure(6.8, 4.2)
    draw_in_time(figure.subplots(), result, name)
    add_title(figure, result.title)
    return figure


@styled
def places_in_time(result: Result, name: str) -> Any:
    """Values of sites or bonds in time: lines of a few, maps at times in the plane, else over both."""
    quantity = find(result, name)
    if quantity.values.shape[1] <= MOST_LINES:
        return in_time(result, name)
    if "site" in quantity.dims and profile(result.sample) is None:
        return _maps(result, quantity)
    figure = new_figure(6.8, 4.2)
    axes = figure.subplots()
    time = quantity.coords["time"]
    values = np.abs(quantity.values) if np.iscomplexobj(quantity.values) else quantity.values
    drawn = axes.pcolormesh(time.values, np.arange(values.shape[1]), values.T, rasterized=True)
    figure.colorbar(drawn, ax=axes, label=label(quantity))
    axes.set(xlabel=label(time), ylabel=capital(quantity.dims[1]), title=capital(quantity.long_name))
    add_title(figure, result.title)
    return figure


def draw_in_time(axes: Any, result: Result, name: str) -> None:
    """Lines along the first axis of a quantity, those that show something."""
    quantity = find(result, name)
    along = quantity.coords[quantity.dims[0]]
    values = np.abs(quantity.values) if np.iscomplexobj(quantity.values) else quantity.values
    columns = values.reshape(len(values), -1).T
    largest = float(np.abs(columns).max(initial=0.0))
    shown = [n for n, one in enumerate(columns) if np.abs(one).max() > NOTHING * largest] or [0]
    for count, n in enumerate(shown):
        text = f"along {'xyz'[n]}" if "component" in quantity.dims else f"{quantity.dims[-1]} {n}"
        axes.plot(along.values, columns[n], color=COLOURS[count % len(COLOURS)], label=text)
    if len(shown) > 1:
        axes.legend()
    if quantity.dims[0] == "frequency" and largest > 0:
        axes.set_yscale("log")
        axes.set_ylim(1e-6 * largest, 2 * largest)
    axes.set(xlabel=label(along), ylabel=label(quantity), title=capital(quantity.long_name))
    add_si_axis(axes, "y", quantity.units, result.units)


def _maps(result: Result, quantity: Quantity) -> Any:
    """Maps of sites at a few times, each with its own colours."""
    sample, time = in_window(result).sample, quantity.coords["time"].values
    chosen = np.unique(np.linspace(0, len(time) - 1, MAPS).astype(int))
    figure = new_figure(4.2 * len(chosen), 3.8)
    panels = np.atleast_1d(figure.subplots(1, len(chosen)))
    for axes, n in zip(panels, chosen, strict=True):
        at_time = replace(quantity, values=quantity.values[n], dims=quantity.dims[1:], coords={})
        _, values, scale = site_layers(at_time, 0.0, result.units)[0]
        title = f"{capital(quantity.long_name)}, t = {time[n]:g} ħ/t"
        draw_layer(axes, sample, middle_plane(sample), (title, values, scale), result.units)
    add_title(figure, result.title)
    return figure
