"""All there is of a result on one page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bdg.plot.convergence import draw_convergence
from bdg.plot.currents import NOTHING, draw_currents
from bdg.plot.geometry import middle_plane, profile
from bdg.plot.labels import number
from bdg.plot.maps import Layer, draw_layer, find, site_layers
from bdg.plot.spectra import draw_spectrum
from bdg.plot.style import CYCLIC, new_figure, styled
from bdg.result import Result

Panel = Callable[[Any], None]


@styled
def overview(result: Result) -> Any:
    """One page: order parameter, spectra, density, currents, convergence, parameters; at most six panels.

    Parameters
    ----------
    result
        What to draw; panels for what it does not have are left out.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.
    """
    panels: list[Panel] = [
        *_pictures(result),
        lambda axes: draw_convergence(axes, result),
        lambda axes: _facts(axes, result),
    ]
    columns = 2 if len(panels) <= 4 else 3
    rows = -(-len(panels) // columns)
    figure = new_figure(5.0 * columns, 4.0 * rows + 0.4, padding=0.1)
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, panel in zip(grid, panels, strict=False):
        panel(axes)
    for axes in grid[len(panels) :]:
        axes.set_axis_off()
    figure.suptitle(result.title or "Untitled", fontsize=13)
    return figure


def _pictures(result: Result) -> list[Panel]:
    """The panels that show the physics, the most telling first, at most four."""
    known = result.quantities()
    delta = site_layers(find(result, "delta"), 0.0, result.units)
    panels: list[Panel] = [_map(result, delta[0])]
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
    panels += others
    return panels[:4]


def _map(result: Result, layer: Layer) -> Panel:
    return lambda axes: draw_layer(axes, result.sample, middle_plane(result.sample), layer, result.units)


def _facts(axes: Any, result: Result) -> None:
    """A block of text: parameters and scalars."""
    sample, known, si = result.sample, result.quantities(), result.units
    ends = ", ".join(_boundary(ends) for ends in sample.boundary)
    modulus = np.abs(result.fields.delta)
    facts = {
        "Lattice": f"{sample.cell.name} {' × '.join(map(str, sample.size))}, {ends}",
        "Sites, bonds": f"{sample.n_sites}, {sample.n_bonds}",
        "Temperature": number(result.temperature, "t", None) + _kelvin(result),
        "Chemical potential": number(result.fields.mu, "t", si),
        "Mean |Δ|": number(float(modulus.mean()), "t", si),
        "|Δ| from, to": f"{modulus.min():.5g}, {modulus.max():.5g} t",
        "Solver": result.provenance.solver,
        "Iterations": f"{len(result.history)}, residual {result.residual:.1e} t" if result.history else "",
    }
    shown = {"spectral_gap", "grand_potential", "free_energy", "entropy", "electrons"}
    for name, quantity in known.items():
        if name in shown and not quantity.dims:
            facts[name.replace("_", " ").capitalize()] = number(float(quantity.values), quantity.units, si)
    axes.set_axis_off()
    axes.set_title("Parameters and numbers")
    lines = [(name, value) for name, value in facts.items() if value]
    step = min(0.085, 0.98 / len(lines))
    for n, (name, value) in enumerate(lines):
        height = 0.97 - n * step
        axes.text(0.0, height, name, transform=axes.transAxes, va="top", color="#555555", fontsize=8.5)
        axes.text(0.38, height, value, transform=axes.transAxes, va="top", fontsize=8.5)


def _boundary(ends: Any) -> str:
    return f"{ends.kind} (twist {ends.twist:.4g})" if ends.twist else str(ends.kind)


def _kelvin(result: Result) -> str:
    kelvin = result.units.si("t/k_B") if result.units is not None else None
    return "" if kelvin is None else f" = {result.temperature * kelvin[0]:.4g} K"
