"""What is put into a map: a bar of a round length in place of axes, a part of it drawn larger."""

from __future__ import annotations

from typing import Any

import numpy as np

from bdg.errors import InputError
from bdg.plot.canvas.looks import looks
from bdg.result import Units

BAR_SHARE = 0.25
"""Share of the width of a map that its bar takes, about."""

INSET = 0.42
"""Share of the width and the height of a map that an inset takes."""

RIM = 0.02
"""Share between it and the edges."""


def add_scale_bar(axes: Any, si: Units | None) -> None:
    """Draw a bar with its length in nm, or in lattice constants where these are not known."""
    from matplotlib.patheffects import withStroke

    axes.set_axis_off()
    factor, unit = (si.si("a") if si is not None else None) or (1.0, "a")
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    length = round_below(BAR_SHARE * factor * (right - left))
    start, height = left + 0.05 * (right - left), bottom + 0.06 * (top - bottom)
    end = start + length / factor
    axes.plot([start, end], [height, height], color="white", linewidth=2.0, path_effects=[
        withStroke(linewidth=3.5, foreground="black")
    ], solid_capstyle="butt", scalex=False, scaley=False)  # fmt: skip
    axes.annotate(
        f"{length:g} {unit}",
        (0.5 * (start + end), height),
        (0, 3),
        textcoords="offset points",
        color="white",
        ha="center",
        va="bottom",
        path_effects=[withStroke(linewidth=2.5, foreground="black")],
    )


def round_below(length: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is no larger."""
    power = 10.0 ** np.floor(np.log10(length))
    return float(next(n for n in (5, 2, 1) if n * power <= length * (1 + 1e-9)) * power)


def add_inset(axes: Any) -> Any:
    """Axes in a corner of a map, for the part of it that is drawn larger: the corner farthest from there."""
    assert looks().inset is not None
    lower, upper = looks().inset  # type: ignore[misc]
    middle = [
        (0.5 * (a + b) - low) / (high - low)
        for a, b, (low, high) in zip(lower, upper, (axes.get_xlim(), axes.get_ylim()), strict=True)
    ]
    left, bottom = (RIM if place > 0.5 else 1 - RIM - INSET for place in middle)
    return axes.inset_axes((left, bottom, INSET, INSET))


def show_inset(axes: Any, inside: Any) -> None:
    """Let the inset show its part, and mark in the map where that is.

    Raises
    ------
    InputError
        If the part does not lie in the map.
    """
    assert looks().inset is not None
    (left, bottom), (right, top) = looks().inset  # type: ignore[misc]
    whole = zip(axes.get_xlim(), axes.get_ylim(), strict=True)
    low, high = whole
    if not (low[0] <= left < right <= high[0] and low[1] <= bottom < top <= high[1]):
        raise InputError(
            f"the inset from {left:g}, {bottom:g} to {right:g}, {top:g} does not lie in the map, which goes"
            f" from {low[0]:.3g}, {low[1]:.3g} to {high[0]:.3g}, {high[1]:.3g}"
        )
    inside.set(xlim=(left, right), ylim=(bottom, top), xticks=[], yticks=[], xlabel="", ylabel="")
    axes.indicate_inset_zoom(inside, edgecolor="black", alpha=1.0, linewidth=0.8)
