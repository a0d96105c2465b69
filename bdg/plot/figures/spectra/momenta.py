"""Spectral functions of momentum and energy."""

from __future__ import annotations

from typing import Any

import numpy as np

from bdg.observables import Quantity
from bdg.plot.canvas.finding import find
from bdg.plot.canvas.labels import add_si_axis, capital, label, with_units
from bdg.plot.canvas.scale import Scale, amount_scale
from bdg.plot.canvas.style import add_title, new_figure, styled
from bdg.plot.figures.spectra.bands import mark_path, places_along
from bdg.result import Result

PERCENTILE = 99.5
"""Where the colours end: a few sharp levels must not leave all others dark."""

SPINS = ("spin up", "spin down")


@styled
def momentum_map(result: Result, name: str = "spectral_function", *, percentile: float = PERCENTILE) -> Any:
    """A quantity over the path in the Brillouin zone and the energy; each spin in a panel of its own.

    Parameters
    ----------
    result
        What to draw from.
    name
        A quantity with axes ``energy`` and ``path``.
    percentile
        Of the values, where the colours end.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    quantity = find(result, name)
    values = np.moveaxis(
        quantity.values, [quantity.dims.index("energy"), quantity.dims.index("path")], [-2, -1]
    )
    sets = values.reshape(-1, *values.shape[-2:])
    figure = new_figure(1.2 + 4.8 * len(sets), 4.6)
    panels = figure.subplots(1, len(sets), sharey=True, squeeze=False)[0]
    scale = amount_scale(sets, "A", quantity.units, up_to=percentile, from_zero=True)
    for n, (axes, one) in enumerate(zip(panels, sets, strict=True)):
        drawn = draw_momenta(axes, result, quantity, one, scale)
        part = f", {SPINS[n]}" if "spin" in quantity.dims else ""
        axes.set_title(capital(quantity.long_name) + part)
    figure.colorbar(drawn, ax=panels, extend=scale.beyond, label=with_units("A", quantity.units))
    add_title(figure, result.title)
    return figure


def draw_momenta(axes: Any, result: Result, quantity: Quantity, values: Any, scale: Scale) -> Any:
    """Draw one map, shape ``(n_energies, n_momenta)``, into a panel; returns what a colour bar belongs to."""
    energy, place = quantity.coords["energy"], places_along(quantity, values.shape[1])
    drawn = axes.pcolormesh(place, energy.values, values, **scale.look, shading="nearest", rasterized=True)
    axes.axhline(0, color="white", linewidth=0.6, linestyle=":")
    mark_path(axes, quantity, "the lattice")
    axes.set_xlim(float(place.min()), float(place.max()))
    axes.set_ylabel(label(energy))
    add_si_axis(axes, "y", energy.units, result.units)
    return drawn
