"""Maps over the Brillouin zone of the lattice, and over its cells about an impurity."""

from __future__ import annotations

from typing import Any

import numpy as np

from bdg.observables import Quantity
from bdg.plot.canvas.finding import find
from bdg.plot.canvas.labels import capital, number, with_units
from bdg.plot.canvas.style import DIVERGING, SEQUENTIAL, add_title, new_figure, styled
from bdg.result import Result

MOST_MAPS = 6
"""Maps that are drawn; of more, evenly chosen ones."""

PLANES = {
    "k": ("k$_x$ (1/a)", "k$_y$ (1/a)"),
    "q": ("q$_x$ (1/a)", "q$_y$ (1/a)"),
    "cell": ("x (a)", "y (a)"),
}
"""Labels of the axes."""

MEMBERS = {"spin": ("spin up", "spin down"), "component": ("x", "y", "z")}
"""Of axes that have no numbers."""


@styled
def zone_map(result: Result, name: str = "spectral_map", *, percentile: float = 99.5) -> Any:
    """A quantity over the Brillouin zone or over cells, a panel for each of its energies, spins, components.

    Parameters
    ----------
    result
        What to draw from.
    name
        A quantity whose last axes are ``k_first`` and ``k_second``, or those of ``q`` or ``cell``.
    percentile
        Of the values, where the colours end.

    Returns
    -------
    matplotlib.figure.Figure
        The figure; of complex values their size.
    """
    quantity = find(result, name)
    maps = [*np.ndindex(quantity.values.shape[:-2])]
    chosen = np.unique(np.linspace(0, len(maps) - 1, min(len(maps), MOST_MAPS)).astype(int))
    columns = min(3, len(chosen))
    rows = -(-len(chosen) // columns)
    figure = new_figure(4.3 * columns, 3.9 * rows)
    panels = figure.subplots(rows, columns, squeeze=False).ravel()
    kind = quantity.dims[-1].partition("_")[0]
    place, (across, up) = _places(result, quantity, kind), PLANES[kind]
    for axes, index in zip(panels, chosen, strict=False):
        values = np.asarray(quantity.values[maps[index]])
        values = np.abs(values) if np.iscomplexobj(values) else values
        high, signed = float(np.percentile(np.abs(values), percentile)) or 1.0, bool(values.min() < -1e-12)
        drawn = axes.pcolormesh(
            *place, values, cmap=DIVERGING if signed else SEQUENTIAL, vmin=-high if signed else 0.0,
            vmax=high, shading="nearest", rasterized=True,
        )  # fmt: skip
        figure.colorbar(
            drawn, ax=axes, shrink=0.8, extend="max", label=with_units("", quantity.units).strip()
        )
        axes.set(aspect="equal", xlabel=across, ylabel=up)
        axes.set_title(_title(result, quantity, maps[index]))
    for axes in panels[len(chosen) :]:
        axes.set_axis_off()
    add_title(figure, result.title)
    return figure


def _places(result: Result, quantity: Quantity, kind: str) -> list[Any]:
    """Of each point kx and ky, in 1/a, or x and y, in a."""
    vectors = np.asarray(result.sample.cell.vectors)
    axes = vectors if kind == "cell" else 2 * np.pi * np.linalg.pinv(vectors).T
    grid = np.meshgrid(*(quantity.coords[dim].values for dim in quantity.dims[-2:]), indexing="ij")
    place = np.stack(grid, axis=-1) @ axes[:, :2]
    return [place[..., 0], place[..., 1]]


def _title(result: Result, quantity: Quantity, index: tuple[int, ...]) -> str:
    size = ", absolute value" if np.iscomplexobj(quantity.values) else ""
    words = [f"{capital(quantity.long_name)}{size}"]
    for dim, n in zip(quantity.dims, index, strict=False):
        if dim in MEMBERS:
            words.append(MEMBERS[dim][n])
        elif dim in quantity.coords:
            value = quantity.coords[dim]
            words.append(f"at {number(float(value.values[n]), value.units, result.units)}")
    return ",\n".join([words[0], " ".join(words[1:])] if len(words) > 1 else words)
