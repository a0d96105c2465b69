"""All there is of a result on one page."""

from __future__ import annotations

from typing import Any

import numpy as np

from bdg.plot.convergence import draw_convergence, has_iterations
from bdg.plot.facts import NUMBERS, draw_facts, header
from bdg.plot.geometry import middle_plane, profile
from bdg.plot.pictures import panels_of
from bdg.plot.style import new_figure, styled, wrapped
from bdg.result import Result

TITLE_SIZE, NOTE_SIZE = 13.0, 8.5


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
    panels = [panel.draw for panel in chosen]
    if has_iterations(result):
        panels.append(lambda axes: draw_convergence(axes, result))
    columns = 2 if len(panels) in (1, 3) else 3
    rows = len(panels) // columns + 1  # one place is for the facts, or all that are left in the last row
    left = rows * columns - len(panels)
    figure = new_figure(5.0 * columns, 4.0 * rows + 0.6, padding=0.1)
    grid = figure.add_gridspec(rows, columns)
    for n, draw in enumerate(panels):
        draw(figure.add_subplot(grid[n // columns, n % columns]))
    draw_facts(figure.add_subplot(grid[rows - 1, columns - left :]), result, columns=min(left, 2))
    shown = {name for panel in chosen for name in panel.shows}
    _add_margins(figure, result, [_about_orbitals(result), _not_shown(result, shown)])
    return figure


def _add_margins(figure: Any, result: Result, notes: list[str]) -> None:
    """The title, below it what the sample is, and notes at the foot of the page."""
    height = figure.get_figheight()
    title = wrapped(result.title or "Untitled", figure.get_figwidth(), TITLE_SIZE)
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
    others += ["numbers"] if any(not one.dims and name not in NUMBERS for name, one in known.items()) else []
    return f"Also in the file, for bdg plot FILE NAME: {', '.join(others)}" if others else ""
