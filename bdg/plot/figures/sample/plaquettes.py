"""Maps of quantities that have a value on every plaquette, and vortices over the map of |Δ|."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.observables import Quantity
from bdg.plot.canvas.finding import find, order_of
from bdg.plot.canvas.geometry import middle_plane
from bdg.plot.canvas.labels import capital
from bdg.plot.canvas.scale import add_colour_bar, amount_scale
from bdg.plot.canvas.style import COLOURS, add_title, styled
from bdg.plot.canvas.window import window_of
from bdg.plot.figures.sample.maps import draw_plane, label_plane, plane_grid
from bdg.result import Result

RASTER_ABOVE = 4000
"""More plaquettes than this are stored as pixels in PDF and SVG files."""


@styled
def plaquette_map(result: Result, quantity: Quantity) -> Any:
    """Every plaquette of a planar sample in its colour.

    Raises
    ------
    InputError
        If the sample is not planar.
    """
    _require_plane(result.sample)
    figure, (axes,) = plane_grid(result.sample, 1)
    draw_plaquettes(axes, result, quantity)
    add_title(figure, result.title)
    return figure


def draw_plaquettes(axes: Any, result: Result, quantity: Quantity) -> None:
    """Draw such a map into one panel."""
    from matplotlib.collections import PolyCollection

    sample = result.sample
    values = np.asarray(quantity.values)
    scale = amount_scale(values, quantity.long_name, quantity.units, signed=bool((values < 0).any()))
    places = [middle_plane(sample).centers, *outlines(sample)]
    drawn = PolyCollection(
        outlines(sample),
        array=values,
        **scale.look,
        edgecolors="face",
        linewidths=0.3,
        rasterized=len(values) > RASTER_ABOVE,
    )
    axes.add_collection(drawn, autolim=False)
    every = np.concatenate(places)
    low, high = every.min(axis=0) - 0.5, every.max(axis=0) + 0.5
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal")
    label_plane(axes, middle_plane(sample), result.units)
    add_colour_bar(axes, drawn, scale, result.units)
    axes.set_title(capital(quantity.long_name))


@styled
def vortex_map(result: Result) -> Any:
    """Vortices over the map of |Δ|: a mark for each, by the sign of its winding.

    Raises
    ------
    InputError
        If the result has no vortices measured, or its sample is not planar.
    """
    _require_plane(result.sample)
    window, winding = window_of(result), find(result, "vortex_winding").values
    places, sample = window.wrapped(find(result, "vortex_position").values), window.moved()
    _, order = order_of(result)
    size = np.abs(order.values)
    plane = middle_plane(sample)
    figure, (axes,) = plane_grid(sample, 1)
    scale = amount_scale(size, f"|{order.long_name}|", order.units)
    drawn = draw_plane(axes, sample, plane, size, scale, result.units)
    add_colour_bar(axes, drawn, scale, result.units)
    for sign, mark, text in ((-1, "o", "winding < 0"), (1, "s", "winding > 0")):
        chosen = np.sign(winding) == sign
        if chosen.any():
            style = {"facecolors": "none", "edgecolors": COLOURS[1], "linewidths": 1.5, "s": 60}
            axes.scatter(*places[chosen].T, marker=mark, label=text, clip_on=False, **style)
    count = len(winding)
    axes.set_title(
        f"{count} vort{'ex' if count == 1 else 'ices'}, winding {int(winding.sum()):+d}".replace("-", "−")
    )
    if len(set(np.sign(winding).tolist())) > 1:
        axes.legend(loc="upper right", fontsize=8)
    add_title(figure, result.title)
    return figure


def outlines(sample: Sample) -> list[NDArray[np.float64]]:
    """Corners of every plaquette in the plane, each of shape ``(n_corners, 2)``."""
    faces, found = sample.plaquettes, []
    steps = faces.signs[:, None] * sample.bonds.displacement[faces.bonds]
    for start, stop, center in zip(faces.indptr[:-1], faces.indptr[1:], faces.center, strict=True):
        corners = np.cumsum(steps[start:stop], axis=0)
        found.append((corners - corners.mean(axis=0) + center)[:, :2])
    return found


def _require_plane(sample: Sample) -> None:
    if sample.dimension != 2:
        raise InputError(
            f"plaquettes are drawn of lattices in the plane, and this one has {sample.dimension} dimensions;"
            " read them from the file"
        )
