"""All there is of a result on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from bdg.plot.canvas.geometry import middle_plane, profile
from bdg.plot.canvas.style import new_figure, styled, wrapped
from bdg.plot.facts import draw_facts, header, shown_numbers
from bdg.plot.figures.runs.convergence import draw_convergence, has_iterations
from bdg.plot.pictures import Panel, panels_of
from bdg.result import Result

TITLE_SIZE, NOTE_SIZE = 13.0, 8.5

WIDE, VERY_WIDE = 1.7, 3.5
"""Width over height from which two maps fill a row of the page, or one does."""


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
    chosen = panels_of(result)
    wide, in_a_row = _wide(result, chosen)
    panels = [panel for panel in chosen if panel not in wide]
    if has_iterations(result):
        panels.append(Panel((), lambda axes: draw_convergence(axes, result)))
    columns = 2 if len(panels) in (1, 3) else 3
    rows = len(panels) // columns + 1  # one place is for the facts, or all that are left in the last row
    left, width = rows * columns - len(panels), 15.0 if wide else 5.0 * columns
    heights = [0.85 * width / in_a_row / _aspect(result) + 1.6] * (len(wide) // in_a_row) + [4.0] * rows
    figure = new_figure(width, sum(heights) + 0.6, padding=0.1)
    page, above = figure.add_gridspec(len(heights), 1, height_ratios=heights), len(heights) - rows
    lines = [page[n].subgridspec(1, in_a_row if n < above else columns) for n in range(len(heights))]
    for n, panel in enumerate(wide):
        panel.draw(figure.add_subplot(lines[n // in_a_row][n % in_a_row]))
    for n, panel in enumerate(panels):
        panel.draw(figure.add_subplot(lines[above + n // columns][n % columns]))
    draw_facts(figure.add_subplot(lines[-1][columns - left :]), result, columns=min(left, 2))
    shown = {name for panel in chosen for name in panel.shows}
    _add_margins(figure, result, [_about_orbitals(result), _not_shown(result, shown)])
    return figure


def _aspect(result: Result) -> float:
    """Width of the sample over its height."""
    width, height = np.ptp(middle_plane(result.sample).centers, axis=0) + 1.0
    return float(width / height)


def _wide(result: Result, panels: list[Panel]) -> tuple[list[Panel], int]:
    """The maps of a wide sample that fill rows of the page, and how many of them are in a row."""
    if profile(result.sample) is not None or _aspect(result) < WIDE:
        return [], 1
    maps = [panel for panel in panels if panel.is_map]
    in_a_row = 1 if _aspect(result) > VERY_WIDE or len(maps) == 1 else 2
    return maps[: len(maps) - len(maps) % in_a_row], in_a_row


def _add_margins(figure: Any, result: Result, notes: list[str]) -> None:
    """The title, below it what the sample is, and notes at the foot of the page."""
    height = figure.get_figheight()
    title = wrapped(result.title or _file_name(result), figure.get_figwidth(), TITLE_SIZE)
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


def _file_name(result: Result) -> str:
    """What a result without a title is called."""
    return "Untitled" if result.path is None else Path(result.path).stem


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
    beside = shown_numbers()
    others += ["numbers"] if any(not one.dims and name not in beside for name, one in known.items()) else []
    return f"Also in the file, for bdg plot FILE NAME: {', '.join(others)}" if others else ""
