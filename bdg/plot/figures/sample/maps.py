"""Maps of quantities that have a value on every site."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.observables import Quantity
from bdg.plot.canvas.finding import find, spectral_axis
from bdg.plot.canvas.geometry import Plane, planes, profile
from bdg.plot.canvas.insets import add_inset, add_scale_bar, show_inset
from bdg.plot.canvas.labels import capital, caveat, length_label, length_ticks, number
from bdg.plot.canvas.lines import draw_profile
from bdg.plot.canvas.looks import looks
from bdg.plot.canvas.scale import FLOW, Scale, add_colour_bar, amount_scale, phase_scale
from bdg.plot.canvas.style import add_title, new_figure, sentence, styled, wrapped
from bdg.plot.canvas.tiles import draw_cells
from bdg.plot.canvas.window import SMALL_PHASE, window_of
from bdg.result import Result, Units

NARROWEST = 2.2
"""Inches that a map and its colour bar take in print."""

MOST_PLANES = 9
"""More planes of a three-dimensional sample than this are thinned out evenly."""

NO_PHASE = 1e-6
"""A phase that varies less than this, in rad, is not drawn."""

TITLE_WIDTH = 3.8
"""Inches a title of a map takes in a line: titles side by side must not touch."""

Layer = tuple[str, NDArray[Any], Scale]
"""Title, one real number a site, and what its colours mean."""

SAME_ENERGY = 1e-9
"""Difference of energies, as a share of their range, from which a title names what was asked for too."""

REPEATED = "computed cell outlined, repeated along infinite directions"


@styled
def site_map(result: Result, name: str, *, energy: float = 0.0) -> Any:
    """A quantity on the sites of the real lattice, a colour each; on chains and across strips, a line.

    Complex quantities are drawn as modulus, and phase where it varies; spins and components side by side;
    three-dimensional samples plane by plane, orbitals that share a place in a panel each.

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
    if not np.isfinite(quantity.values).any():
        return sentence(result.title, f"{capital(quantity.long_name)}: none on any site")
    if not np.any(quantity.values):
        return sentence(result.title, f"{capital(quantity.long_name)}: zero on every site")
    if len(layers) == 1 and layers[0][2].uniform is not None:
        title, _, scale = layers[0]
        value = number(scale.uniform or 0.0, scale.units, result.units)
        return sentence(result.title, f"{title}: {value}, uniform")
    sample = window_of(result).moved()
    if profile(sample) is not None:
        figure = new_figure(7.0, 1.2 + 2.4 * len(layers))
        panels = figure.subplots(len(layers), 1, sharex=True, squeeze=False)[:, 0]
        for panel, (title, values, scale) in zip(panels, layers, strict=True):
            draw_profile(panel, sample, values, scale, result.units)
            panel.set_title(title)
        for panel in panels[:-1]:
            panel.set_xlabel("")
    else:
        panels_ = [(layer, plane) for layer in layers for plane in shown_planes(sample)]
        figure, grid = plane_grid(sample, len(panels_))
        for axes, (layer, plane) in zip(grid, panels_, strict=True):
            draw_layer(axes, sample, plane, layer, result.units)
    if caveat(result, quantity):
        figure.supxlabel(caveat(result, quantity), fontsize=9.5)
    add_title(figure, result.title)
    return figure


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
    if along := spectral_axis(quantity):
        axis = np.asarray(quantity.coords[along].values)
        nearest = int(np.argmin(np.abs(axis - energy)))
        values = np.take(values, nearest, dims.index(along))
        dims.remove(along)
        units = quantity.coords[along].units
        note = f" at {number(float(axis[nearest]), units, si)}"
        if abs(axis[nearest] - energy) > SAME_ENERGY * np.ptp(axis):
            note += f" (nearest to {number(energy, units, None)})"
    values = np.moveaxis(values, dims.index("site"), -1)
    dims.remove("site")
    text = quantity.long_name
    if not dims:
        if np.iscomplexobj(values):
            return _modulus_and_phase(values, text, quantity.units, note)
        signed = quantity.units == FLOW
        return [(capital(text) + note, values, amount_scale(values, text, quantity.units, signed=signed))]
    names = {"spin": ["spin up", "spin down"], "component": [f"along {c}" for c in "xyz"]}.get(dims[0])
    rows = values.reshape(-1, values.shape[-1])
    if np.iscomplexobj(rows):
        rows, text = np.abs(rows), f"|{text}|"
    scale = amount_scale(rows, text, quantity.units, signed=quantity.units == FLOW)
    if "state_energy" in quantity.coords:
        energies = quantity.coords["state_energy"].values
        names = [f"state {n + 1}, energy {number(float(e), 't', si)}" for n, e in enumerate(energies)]
    elif "mode_eigenvalue" in quantity.coords:
        names = [
            f"mode {n + 1}, λ = {value:.4g}"
            for n, value in enumerate(quantity.coords["mode_eigenvalue"].values)
        ]
    elif names is None or len(names) < len(rows):
        names = [f"{dims[0]} {n}" for n in range(len(rows))]
    # What it is says the colour bar: a title must not reach the SI unit above it.
    return [(f"{capital(which)}{note}", row, scale) for which, row in zip(names, rows, strict=False)]


