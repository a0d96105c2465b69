"""Figures of quantities that are neither maps, spectra nor currents."""

from __future__ import annotations

from typing import Any

import numpy as np

from bdg.observables import Quantity
from bdg.observables.quantity import scalar
from bdg.plot.canvas.labels import add_si_axis, capital, label, value_of
from bdg.plot.canvas.scale import amount_scale
from bdg.plot.canvas.style import COLOURS, add_title, new_figure, styled
from bdg.result import Result


@styled
def scalars(result: Result) -> Any:
    """Every quantity that is one number, in a table."""
    shown = [scalar(result.fields.mu, "t", "chemical potential")]
    shown += [quantity for quantity in result.quantities().values() if not quantity.dims]
    figure = new_figure(8.0, 0.9 + 0.28 * len(shown))
    axes = figure.subplots()
    axes.set_axis_off()
    for n, quantity in enumerate(shown):
        height = 1 - (n + 0.5) / len(shown)
        axes.text(0.0, height, quantity.long_name, va="center", transform=axes.transAxes)
        value = value_of(quantity, result.units)
        axes.text(0.62, height, value, va="center", transform=axes.transAxes)
    axes.set_title(result.title or "Numbers")
    return figure


@styled
def generic(result: Result, quantity: Quantity) -> Any:
    """A quantity along axes of its own: a line for each row, or a map if there are many."""
    from matplotlib.ticker import MaxNLocator

    figure = new_figure(6.4, 4.2)
    axes = figure.subplots()
    values = np.abs(quantity.values) if np.iscomplexobj(quantity.values) else np.asarray(quantity.values)
    dim = quantity.dims[-1]
    coordinate = quantity.coords.get(dim)
    numeric = coordinate is not None and coordinate.values.dtype.kind in "iuf"
    place = coordinate.values if coordinate is not None and numeric else np.arange(values.shape[-1])
    rows = values.reshape(-1, values.shape[-1])
    style = (
        "o" if coordinate is None else "o-" if len(place) < 40 else "-"
    )  # nothing lies between numbered ones
    if len(rows) <= len(COLOURS):
        for n, row in enumerate(rows):
            name = "xyz"[n] if quantity.dims[0] == "component" else f"{n}"
            axes.plot(place, row, style, color=COLOURS[n], label=name, markersize=3)
        axes.set_ylabel(label(quantity))
        add_si_axis(axes, "y", quantity.units, result.units)
        if len(rows) > 1:
            axes.legend(title=", ".join(quantity.dims[:-1]))
    else:
        scale = amount_scale(values, quantity.long_name, quantity.units)
        drawn = axes.pcolormesh(
            place,
            np.arange(len(rows)),
            rows,
            **scale.look,
            rasterized=True,
        )
        figure.colorbar(drawn, ax=axes, label=label(quantity), extend=scale.beyond)
        axes.set_ylabel(", ".join(quantity.dims[:-1]))
    axes.set_xlabel(capital(dim.replace("_", " ")) if coordinate is None else label(coordinate))
    if coordinate is None:
        axes.xaxis.set_major_locator(MaxNLocator(nbins=8, integer=True))
    if coordinate is not None and numeric:
        add_si_axis(axes, "x", coordinate.units, result.units)
    axes.set_title(capital(quantity.long_name))
    add_title(figure, result.title)
    return figure
