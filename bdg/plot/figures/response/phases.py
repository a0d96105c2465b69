"""The helicity modulus of phases against the temperature, and where vortices unbind."""

from __future__ import annotations

from typing import Any

import numpy as np

from bdg.plot.canvas.finding import find
from bdg.plot.canvas.labels import add_si_axis, label, value_of
from bdg.plot.canvas.style import COLOURS, add_title, new_figure, styled
from bdg.result import Result


@styled
def helicity_curves(result: Result) -> Any:
    """Υ(T) of each length with its error, the line 2T/π that it jumps from, and T_BKT.

    Raises
    ------
    InputError
        If the result has none.
    """
    figure = new_figure(6.4, 4.4)
    draw_helicity(figure.subplots(), result)
    add_title(figure, result.title)
    return figure


def draw_helicity(axes: Any, result: Result) -> None:
    """Draw them into one panel."""
    modulus, error = find(result, "helicity_modulus"), find(result, "helicity_error").values
    place, copies = modulus.coords["temperature"], modulus.coords["copies"].values
    style = {"markersize": 3, "capsize": 2, "linewidth": 1.0}
    for n, many in enumerate(copies):
        colour = COLOURS[n % len(COLOURS)]
        name = f"{many} × {many} copies"
        axes.errorbar(place.values, modulus.values[n], error[n], fmt="o-", color=colour, label=name, **style)
    line = np.array([place.values.min(), place.values.max()])
    axes.plot(line, 2 * line / np.pi, "--", color="#777777", linewidth=0.8, label="2T/π")
    found = find(result, "xy_bkt_temperature")
    if line[0] <= float(found) <= line[1]:
        axes.axvline(float(found), color="#777777", linewidth=0.8)
    axes.set(
        xlabel=label(place),
        ylabel=label(modulus),
        title=f"Vortices unbind at {value_of(found, result.units)}",
    )
    add_si_axis(axes, "y", modulus.units, result.units)
    axes.legend()
