"""Figures of a junction: current, grand potential and levels against the phase difference."""

from __future__ import annotations

from typing import Any

import numpy as np

from bdg.observables import Quantity
from bdg.plot.canvas.finding import find
from bdg.plot.canvas.labels import add_caveat, add_si_axis, label
from bdg.plot.canvas.style import COLOURS, add_title, new_figure, styled
from bdg.result import Result

PHASE = "Phase difference (π)"


@styled
def current_phase_curve(result: Result) -> Any:
    """I(φ), Ω(φ) and, where they are known, the lowest levels, one above the other.

    Raises
    ------
    InputError
        If the result has none.
    """
    known = result.quantities()
    names = [name for name in ("junction_current", "junction_levels", "junction_potential") if name in known]
    figure = new_figure(6.4, 0.6 + 2.4 * len(names))
    panels = figure.subplots(len(names), 1, sharex=True, squeeze=False)[:, 0]
    for n, name in enumerate(names):
        _draw_against_phase(panels[n], result, name, COLOURS[n])
        panels[n].set_xlabel("")
    if "junction_levels" in names:
        panels[names.index("junction_levels")].set_ylim(bottom=0)
    _mark_critical(panels[0], known)
    panels[-1].set_xlabel(PHASE)
    add_caveat(panels[-1], result, find(result, "junction_current"))
    add_title(figure, result.title)
    return figure


def draw_current_phase(axes: Any, result: Result) -> None:
    """Draw the current against the phase difference into axes, with the largest ones in words."""
    _draw_against_phase(axes, result, "junction_current", COLOURS[0])
    _mark_critical(axes, result.quantities())


def _draw_against_phase(axes: Any, result: Result, name: str, colour: str) -> None:
    quantity = find(result, name)
    turns = quantity.coords["phase_difference"].values / np.pi
    style = "o" if quantity.values.ndim > 1 else "o-"  # levels cross: no line joins them
    axes.plot(turns, quantity.values, style, color=colour, markersize=3)
    text = label(quantity).replace(" per repeated", "\nper repeated").replace(" above", "\nabove")
    axes.set(xlabel=PHASE, ylabel=text)
    add_si_axis(axes, "y", quantity.units, result.units)
    if name == "junction_current":
        axes.axhline(0, color="#888888", linewidth=0.8)


def _mark_critical(axes: Any, known: dict[str, Quantity]) -> None:
    """The largest current either way, and by how much they differ."""
    said, signs = [], {"forward": 1.0, "backward": -1.0}
    efficiency = known.get("junction_diode_efficiency")
    is_odd = efficiency is not None and abs(float(efficiency)) <= (efficiency.error or 0.0)
    for name, sign in signs.items():
        most = known[f"junction_critical_{name}"]
        if float(most) > 0:
            place = float(most.attributes["phase_difference"]) / np.pi
            if sign > 0 or not known["junction_current"].attributes.get("hysteretic", False):
                axes.plot(place, sign * float(most), "D", color=COLOURS[3], markersize=4)
            said.append(f"{float(most):.4g} {'either way' if is_odd else name}, at {place:.3g} π")
    text = f"Largest: {said[0] if is_odd and said else '; '.join(said)}"
    if efficiency is not None and not is_odd:
        text += f"\ndiode efficiency {100 * float(efficiency):.3g} %"
    axes.set_title(text.replace("-", "−"), fontsize=9)


@styled
def fraunhofer_curve(result: Result) -> Any:
    """The critical current against the flux, beside that of a uniform sheet of current.

    Raises
    ------
    InputError
        If the result has none.
    """
    return _pattern_curve(result, "fraunhofer")


@styled
def squid_curve(result: Result) -> Any:
    """The critical current against the flux through the holes, beside that of arms with currents ∝ sin φ.

    Raises
    ------
    InputError
        If the result has none.
    """
    return _pattern_curve(result, "squid")


def _pattern_curve(result: Result, name: str) -> Any:
    figure = new_figure(6.4, 4.2)
    axes = figure.subplots()
    draw_pattern(axes, result, name)
    add_caveat(axes, result, find(result, name))
    add_title(figure, result.title)
    return figure


def draw_pattern(axes: Any, result: Result, name: str) -> None:
    """Draw the critical current against the flux into axes, beside a formula.

    Raises
    ------
    InputError
        If the result has none.
    """
    quantity = find(result, name)
    flux = quantity.coords[quantity.dims[0]]
    fine = np.linspace(flux.values.min(), flux.values.max(), 601)
    if name == "squid":
        arms = find(result, "squid_arms").values
        wanted = np.abs(np.exp(2j * np.pi * fine[:, None] * np.arange(len(arms))) @ arms)
        each = ", ".join(f"{one:.4g}" for one in arms)
        formula, title = f"{len(arms)} currents ∝ sin φ: {each}", "Junctions around a hole with a flux"
    else:
        wanted = quantity.values[0] * np.abs(np.sinc(fine))
        formula, title = "uniform sheet, |sin(πΦ/Φ₀)/(πΦ/Φ₀)|", "Junction in a magnetic field"
    axes.plot(fine, wanted, "--", color="#888888", linewidth=1, label=formula)
    axes.plot(flux.values, quantity.values, "o-", color=COLOURS[0], markersize=3, label="lattice")
    axes.set_ylim(0, 1.3 * np.nanmax(quantity.values))  # the legend has room above
    axes.legend(loc="upper right")
    axes.set(xlabel=label(flux), ylabel=label(quantity), title=title)
    add_si_axis(axes, "y", quantity.units, result.units)
