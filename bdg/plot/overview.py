"""All there is of a result on one page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.observables import Quantity
from bdg.plot.bands import draw_bands
from bdg.plot.convergence import draw_convergence, has_iterations
from bdg.plot.currents import NOTHING, draw_currents
from bdg.plot.electromagnetism import draw_conductivity, draw_ring, draw_superflow
from bdg.plot.facts import NUMBERS, draw_facts, header
from bdg.plot.geometry import middle_plane, profile
from bdg.plot.maps import Layer, draw_layer, order_of, site_layers
from bdg.plot.meissner import draw_field_profile
from bdg.plot.plaquettes import draw_plaquettes
from bdg.plot.spectra import draw_spectrum
from bdg.plot.starts import draw_ranking
from bdg.plot.states import draw_state
from bdg.plot.style import CYCLIC, new_figure, styled, wrapped
from bdg.plot.topology import draw_topological
from bdg.result import Result


@dataclass(frozen=True)
class Panel:
    """A panel of the page.

    Parameters
    ----------
    shows
        Names of the quantities it shows.
    draw
        Draws it into axes.
    """

    shows: tuple[str, ...]
    draw: Callable[[Any], None]


MOST_PICTURES = 4

UNEVEN = 1e-3
"""Differences between sites, as a share of the largest value, from which a map has something to show."""

NO_SPIN = 1e-6
"""A magnetisation that is none."""

TITLE_SIZE, NOTE_SIZE = 13.0, 8.5


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
        The figure; six panels at most. A line below them names what else the result has.
    """
    pictures = _pictures(result)
    panels = [panel.draw for panel in pictures]
    if has_iterations(result):
        panels.append(lambda axes: draw_convergence(axes, result))
    columns = 2 if len(panels) in (1, 3) else 3
    rows = len(panels) // columns + 1  # one place is for the facts, or all that are left in the last row
    left = rows * columns - len(panels)
    figure = new_figure(5.0 * columns, 4.0 * rows + 0.6, padding=0.1)
    grid = figure.add_gridspec(rows, columns)
    for n, draw in enumerate(panels):
        draw(figure.add_subplot(grid[n // columns, n % columns]))
    draw_facts(figure.add_subplot(grid[rows - 1, columns - left :]), result, columns=min(left, 2))
    shown = {name for panel in pictures for name in panel.shows}
    _add_margins(figure, result, [_about_orbitals(result), _not_shown(result, shown)])
    return figure


def _add_margins(figure: Any, result: Result, notes: list[str]) -> None:
    """The title, below it what the sample is, and notes at the foot of the page."""
    height = figure.get_figheight()
    title = wrapped(result.title or "Untitled", figure.get_figwidth(), TITLE_SIZE)
    note = "\n".join(wrapped(text, figure.get_figwidth(), NOTE_SIZE) for text in notes if text)
    # In inches from the top; the panels are laid out below.
    below = 0.1 + 1.3 * TITLE_SIZE / 72 * (title.count("\n") + 1)
    foot = (1.4 * NOTE_SIZE / 72 * (note.count("\n") + 1) + 0.1) if note else 0.0
    figure.get_layout_engine().set(rect=(0, foot / height, 1, 1 - (below + 0.3 + foot) / height))
    # Not a suptitle: the layout would make room for it once more.
    middle = {"ha": "center", "va": "top"}
    figure.text(0.5, 1 - 0.1 / height, title, fontsize=TITLE_SIZE, **middle)
    figure.text(0.5, 1 - below / height, header(result), color="#555555", **middle)
    figure.text(0.5, 0.05 / height, note, fontsize=NOTE_SIZE, color="#555555", ha="center", va="bottom")


def _about_orbitals(result: Result) -> str:
    """What to do for the orbitals that share a place with those drawn."""
    which = "" if profile(result.sample) is not None else middle_plane(result.sample).orbital_title
    return (
        f"Maps are of {which}; all of them: bdg plot FILE NAME, order_parameter for example" if which else ""
    )


def _not_shown(result: Result, shown: set[str]) -> str:
    """What else there is to plot."""
    known = result.quantities()
    others = [name for name, one in known.items() if one.dims and name not in shown]
    others += ["hartree"] if np.any(result.fields.hartree) else []
    others += ["numbers"] if any(not one.dims and name not in NUMBERS for name, one in known.items()) else []
    return f"Also in the file, for bdg plot FILE NAME: {', '.join(others)}" if others else ""


def _pictures(result: Result) -> list[Panel]:
    """The panels that show the physics, the most telling first."""
    known = result.quantities()
    name, order = order_of(result)
    delta = site_layers(order, 0.0, result.units)
    panels = [_map(result, name, delta[0])]
    if result.starts:
        panels.append(Panel((), lambda axes: draw_ranking(axes, result)))
    if "bands" in known:
        panels.append(
            Panel(("bands", "particle_weight"), lambda axes: draw_bands(axes, result, known["bands"]))
        )
    if "ldos" in known or "dos" in known:
        panels.append(Panel(("ldos", "dos"), lambda axes: draw_spectrum(axes, result)))
    if "states" in known:
        weights = ("states", "state_electron", "state_hole")
        panels.append(Panel(weights, lambda axes: draw_state(axes, result, 0, title="Lowest state: ")))
    flows = "bond_current" in known and float(np.abs(known["bond_current"].values).max(initial=0.0)) > NOTHING
    drawable = profile(result.sample) is not None or "site_current" in known
    if flows and drawable:
        panels.append(
            Panel(("bond_current", "site_current"), lambda axes: draw_currents(axes, result, most_arrows=12))
        )
    panels += _screening(result)
    panels += _response(result)
    spin = _magnetisation(result)
    if spin is not None:
        panels.append(_map(result, spin, site_layers(known[spin], 0.0, result.units)[0]))
    panels += _topology(result)
    others = [_map(result, name, layer) for layer in delta[1:]]
    at = 1 if len(delta) > 1 and delta[1][2].colours == CYCLIC else 0
    more = [each for each in ("anomalous_density", "density") if each in known]
    if "anomalous_density" in more and _follows(known["anomalous_density"].values, result.fields.delta):
        more.reverse()
    others[at:at] = [_map(result, each, site_layers(known[each], 0.0, result.units)[0]) for each in more]
    return (panels + others)[:MOST_PICTURES]


def _screening(result: Result) -> list[Panel]:
    """The field across a slab, or on the plaquettes of a sample."""
    known = result.quantities()
    if "field_profile" in known:
        names = ("field_profile", "london_profile", "screened_field", "london_field", "applied_field")
        return [Panel(names, lambda axes: draw_field_profile(axes, result))]
    if "screened_field" in known:
        field = known["screened_field"]
        return [Panel(("screened_field",), lambda axes: draw_plaquettes(axes, result, field))]
    return []


def _response(result: Result) -> list[Panel]:
    """The current against a vector potential or a flux, where the superfluid weight comes from, σ(ω)."""
    known = result.quantities()
    panels = []
    if "superflow_current" in known:
        panels.append(Panel(("superflow_current",), lambda axes: draw_superflow(axes, result)))
    if "persistent_current" in known:
        panels.append(Panel(("persistent_current",), lambda axes: draw_ring(axes, result)))
    name = next((one for one in ("relaxed_stiffness", "local_stiffness") if one in known), None)
    if name is not None and np.ptp(known[name].values[0]) > UNEVEN * _largest(known[name]):
        title, values, scale = site_layers(known[name], 0.0, result.units)[0]
        panels.append(_map(result, name, (f"Stiffness {title.lower()}", values, scale)))
    if "conductivity_real" in known:
        panels.append(
            Panel(("conductivity_real",), lambda axes: draw_conductivity(axes, result, "conductivity_real"))
        )
    return panels


def _topology(result: Result) -> list[Panel]:
    """A map of the invariant in real space or in momentum; where there is none, the levels about zero."""
    known = result.quantities()
    if "local_chern_marker" in known:
        layer = site_layers(known["local_chern_marker"], 0.0, result.units)[0]
        return [_map(result, "local_chern_marker", layer)]
    for name in ("berry_curvature", "lowest_levels"):
        if name in known and np.isfinite(known[name].values).any():
            return [Panel((name,), lambda axes, one=known[name]: draw_topological(axes, result, one))]  # type: ignore[misc]
    return []


def _magnetisation(result: Result) -> str | None:
    """The largest component of a magnetisation that is not zero."""
    known = result.quantities()
    names = [name for name in known if name.startswith("magnetisation_")]
    name = max(names, key=lambda name: _largest(known[name]), default=None)
    return None if name is None or _largest(known[name]) < NO_SPIN else name


def _largest(quantity: Quantity) -> float:
    return float(np.abs(quantity.values).max())


def _follows(values: NDArray[Any], delta: NDArray[Any]) -> bool:
    """Whether numbers on sites are Δ times a number: a map of theirs looks like that of Δ."""
    factor = np.vdot(delta, values) / max(float(np.vdot(delta, delta).real), 1e-300)
    return float(np.abs(values - factor * delta).max()) <= 1e-6 * float(np.abs(values).max())


def _map(result: Result, name: str, layer: Layer) -> Panel:
    plane = middle_plane(result.sample)
    return Panel((name,), lambda axes: draw_layer(axes, result.sample, plane, layer, result.units))
