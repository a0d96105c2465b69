"""Figures of a junction: current, grand potential and levels against the phase difference."""

from __future__ import annotations

from typing import Any

import numpy as np

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
        panels[n].set_ylabel(label(quantity).replace(" per repeated", "\nper repeated"))
        add_si_axis(panels[n], "y", quantity.units, result.units)
    if "junction_levels" in names:
        panels[names.index("junction_levels")].set_ylim(bottom=0)
    current = find(result, "junction_current")
    size = np.abs(current.values)
    at = int(np.argmax(size > (1 - 1e-6) * size.max()))  # the first of equal ones
    panels[0].axhline(0, color="#888888", linewidth=0.8)
    largest = f"largest: {size[at]:.5g}, at φ = {turns[at]:.3g} π"
    panels[0].text(0.03, 0.08, largest.replace("-", "−"), transform=panels[0].transAxes, fontsize=9)
    panels[-1].set_xlabel(f"{capital('phase difference')} (π)")
    add_caveat(panels[-1], result, current)
    panels[0].set_title("Junction")
    add_title(figure, result.title)
    return figure


@styled
def fraunhofer_curve(result: Result) -> Any:
    """The critical current against the flux, beside that of a uniform sheet of current.

    Raises
    ------
    InputError
        If the result has none.
    """
    quantity = find(result, "fraunhofer")
    flux = quantity.coords["junction_flux"]
    figure = new_figure(6.4, 4.2)
    axes = figure.subplots()
    fine = np.linspace(flux.values.min(), flux.values.max(), 601)
    sheet = quantity.values[0] * np.abs(np.sinc(fine))
    axes.plot(fine, sheet, "--", color="#888888", linewidth=1, label="uniform sheet, |sin(πΦ/Φ₀)/(πΦ/Φ₀)|")
    axes.plot(flux.values, quantity.values, "o-", color=COLOURS[0], markersize=3, label="lattice")
    axes.legend(loc="upper right")
    axes.set_ylim(bottom=0)
    axes.set(xlabel=label(flux), ylabel=label(quantity), title="Junction in a magnetic field")
    add_si_axis(axes, "y", quantity.units, result.units)
    add_caveat(axes, result, quantity)
    add_title(figure, result.title)
    return figure
