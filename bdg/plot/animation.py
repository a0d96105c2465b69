"""Figures one after the other as a film: maps along energy or bias, results along a swept key."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from bdg.errors import InputError
from bdg.observables import Quantity
from bdg.plot.canvas.finding import SPECTRAL_AXES, find
from bdg.plot.canvas.labels import capital, number, pretty
from bdg.plot.canvas.looks import Looks
from bdg.plot.canvas.saving import require_possible
from bdg.plot.canvas.together import Together
from bdg.plot.picking import plot
from bdg.result import Result
from bdg.store.safety.atomic import write_bytes

Frame = Callable[[], Any]
"""Draws a figure."""

KINDS = {".gif": "GIF", ".png": "PNG", ".webp": "WEBP"}
"""Files that hold films; a film in PNG has all colours, and a browser plays it."""

MOST_FRAMES = 1000

PALETTE_FROM = 8
"""Frames from which the 256 colours of a GIF are chosen, so that they are the same in all."""


def frames_of(result: Result, name: str, axis: str, looks: Looks | None = None) -> list[Frame]:
    """A drawing of a quantity at each place along one of its axes.

    Parameters
    ----------
    result, name
        What to draw of.
    axis
        Of the quantity: ``energy`` or ``bias`` of a map, or any other with values.
    looks
        As for :func:`bdg.plot.plot`.

    Raises
    ------
    InputError
        If the quantity has no such axis.
    """
    quantity = find(result, name)
    if axis not in quantity.dims:
        has = ", ".join(quantity.dims) or "none"
        raise InputError(f"{name} has no axis {axis!r} to animate; its axes: {has}")
    count = quantity.values.shape[quantity.dims.index(axis)]
    if axis in SPECTRAL_AXES and "site" in quantity.dims:
        places = np.asarray(quantity.coords[axis].values, dtype=float)
        return [partial(plot, result, name, energy=float(place), looks=looks) for place in places]
    return [partial(plot, _at(result, name, axis, index), name, looks=looks) for index in range(count)]


def _at(result: Result, name: str, axis: str, index: int) -> Result:
    """The result with a quantity at one place along an axis; a transform keeps the axis, of one value."""
    quantity = find(result, name)
    at, coord = quantity.dims.index(axis), quantity.coords.get(axis)
    keeps = "q_first" in quantity.dims
    values = np.take(quantity.values, [index] if keeps else index, at)
    dims = quantity.dims if keeps else tuple(dim for dim in quantity.dims if dim != axis)
    coords = {key: one for key, one in quantity.coords.items() if keeps or axis not in one.dims}
    if keeps and coord is not None:
        coords[axis] = replace(coord, values=coord.values[index : index + 1])
    cut = replace(quantity, values=values, dims=dims, coords=coords)
    title = result.title if keeps else ", ".join(filter(None, (result.title, place_name(axis, coord, index))))
    groups = {
        group: {key: cut if key == name else one for key, one in quantities.items()}
        for group, quantities in result.observables.items()
    }
    return replace(result, title=title, observables=groups)


def place_name(axis: str, coord: Quantity | None, index: int) -> str:
    """``temperature 0.05 t``: a place along an axis, in words."""
    if coord is None:
        return f"{axis.replace('_', ' ')} {index}"
    value = coord.values[index]
    shown = number(float(value), coord.units, None) if coord.values.dtype.kind in "iuf" else str(value)
    return f"{pretty(coord.long_name)} {shown}"


def save_film(
    frames: Sequence[Frame], path: str | os.PathLike[str], *, dpi: int = 100, rate: float = 8.0
) -> None:
    """Draw figures with the same scales and limits, and write them as a film that repeats.

    Parameters
    ----------
    frames
        Drawings, each of a figure with the same panels.
    path
        A ``.gif``, ``.png`` or ``.webp``; an older one is replaced once the new one is whole.
    dpi
        Pixels an inch.
    rate
        Figures a second.

    Raises
    ------
    InputError
        If the ending is none of these, the rate or the resolution is impossible, or there are too few or too
        many figures.
    FileRefusedError, ResourceError
        If the file cannot be written.
    """
    kind = KINDS.get(Path(path).suffix.lower())
    if kind is None:
        raise InputError(f"{os.fspath(path)}: unknown kind of film; end the name in {', '.join(KINDS)}")
    require_possible(dpi)
    if not 0.1 <= rate <= 50:
        raise InputError(f"{rate:g} figures a second are impossible; give 0.1 to 50")
    if not 2 <= len(frames) <= MOST_FRAMES:
        raise InputError(f"{len(frames)} figures are no film; 2 to {MOST_FRAMES} are")
    images = _same_size(_pictures(frames, dpi))
    if kind == "GIF":
        images = _in_one_palette(images)
    film = io.BytesIO()
    images[0].save(
        film, format=kind, save_all=True, append_images=images[1:], duration=round(1000 / rate), loop=0
    )
    write_bytes(path, film.getvalue(), overwrite=True)


def _pictures(frames: Sequence[Frame], dpi: int) -> list[Any]:
    """Every figure as pixels, drawn twice: the first time tells which scales and limits hold all."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from PIL import Image

    together = Together()
    with together.opened():
        limits = [[(axes.get_xlim(), axes.get_ylim()) for axes in frame().axes] for frame in frames]
        pictures = []
        for frame in frames:
            figure = frame()
            _widen(figure, limits)
            figure.set_dpi(dpi)
            canvas = FigureCanvasAgg(figure)
            canvas.draw()
            pictures.append(Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3].copy()))
    return pictures


def _widen(figure: Any, limits: list[list[Any]]) -> None:
    """Give the panels with lines the limits that hold those of all figures."""
    alike = [one for one in limits if len(one) == len(figure.axes)]
    for n, axes in enumerate(figure.axes):
        if axes.lines and not (axes.images or axes.collections):
            for which, of in enumerate((axes.set_xlim, axes.set_ylim)):
                ends = np.array([one[n][which] for one in alike])
                of(float(ends[:, 0].min()), float(ends[:, 1].max()))


def _same_size(pictures: list[Any]) -> list[Any]:
    """Pictures in the middle of white ones of the size of the largest."""
    from PIL import Image

    width, height = (max(one.size[n] for one in pictures) for n in (0, 1))
    found = []
    for one in pictures:
        whole = Image.new("RGB", (width, height), "white")
        whole.paste(one, ((width - one.width) // 2, (height - one.height) // 2))
        found.append(whole)
    return found


def _in_one_palette(pictures: list[Any]) -> list[Any]:
    """The same in 256 colours, chosen from some of all."""
    from PIL import Image

    chosen = [pictures[n] for n in np.unique(np.linspace(0, len(pictures) - 1, PALETTE_FROM).astype(int))]
    strip = Image.new("RGB", (chosen[0].width, sum(one.height for one in chosen)))
    for n, one in enumerate(chosen):
        strip.paste(one, (0, n * one.height))
    palette = strip.quantize(256, dither=Image.Dither.NONE)
    return [one.quantize(palette=palette, dither=Image.Dither.NONE) for one in pictures]


def titled(result: Result, text: str) -> Result:
    """The result with a place along a swept key as its title."""
    return replace(result, title=capital(text))
