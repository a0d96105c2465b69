"""Quasiparticle bands along a path through the Brillouin zone."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.observables import Quantity
from bdg.plot.canvas.labels import add_si_axis, label, with_units
from bdg.plot.canvas.style import COLOURS, add_title, new_figure, styled
from bdg.result import Result

GREEK = {"G": "Γ", "Gamma": "Γ", "GAMMA": "Γ", "Sigma": "Σ"}

HOLE_TO_ELECTRON = {"hole": COLOURS[1], "half and half": "#a8a0a0", "electron": COLOURS[0]}


@styled
def bands(result: Result, name: str = "bands") -> Any:
    """Bands against the distance along the path, points of high symmetry named; the DOS beside them.

    Where the result has ``particle_weight``, the colour is the part of each level that is electron.

    Parameters
    ----------
    result
        What to draw from.
    name
        A quantity with axes ``path`` and ``band``, the coordinate ``path`` (how far along) and the attributes
        ``path_ticks`` and ``path_labels``, texts with commas.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    quantity = result[name]
    dos = result.quantities().get("dos")
    figure = new_figure(6.4 if dos is None else 8.0, 4.6)
    if dos is None:
        draw_bands(figure.subplots(), result, quantity)
    else:
        left, right = figure.subplots(1, 2, sharey=True, width_ratios=[3, 1])
        draw_bands(left, result, quantity)
        right.fill_betweenx(dos.coords["energy"].values, dos.values, color="#d9dde3", linewidth=0)
        right.plot(dos.values, dos.coords["energy"].values, color=COLOURS[0], linewidth=1.1)
        right.axhline(0, color="#888888", linewidth=0.8)
        right.set_xlim(left=0)
        right.set_xlabel(with_units("DOS", dos.units))
    add_title(figure, result.title)
    return figure


def draw_bands(axes: Any, result: Result, quantity: Quantity) -> None:
    """Draw bands into one panel; along axes beside path and band, spins for instance, the colour changes."""
    sets = _by_path(quantity)
    place = places_along(quantity, sets.shape[1])
    width = float(np.clip(30 / sets.shape[2], 0.7, 1.6))
    weight = result.quantities().get("particle_weight")
    if weight is not None and weight.dims == quantity.dims and weight.values.shape == quantity.values.shape:
        _draw_weighted(axes, place, sets, _by_path(weight), width)
        axes.set_title("Quasiparticle bands", pad=20)  # above the legend
    else:
        axes.set_title("Quasiparticle bands")
        for n, values in enumerate(sets):
            axes.plot(place, values, color=COLOURS[n % len(COLOURS)], linewidth=width)
    axes.axhline(0, color="#888888", linewidth=0.8)
    mark_path(axes, quantity)
    axes.set_xlim(float(place.min()), float(place.max()))
    axes.set_ylabel(label(quantity))
    add_si_axis(axes, "y", quantity.units, result.units)


def mark_path(axes: Any, quantity: Quantity, reciprocal: str = "the sample") -> None:
    """Name the points of a path along an x axis, or give them in reciprocal vectors of what is said."""
    ticks, names = path_marks(quantity)
    for tick in ticks:
        axes.axvline(tick, color="#bbbbbb", linewidth=0.8, zorder=0)
    if ticks:
        axes.set_xticks(ticks, labels=names)
        in_numbers = any("(" in name for name in names)
        axes.set_xlabel(f"k along the path{f', points in reciprocal vectors of {reciprocal}' * in_numbers}")
    else:
        axes.set_xlabel("Distance along the path (1/a)")


def _draw_weighted(
    axes: Any,
    place: NDArray[np.float64],
    sets: NDArray[np.float64],
    weights: NDArray[np.float64],
    width: float,
) -> None:
    """Draw each piece between two momenta in the colour of its mean weight."""
    from matplotlib.collections import LineCollection
    from matplotlib.colors import LinearSegmentedColormap
    from matplotlib.lines import Line2D

    rows = np.moveaxis(sets, -1, 1).reshape(-1, len(place))
    mean = np.moveaxis(weights, -1, 1).reshape(-1, len(place))
    points = np.stack(np.broadcast_arrays(place, rows), axis=-1)
    pieces = np.stack([points[:, :-1], points[:, 1:]], axis=2).reshape(-1, 2, 2)
    drawn = LineCollection(
        list(pieces),
        array=(0.5 * (mean[:, :-1] + mean[:, 1:])).ravel(),
        cmap=LinearSegmentedColormap.from_list("hole to electron", list(HOLE_TO_ELECTRON.values())),
        clim=(0.0, 1.0),
        linewidths=width,
        capstyle="round",
    )
    axes.add_collection(drawn)
    reach = 1.05 * float(np.abs(rows).max())
    axes.set_ylim(-reach, reach)
    names = [Line2D([], [], color=colour, label=name) for name, colour in HOLE_TO_ELECTRON.items()]
    axes.legend(
        handles=names[::-1], loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, borderaxespad=0.2
    )


def _by_path(quantity: Quantity) -> NDArray[np.float64]:
    """Values with the path and the bands last, all other axes as one before them."""
    dims = list(quantity.dims)
    values = np.moveaxis(quantity.values, [dims.index("path"), dims.index("band")], [-2, -1])
    flat: NDArray[np.float64] = values.reshape(-1, *values.shape[-2:])
    return flat


def path_marks(quantity: Quantity) -> tuple[list[float], list[str]]:
    """Places and names of the points of high symmetry; ``X|Y`` where the path jumps from one to another."""
    written = str(quantity.attributes.get("path_ticks", ""))
    ticks = [float(part) for part in written.split(",") if part.strip()]
    names = [part.strip() for part in str(quantity.attributes.get("path_labels", "")).split(",")]
    if len(names) != len(ticks):
        return [], []
    marks: dict[float, str] = {}
    for tick, name in zip(ticks, names, strict=True):
        spaced = name.replace(" ", ", ") if name.startswith("(") else name  # commas stand between names
        pretty = GREEK.get(name, spaced).replace("-", "−")
        marks[tick] = f"{marks[tick]}|{pretty}" if tick in marks and marks[tick] != pretty else pretty
    return list(marks), list(marks.values())


def places_along(quantity: Quantity, count: int) -> NDArray[np.float64]:
    """How far along the path each momentum is."""
    if "path" in quantity.coords:
        return np.asarray(quantity.coords["path"].values, dtype=np.float64)
    return np.arange(count, dtype=np.float64)
