"""How figures are to look beside what they show: colours, ends of scales, size on a page of a journal.

Figures are drawn by functions that know nothing of this: whoever wants them to look different opens
:class:`Looks` around them, from which scales take their colours and ends, and figures their size.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import matplotlib

from bdg.errors import InputError

COLUMNS = {"single": 3.375, "double": 7.0}
"""Inches of one column of a page, and of both (Physical Review: 8.6 and 17.8 cm)."""

SCALES = ("linear", "log", "percentile")

SHARE = 1.0
"""Percent of the values that lie beyond each end of a scale of percentiles."""

IN_PRINT: Mapping[str, Any] = {
    "font.size": 8.0,
    "axes.titlesize": 8.0,
    "axes.labelsize": 8.0,
    "axes.linewidth": 0.6,
    "xtick.labelsize": 7.0,
    "ytick.labelsize": 7.0,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.fontsize": 7.0,
    "lines.linewidth": 1.0,
}
"""Fonts and lines of figures that are printed at the size they have."""


@dataclass(frozen=True)
class Looks:
    """What a user may say of how a figure looks.

    Parameters
    ----------
    cmap
        A colour map of matplotlib for amounts; by default what suits the numbers. Phases keep theirs.
    vmin, vmax
        Ends of the scale, in the unit of the quantity; by default those of its values.
    scale
        Of colours: ``linear``; ``log``, of numbers of both signs linear within a thousandth of the largest;
        or ``percentile``, which leaves :data:`SHARE` percent of the values beyond each end.
    size
        ``single`` or ``double`` column of a journal, or a width in inches, which the file then has exactly,
        with fonts of 7 and 8 points and without a title; by default as large as is good to read.
    layer
        Which of the planes of a stack or three-dimensional sample, from 0 at the bottom; by default all.
    scale_bar
        A bar of a round length in place of the axes of a map.
    inset
        A part of a map that is drawn larger in a corner of it: the lower left and the upper right corner, in
        a, ``((x0, y0), (x1, y1))``.

    Raises
    ------
    InputError
        If a value is none of these.
    """

    cmap: str = ""
    vmin: float | None = None
    vmax: float | None = None
    scale: str = "linear"
    size: str | float = ""
    layer: int | None = None
    scale_bar: bool = False
    inset: tuple[tuple[float, float], tuple[float, float]] | None = None

    def __post_init__(self) -> None:
        if self.cmap and self.cmap not in matplotlib.colormaps:
            raise InputError(f"matplotlib has no colour map {self.cmap!r}; take viridis, magma or RdBu_r")
        if self.scale not in SCALES:
            raise InputError(f"there is no scale {self.scale!r}; use one of {', '.join(SCALES)}")
        if None not in (self.vmin, self.vmax) and not self.vmin < self.vmax:  # type: ignore[operator]
            raise InputError(f"a scale from {self.vmin:g} to {self.vmax:g} is empty; let vmin be below vmax")
        if isinstance(self.size, str) and self.size not in ("", *COLUMNS):
            raise InputError(f"there is no size {self.size!r}; use single, double or a width in inches")
        if not isinstance(self.size, str) and not 1.0 <= self.size <= 40.0:
            raise InputError(f"a figure {self.size:g} inches wide is impossible; give 1 to 40")
        if self.inset is not None and not all(a < b for a, b in zip(*self.inset, strict=True)):
            raise InputError("an inset has no area; give its lower left and its upper right corner")

    @property
    def width(self) -> float | None:
        """Inches that the figure is wide; ``None`` where that is not given."""
        return COLUMNS.get(self.size) if isinstance(self.size, str) else self.size

    @property
    def keeps_zero(self) -> bool:
        """Whether the scale of positive numbers may go down to zero where they don't."""
        return self.scale == "linear" and self.vmin is None

    @property
    def style(self) -> Mapping[str, Any]:
        """Settings of matplotlib beside those of the package."""
        return {} if self.width is None else IN_PRINT

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Let what is drawn in the block look so."""
        token = _OPEN.set(self)
        try:
            yield
        finally:
            _OPEN.reset(token)


_PLAIN = Looks()
_OPEN: ContextVar[Looks] = ContextVar("looks", default=_PLAIN)


def looks() -> Looks:
    """How what is drawn now is to look."""
    return _OPEN.get()
