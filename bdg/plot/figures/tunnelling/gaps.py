"""The gaps of an STM: their histogram, the mean spectra of similar ones, and how far they are correlated."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib
import numpy as np

from bdg.plot.canvas.labels import add_si_axis, label, number
from bdg.plot.canvas.style import COLOURS, SEQUENTIAL, add_title, new_figure, styled
from bdg.result import Result

CORRELATED = {
    "gap_correlation": "the gap",
    "gap_density_correlation": "the density",
    "gap_delta_correlation": "|Δ|",
    "gap_potential_correlation": "the on-site energy",
}
"""What the gap is correlated with, by quantity."""


@styled
def gap_statistics(result: Result) -> Any:
    """Histogram, sorted mean spectra and correlations of a gap map, in a panel each."""
    draws: list[Callable[[Any, Result], None]] = [draw_histogram, draw_sorted]
    draws += [draw_correlations] if "gap_correlation" in result.quantities() else []
    figure = new_figure(4.7 * len(draws), 4.2)
    for axes, draw in zip(figure.subplots(1, len(draws)), draws, strict=True):
        draw(axes, result)
    add_title(figure, result.title)
    return figure


def draw_histogram(axes: Any, result: Result) -> None:
    """Draw the distribution of the gaps, and their mean as a line."""
    known = result.quantities()
    share = known["gap_histogram"]
    places = share.coords["gap_bin"]
    width = float(places.values[1] - places.values[0])
    axes.bar(places.values, share.values, width, color="#9db4d3")
    mean = float(known["mean_tunnelling_gap"])
    axes.axvline(mean, color=COLOURS[1], label=f"mean {number(mean, 't', None)}")
    filled = places.values[share.values > 0]
    axes.set_xlim(max(0.0, filled.min() - 3 * width), filled.max() + 3 * width)
    axes.set(xlabel=label(places), ylabel=label(share), title="Distribution")
    axes.legend(loc="upper right")
    add_si_axis(axes, "x", "t", result.units)


def draw_sorted(axes: Any, result: Result) -> None:
    """Draw the mean spectra of sites with similar gaps."""
    means = result.quantities()["gap_sorted_spectra"]
    bias, groups = means.coords["bias"], means.coords["gap_group"].values
    colours = matplotlib.colormaps[SEQUENTIAL](np.linspace(0, 0.85, len(groups)))
    for group, values, colour in zip(groups, means.values, colours, strict=True):
        axes.plot(bias.values, values, color=colour, linewidth=1.1, label=f"{group:.3g} t")
    axes.set(xlabel=label(bias), ylabel="dI/dV (1/t)", title="Mean spectra of sites with similar gaps")
    axes.set_ylim(0, 1.35 * float(means.values.max()))
    axes.legend(title="mean gap", loc="upper center", ncols=3)
    add_si_axis(axes, "x", bias.units, result.units)


def draw_correlations(axes: Any, result: Result) -> None:
    """Draw the correlations of the gap against the distance, with their standard errors."""
    known = result.quantities()
    for n, (name, text) in enumerate(CORRELATED.items()):
        if name in known:
            place, error = known[name].coords["distance"], known[f"{name}_error"].values
            style = {"color": COLOURS[n], "markersize": 3, "capsize": 2, "linewidth": 1.1}
            axes.errorbar(place.values, known[name].values, error, fmt="o-", label=text, **style)
            axes.set_xlabel(label(place))
    axes.axhline(0, color="#999999", linewidth=0.8, zorder=0)
    axes.set(ylabel="Correlation of the gap", title="Correlation with")
    axes.legend(loc="upper right")
    add_si_axis(axes, "x", "a", result.units)
