"""Figures of quantities that are neither maps, spectra nor currents."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.lattice import Sample
from bdg.observables import Quantity
from bdg.observables.quantity import scalar
from bdg.plot.currents import draw_bond_currents
from bdg.plot.geometry import line_axis, planes
from bdg.plot.labels import PRETTY, add_caveat, add_si_axis, label, length_label, number
from bdg.plot.scale import FLOW, add_colour_bar, amount_scale
from bdg.plot.style import COLOURS, new_figure, styled
from bdg.result import Result

ARC = 0.12
"""How far a bond that passes over other sites bends aside, in its lengths."""


@styled
def bond_map(result: Result, quantity: Quantity) -> Any:
    """Real numbers on bonds as coloured lines on the lattice; along a chain, against the bond's middle."""
    from matplotlib.collections import LineCollection

    sample, bonds = result.sample, result.sample.bonds
    values = np.abs(quantity.values) if np.iscomplexobj(quantity.values) else quantity.values
    along = line_axis(sample)
    if along is not None and quantity.units == FLOW:
        figure = new_figure(7.0, 3.6)
        draw_bond_currents(figure.subplots(), result, quantity)
        return figure
    if along is not None:
        middle = sample.positions[bonds.source, along] + 0.5 * bonds.displacement[:, along]
        figure = new_figure(7.0, 3.6)
        axes = figure.subplots()
        for shell in np.unique(bonds.shell):
            its = bonds.shell == shell
            colour = COLOURS[(shell - 1) % len(COLOURS)]
            axes.plot(middle[its], values[its], "o", markersize=4, color=colour, label=f"shell {shell}")
        if len(np.unique(bonds.shell)) > 1:
            axes.legend()
        axes.set(xlabel=length_label("xyz"[along], result.units), ylabel=label(quantity))
        add_si_axis(axes, "y", quantity.units, result.units)
        return figure
    plane = planes(sample)[len(planes(sample)) // 2]
    there = np.isin(bonds.source, plane.sites) & np.isin(bonds.target, plane.sites)
    # Longest first: shorter bonds lie over longer ones.
    drawn = np.flatnonzero(there)[np.argsort(-bonds.shell[there], kind="stable")]
    halves = _half_bonds(sample, drawn)
    signed = quantity.units == FLOW
    scale = amount_scale(values, quantity.long_name, quantity.units, signed=signed)
    lines = LineCollection(
        list(halves), array=np.repeat(values[drawn], 2), cmap=scale.colours, clim=(scale.low, scale.high)
    )
    extent = np.ptp(sample.positions[:, :2], axis=0) + 1.0
    widest = float(np.clip(120 / extent.max(), 0.6, 5))
    lines.set_linewidth(list(widest / np.repeat(bonds.shell[drawn], 2)))
    figure = new_figure(6.4, float(np.clip(4.4 * extent[1] / extent[0], 1.6, 9.0)) + 0.9)
    axes = figure.subplots()
    axes.add_collection(lines)
    axes.set_facecolor("#d9d9d9")  # a current of zero is white
    low, high = sample.positions[:, :2].min(axis=0) - 0.7, sample.positions[:, :2].max(axis=0) + 0.7
    axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal", title=label(quantity))
    axes.set(xlabel=length_label("x", result.units), ylabel=length_label("y", result.units))
    add_caveat(axes, result, quantity)
    add_colour_bar(axes, lines, scale, result.units)
    return figure


def _half_bonds(sample: Sample, chosen: NDArray[np.intp]) -> NDArray[np.float64]:
    """Both halves of bonds, as points along them, shape ``(2 · n_bonds, n_points, 2)``.

    A bond around the boundary is then two stubs, not a line across the sample. Bonds in the direction of a
    shorter one are arcs, as they would cover it and one another.
    """
    bonds, kinds = sample.bonds, sample.bonds.kinds
    step, length = kinds.displacement[:, :2], np.linalg.norm(kinds.displacement, axis=1)
    across = np.stack([-step[:, 1], step[:, 0]], axis=1)
    in_plane = np.linalg.norm(step, axis=1) > length - 1e-6
    over = (np.abs(across @ step.T) < 1e-6) & (length < length[:, None] - 1e-6) & in_plane
    bow = ARC * np.any(over, axis=1)
    at = np.linspace(0, 0.5, 9)[:, None]
    kind = bonds.kind[chosen]
    there, aside = step[kind][:, None], 4 * at * (1 - at) * (bow[:, None] * across)[kind][:, None]
    first = sample.positions[bonds.source[chosen], None, :2] + at * there + aside
    second = sample.positions[bonds.target[chosen], None, :2] - at * there + aside
    points: NDArray[np.float64] = np.stack([first, second], axis=1).reshape(-1, len(at), 2)
    return points


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
        value = complex(quantity.values)
        text = (
            number(value.real, quantity.units, result.units)
            if value.imag == 0
            else f"{value:.6g} {PRETTY.get(quantity.units, quantity.units)}"
        )
        axes.text(0.0, height, quantity.long_name, va="center", transform=axes.transAxes)
        axes.text(0.62, height, text, va="center", transform=axes.transAxes)
    axes.set_title(result.title or "Numbers")
    return figure


@styled
def generic(result: Result, name: str, quantity: Quantity) -> Any:
    """A quantity along axes of its own: a line for each row, or a map if there are many."""
    figure = new_figure(6.4, 4.2)
    axes = figure.subplots()
    values = np.abs(quantity.values) if np.iscomplexobj(quantity.values) else np.asarray(quantity.values)
    dim = quantity.dims[-1]
    coordinate = quantity.coords.get(dim)
    numeric = coordinate is not None and coordinate.values.dtype.kind in "iuf"
    place = coordinate.values if coordinate is not None and numeric else np.arange(values.shape[-1])
    rows = values.reshape(-1, values.shape[-1])
    if len(rows) <= len(COLOURS):
        for n, row in enumerate(rows):
            axes.plot(
                place, row, "o-" if len(place) < 40 else "-", color=COLOURS[n], label=f"{n}", markersize=3
            )
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
            cmap=scale.colours,
            vmin=scale.low,
            vmax=scale.high,
            rasterized=True,
        )
        figure.colorbar(drawn, ax=axes, label=label(quantity))
        axes.set_ylabel(", ".join(quantity.dims[:-1]))
    axes.set_xlabel(dim if coordinate is None else label(coordinate))
    if coordinate is not None and numeric:
        add_si_axis(axes, "x", coordinate.units, result.units)
    axes.set_title(f"{name}: {result.title}" if result.title else name)
    return figure
