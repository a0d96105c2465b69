"""Where several starts led: their energies, the best first, and the states that are different."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.ground_state import Candidate
from bdg.plot.canvas.geometry import middle_plane, profile
from bdg.plot.canvas.labels import add_si_axis, capital, pretty
from bdg.plot.canvas.lines import draw_profile
from bdg.plot.canvas.scale import Scale, add_colour_bar, amount_scale, phase_scale
from bdg.plot.canvas.style import COLOURS, add_title, new_figure, styled
from bdg.plot.canvas.window import SMALL_PHASE
from bdg.plot.figures.sample.maps import draw_plane
from bdg.result import Result

NOTHING = 1e-9
"""An order parameter below this, in t, has no phase."""

MOST_STATES = 4
"""So many different states have a map, the best ones."""


@styled
def starts(result: Result) -> Any:
    """The energy of each start above the best one, and Δ of the different states they led to.

    Parameters
    ----------
    result
        Of a run from several starts.

    Returns
    -------
    matplotlib.figure.Figure
        The figure.

    Raises
    ------
    InputError
        If there was one start only.
    """
    if not result.starts:
        raise InputError("the result is of one start; list several in scf.initial and run again")
    states = [start for start in result.starts if not start.same_as][:MOST_STATES]
    deltas = np.array([start.fields.delta for start in states])
    rows = [(np.abs(deltas), amount_scale(np.abs(deltas), "|order parameter|", "t"))]
    if any(_turns(delta) for delta in deltas):
        rows.append((np.where(np.abs(deltas) > NOTHING, np.angle(deltas), np.nan), phase_scale()))
    height = 1.3 + 0.42 * len(result.starts)
    figure = new_figure(3.7 * max(len(states), 2), height + 3.4 * len(rows))
    grid = figure.add_gridspec(1 + len(rows), len(states), height_ratios=[height, *(3.4 for _ in rows)])
    draw_ranking(figure.add_subplot(grid[0, :]), result)
    for row, (values, scale) in enumerate(rows, start=1):
        for n, start in enumerate(states):
            axes = figure.add_subplot(grid[row, n])
            _draw_state(axes, result, values[n], scale, is_last=n == len(states) - 1)
            axes.set_title(pretty(start.name))
    add_title(figure, result.title)
    return figure


def _draw_state(axes: Any, result: Result, values: NDArray[Any], scale: Scale, *, is_last: bool) -> None:
    if profile(result.sample) is not None:
        draw_profile(axes, result.sample, values, scale, result.units)
        return
    drawn = draw_plane(axes, result.sample, middle_plane(result.sample), values, scale, result.units)
    if is_last:
        add_colour_bar(axes, drawn, scale, result.units)


def _turns(delta: NDArray[Any]) -> bool:
    """Whether the phase varies over the sample, by a sign or more."""
    there = delta[np.abs(delta) > NOTHING]
    return bool(np.any(np.abs(np.angle(there * np.exp(-1j * np.angle(there.sum())))) > SMALL_PHASE))


def draw_ranking(axes: Any, result: Result) -> None:
    """Draw energies above the best one, a row for each start; what did not converge is hollow."""
    from matplotlib.ticker import MaxNLocator

    ranked = result.starts
    best = float(ranked[0].energy.values)
    energies = {start.name: float(start.energy.values) for start in ranked}
    # Starts that led to one state are drawn at one energy, not as far apart as rounding put them.
    above = np.array([energies[start.same_as or start.name] - best for start in ranked])
    largest = float(np.nanmax(above, initial=0.0)) or 1.0
    for row, (start, height) in enumerate(zip(ranked, above, strict=True)):
        colour = COLOURS[0] if start.status == "converged" else COLOURS[1]
        face = colour if start.status == "converged" else "white"
        axes.plot([0, height], [row, row], color="#cccccc", linewidth=1.0, zorder=0)
        axes.errorbar(height, row, xerr=start.energy.error, color=colour, capsize=2, elinewidth=1.0)
        axes.plot(height, row, "o", color=colour, markerfacecolor=face, markersize=6)
        place: tuple[float, int] = (0.0 if np.isnan(height) else height, row)
        beside: dict[str, Any] = {"xytext": (8, 0), "va": "center"}
        if place[0] > 0.35 * largest:  # no room to the right: above the line, up to the frame
            place = (0.98, row)
            beside = {"xycoords": ("axes fraction", "data"), "xytext": (0, 5), "ha": "right"}
        axes.annotate(_words(start, height), place, textcoords="offset points", fontsize=8.5, **beside)
    axes.set_yticks(range(len(ranked)), labels=[pretty(start.name) for start in ranked])
    axes.set_ylim(len(ranked) - 0.5, -0.5)
    axes.set_xlim(-0.03 * largest, 1.1 * largest)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    # Numbers in full: a power at the end of the axis would lie on its label.
    axes.xaxis.set_major_formatter(lambda x, _: f"{x:g}".replace("-", "−"))
    axes.set_xlabel(f"{capital(ranked[0].energy.long_name)} above the best (t)")
    axes.set_title(f"Best start: {pretty(ranked[0].name)}, {f'{best:.8g}'.replace('-', '−')} t")
    add_si_axis(axes, "x", ranked[0].energy.units, result.units)


def _words(start: Candidate, height: float) -> str:
    energy = "" if np.isnan(height) or height == 0 else f"+{height:.4g} t"
    parts = [energy, f"mean |Δ| {start.mean_delta:.4g} t"]
    if start.same_as:
        parts.append(f"the same state as {pretty(start.same_as)}")
    if start.status != "converged":
        parts.append(start.status.replace("_", " "))
    return ", ".join(part for part in parts if part)
