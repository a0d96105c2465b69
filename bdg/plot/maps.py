"""Maps of quantities that have a value on every site."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.observables import Quantity
from bdg.plot.geometry import Plane, draw_cells, line_axis, planes
from bdg.plot.labels import add_si_axis, caveat, is_uniform, length_label, number, with_units
from bdg.plot.scale import FLOW, Scale, add_colour_bar, amount_scale, phase_scale
from bdg.plot.style import COLOURS, CYCLIC, new_figure, styled
from bdg.result import Result, Units

MOST_PLANES = 9
"""More planes of a three-dimensional sample than this are thinned out evenly."""

NO_PHASE, SMALL_PHASE = 1e-6, 1.0
"""A phase that varies less than this, in rad, is not drawn; less than that, with a scale of its own."""

Layer = tuple[str, NDArray[Any], Scale]
"""Title, one real number a site, and what its colours mean."""


@styled
def site_map(result: Result, name: str, *, energy: float = 0.0) -> Any:
    """A quantity on the sites of the real lattice, a colour each; on chains, a line.

    Complex quantities are drawn as modulus, and phase where it varies; spins and components side by side;
    three-dimensional samples plane by plane.

    Parameters
    ----------
    result
        What to draw from.
    name
        A quantity with an axis ``site``; ``delta`` and ``hartree`` are the self-consistent fields.
    energy
        Where to cut a quantity that has an energy axis, in t; the nearest energy it has is taken.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    InputError
        If there is no such quantity, or it has no value on every site.
    """
    quantity = find(result, name)
    layers = site_layers(quantity, energy, result.units)
    sample = result.sample
    if line_axis(sample) is not None:
        figure = new_figure(7.0, 1.2 + 2.4 * len(layers))
        panels = figure.subplots(len(layers), 1, sharex=True, squeeze=False)[:, 0]
        for panel, layer in zip(panels, layers, strict=True):
            draw_line(panel, sample, layer, result.units)
            panel.set_title(layer[0])
        for panel in panels[:-1]:
            panel.set_xlabel("")
    else:
        figure = _draw_planes(sample, layers, result.units)
    if caveat(result, quantity):
        figure.supxlabel(caveat(result, quantity), fontsize=9.5)
    if result.title:
        figure.suptitle(result.title, fontsize=11.5)
    return figure


def find(result: Result, name: str) -> Quantity:
    """A quantity by name, self-consistent fields included.

    Raises
    ------
    InputError
        If there is none; the message lists what there is.
    """
    from bdg.store.results import field_quantities

    known = field_quantities(result) | result.quantities()
    if name not in known:
        raise InputError(f"the result has no {name!r}; it has {', '.join(sorted(known))}")
    return known[name]


def site_layers(quantity: Quantity, energy: float, si: Units | None) -> list[Layer]:
    """What to draw of a quantity: one real number a site and layer.

    Raises
    ------
    InputError
        If the quantity has no value on every site.
    """
    dims, values, note = list(quantity.dims), quantity.values, ""
    if "site" not in dims:
        raise InputError(
            f"{quantity.long_name} has no value on every site, its axes are {dims}; plot it otherwise"
        )
    if "energy" in dims:
        axis = np.asarray(quantity.coords["energy"].values)
        nearest = int(np.argmin(np.abs(axis - energy)))
        values = np.take(values, nearest, dims.index("energy"))
        dims.remove("energy")
        note = f" at {number(float(axis[nearest]), 't', si)}"
    values = np.moveaxis(values, dims.index("site"), -1)
    dims.remove("site")
    text = quantity.long_name
    if not dims:
        if np.iscomplexobj(values):
            return _modulus_and_phase(values, text, quantity.units, note)
        signed = quantity.units == FLOW
        return [(_capital(text) + note, values, amount_scale(values, text, quantity.units, signed=signed))]
    names = {"spin": ["spin up", "spin down"], "component": [f"along {c}" for c in "xyz"]}.get(dims[0])
    rows = values.reshape(-1, values.shape[-1])
    rows = np.abs(rows) if np.iscomplexobj(rows) else rows
    scale = amount_scale(rows, text, quantity.units, signed=quantity.units == FLOW)
    if names is None or len(names) < len(rows):
        names = [f"{dims[0]} {n}" for n in range(len(rows))]
    # What it is says the colour bar: a title must not reach the SI unit above it.
    return [(f"{_capital(which)}{note}", row, scale) for which, row in zip(names, rows, strict=False)]


def _modulus_and_phase(values: NDArray[Any], text: str, units: str, note: str) -> list[Layer]:
    modulus = np.abs(values)
    scale = amount_scale(modulus, f"|{text}|", units)
    layers: list[Layer] = [(f"{_capital(text)}, modulus{note}", modulus, scale)]
    visible = modulus > 1e-9 * modulus.max(initial=0.0)
    mean = float(np.angle(values.sum()))
    deviation = np.where(visible, np.angle(values * np.exp(-1j * mean)), np.nan)
    largest = float(np.nanmax(np.abs(deviation))) if visible.any() else 0.0
    if largest > SMALL_PHASE:
        layers.append(
            (f"{_capital(text)}, phase{note}", np.where(visible, np.angle(values), np.nan), phase_scale())
        )
    elif largest > NO_PHASE:
        relative = amount_scale(deviation, "phase less its mean", "rad", signed=True)
        layers.append((f"{_capital(text)}, phase{note}", deviation, relative))
    return layers


def draw_layer(axes: Any, sample: Sample, plane: Plane, layer: Layer, si: Units | None) -> None:
    """Draw one layer on one plane, with its colour bar; on a chain, as a line."""
    title, values, scale = layer
    if line_axis(sample) is not None:
        draw_line(axes, sample, layer, si)
    else:
        drawn = draw_plane(axes, sample, plane, values, scale, si)
        add_colour_bar(axes, drawn, scale, si)
    axes.set_title(title if plane.height is None else f"{title}, {plane.title}")


def draw_plane(
    axes: Any, sample: Sample, plane: Plane, values: NDArray[Any], scale: Scale, si: Units | None
) -> Any:
    """Draw one layer on one plane, without a colour bar; returns what a colour bar needs."""
    from matplotlib.ticker import MaxNLocator

    drawn = draw_cells(
        axes, sample, plane, values[plane.sites], cmap=scale.colours, vmin=scale.low, vmax=scale.high
    )
    axes.set(xlabel=length_label("x", si), ylabel=length_label("y", si))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=6, integer=True))
    return drawn


def draw_line(axes: Any, sample: Sample, layer: Layer, si: Units | None) -> None:
    """Draw one layer of a chain or a strip against the position."""
    _, values, scale = layer
    along = line_axis(sample) or 0
    place = sample.positions[:, along]
    order = np.argsort(place, kind="stable")
    line = "none" if scale.colours == CYCLIC else "-"
    axes.plot(place[order], values[order], line, marker="o", markersize=_marker(len(place)), color=COLOURS[0])
    axes.set(xlabel=length_label("xyz"[along], si), ylabel=with_units(scale.text, scale.units))
    if scale.colours == CYCLIC:
        axes.set_yticks([-np.pi, 0, np.pi], labels=["−π", "0", "π"])
        axes.set_ylim(-1.1 * np.pi, 1.1 * np.pi)
    else:
        widen_if_uniform(axes, values)
        add_si_axis(axes, "y", scale.units, si)


def widen_if_uniform(axes: Any, values: NDArray[Any]) -> None:
    """Give equal values limits that do not show their rounding errors."""
    if is_uniform(np.asarray(values)):
        middle = float(np.nanmean(values)) if np.size(values) else 0.0
        half = 0.1 * abs(middle) or 1.0
        axes.set_ylim(middle - half, middle + half)


def _draw_planes(sample: Sample, layers: list[Layer], si: Units | None) -> Any:
    every = planes(sample)
    chosen = [
        every[n] for n in np.unique(np.linspace(0, len(every) - 1, min(len(every), MOST_PLANES)).astype(int))
    ]
    panels = [(layer, plane) for layer in layers for plane in chosen]
    extent = np.ptp(sample.positions[:, :2], axis=0) + 1.0
    columns = min(len(panels), 3 if len(chosen) > 1 else (1 if extent[0] > 3 * extent[1] else 2))
    rows = -(-len(panels) // columns)
    width = 5.6 if columns == 1 else 4.9
    height = float(np.clip(0.70 * width * extent[1] / extent[0], 1.1, 8.0)) + 0.9
    figure = new_figure(width * columns, height * rows + 0.3)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, (layer, plane) in zip(grid, panels, strict=False):
        draw_layer(axes, sample, plane, layer, si)
    for axes in grid[len(panels) :]:
        axes.set_axis_off()
    return figure


def _marker(count: int) -> float:
    return 4.0 if count <= 80 else (2.0 if count <= 400 else 0.0)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
