"""Figures to files."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import matplotlib

from bdg.errors import InputError
from bdg.plot.canvas.style import STYLE, ExactFigure
from bdg.store.safety.atomic import write_bytes

# Nothing that changes from run to run: the same result gives the same bytes.
METADATA: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
    "svg": {"Date": None, "Creator": None},
}

PADDING, RIM = 0.1, 0.03
"""Inches around what is drawn; above and below it where the width was asked for."""

LAYOUTS = 3
"""Times that panels are arranged: of maps with an equal aspect each finds more of the room that is left."""

DPI, LOWEST_DPI, HIGHEST_DPI = 150, 20, 1200


def save_figure(figure: Any, path: str | os.PathLike[str], *, dpi: int = DPI) -> None:
    """Write a figure as PNG, PDF or SVG, by the suffix of the name; an older picture is replaced.

    The file appears whole or not at all.

    Parameters
    ----------
    figure
        From any function of this package.
    path
        The file; missing folders are made.
    dpi
        Pixels an inch of a PNG, and of maps of very many sites in the other two.

    Raises
    ------
    InputError
        If the suffix is none of the three, or the resolution is impossible.
    FileRefusedError, ResourceError
        If the file cannot be written.
    """
    suffix = Path(path).suffix.lower().removeprefix(".")
    if suffix not in METADATA:
        raise InputError(f"{os.fspath(path)}: unknown kind of picture; end the name in .png, .pdf or .svg")
    require_possible(dpi)
    image = io.BytesIO()
    settings = {**STYLE, "svg.hashsalt": "bdg", "svg.fonttype": "path", "pdf.fonttype": 42}
    with matplotlib.rc_context(settings):
        # "tight": the layout reserves too little room beside some maps with an equal aspect.
        cut = _strip(figure) if isinstance(figure, ExactFigure) else "tight"
        figure.savefig(
            image, format=suffix, metadata=METADATA[suffix], dpi=dpi, bbox_inches=cut, pad_inches=PADDING
        )
    write_bytes(path, image.getvalue(), overwrite=True)


def require_possible(dpi: int) -> None:
    """Refuse a resolution that no figure has.

    Raises
    ------
    InputError
        If it is one.
    """
    if not LOWEST_DPI <= dpi <= HIGHEST_DPI:
        raise InputError(f"a resolution of {dpi} is impossible; give {LOWEST_DPI} to {HIGHEST_DPI} dpi")


def _strip(figure: Any) -> Any:
    """What of a figure is drawn on, over its whole width."""
    from matplotlib.transforms import Bbox

    for _ in range(LAYOUTS):
        figure.draw_without_rendering()
    drawn = figure.get_tightbbox()
    return Bbox.from_extents(0.0, drawn.y0 - RIM, figure.get_figwidth(), drawn.y1 + RIM)
