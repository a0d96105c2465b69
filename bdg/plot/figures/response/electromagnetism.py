"""Figures of the superfluid weight, of superflow, of rings and of σ(ω)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from bdg.plot.canvas.curves import draw_curve, stacked
from bdg.plot.canvas.finding import find
from bdg.plot.canvas.labels import add_si_axis, capital, label, spelled, with_units
from bdg.plot.canvas.style import COLOURS, add_title, new_figure, styled
from bdg.result import Result

PARTS = ("diamagnetic", "paramagnetic", "superfluid_weight", "relaxed_weight")


@styled
def weight_bars(result: Result) -> Any:
    """The superfluid weight along each axis and its parts, as bars with their numbers.

    Raises
    ------
    InputError
        If the result has none.
    """
    whole = find(result, "superfluid_weight")
    known = result.quantities()
    shown = [known[name] for name in PARTS if name in known]
    n_axes = len(whole.values)
    figure = new_figure(7.0, 0.9 + 0.55 * n_axes * len(shown))
    axes = figure.subplots()
    names = []
    room = 0.15 * max(float(np.abs(np.diag(quantity.values)).max()) for quantity in shown)
    for row, quantity in enumerate(shown):
        for n, value in enumerate(np.diag(quantity.values)):
            place = -(row * (n_axes + 0.6) + n)
            axes.barh(place, value, color=COLOURS[n], height=0.85)
            side = 1 if value >= -room else -1  # beside a short bar to the left are the names
            axes.annotate(
                f"{value:.5g}".replace("-", "−"),
                (max(value, 0.0) if side > 0 else value, place),
                xytext=(4 * side, 0),
                textcoords="offset points",
                va="center",
                ha="left" if side > 0 else "right",
                fontsize=8.5,
            )
            text = {"superfluid_weight": "sum, fields held", "relaxed_weight": "fields following"}
            name = next(key for key in PARTS if known.get(key) is quantity)
            suffix = f", along {str(whole.attributes['axes']).split(', ')[n]}" if n_axes > 1 else ""
            names.append((place, f"{capital(text.get(name, name))}{suffix}"))
    axes.set_yticks([place for place, _ in names], labels=[name for _, name in names])
    axes.axvline(0, color="#888888", linewidth=0.8)
    axes.margins(x=0.18)
    axes.set(xlabel=f"Per site ({spelled(whole.units)})", title="Superfluid weight")
    add_title(figure, result.title)
    return figure


@styled
def superflow_curve(result: Result) -> Any:
    """Current, |Δ| and Ω against the vector potential, one above the other.

    Raises
    ------
    InputError
        If the result has none.
    """

    def beside(name: str, colour: str) -> Callable[[Any], None]:
        return lambda axes: draw_curve(axes, result, name, "vector_potential", colour)

    size, potential = beside("superflow_delta", COLOURS[1]), beside("superflow_potential", COLOURS[2])
    return stacked(result, [lambda axes: draw_superflow(axes, result), size, potential])


def draw_superflow(axes: Any, result: Result) -> None:
    """Draw the current against the vector potential into axes, its largest value in words."""
    draw_curve(axes, result, "superflow_current", "vector_potential")
    current = find(result, "superflow_current")
    at = int(np.nanargmax(np.abs(current.values)))
    place = current.coords["vector_potential"]
    text = f"largest: {abs(current.values[at]):.5g}, at A = {place.values[at]:.4g}"
    axes.text(0.03, 0.08, text, transform=axes.transAxes, fontsize=9)
    axes.set_title("Uniform superflow")


@styled
def ring_curve(result: Result) -> Any:
    """Current, Ω and |Δ| of a ring against the flux, one above the other.

    Raises
    ------
    InputError
        If the result has none.
    """

    def beside(name: str, colour: str) -> Callable[[Any], None]:
        return lambda axes: _draw_against_flux(axes, result, name, colour)

    potential, size = beside("ring_potential", COLOURS[1]), beside("ring_delta", COLOURS[2])
    return stacked(result, [lambda axes: draw_ring(axes, result), potential, size])


def draw_ring(axes: Any, result: Result) -> None:
    """Draw the current of a ring against the flux into axes, with what h/2e changes in words."""
    _draw_against_flux(axes, result, "persistent_current", COLOURS[0])
    axes.axhline(0, color="#888888", linewidth=0.8)
    apart = float(find(result, "half_period_difference"))
    axes.set_title(f"Ring; h/2e more changes Ω by {apart:.3g} of its range", fontsize=10)


def _draw_against_flux(axes: Any, result: Result, name: str, colour: str) -> None:
    quantity, winding = find(result, name), find(result, "ring_winding").values
    changed = np.flatnonzero((winding[1:] != winding[:-1]) & ~np.isnan(winding[1:] + winding[:-1])) + 1
    flux, values = quantity.coords["flux"].values / (2 * np.pi), quantity.values
    if name != "ring_potential":  # what jumps where the winding does
        flux, values = np.insert(flux, changed, np.nan), np.insert(values, changed, np.nan)
    axes.plot(flux, values, "o-", color=colour, markersize=3)
    axes.set(xlabel="Flux through the ring (h/e)", ylabel=label(quantity))
    add_si_axis(axes, "y", quantity.units, result.units)


@styled
def conductivity_curve(result: Result) -> Any:
    """Real and imaginary part of the conductivity, one above the other, along each axis that has one.

    Raises
    ------
    InputError
        If the result has none.
    """
    figure = new_figure(6.4, 5.6)
    panels = figure.subplots(2, 1, sharex=True)
    for panel, name in zip(panels, ("conductivity_real", "conductivity_imaginary"), strict=True):
        draw_conductivity(panel, result, name)
    panels[0].set_xlabel("")
    panels[1].set_title("")
    panels[1].get_legend().remove()
    add_title(figure, result.title)
    return figure


def draw_conductivity(axes: Any, result: Result, name: str) -> None:
    """Draw the real or the imaginary part of the conductivity along each axis that has one into axes."""
    quantity = find(result, name)
    energies = quantity.coords["energy"]
    for n, axis in enumerate(str(quantity.attributes["axes"]).split(", ")):
        values = quantity.values["xyz".index(axis)]
        axes.plot(energies.values, values, color=COLOURS[n], label=f"along {axis}")
    axes.axhline(0, color="#888888", linewidth=0.8)
    axes.set_ylabel(with_units(f"{'Re' if name.endswith('real') else 'Im'} σ", quantity.units))
    axes.set_xlabel(label(energies))
    axes.legend()
    axes.set_title(f"Conductivity per site, broadening {quantity.attributes['broadening']:g} t")
