"""Figures to files."""

from __future__ import annotations

import io
import os
from pathlib import Path
from typing import Any

import matplotlib

from bdg.errors import InputError
from bdg.plot.canvas.style import STYLE
from bdg.store.safety.atomic import write_bytes

# Nothing that changes from run to run: the same result gives the same bytes.
METADATA: dict[str, dict[str, None]] = {
    "png": {"Software": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
    "svg": {"Date": None, "Creator": None},
}

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
    if not LOWEST_DPI <= dpi <= HIGHEST_DPI:
        raise InputError(f"a resolution of {dpi} is impossible; give {LOWEST_DPI} to {HIGHEST_DPI} dpi")
    image = io.BytesIO()
    settings = {**STYLE, "svg.hashsalt": "bdg", "svg.fonttype": "path", "pdf.fonttype": 42}
    with matplotlib.rc_context(settings):
        # "tight": the layout reserves too little room beside some maps with an equal aspect.
        figure.savefig(
            image,
            format=suffix,
            metadata=METADATA[suffix],
            dpi=dpi,
            bbox_inches="tight",
            pad_inches=0.1,
        )
    write_bytes(path, image.getvalue(), overwrite=True)
