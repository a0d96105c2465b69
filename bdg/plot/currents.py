"""Currents: arrows over a map, or a line along a chain."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.observables import Quantity
from bdg.plot.geometry import Plane, line_axis, planes
from bdg.plot.labels import PRETTY, add_caveat, add_si_axis, label, length_label, number
from bdg.plot.maps import draw_plane, find, site_layers, widen_if_uniform
from bdg.plot.scale import add_colour_bar
from bdg.plot.style import COLOURS, new_figure, styled
from bdg.result import Result

MOST_ARROWS = 24
"""Arrows along the longer side; on larger samples each is the mean over a square block of sites."""

NOTHING = 1e-12
"""Currents below this, in e t/ħ, are rounding."""


@styled
def current_arrows(result: Result, background: str | None = None) -> Any:
    """Currents: arrows on the sites over a map, or along a chain the current of each bond.

    Parameters
    ----------
    result
        With the observable ``currents``.
    background
        Quantity under the arrows; |Δ| if it is not given. Not used along a chain.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    InputError
        If the result has no currents.
    """
    if line_axis(result.sample) is not None:
        figure = new_figure(7.0, 3.6)
        draw_bond_currents(figure.subplots(), result)
    else:
        extent = np.ptp(result.sample.positions[:, :2], axis=0) + 1.0
        figure = new_figure(6.4, float(np.clip(4.4 * extent[1] / extent[0], 1.6, 9.0)) + 0.9)
        draw_arrows(figure.subplots(), result, background)
    if result.title:
        figure.suptitle(result.title, fontsize=11.5)
    return figure


def draw_currents(axes: Any, result: Result, *, most_arrows: int = MOST_ARROWS) -> None:
    """Draw currents into one panel, in the way that suits the lattice."""
    if line_axis(result.sample) is not None:
        draw_bond_currents(axes, result)
    else:
        draw_arrows(axes, result, None, most_arrows)


def draw_bond_currents(axes: Any, result: Result, quantity: Quantity | None = None) -> None:
    """Draw the current of each bond of a chain at its middle, a line for each shell.

    Bonds across a strip, with no component along it, are left out; of bonds at a slant, those at one slant
    are a line.
    """
    current = _required(result, "bond_current") if quantity is None else quantity
    bonds = result.sample.bonds
    along = line_axis(result.sample) or 0
    step = bonds.displacement
    lengthwise = np.flatnonzero(np.abs(step[:, along]) > 1e-9)
    towards = np.sign(step[:, along])
    middle = result.sample.positions[bonds.source, along] + 0.5 * step[:, along]
    values = towards * current.values
    slant = np.round(towards[:, None] * np.delete(step, along, axis=1), 6)
    keys, line = np.unique(np.column_stack([bonds.shell, slant])[lengthwise], axis=0, return_inverse=True)
    shells = keys[:, 0].astype(int)
    for n, shell in enumerate(shells):
        its = lengthwise[line.ravel() == n]
        its = its[np.argsort(middle[its], kind="stable")]
        axes.plot(
            middle[its],
            values[its],
            "o-",
            markersize=4.0 if len(its) <= 80 else 1.5,
            color=COLOURS[(shell - 1) % len(COLOURS)],
            label="_" if shell in shells[:n] else f"shell {shell}",
        )
    axes.set(xlabel=length_label("xyz"[along], result.units), ylabel=label(current))
    widen_if_uniform(axes, values[lengthwise])
    low, high = axes.get_ylim()
    low, high = min(low, 0.0), max(high, 0.0)
    if len(set(shells)) > 1:
        high += 0.12 * (high - low)  # room for the legend
        axes.legend(loc="upper center", ncols=4, columnspacing=1.2, handlelength=1.6)
    axes.set_ylim(low, high)
    axes.axhline(0, color="#888888", linewidth=0.8)
    axes.set_title("Current along the bonds, positive to the right")
    add_caveat(axes, result, current)
    add_si_axis(axes, "y", current.units, result.units)


def draw_arrows(axes: Any, result: Result, background: str | None, most_arrows: int = MOST_ARROWS) -> None:
    """Draw the current vectors of the sites over a map; of a three-dimensional sample, its middle plane."""
    current = _required(result, "site_current")
    every = planes(result.sample)
    plane = every[len(every) // 2]
    under = find(result, background or "delta")
    _, values, scale = site_layers(under, 0.0, result.units)[0]
    drawn = draw_plane(axes, result.sample, plane, values, scale, result.units)
    add_colour_bar(axes, drawn, scale, result.units)
    block = max(1, int(np.ceil(_extent(result, plane) / most_arrows)))
    places, arrows = thinned(result, plane, current.values, block)
    longest = float(np.linalg.norm(arrows, axis=1).max(initial=0.0))
    title = "Current" if plane.height is None else f"Current, {plane.title}"
    if longest <= NOTHING:
        most = f" (at most {longest:.1g} {PRETTY.get(current.units, current.units)})" if longest else ""
        axes.set_title(f"{title}: none{most}")
        return
    add_caveat(axes, result, current)
    quiver = axes.quiver(
        *places.T,
        *arrows.T,
        angles="xy",
        scale_units="xy",
        scale=longest / (0.95 * block),
        pivot="mid",
        color="white",
        edgecolor="black",
        linewidth=0.4,
        units="xy",
        width=0.1 * block,
        headwidth=3.4,
        headlength=3.4,
        headaxislength=3.2,
        minlength=0.1,
    )
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    narrow = right - left < 0.6 * (top - bottom)
    axes.set_title(f"{title}\n" if narrow else title, loc="center" if narrow else "left")
    nice = _round_down(longest)
    text = number(nice, current.units, result.units)
    key = axes.quiverkey(
        quiver,
        1 - 0.95 * block * nice / (longest * (right - left)),
        1 + 0.04 * max(1.0, (right - left) / (top - bottom)),
        nice,
        text,
        labelpos="W",
        coordinates="axes",
        fontproperties={"size": 8.5},
    )
    key.set_in_layout(False)


def thinned(
    result: Result, plane: Plane, vectors: NDArray[Any], block: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places and vectors of the arrows: one a site, or the mean of each square of ``block`` × ``block``."""
    places, arrows = result.sample.positions[plane.sites, :2], vectors[plane.sites, :2]
    if block == 1:
        return places, arrows
    columns, rows = np.floor((places - places.min(axis=0)) / block).astype(int).T
    _, where = np.unique(columns * (rows.max() + 1) + rows, return_inverse=True)
    count = np.bincount(where)
    means = [np.bincount(where, along) / count for along in (*places.T, *arrows.T)]
    return np.stack(means[:2], axis=1), np.stack(means[2:], axis=1)


def _extent(result: Result, plane: Plane) -> float:
    return float(np.ptp(result.sample.positions[plane.sites, :2], axis=0).max()) + 1.0


def _required(result: Result, name: str) -> Any:
    known = result.quantities()
    if name not in known:
        raise InputError(f"the result has no {name}; add currents to observables and run again")
    return known[name]


def _round_down(value: float) -> float:
    """The largest of 1, 2, 5 × 10ⁿ that is not above a value."""
    power = float(10.0 ** np.floor(np.log10(value)))
    return max(factor * power for factor in (1.0, 2.0, 5.0) if factor * power <= value * (1 + 1e-9))
