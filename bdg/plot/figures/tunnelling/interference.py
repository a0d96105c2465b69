"""Maps of quasiparticle interference in momentum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from bdg.errors import InputError
from bdg.plot.canvas.finding import find
from bdg.plot.canvas.labels import add_si_axis, capital, label, number, with_units
from bdg.plot.canvas.scale import amount_scale
from bdg.plot.canvas.style import COLOURS, add_title, new_figure, styled
from bdg.plot.figures.spectra.bands import mark_path
from bdg.result import Result

MOST_MAPS = 6
"""Biases that are drawn; of more, evenly chosen ones."""


@styled
def interference(
    result: Result,
    name: str = "qpi",
    *,
    vectors: Mapping[str, tuple[float, float]] | None = None,
    percentile: float = 99.5,
) -> Any:
    """A transform in momentum at each bias, up to a percentile of its values.

    Parameters
    ----------
    result
        With ``qpi``.
    name
        ``qpi``, ``qpi_z`` or ``qpi_antisymmetrised``.
    vectors
        To mark, by name, in 1/a: :func:`bdg.tunnelling.octet.octet_vectors`.
    percentile
        Where the colours end.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    InputError
        If the result has no such quantity.
    """
    quantity = find(result, name)
    if quantity.dims != ("bias", "q_first", "q_second"):
        raise InputError(f"{name} is no transform of maps; measure qpi")
    known = np.flatnonzero(np.isfinite(quantity.values).all(axis=(1, 2)))
    shown = known[np.unique(np.linspace(0, len(known) - 1, min(len(known), MOST_MAPS)).astype(int))]
    columns = min(3, len(shown))
    rows = -(-len(shown) // columns)
    figure = new_figure(4.2 * columns, 3.9 * rows)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    places, unit = _momenta(result, quantity)
    for axes, index in zip(panels, shown, strict=False):
        values = quantity.values[index]
        scale = amount_scale(values, f"{name} {index}", quantity.units, up_to=percentile, from_zero=True)
        drawn = axes.pcolormesh(*places, values, **scale.look, shading="nearest", rasterized=True)
        figure.colorbar(drawn, ax=axes, shrink=0.8, extend=scale.beyond)
        bias = float(quantity.coords["bias"].values[index])
        axes.set(aspect="equal", xlabel=f"q$_x$ ({unit})", ylabel=f"q$_y$ ({unit})")
        axes.set_title(f"{capital(quantity.long_name)}\nat {number(bias, 't/e', result.units)}")
        _mark(axes, vectors or {}, result)
    for axes in panels[len(shown) :]:
        axes.set_axis_off()
    add_title(figure, result.title)
    return figure


@styled
def interference_cut(result: Result, name: str = "qpi_cut", *, percentile: float = 99.5) -> Any:
    """A transform along a path at every bias as a map, with its maxima; at one bias as a line.

    Parameters
    ----------
    result
        What to draw from.
    name
        ``qpi_cut`` or ``qpi_z_cut``.
    percentile
        Where the colours end.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    quantity, figure = find(result, name), new_figure(6.4, 4.6)
    bias, along = quantity.coords["bias"], quantity.coords["path"].values
    order = np.argsort(bias.values)
    places, values = bias.values[order], quantity.values[order]
    axes = figure.subplots()
    if len(places) == 1:
        axes.plot(along, values[0], color=COLOURS[0])
        axes.set(ylabel=label(quantity), ylim=(0, None))
    else:
        scale = amount_scale(values, name, quantity.units, up_to=percentile, from_zero=True)
        drawn = axes.pcolormesh(along, places, values, **scale.look, shading="nearest", rasterized=True)
        figure.colorbar(drawn, ax=axes, extend=scale.beyond, label=with_units("|g(q)|", quantity.units))
        axes.set_ylabel(label(bias))
        add_si_axis(axes, "y", bias.units, result.units)
        peaks = result.quantities().get(name.replace("cut", "peaks"))
        if peaks is not None and peaks.dims == ("bias", "peak"):
            shown = {"markersize": 3, "color": COLOURS[1], "label": "maxima"}
            axes.plot(peaks.values, np.repeat(bias.values[:, None], peaks.values.shape[1], 1), ".", **shown)
    mark_path(axes, quantity, "the lattice")
    axes.set_xlabel(axes.get_xlabel().replace("k ", "q ", 1))
    axes.set_xlim(float(along.min()), float(along.max()))
    add_si_axis(axes, "x", "1/a", result.units)
    axes.set_title(capital(quantity.long_name))
    add_title(figure, result.title)
    return figure


def _momenta(result: Result, quantity: Any) -> tuple[list[Any], str]:
    """Qx and qy of each point, and their unit."""
    vectors = np.asarray(result.sample.cell.vectors)[:, :2]
    reciprocal = 2 * np.pi * np.linalg.inv(vectors).T
    grid = np.meshgrid(quantity.coords["q_first"].values, quantity.coords["q_second"].values, indexing="ij")
    converted = result.units.si("1/a") if result.units is not None else None
    factor, unit = converted or (1.0, "1/a")
    place = np.stack(grid, axis=-1) @ reciprocal * factor
    return [place[..., 0], place[..., 1]], unit


def _mark(axes: Any, vectors: Mapping[str, tuple[float, float]], result: Result) -> None:
    """Mark vectors, brought back into the zone of a square lattice, as circles with their names."""
    converted = result.units.si("1/a") if result.units is not None else None
    factor = converted[0] if converted else 1.0
    for name, vector in vectors.items():
        x, y = (factor * ((one + np.pi) % (2 * np.pi) - np.pi) for one in vector)
        axes.plot(x, y, "o", markersize=9, fillstyle="none", color=COLOURS[1], linewidth=1.2)
        axes.annotate(name, (x, y), (4, 4), textcoords="offset points", color=COLOURS[1], fontsize=8)
