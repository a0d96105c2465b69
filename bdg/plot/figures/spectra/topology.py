"""Figures of topological quantities: Berry curvature, signs of Pfaffians, levels about zero energy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.lattice import Sample
from bdg.observables import Quantity
from bdg.plot.canvas.labels import add_si_axis, capital, label, site_name, with_units
from bdg.plot.canvas.scale import add_colour_bar, amount_scale
from bdg.plot.canvas.style import COLOURS, add_title, new_figure, sentence, styled
from bdg.result import Result

TOPOLOGICAL = (("k_1", "k_2"), ("level",), ("invariant_momentum",), ("localizer_site",))
"""The axes of quantities that have a figure here."""


@styled
def topological(result: Result, quantity: Quantity) -> Any:
    """The figure of a quantity along the axes of :data:`TOPOLOGICAL`."""
    if "k_1" in quantity.dims and not np.isfinite(quantity.values).any():
        return sentence(result.title, f"{capital(quantity.long_name)}: none, the gap closes")
    figure = new_figure(6.0, 4.8 if "k_1" in quantity.dims else 4.2)
    draw_topological(figure.subplots(), result, quantity)
    add_title(figure, result.title)
    return figure


def draw_topological(axes: Any, result: Result, quantity: Quantity) -> None:
    """Draw one into a panel."""
    draw = {
        "k_1": _draw_curvature,
        "level": _draw_levels,
        "invariant_momentum": _draw_signs,
        "localizer_site": _draw_chosen_sites,
    }
    draw[quantity.dims[0]](axes, result, quantity)


def _draw_curvature(axes: Any, result: Result, quantity: Quantity) -> None:
    """Over the cell of the reciprocal lattice that begins at −½, −½: a parallelogram for each plaquette."""
    values = np.asarray(quantity.values)
    n = len(values)
    first = (np.arange(n) + n // 2) % n  # from −½ on
    start = np.arange(n + 1) / n - (n - n // 2) / n
    vectors = reciprocal(result.sample)
    corners = start[:, None, None] * vectors[0] + start[None, :, None] * vectors[1]
    scale = amount_scale(values, quantity.long_name, "a²")
    drawn = axes.pcolormesh(
        corners[..., 0],
        corners[..., 1],
        values[np.ix_(first, first)],
        **scale.look,
        rasterized=True,
    )
    axes.set_aspect("equal")
    add_colour_bar(axes, drawn, scale, None)
    number = result.quantities().get("chern_number")
    counted = "" if number is None else f", C = {float(number.values):g}".replace("-", "−")
    if number is not None and np.isnan(number.values):
        counted = ", too coarse a mesh for C"
    axes.set_title(f"{capital(quantity.long_name)}{counted}")
    axes.set(xlabel="k$_x$ (1/a)", ylabel="k$_y$ (1/a)")


def reciprocal(sample: Sample) -> NDArray[np.float64]:
    """Reciprocal vectors of the two closed directions, seen from above, shape ``(2, 2)``."""
    closed = [d for d, ends in enumerate(sample.boundary) if ends.is_periodic]
    lengths = np.array(sample.size)[closed][:, None] * sample.cell.vectors[closed]
    return np.asarray(2 * np.pi * np.linalg.pinv(lengths).T[:, :2], dtype=np.float64)


def _draw_levels(axes: Any, result: Result, quantity: Quantity) -> None:
    """Every energy and its opposite, ascending; energies that count as zero in a colour of their own."""
    from matplotlib.ticker import MaxNLocator

    levels, below = np.asarray(quantity.values), float(quantity.attributes.get("below", 0.0))
    place, is_zero = np.arange(1, 1 + len(levels)), levels < below
    for sign in (1, -1):
        for chosen, colour in ((~is_zero, COLOURS[0]), (is_zero, COLOURS[1])):
            named = f"zero to within {below:g} t" if sign == 1 and colour == COLOURS[1] else None
            if chosen.any():
                axes.plot(sign * place[chosen], sign * levels[chosen], "o", color=colour, label=named)
    axes.axhline(0, color="#888888", linewidth=0.8, zorder=0)
    if is_zero.any():
        axes.legend(loc="upper left")
    axes.set_title(capital(quantity.long_name))
    axes.set_xlabel("Number of the quasiparticle")
    axes.set_ylabel(with_units("± energy", quantity.units))
    axes.xaxis.set_major_locator(MaxNLocator(nbins=9, integer=True))
    add_si_axis(axes, "y", quantity.units, result.units)


def _draw_chosen_sites(axes: Any, result: Result, quantity: Quantity) -> None:
    """A point for each site, by name while there is room for names."""
    sites = np.asarray(quantity.coords["localizer_site"].values)
    axes.plot(np.arange(len(sites)), quantity.values, "o", color=COLOURS[0])
    step = -(-len(sites) // 8)
    places = np.arange(0, len(sites), step)
    axes.set_xticks(places, labels=[site_name(result.sample, int(site)) for site in sites[::step]])
    axes.set(xlabel="Site", ylabel=label(quantity))
    axes.set_title(capital(quantity.long_name))
    add_si_axis(axes, "y", quantity.units, result.units)


def _draw_signs(axes: Any, result: Result, quantity: Quantity) -> None:
    """A point at +1, −1 or 0 for each invariant momentum."""
    signs = np.asarray(quantity.values)
    places = np.arange(len(signs))
    names = [
        part.strip().replace(" ", ", ") for part in str(quantity.attributes.get("momenta", "")).split(",")
    ]
    for value, colour in ((1, COLOURS[0]), (-1, COLOURS[1]), (0, "#888888")):
        its = places[signs == value]
        axes.vlines(its, 0, np.full(len(its), value), color=colour, linewidth=2)
        axes.plot(its, np.full(len(its), value), "o", color=colour)
    axes.axhline(0, color="#888888", linewidth=0.8, zorder=0)
    if len(names) == len(signs):
        axes.set_xticks(places, labels=names)
    axes.set_xlim(-0.6, len(signs) - 0.4)
    axes.set_ylim(-1.4, 1.4)
    axes.set_yticks([-1, 0, 1], labels=["−1", "0", "+1"])
    axes.set_xlabel("Phases along the closed directions")
    product = f"{int(np.prod(signs.astype(int))):+d}".replace("-", "−").replace("+0", "0")
    axes.set_title(f"{capital(quantity.long_name)}, product {product}")
