"""What of a result is drawn on its page: the panels that show the physics."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.observables import Quantity
from bdg.plot.canvas.curves import draw_curve
from bdg.plot.canvas.finding import order_of
from bdg.plot.canvas.geometry import Plane, middle_plane, planes, profile
from bdg.plot.canvas.style import CYCLIC
from bdg.plot.canvas.window import in_window
from bdg.plot.figures.response.electromagnetism import draw_conductivity, draw_ring, draw_superflow
from bdg.plot.figures.response.junction import draw_current_phase, draw_pattern
from bdg.plot.figures.response.meissner import draw_field_profile
from bdg.plot.figures.response.motion import draw_in_time
from bdg.plot.figures.response.phases import draw_helicity
from bdg.plot.figures.runs.starts import draw_ranking
from bdg.plot.figures.sample.currents import NOTHING, draw_currents
from bdg.plot.figures.sample.maps import Layer, draw_layer, site_layers
from bdg.plot.figures.sample.plaquettes import draw_plaquettes
from bdg.plot.figures.spectra.bands import draw_bands
from bdg.plot.figures.spectra.modes import draw_conductivity_of_waves, draw_mode_spectra
from bdg.plot.figures.spectra.spectra import draw_spectrum
from bdg.plot.figures.spectra.states import draw_state
from bdg.plot.figures.spectra.topology import draw_topological
from bdg.plot.figures.tunnelling.gaps import draw_histogram
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
    is_map
        Whether it has the shape of the sample.
    is_uniform
        Whether it has nothing to show but one number.
    """

    shows: tuple[str, ...]
    draw: Callable[[Any], None]
    is_map: bool = False
    is_uniform: bool = False


MOST_PICTURES = 4

MOST_LAYERS = 3
"""Layers of a stack, or orbitals at one place, that have a panel of the order parameter each."""

UNEVEN = 1e-3
"""Differences between sites, as a share of the largest value, from which a map has something to show."""

STILL = 1e-6
"""Changes in time that are none, in t or e t/ħ."""

NO_SPIN = 1e-6
"""A magnetisation that is none."""


def panels_of(result: Result) -> list[Panel]:
    """The panels that show the physics, the most telling first."""
    known = result.quantities()
    name, order = order_of(result)
    delta = site_layers(order, 0.0, result.units)
    drawn = in_window(result)
    panels, is_map = _layers(result, name, delta[0]), profile(result.sample) is None
    panels += _motion(result)
    if result.starts:
        panels.append(Panel((), lambda axes: draw_ranking(axes, result)))
    if "bands" in known:
        panels.append(
            Panel(("bands", "particle_weight"), lambda axes: draw_bands(axes, result, known["bands"]))
        )
    if "ldos" in known or "dos" in known:
        panels.append(Panel(("ldos", "dos"), lambda axes: draw_spectrum(axes, result)))
    if "stm_conductance" in known:
        panels.append(
            Panel(("stm_conductance",), lambda axes: draw_spectrum(axes, result, name="stm_conductance"))
        )
    if "tunnelling_gap" in known and "site" in known["tunnelling_gap"].dims:
        panels.append(
            _map(result, "tunnelling_gap", site_layers(known["tunnelling_gap"], 0.0, result.units)[0])
        )
        panels.append(Panel(("gap_histogram",), lambda axes: draw_histogram(axes, result)))
    if "states" in known:
        weights = ("states", "state_electron", "state_hole")
        panels.append(Panel(weights, lambda axes: draw_state(axes, drawn, 0, title="Lowest state: "), is_map))
    flows = "bond_current" in known and float(np.abs(known["bond_current"].values).max(initial=0.0)) > NOTHING
    drawable = profile(result.sample) is not None or "site_current" in known
    if flows and drawable:
        panels.append(
            Panel(
                ("bond_current", "site_current"),
                lambda axes: draw_currents(axes, drawn, most_arrows=12),
                is_map,
            )
        )
    panels += _junction(result)
    panels += _screening(result)
    panels += _response(result)
    panels += _energies(result)
    spin = _magnetisation(result)
    if spin is not None:
        panels.append(_map(result, spin, site_layers(known[spin], 0.0, result.units)[0]))
    panels += _topology(result) + _first_pairs(result)
    others = [_map(result, name, layer) for layer in delta[1:]]
    at = 1 if len(delta) > 1 and delta[1][2].colours == CYCLIC else 0
    more = [each for each in ("anomalous_density", "density") if each in known]
    if "anomalous_density" in more and _follows(known["anomalous_density"].values, result.fields.delta):
        more.reverse()
    others[at:at] = [_map(result, each, site_layers(known[each], 0.0, result.units)[0]) for each in more]
    every = [panel for panel in panels + others if not panel.is_uniform]
    return (every or panels)[:MOST_PICTURES]


