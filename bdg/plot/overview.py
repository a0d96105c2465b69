"""All there is of a result on one page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bdg.observables import Quantity
from bdg.plot.bands import draw_bands
from bdg.plot.convergence import draw_convergence, has_iterations
from bdg.plot.currents import NOTHING, draw_currents
from bdg.plot.facts import draw_facts, header
from bdg.plot.geometry import middle_plane, profile
from bdg.plot.maps import Layer, draw_layer, find, site_layers
from bdg.plot.spectra import draw_spectrum
from bdg.plot.starts import draw_ranking
from bdg.plot.style import CYCLIC, new_figure, styled, wrapped
from bdg.result import Result

Panel = Callable[[Any], None]

MOST_PICTURES = 4

TITLE_SIZE = 13.0


@styled
def overview(result: Result) -> Any:
    """One page: order parameter, bands, spectra, currents, density, convergence, parameters and numbers.

    Parameters
    ----------
    result
        What to draw; panels for what it does not have are left out.

    Returns
    -------
    matplotlib.figure.Figure
        The figure; six panels at most.
    """
    panels = _pictures(result)
    if has_iterations(result):
        panels.append(lambda axes: draw_convergence(axes, result))
    columns = 2 if len(panels) in (1, 3) else 3
    rows = len(panels) // columns + 1  # one place is for the facts, or all that are left in the last row
    left = rows * columns - len(panels)
    figure = new_figure(5.0 * columns, 4.0 * rows + 0.6, padding=0.1)
    grid = figure.add_gridspec(rows, columns)
    for n, panel in enumerate(panels):
        panel(figure.add_subplot(grid[n // columns, n % columns]))
    draw_facts(figure.add_subplot(grid[rows - 1, columns - left :]), result, columns=min(left, 2))
    _add_header(figure, result)
    return figure


def _add_header(figure: Any, result: Result) -> None:
    """The title, and below it what the sample is."""
    height = figure.get_figheight()
    title = wrapped(result.title or "Untitled", figure.get_figwidth(), TITLE_SIZE)
    # In inches from the top; the panels are laid out below.
    below = 0.1 + 1.3 * TITLE_SIZE / 72 * (title.count("\n") + 1)
    figure.get_layout_engine().set(rect=(0, 0, 1, 1 - (below + 0.3) / height))
    # Not a suptitle: the layout would make room for it once more.
    middle = {"ha": "center", "va": "top"}
    figure.text(0.5, 1 - 0.1 / height, title, fontsize=TITLE_SIZE, **middle)
    figure.text(0.5, 1 - below / height, header(result), color="#555555", **middle)


def _pictures(result: Result) -> list[Panel]:
    """The panels that show the physics, the most telling first."""
    known = result.quantities()
    delta = site_layers(_order(result), 0.0, result.units)
    panels: list[Panel] = [_map(result, delta[0])]
    if result.starts:
        panels.append(lambda axes: draw_ranking(axes, result))
    if "bands" in known:
        panels.append(lambda axes: draw_bands(axes, result, known["bands"]))
    if "ldos" in known or "dos" in known:
        panels.append(lambda axes: draw_spectrum(axes, result))
    flows = "bond_current" in known and float(np.abs(known["bond_current"].values).max(initial=0.0)) > NOTHING
    drawable = profile(result.sample) is not None or "site_current" in known
    if flows and drawable:
        panels.append(lambda axes: draw_currents(axes, result, most_arrows=12))
    others = [_map(result, layer) for layer in delta[1:]]
    if "density" in known:
        density = _map(result, site_layers(known["density"], 0.0, result.units)[0])
        winds = len(delta) > 1 and delta[1][2].colours == CYCLIC
        others.insert(1 if winds else 0, density)
    return (panels + others)[:MOST_PICTURES]


def _order(result: Result) -> Quantity:
    """Δ on sites; where that is zero, the largest symmetry of the pairs on bonds that was measured."""
    measured = result.observables.get("bond_order", {}).values()
    symmetries = [quantity for quantity in measured if quantity.dims == ("site",)]
    if result.fields.delta.any() or not symmetries:
        return find(result, "delta")
    return max(symmetries, key=lambda quantity: float(np.abs(quantity.values).max()))


def _map(result: Result, layer: Layer) -> Panel:
    return lambda axes: draw_layer(axes, result.sample, middle_plane(result.sample), layer, result.units)
