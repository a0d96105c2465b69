"""Spectra of collective modes, the fields following beside held."""

from __future__ import annotations

from typing import Any

import numpy as np

from bdg.observables import Quantity
from bdg.plot.canvas.finding import find
from bdg.plot.canvas.labels import add_si_axis, label, with_units
from bdg.plot.canvas.style import COLOURS, add_title, new_figure, styled
from bdg.result import Result

MOST_DRIVES = 6
"""Drives whose spectra are drawn."""


@styled
def mode_spectra(result: Result) -> Any:
    """Im χ(ω) of the driven channel, of each drive, with the fields following and held.

    Raises
    ------
    InputError
        If the result has none.
    """
    figure = new_figure(6.4, 4.2)
    draw_mode_spectra(figure.subplots(), result)
    add_title(figure, result.title)
    return figure


def draw_mode_spectra(axes: Any, result: Result) -> None:
    """Draw the spectra into axes: lines with the fields following, dashes with the fields held."""
    following, held = find(result, "mode_spectrum"), find(result, "bare_mode_spectrum")
    energies = following.coords["energy"]
    for number in range(min(len(following.values), MOST_DRIVES)):
        colour = COLOURS[number % len(COLOURS)]
        name = _drive(result, following, number)
        axes.plot(energies.values, following.values[number], color=colour, label=name)
        axes.plot(energies.values, held.values[number], "--", color=colour, linewidth=0.9)
    axes.set_ylabel(with_units("Im χ", following.units))
    axes.set_xlabel(label(energies))
    add_si_axis(axes, "x", energies.units, result.units)
    if len(following.values) > 1:
        axes.legend(fontsize=8)
    eta = following.attributes["broadening"]
    axes.set_title(
        f"Response of {following.attributes['channel']} (dashed: fields held), η = {eta:g} t", fontsize=10
    )


@styled
def conductivity_of_waves(result: Result) -> Any:
    """Re σ(q, ω) along each axis that has one, of each wave, with the fields following and held.

    Raises
    ------
    InputError
        If the result has none.
    """
    figure = new_figure(6.4, 4.2)
    draw_conductivity_of_waves(figure.subplots(), result)
    add_title(figure, result.title)
    return figure


def draw_conductivity_of_waves(axes: Any, result: Result) -> None:
    """Draw Re σ(q, ω) into axes: lines with the fields following, dashes with the fields held."""
    following, held = (find(result, f"{part}dynamical_conductivity") for part in ("", "bare_"))
    energies, waves = following.coords["energy"], find(result, "conductivity_wave_vectors").values
    along = [
        (row, axis) for row in range(len(waves)) for axis in str(following.attributes["axes"]).split(", ")
    ]
    for number, (row, axis) in enumerate(along[:MOST_DRIVES]):
        colour, component = COLOURS[number % len(COLOURS)], "xyz".index(axis)
        name = f"along {axis}" + (f", {_vector(waves[row])}" if len(waves) > 1 or waves.any() else "")
        axes.plot(energies.values, following.values[row, component].real, color=colour, label=name)
        axes.plot(energies.values, held.values[row, component].real, "--", color=colour, linewidth=0.9)
    axes.set_ylabel(with_units("Re σ", following.units))
    axes.set_xlabel(label(energies))
    add_si_axis(axes, "x", energies.units, result.units)
    axes.legend(fontsize=8)
    eta = following.attributes["broadening"]
    axes.set_title(f"Conductivity per site (dashed: fields held), η = {eta:g} t", fontsize=10)


def _vector(q: Any) -> str:
    return f"q = ({', '.join(f'{x:.3g}' for x in np.asarray(q))})"


def _drive(result: Result, spectrum: Quantity, number: int) -> str:
    """A drive in a few words: its wave vector, or its site."""
    if "source" in spectrum.coords:
        return f"site {int(spectrum.coords['source'].values[number])}"
    return _vector(find(result, "mode_wave_vectors").values[number])