def _junction(result: Result) -> list[Panel]:
    """The current against the phase difference or the flux, and the conductance of a contact."""
    known = result.quantities()
    panels = []
    if "junction_current" in known:
        panels.append(Panel(("junction_current",), lambda axes: draw_current_phase(axes, result)))
    for name, others in (("fraunhofer", ()), ("squid", ("squid_arms",))):
        if name in known:
            panels.append(Panel((name, *others), lambda axes, one=name: draw_pattern(axes, result, one)))  # type: ignore[misc]
    if "conductance" in known:
        panels.append(Panel(("conductance",), lambda axes: draw_curve(axes, result, "conductance", "energy")))
    return panels


def _screening(result: Result) -> list[Panel]:
    """The field across a slab, or on the plaquettes of a sample."""
    known = result.quantities()
    if "field_profile" in known:
        names = ("field_profile", "london_profile", "screened_field", "london_field", "applied_field")
        return [Panel(names, lambda axes: draw_field_profile(axes, result))]
    panels = []
    if "screened_field" in known:
        field = known["screened_field"]
        panels.append(Panel(("screened_field",), lambda axes: draw_plaquettes(axes, result, field)))
    name = "field_distribution"
    if name in known:
        panels.append(Panel((name,), lambda axes: draw_curve(axes, result, name, "local_field")))
    return panels


def _response(result: Result) -> list[Panel]:
    """The current against a vector potential or a flux, where the superfluid weight comes from, σ(ω)."""
    known = result.quantities()
    panels = []
    if "superflow_current" in known:
        panels.append(Panel(("superflow_current",), lambda axes: draw_superflow(axes, result)))
    if "helicity_modulus" in known:
        panels.append(Panel(("helicity_modulus",), lambda axes: draw_helicity(axes, result)))
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
    if "relaxation_rate" in known:
        _, values, scale = site_layers(known["relaxation_rate"], 0.0, result.units)[0]
        panels.append(_map(result, "relaxation_rate", ("Nuclear relaxation, field along x", values, scale)))
    if "dynamical_conductivity" in known:
        panels.append(
            Panel(("dynamical_conductivity",), lambda axes: draw_conductivity_of_waves(axes, result))
        )
    if "mode_spectrum" in known:
        panels.append(Panel(("mode_spectrum",), lambda axes: draw_mode_spectra(axes, result)))
    return panels


def _energies(result: Result) -> list[Panel]:
    """What a vortex costs against its place, and Ω along a path."""
    known, panels = result.quantities(), []
    for name, along in (("vortex_energy", "vortex_place"), ("path_energy", "image")):
        if name in known and along in known[name].dims:
            panels.append(Panel((name,), lambda axes, one=name, to=along: draw_curve(axes, result, one, to)))  # type: ignore[misc]
        elif name in known:
            panels.append(Panel((name,), lambda axes, one=known[name]: draw_plaquettes(axes, result, one)))  # type: ignore[misc]
    if "impurity_energy" in known:
        title, values, scale = site_layers(known["impurity_energy"], 0.0, result.units)[0]
        panels.append(_map(result, "impurity_energy", (title, values, scale)))
    return panels


def _motion(result: Result) -> list[Panel]:
    """The mean |Δ| and the current in time, each with its spectrum, where they move."""
    known, panels = result.quantities(), []
    for name in ("mean_delta", "mean_current"):
        if f"{name}_in_time" not in known or np.ptp(known[f"{name}_in_time"].values) < STILL:
            continue
        for one in (f"{name}_in_time", f"{name}_spectrum"):
            panels.append(Panel((one,), lambda axes, one=one: draw_in_time(axes, result, one)))  # type: ignore[misc]
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


def _first_pairs(result: Result) -> list[Panel]:
    """The pairs that arise first at T_c, on sites or in the symmetry that they have most of."""
    known = result.quantities()
    if "critical_temperature" not in known:
        return []
    channel = known["critical_temperature"].attributes.get("channel", "")
    for name in (f"pairing_mode_{channel}", "pairing_mode"):
        if name in known:
            _, values, scale = site_layers(known[name], 0.0, result.units)[0]
            return [_map(result, name, ("First pairs at T_c", values, scale))]
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


def _map(result: Result, name: str, layer: Layer, plane: Plane | None = None) -> Panel:
    sample = in_window(result).sample
    shown, is_map = plane or middle_plane(sample), profile(sample) is None
    return Panel(
        (name,),
        lambda axes: draw_layer(axes, sample, shown, layer, result.units),
        is_map,
        layer[2].uniform is not None,
    )


def _layers(result: Result, name: str, layer: Layer) -> list[Panel]:
    """A map of each layer of a thin stack; of a thick one, of the middle."""
    every = planes(in_window(result).sample) if profile(result.sample) is None else []
    if not 1 < len(every) <= MOST_LAYERS:
        return [_map(result, name, layer)]
    return [_map(result, name, layer, plane) for plane in every]
