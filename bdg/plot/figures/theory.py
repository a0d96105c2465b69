"""Curves of uniform theory: panels beside each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bdg.plot.canvas.style import COLOURS, add_title, new_figure, styled

STYLES: dict[str, dict[str, Any]] = {
    "line": {"linestyle": "-"},
    "dashed": {"linestyle": (0, (4, 2)), "linewidth": 1.1},
    "points": {"linestyle": "none", "marker": "o", "markersize": 3.5},
}


class Curve(NamedTuple):
    """One curve: its values, its name and its style, a key of :data:`STYLES`."""

    values: NDArray[Any]
    label: str
    style: str = "line"


class Drawing(NamedTuple):
    """A panel: x label and values, y label, curves, logarithmic axes (a subset of ``xy``), limits of y."""

    x_label: str
    x: NDArray[Any]
    label: str
    lines: Sequence[Curve]
    log: str = ""
    limits: tuple[float, float] | None = None


def subscripted(text: str) -> str:
    """``T_c`` with a real subscript."""
    return re.sub(r"_([A-Za-z0-9])", r"$_{\\mathrm{\1}}$", text)


@styled
def curves(title: str, panels: Sequence[Drawing]) -> Any:
    """Draw panels of curves.

    Parameters
    ----------
    title
        Above all of them.
    panels
        One each, beside one another; at most three in a row.
    """
    across = min(len(panels), 3)
    down = -(-len(panels) // across)
    figure = new_figure(1.0 + 3.9 * across, 0.5 + 3.1 * down)
    axes = np.atleast_1d(figure.subplots(down, across, squeeze=False)).ravel()
    for panel, drawing in zip(axes, panels, strict=False):
        _draw(panel, drawing.x, drawing.lines)
        panel.set(xlabel=subscripted(drawing.x_label), ylabel=subscripted(drawing.label))
        if "x" in drawing.log:
            panel.set_xscale("log")
        if "y" in drawing.log:
            panel.set_yscale("log")
        if drawing.limits is not None:
            panel.set_ylim(*drawing.limits)
        if len(drawing.lines) > 1:
            panel.legend(loc="best")
    for panel in axes[len(panels) :]:
        panel.set_axis_off()
    add_title(figure, subscripted(title))
    return figure


def _draw(panel: Any, x: NDArray[Any], lines: Sequence[Curve]) -> None:
    """References are drawn in the colour of the line before them."""
    colour = -1
    for curve in lines:
        colour += curve.style != "dashed" or colour < 0
        finite = np.where(np.isfinite(curve.values), curve.values, np.nan)
        shade = COLOURS[-1] if curve.style == "dashed" else COLOURS[colour % len(COLOURS)]
        panel.plot(x, finite, color=shade, label=subscripted(curve.label), **STYLES[curve.style])
