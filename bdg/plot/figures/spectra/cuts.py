"""Cuts along a straight line of sites: spectra as a waterfall and a map, other quantities as a curve."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.observables import Quantity
from bdg.plot.canvas.finding import find, spectral_axis, spectral_values
from bdg.plot.canvas.geometry import sites_along
from bdg.plot.canvas.labels import capital, length_label, length_ticks, site_name
from bdg.plot.canvas.lines import finish_values, plot_values
from bdg.plot.canvas.style import COLOURS, add_title, new_figure, styled
from bdg.plot.figures.sample.maps import site_layers
from bdg.plot.figures.spectra.spectra import (
    MOST_STEPS,
    apart,
    draw_energy_map,
    draw_waterfall,
    label_energies,
    mark_gap,
    sites_with,
)
from bdg.result import Result


@styled
def line_cut(result: Result, start: int, end: int, name: str = "ldos", *, energy: float | None = None) -> Any:
    """A quantity at the sites on the straight line between two.

    Parameters
    ----------
    result
        What to draw from.
    start, end
        Site indices.
    name
        A quantity on sites. Of one with an energy axis, the spectra are drawn twice: a step apart from one
        another, and as a map of energy and position.
    energy
        Where to cut an energy axis instead, in t.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    InputError
        If the quantity has no values on sites, or not on two of the line.
    """
    quantity = find(result, name)
    if spectral_axis(quantity) and energy is None and {"site", "ldos_site"} & set(quantity.dims):
        figure = _spectra(result, quantity, start, end)
        parts = result.title, capital(quantity.long_name)
        add_title(figure, ": ".join(part for part in parts if part))
    else:
        figure = _curves(result, quantity, start, end, energy or 0.0)
        add_title(figure, result.title)
    return figure


def _curves(result: Result, quantity: Quantity, start: int, end: int, energy: float) -> Any:
    layers = site_layers(quantity, energy, result.units)
    sites, along = sites_along(result.sample, start, end)
    figure = new_figure(7.0, 1.2 + 2.4 * len(layers))
    panels = figure.subplots(len(layers), 1, sharex=True, squeeze=False)[:, 0]
    for panel, (title, values, scale) in zip(panels, layers, strict=True):
        plot_values(panel, along, values[sites], scale, color=COLOURS[0])
        finish_values(panel, values[sites], scale, result.units)
        panel.set_title(title)
    panels[-1].set_xlabel(_distance_label(result, start, end))
    length_ticks(panels[-1].xaxis, result.units)
    return figure


def _spectra(result: Result, quantity: Quantity, start: int, end: int) -> Any:
    sites, along, column = _known_on_line(result, quantity, start, end)
    axis = quantity.dims.index(spectral_axis(quantity) or "energy")
    values = np.moveaxis(quantity.values, axis, -1)[..., column, :]
    energies = np.asarray(spectral_values(quantity).values)
    spins = [f"Spin {name}" for name in apart(quantity)] or [""]
    figure = new_figure(10.0, 0.4 + 4.4 * len(spins))
    grid = figure.subplots(len(spins), 2, squeeze=False)
    for (left, right), spin, rows in zip(
        grid, spins, values.reshape(len(spins), len(column), -1), strict=True
    ):
        few = np.unique(np.linspace(0, len(sites) - 1, min(len(sites), MOST_STEPS)).astype(int))
        lines = [(site_name(result.sample, int(sites[n])), rows[n]) for n in few]
        mark_gap(left, result, float(energies.max()))
        draw_waterfall(left, energies, lines, quantity)
        draw_energy_map(right, energies, along, rows, quantity)
        right.set_ylabel(_distance_label(result, start, end))
        length_ticks(right.yaxis, result.units)
        for axes in (left, right):
            label_energies(axes, energies, quantity, result)
            axes.set_title(spin)
    return figure


def _known_on_line(
    result: Result, quantity: Quantity, start: int, end: int
) -> tuple[NDArray[np.intp], NDArray[np.float64], NDArray[np.intp]]:
    """Sites of the line that have a spectrum, how far along they are, and their columns."""
    sites, along = sites_along(result.sample, start, end)
    available = sites_with(quantity, result.sample.n_sites)
    known = np.isin(sites, available)
    if known.sum() < 2:
        raise InputError(
            f"{quantity.long_name} is known at {known.sum()} of the {len(sites)} sites on this line;"
            " run again with observables.ldos.sites: all"
        )
    order = np.argsort(available, kind="stable")
    column = order[np.searchsorted(available, sites[known], sorter=order)]
    return sites[known], along[known], column


def _distance_label(result: Result, start: int, end: int) -> str:
    names = [site_name(result.sample, site) for site in (start, end)]
    return length_label(f"Distance from {names[0]} towards {names[1]}", result.units)
