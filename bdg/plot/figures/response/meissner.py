"""The field across a slab that screens it, beside London's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bdg.plot.canvas.curves import draw_curve, stacked
from bdg.plot.canvas.finding import find
from bdg.plot.canvas.labels import add_si_axis, label, value_of
from bdg.plot.canvas.style import COLOURS, add_title, new_figure, styled
from bdg.result import Result


@styled
def field_profile(result: Result) -> Any:
    """B(x) across a slab, the fitted cosh's depth, and London's B(x).

    Raises
    ------
    InputError
        If the result has no profile of the field.
    """
    figure = new_figure(6.4, 4.4)
    draw_field_profile(figure.subplots(), result)
    add_title(figure, result.title)
    return figure


@styled
def moment_curve(result: Result) -> Any:
    """Moment, |Δ|, G and the number of vortices against the applied field, one above the other.

    Raises
    ------
    InputError
        If the result has none.
    """

    def drawn(name: str, colour: str, title: str) -> Callable[[Any], None]:
        def draw(axes: Any) -> None:
            draw_curve(axes, result, name, "applied", colour)
            axes.set_title(title)

        return draw

    names = ("curve_moment", "curve_delta", "curve_winding", "curve_gibbs")
    titles = ("Magnetisation", "", "", "")
    return stacked(result, list(map(drawn, names, COLOURS, titles)), height=2.0)


def draw_field_profile(axes: Any, result: Result) -> None:
    """Draw them into one panel."""
    profile, known = find(result, "field_profile"), result.quantities()
    place = profile.coords["depth"]
    depths = {name: value_of(known[name], result.units) for name in ("depth", "london_depth")}
    axes.axhline(
        float(np.mean(known["applied_field"].values)), color="#777777", linewidth=0.8, label="applied"
    )
    axes.plot(
        place.values,
        known["london_profile"].values,
        color=COLOURS[1],
        linewidth=1.2,
        label=f"London, λ = {depths['london_depth']}",
    )
    text = f"self-consistent, λ = {depths['depth']}"
    axes.plot(place.values, profile.values, "o", color=COLOURS[0], markersize=3, label=text)
    axes.set(xlabel="x (a)", ylabel=label(profile), title="Field across the slab", ylim=(0, None))
    if np.min(profile.values) < 0:
        axes.set_ylim(auto=True)
    add_si_axis(axes, "y", profile.units, result.units)
    axes.legend()
