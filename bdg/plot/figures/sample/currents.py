"""Currents of the sites: arrows over the map of their size, or lines along a chain and across a strip."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.observables import Quantity
from bdg.plot.canvas.finding import find
from bdg.plot.canvas.geometry import Plane, infinite_directions, middle_plane, nearest_distance, profile
from bdg.plot.canvas.labels import add_caveat, add_si_axis, label, length_ticks, number, spelled
from bdg.plot.canvas.lines import profile_label, widen_if_uniform
from bdg.plot.canvas.scale import add_colour_bar, amount_scale
from bdg.plot.canvas.style import COLOURS, add_title, new_figure, styled
from bdg.plot.canvas.window import in_window
from bdg.plot.figures.sample.bonds import draw_bond_profile
from bdg.plot.figures.sample.maps import draw_plane, plane_grid, shown_planes, site_layers
from bdg.result import Result

MOST_ARROWS = 24
"""Arrows along the longer side; on larger samples each is the mean over a square block of sites."""

NOTHING = 1e-12
"""Currents below this, in e t/ħ, are rounding."""


@styled
def current_arrows(result: Result, background: str | None = None) -> Any:
    """Currents: arrows on the sites over the map of their size; of a chain or strip, lines.

    Parameters
    ----------
    result
        With the observable ``currents``.
    background
        Quantity under the arrows, ``delta`` for example; without it the size of the current. Not used for
        chains and strips.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    InputError
        If the result has no currents.
    """
    result = in_window(result)
    if profile(result.sample) is not None:
        figure = new_figure(7.0, 3.6)
        draw_currents(figure.subplots(), result)
    else:
        required(result, "site_current")
        shown = shown_planes(result.sample)
        figure, grid = plane_grid(result.sample, len(shown))
        for axes, plane in zip(grid, shown, strict=True):
            draw_arrows(axes, result, plane, background)
    add_title(figure, result.title)
    return figure


def draw_currents(axes: Any, result: Result, *, most_arrows: int = MOST_ARROWS) -> None:
    """Draw currents into one panel, in the way that suits the lattice."""
    if profile(result.sample) is None:
        draw_arrows(axes, result, middle_plane(result.sample), None, most_arrows)
    elif infinite_directions(result.sample) and result.sample.dimension > 1:
        draw_current_profile(axes, result)
    else:
        draw_bond_profile(axes, result, required(result, "bond_current"))


def draw_current_profile(axes: Any, result: Result) -> None:
    """Draw the components of the current along and across a strip or slab that is infinite otherwise."""
    current, sample, shown = required(result, "site_current"), result.sample, profile(result.sample)
    assert shown is not None
    place = shown.places(sample.positions)
    order = np.argsort(place, kind="stable")
    vectors = sample.cell.vectors[infinite_directions(sample)]
    basis, triangle = np.linalg.qr(vectors.T)
    along = (basis * np.sign(np.diag(triangle))).T
    names = [f"along it, {_direction(step)}" for step in along]
    components = current.values @ np.vstack([along, shown.direction]).T
    for n, name in enumerate([*names, f"across it, {_direction(shown.direction)}"]):
        axes.plot(place[order], components[order, n], "o-", markersize=3, color=COLOURS[n], label=name)
    axes.axhline(0, color="#888888", linewidth=0.8)
    low, high = axes.get_ylim()
    axes.set_ylim(low, high + 0.22 * (high - low))  # room for the legend
    widen_if_uniform(axes, components)
    axes.set(xlabel=profile_label(shown, result.units), ylabel=label(current), title="Current of each site")
    length_ticks(axes.xaxis, result.units)
    axes.legend(loc="upper center", ncols=2)
    add_caveat(axes, result, current)
    add_si_axis(axes, "y", current.units, result.units)


def _direction(step: NDArray[np.float64]) -> str:
    axis = int(np.argmax(np.abs(step)))
    if abs(step[axis]) > 1 - 1e-6:
        return f"{'+' if step[axis] > 0 else '−'}{'xyz'[axis]}"
    return f"({', '.join(f'{part:.3g}' for part in step)})".replace("-", "−")


def draw_arrows(
    axes: Any, result: Result, plane: Plane, background: str | None, most_arrows: int = MOST_ARROWS
) -> None:
    """Draw the current vectors of the sites of a plane over a map; their component out of it is left out."""
    current = required(result, "site_current")
    size = np.linalg.norm(current.values, axis=1)
    values, scale = size, amount_scale(np.where(size > NOTHING, size, 0.0), "|site current|", current.units)
    if background is not None:
        _, values, scale = site_layers(find(result, background), 0.0, result.units)[0]
    drawn = draw_plane(axes, result.sample, plane, values, scale, result.units)
    add_colour_bar(axes, drawn, scale, result.units)
    spacing = nearest_distance(result.sample.cell)
    block = max(1, int(np.ceil(_extent(plane, spacing) / spacing / most_arrows))) * spacing
    places, arrows = thinned(plane, current.values, block, spacing)
    longest = float(np.linalg.norm(arrows, axis=1).max(initial=0.0))
    title = f"Current, {plane.title}" if plane.title else "Current"
    if longest <= NOTHING:
        most = f" (at most {longest:.1g} {spelled(current.units)})" if longest else ""
        axes.set_title(f"{title}: none{most}")
        return
    if block > spacing:
        axes.set_xlabel(f"{axes.get_xlabel()}\neach arrow the mean over {block:.3g} a × {block:.3g} a")
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
        linewidth=0.5,
        units="xy",
        width=0.11 * block,
        headwidth=3.4,
        headlength=3.4,
        headaxislength=3.2,
        minlength=0.1,
    )
    _add_key(axes, quiver, title, longest, block, current, result)


def _add_key(
    axes: Any, quiver: Any, title: str, longest: float, block: float, current: Quantity, result: Result
) -> None:
    """An arrow of a round size above the map, with its size in words."""
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    narrow = right - left < 0.6 * (top - bottom) or len(title) > len("Current, z = 10")
    axes.set_title(f"{title}\n" if narrow else title, loc="center" if narrow else "left")
    nice = _round_down(longest)
    key = axes.quiverkey(
        quiver,
        1 - 0.95 * block * nice / (longest * (right - left)),
        1 + 0.04 * max(1.0, (right - left) / (top - bottom)),
        nice,
        number(nice, current.units, result.units),
        labelpos="W",
        coordinates="axes",
        fontproperties={"size": 8.5},
    )
    key.set_in_layout(False)


def thinned(
    plane: Plane, vectors: NDArray[Any], block: float, spacing: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Places and vectors of the arrows: one a site, or the mean of each square of ``block`` × ``block``."""
    places, arrows = plane.centers, vectors[plane.sites, :2]
    if block <= spacing:
        return places, arrows
    columns, rows = np.floor((places - places.min(axis=0)) / block + 1e-9).astype(int).T
    _, where = np.unique(columns * (rows.max() + 1) + rows, return_inverse=True)
    count = np.bincount(where)
    means = [np.bincount(where, along) / count for along in (*places.T, *arrows.T)]
    return np.stack(means[:2], axis=1), np.stack(means[2:], axis=1)


def _extent(plane: Plane, spacing: float) -> float:
    return float(np.ptp(plane.centers, axis=0).max()) + spacing


def required(result: Result, name: str) -> Quantity:
    """A quantity of the observable ``currents``.

    Raises
    ------
    InputError
        If the result has none.
    """
    known = result.quantities()
    if name not in known:
        raise InputError(f"the result has no {name}; add currents to observables and run again")
    return known[name]


def _round_down(value: float) -> float:
    """The largest of 1, 2, 5 × 10ⁿ that is not above a value."""
    power = float(10.0 ** np.floor(np.log10(value)))
    return max(factor * power for factor in (1.0, 2.0, 5.0) if factor * power <= value * (1 + 1e-9))
