"""Figures of a junction: current, grand potential and levels against the phase difference."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.observables import Quantity
from bdg.plot.labels import add_caveat, add_si_axis, capital, label
from bdg.plot.maps import find
from bdg.plot.style import COLOURS, add_title, new_figure, styled
from bdg.result import Result


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
        quantity = find(result, name)
        turns = quantity.coords["phase_difference"].values / np.pi
        style = "o" if quantity.values.ndim > 1 else "o-"  # levels cross: no line joins them
        panels[n].plot(turns, quantity.values, style, color=COLOURS[n], markersize=3)
        text = label(quantity).replace(" per repeated", "\nper repeated").replace(" above", "\nabove")
        panels[n].set_ylabel(text)
        add_si_axis(panels[n], "y", quantity.units, result.units)
    if "junction_levels" in names:
        panels[names.index("junction_levels")].set_ylim(bottom=0)
    current = find(result, "junction_current")
    panels[0].axhline(0, color="#888888", linewidth=0.8)
    _mark_critical(panels[0], known)
    panels[-1].set_xlabel(f"{capital('phase difference')} (π)")
    add_caveat(panels[-1], result, current)
    add_title(figure, result.title)
    return figure


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
    if is_odd:
        del said[1:]
    elif efficiency is not None:
        said.append(f"diode efficiency {100 * float(efficiency):.3g} %")
    axes.set_title(f"Largest: {'; '.join(said)}".replace("-", "−"), fontsize=9)


@styled
def fraunhofer_curve(result: Result) -> Any:
    """The critical current against the flux, beside that of a uniform sheet of current.

    Raises
    ------
    InputError
        If the result has none.
    """
    quantity = find(result, "fraunhofer")

    def sheet(flux: NDArray[np.float64]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = quantity.values[0] * np.abs(np.sinc(flux))
        return found

    name = "uniform sheet, |sin(πΦ/Φ₀)/(πΦ/Φ₀)|"
    return _flux_curve(result, quantity, sheet, name, "Junction in a magnetic field")


@styled
def squid_curve(result: Result) -> Any:
    """The critical current against the flux through the holes, beside that of arms with currents ∝ sin φ.

    Raises
    ------
    InputError
        If the result has none.
    """
    quantity, arms = find(result, "squid"), find(result, "squid_arms").values
    turns = np.arange(len(arms))

    def apart(flux: NDArray[np.float64]) -> NDArray[np.float64]:
        found: NDArray[np.float64] = np.abs(np.exp(2j * np.pi * flux[:, None] * turns) @ arms)
        return found

    each = ", ".join(f"{one:.4g}" for one in arms)
    name = f"{len(arms)} currents ∝ sin φ: {each}"
    return _flux_curve(result, quantity, apart, name, "Junctions around a hole with a flux")


def _flux_curve(
    result: Result,
    quantity: Quantity,
    formula: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    name: str,
    title: str,
) -> Any:
    """A critical current against a flux, beside a formula."""
    flux = quantity.coords[quantity.dims[0]]
    figure = new_figure(6.4, 4.2)
    axes = figure.subplots()
    fine = np.linspace(flux.values.min(), flux.values.max(), 601)
    axes.plot(fine, formula(fine), "--", color="#888888", linewidth=1, label=name)
    axes.plot(flux.values, quantity.values, "o-", color=COLOURS[0], markersize=3, label="lattice")
    axes.set_ylim(0, 1.25 * quantity.values.max())  # the legend has room above
    axes.legend(loc="upper right")
    axes.set(xlabel=label(flux), ylabel=label(quantity), title=title)
    add_si_axis(axes, "y", quantity.units, result.units)
    add_caveat(axes, result, quantity)
    add_title(figure, result.title)
    return figure
