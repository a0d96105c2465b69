"""The lowest quasiparticles: their peaks in a tunnelling spectrum, and where they are."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.plot.canvas.geometry import middle_plane, profile
from bdg.plot.canvas.labels import add_si_axis, length_ticks, number
from bdg.plot.canvas.lines import finish_values, plot_values, profile_label
from bdg.plot.canvas.scale import amount_scale
from bdg.plot.canvas.style import COLOURS, add_title, new_figure, styled
from bdg.plot.canvas.window import in_window
from bdg.plot.figures.sample.maps import Layer, draw_layer
from bdg.result import Result

MOST_LEVELS = 5
"""So many different levels have a picture, the lowest ones."""

SAME_LEVEL = 1e-6
"""Energies this close, in t, are drawn as one level; its states have the same weights."""

SPINLESS = 0.01
"""A spin along z below this, in ħ/2, has sign undetermined."""


@styled
def states(result: Result) -> Any:
    """Weights of the lowest quasiparticles at ± their energies, and |u|² + |v|² of each level on the sites.

    Parameters
    ----------
    result
        With the observable ``states``.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    InputError
        If the result has no states.
    """
    if "states" not in result.quantities():
        raise InputError("the result has no states; add it to observables and run again")
    result, shown = in_window(result), different_levels(result)[:MOST_LEVELS]
    low, high = (end(result.sample.positions, axis=0) for end in (np.min, np.max))
    is_flat = result.sample.dimension > 1 and high[0] - low[0] > 3 * (high[1] - low[1])
    if profile(result.sample) is not None or is_flat:
        figure = new_figure(7.0, 3.2 + 2.2 * len(shown))
        panels = list(figure.subplots(1 + len(shown), 1, height_ratios=[3.0, *(2.2 for _ in shown)]))
    else:
        columns = 2 if len(shown) < 3 else 3
        rows = -(-(1 + len(shown)) // columns)
        figure = new_figure(4.9 * columns, 4.1 * rows)
        panels = list(figure.subplots(rows, columns, squeeze=False).ravel())
        for empty in panels[1 + len(shown) :]:
            empty.set_axis_off()
    draw_peaks(panels[0], result)
    for axes, state in zip(panels[1:], shown, strict=False):
        draw_state(axes, result, state)
    add_title(figure, result.title)
    return figure


def different_levels(result: Result) -> list[int]:
    """The first state of each level."""
    energies = result["states"].values
    first = np.concatenate([[True], np.diff(energies) > SAME_LEVEL])
    return [int(n) for n in np.flatnonzero(first)]


def draw_peaks(axes: Any, result: Result) -> None:
    """Draw |u|² of each state at its energy and |v|² at minus its energy, as tunnelling would show them."""
    energies = result["states"].values
    electron, hole = (result[name].values.sum(axis=1) for name in ("state_electron", "state_hole"))
    spin = result["state_spin_z"].values.sum(axis=1)
    kinds = [
        ("spin up", COLOURS[1], spin > SPINLESS),
        ("spin down", COLOURS[0], spin < -SPINLESS),
        ("no spin along z", COLOURS[5], np.abs(spin) <= SPINLESS),
    ]
    for place, (name, colour, which) in enumerate(kinds):
        if which.any():
            # Degenerate states of opposite spin lie on one another: each spin has a width of its own.
            at = np.concatenate([energies[which], -energies[which]])
            weight = np.concatenate([electron[which], hole[which]])
            axes.vlines(at, 0, weight, color=colour, linewidth=3.2 - 1.2 * place)
            axes.plot(at, weight, "o", color=colour, markersize=6 - 1.5 * place, label=name)
    reach = 1.15 * float(energies.max()) or 1.0
    axes.set(xlim=(-reach, reach), ylim=(0, 1.3 * float(max(electron.max(), hole.max()))))
    axes.axvline(0, color="#bbbbbb", linewidth=0.8, zorder=0)
    axes.set_xlabel("Energy from the chemical potential (t)")
    axes.set_ylabel("Weight: electron right, hole left")
    axes.set_title("Lowest quasiparticles")
    axes.legend(loc="upper center", ncols=3)
    add_si_axis(axes, "x", "t", result.units)


def draw_state(axes: Any, result: Result, state: int, *, title: str = "") -> None:
    """Draw where a state is: |u|² + |v|² on a map; on a chain or across a strip |u|² and |v|² as lines."""
    electron, hole = result["state_electron"].values[state], result["state_hole"].values[state]
    title = f"{title}{_words(result, state)}"
    if profile(result.sample) is not None:
        _draw_lines(axes, result.sample, electron, hole, result)
        axes.set_title(title)
        return
    layer: Layer = (title, electron + hole, amount_scale(electron + hole, "|u|² + |v|²", "1"))
    draw_layer(axes, result.sample, middle_plane(result.sample), layer, result.units)


def _draw_lines(
    axes: Any, sample: Sample, electron: NDArray[np.float64], hole: NDArray[np.float64], result: Result
) -> None:
    shown = profile(sample)
    assert shown is not None
    place = shown.places(sample.positions)
    order = np.argsort(place, kind="stable")
    scale = amount_scale(np.concatenate([electron, hole]), "weight", "1")
    for values, name, colour in ((electron, "|u|²", COLOURS[0]), (hole, "|v|²", COLOURS[1])):
        plot_values(axes, place[order], values[order], scale, color=colour, label=name)
    finish_values(axes, electron, scale, result.units)
    axes.set_ylim(bottom=0)
    axes.set_xlabel(profile_label(shown, result.units))
    length_ticks(axes.xaxis, result.units)
    axes.legend(loc="best")


def _words(result: Result, state: int) -> str:
    """``E = 0.0239 t, 43 % electron, spin +1``; of several states of a level how many there are."""
    energies = result["states"].values
    same = int(np.count_nonzero(np.abs(energies - energies[state]) <= SAME_LEVEL))
    share = float(result["state_electron"].values[state].sum())
    spin = float(result["state_spin_z"].values[state].sum())
    parts = [f"E = {number(float(f'{energies[state]:.4g}'), 't', None)}", f"{100 * share:.0f} % electron"]
    turned = f"spin {spin:+.2g}".replace("-", "−") if abs(spin) > SPINLESS else "no spin along z"
    parts += [f"{same} states" if same > 1 else turned]
    return ", ".join(parts)