def _modulus_and_phase(values: NDArray[Any], text: str, units: str, note: str) -> list[Layer]:
    modulus = np.abs(values)
    scale = amount_scale(modulus, f"|{text}|", units)
    layers: list[Layer] = [(f"{capital(text)}, modulus{note}", modulus, scale)]
    visible = modulus > 1e-9 * modulus.max(initial=0.0)
    mean = float(np.angle(values.sum()))
    deviation = np.where(visible, np.angle(values * np.exp(-1j * mean)), np.nan)
    largest = float(np.nanmax(np.abs(deviation))) if visible.any() else 0.0
    if largest > SMALL_PHASE:
        layers.append(
            (f"{capital(text)}, phase{note}", np.where(visible, np.angle(values), np.nan), phase_scale())
        )
    elif largest > NO_PHASE:
        relative = amount_scale(deviation, "phase less its mean", "rad", signed=True)
        layers.append((f"{capital(text)}, phase{note}", deviation, relative))
    return layers


def draw_layer(axes: Any, sample: Sample, plane: Plane, layer: Layer, si: Units | None) -> None:
    """Draw one layer on one plane, with its colour bar; on a chain or across a strip, as a line."""
    title, values, scale = layer
    if profile(sample) is not None:
        draw_profile(axes, sample, values, scale, si)
        axes.set_title(title)
        return
    if scale.uniform is not None:
        axes.set_axis_off()
        text = f"{number(scale.uniform, scale.units, si)}\nuniform"
        axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", fontsize=13)
    else:
        add_colour_bar(axes, draw_plane(axes, sample, plane, values, scale, si), scale, si)
    text = f"{title}, {plane.title}" if plane.title else title
    in_print = looks().width is not None
    axes.set_title(wrapped(text, NARROWEST if in_print else TITLE_WIDTH, 8.0 if in_print else 10.5))


def draw_plane(
    axes: Any, sample: Sample, plane: Plane, values: NDArray[Any], scale: Scale, si: Units | None
) -> Any:
    """Draw one layer on one plane, without a colour bar; returns what a colour bar needs."""
    drawn = draw_cells(axes, sample, plane, values[plane.sites], **scale.look)
    label_plane(axes, plane, si)
    if looks().inset is not None:
        inside = add_inset(axes)
        draw_cells(inside, sample, plane, values[plane.sites], **scale.look)
        show_inset(axes, inside)
    return drawn


def label_plane(axes: Any, plane: Plane, si: Units | None) -> None:
    """Label x and y, with few ticks at whole numbers; or draw a bar of a round length in their place."""
    from matplotlib.ticker import MaxNLocator

    if looks().scale_bar:
        add_scale_bar(axes, si)
        return
    note = f"\n{REPEATED}" if plane.is_repeated else ""
    axes.set(xlabel=length_label("x", si) + note, ylabel=length_label("y", si))
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator(nbins=6, integer=True))
        length_ticks(axis, si, 6)


def shown_planes(sample: Sample) -> list[Plane]:
    """The planes of a sample, thinned out evenly if there are too many; or the layer that was asked for.

    Raises
    ------
    InputError
        If there is no such layer.
    """
    every, layer = planes(sample), looks().layer
    if layer is not None:
        if not 0 <= layer < len(every):
            raise InputError(f"there is no layer {layer}; the sample has {len(every)}, from 0 at the bottom")
        return [every[layer]]
    chosen = np.unique(np.linspace(0, len(every) - 1, min(len(every), MOST_PLANES)).astype(int))
    return [every[n] for n in chosen]


def plane_grid(sample: Sample, count: int) -> tuple[Any, list[Any]]:
    """A figure with a panel of the sample's shape for each of so many maps."""
    every = planes(sample)
    extent = np.ptp(np.concatenate([plane.centers for plane in every]), axis=0) + 1.0
    columns = min(count, 3 if len(every) > 1 and count > 2 else (1 if extent[0] > 3 * extent[1] else 2))
    width = looks().width
    columns = columns if width is None else max(1, min(columns, int(width / NARROWEST)))
    rows = -(-count // columns)
    width = 5.6 if columns == 1 else 4.9
    height = float(np.clip(0.70 * width * extent[1] / extent[0], 1.1, 8.0)) + 0.9
    figure = new_figure(width * columns, height * rows + 0.3)
    grid = list(figure.subplots(rows, columns, squeeze=False).ravel())
    for axes in grid[count:]:
        axes.set_axis_off()
    return figure, grid[:count]
