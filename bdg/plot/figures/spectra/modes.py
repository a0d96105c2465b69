"""Spectra of collective modes, the fields following beside held."""

from __future__ import annotations

from collections.abc import Sequence
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
    lines = [
        (_drive(result, following, number), following.values[number], held.values[number])
        for number in range(len(following.values))
    ]
    _draw_lines(axes, result, energies, lines, with_units("Im χ", following.units))
    if len(following.values) > 1:
        axes.legend(fontsize=8)
    axes.set_title(_title(f"Response of {following.attributes['channel']}", following), fontsize=10)


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
    lines = []
    for row, axis in along:
        name = f"along {axis}" + (f", {_vector(waves[row])}" if len(waves) > 1 or waves.any() else "")
        one, other = (part.values[row, "xyz".index(axis)].real for part in (following, held))
        lines.append((name, one, other))
    _draw_lines(axes, result, energies, lines, with_units("Re σ", following.units))
    axes.legend(fontsize=8)
    axes.set_title(_title("Conductivity per site", following), fontsize=10)


def _draw_lines(
    axes: Any, result: Result, energies: Quantity, lines: Sequence[tuple[str, Any, Any]], title: str
) -> None:
    """The first drives: lines with the fields following, dashes with the fields held."""
    for number, (name, following, held) in enumerate(lines[:MOST_DRIVES]):
        colour = COLOURS[number % len(COLOURS)]
        axes.plot(energies.values, following, color=colour, label=name)
        axes.plot(energies.values, held, "--", color=colour, linewidth=0.9)
    axes.set_ylabel(title)
    axes.set_xlabel(label(energies))
    add_si_axis(axes, "x", energies.units, result.units)


def _title(what: str, spectrum: Quantity) -> str:
    return f"{what} (dashed: fields held), η = {spectrum.attributes['broadening']:g} t"


def _vector(q: Any) -> str:
    return f"q = ({', '.join(f'{x:.3g}' for x in np.asarray(q))})"


def _drive(result: Result, spectrum: Quantity, number: int) -> str:
    """A drive in a few words: its wave vector, or its site."""
    if "source" in spectrum.coords:
        return f"site {int(spectrum.coords['source'].values[number])}"
    return _vector(find(result, "mode_wave_vectors").values[number])
