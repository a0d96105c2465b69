"""How figures look: fonts, colours, empty figures."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import matplotlib
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine

from bdg.plot.canvas.looks import looks
from bdg.plot.canvas.together import part_of_a_page

Parameters = ParamSpec("Parameters")
Drawn = TypeVar("Drawn")

COLOURS = ("#1b4f8f", "#d1652a", "#2fa57c", "#bf74b3", "#d9b13b", "#3c3f44")
"""Lines, distinguished also by eyes that do not see red and green."""

SEQUENTIAL, DIVERGING, CYCLIC = "viridis", "RdBu_r", "twilight"

LIGHT = "bdg_viridis_without_its_dark_end"
"""Amounts that are all far from zero: nothing may look as dark as zero does elsewhere."""

matplotlib.colormaps.register(
    ListedColormap(matplotlib.colormaps[SEQUENTIAL](np.linspace(0.4, 1.0, 256)), LIGHT), force=True
)

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 9.5,
    "axes.titlesize": 10.5,
    "axes.labelsize": 9.5,
    "axes.linewidth": 0.8,
    "axes.formatter.useoffset": False,
    "axes.formatter.use_mathtext": True,
    "axes.formatter.limits": (-3, 4),
    "axes.unicode_minus": True,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "xtick.direction": "out",
    "ytick.direction": "out",
    "legend.fontsize": 8.5,
    "legend.frameon": False,
    "lines.linewidth": 1.4,
    "savefig.dpi": 150,
    "figure.dpi": 150,
    "image.interpolation": "none",
}

NOT_STYLE = {"backend", "backend_fallback", "interactive", "toolbar"}
"""How figures reach a screen: not ours to set, and touching the backend would load pyplot."""

_DEFAULTS = {key: value for key, value in matplotlib.rcParamsDefault.items() if key not in NOT_STYLE}


def styled(draw: Callable[Parameters, Drawn]) -> Callable[Parameters, Drawn]:
    """Run a function that draws with the package's style, whatever the user's own settings are."""

    @wraps(draw)
    def wrapped(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Drawn:
        with matplotlib.rc_context({**_DEFAULTS, **STYLE, **looks().style}):
            return draw(*args, **kwargs)

    return wrapped


class ExactFigure(Figure):
    """A figure whose width was asked for: its file has it too, nothing is cut off at its edges."""


def new_figure(width: float, height: float, *, padding: float = 0.04) -> Any:
    """An empty figure, in inches, that arranges its panels by itself; or a part of a page of several."""
    part = part_of_a_page(width, height)
    if part:
        return part
    layout, asked = ConstrainedLayoutEngine(w_pad=padding, h_pad=padding), looks().width
    if asked is None:
        return Figure(figsize=(width, height), layout=layout)
    return ExactFigure(figsize=(asked, height * asked / width), layout=layout)


def wrapped(text: str, width: float, size: float) -> str:
    """A title in as many lines as it takes at a width in inches and a size in points."""
    return textwrap.fill(text, max(20, int(72 * width / (0.62 * size))))


def add_title(figure: Any, text: str) -> None:
    """Put a title above all panels of a figure, if there is one; in print the caption says it."""
    if text and looks().width is None:
        width = figure.bbox.width / figure.dpi
        figure.suptitle(wrapped(text, width, 11.5), fontsize=11.5)


def sentence(title: str, text: str) -> Any:
    """A figure that says in words what a picture would not show."""
    figure = new_figure(6.4, 1.4)
    figure.text(0.5, 0.35, text, ha="center", va="center")
    add_title(figure, title)
    return figure
