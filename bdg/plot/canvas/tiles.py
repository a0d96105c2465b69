"""Maps of a plane: every site's cell in its colour, and the outline of the sample."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.lattice import Sample
from bdg.plot.canvas.cells import SiteCell, outline, site_cells
from bdg.plot.canvas.geometry import Plane

RASTER_ABOVE = 4000
"""More cells than this are stored as pixels in PDF and SVG files."""

EDGES_BELOW = 600
"""Fewer cells than this have pale edges, so that equal neighbours can be distinguished."""

OUTLINE = "#333333"

FEW = 8
"""Sites of a sample of one cell from which on it is drawn as a piece by itself, not as one of a lattice."""

PAGE_POINTS = 320.0
"""Typical length of the longer side of a map, in points."""


def draw_cells(axes: Any, sample: Sample, plane: Plane, values: NDArray[Any], **colours: Any) -> Any:
    """Colour the cells of the sites of a plane; places without a site stay blank.

    The cell of a site is the polygon of points nearer to it than to any other place of the lattice. Where the
    sample ends, at the rim of a region or around a vacancy, is a line; where it goes on at its other end, a
    dotted one.

    Parameters
    ----------
    axes
        Where to draw; gets an equal aspect and limits that hold every cell.
    sample, plane
        The sites.
    values
        One number for each of ``plane.sites``.
    colours
        ``cmap`` and ``norm``, see :attr:`bdg.plot.canvas.scale.Scale.look`.

    Returns
    -------
    matplotlib.cm.ScalarMappable
        For the colour bar.
    """
    cells = cells_of(sample)
    kinds = sample.orbitals[plane.sites]
    pixel = _pixel([cells[n] for n in np.unique(kinds)])
    if pixel is not None:
        drawn = _draw_pixels(axes, plane.centers, pixel, values, colours)
    else:
        drawn = _draw_polygons(axes, plane.centers, cells, kinds, values, colours)
    _set_limits(axes, plane.centers, [cells[n].corners for n in np.unique(kinds)], pixel is None)
    _draw_outline(axes, sample, plane, cells)
    return drawn


def cells_of(sample: Sample) -> list[SiteCell]:
    """The cell of every orbital, as it is drawn."""
    ends = {one.kind for one in sample.boundary}
    is_alone = set(sample.size) == {1} and ends == {"open"} and sample.cell.n_orbitals >= FEW
    return site_cells(sample.cell, is_alone=is_alone)


def _pixel(cells: list[SiteCell]) -> NDArray[np.float64] | None:
    """Width and height if all cells are one upright rectangle about their sites."""
    half = np.abs(cells[0].corners).max(axis=0)
    upright = all(
        len(cell.corners) == 4 and np.allclose(np.abs(cell.corners), half, atol=1e-6) for cell in cells
    )
    return 2 * half if upright else None


def _draw_pixels(
    axes: Any,
    centers: NDArray[np.float64],
    pixel: NDArray[np.float64],
    values: NDArray[Any],
    colours: dict[str, Any],
) -> Any:
    low = centers.min(axis=0)
    column, row = np.round((centers - low) / pixel).astype(int).T
    image = np.full((row.max() + 1, column.max() + 1), np.nan)
    image[row, column] = values
    high = low + pixel * [column.max(), row.max()]
    (left, bottom), (right, top) = low - pixel / 2, high + pixel / 2
    return axes.imshow(image, origin="lower", extent=(left, right, bottom, top), aspect="equal", **colours)


def _draw_polygons(
    axes: Any,
    centers: NDArray[np.float64],
    cells: list[SiteCell],
    kinds: NDArray[np.integer],
    values: NDArray[Any],
    colours: dict[str, Any],
) -> Any:
    from matplotlib.collections import PathCollection
    from matplotlib.path import Path
    from matplotlib.transforms import AffineDeltaTransform

    # One path a kind of cell, moved to its sites: quick, and small in a PDF or SVG file.
    paths = [Path(np.vstack([cell.corners, cell.corners[:1]]), closed=True) for cell in cells]
    many = len(centers) > RASTER_ABOVE
    drawn = PathCollection(
        [paths[n] for n in kinds],
        offsets=centers,
        offset_transform=AffineDeltaTransform(axes.transData),
        array=np.ma.masked_invalid(np.asarray(values, float)),
        edgecolors="none" if many else "face" if len(centers) > EDGES_BELOW else (1.0, 1.0, 1.0, 0.4),
        antialiased=not many,
        linewidths=0.4,
        rasterized=many,
        **colours,
    )
    drawn.set_transform(axes.transData)
    axes.add_collection(drawn, autolim=False)
    return drawn


def _set_limits(
    axes: Any, centers: NDArray[np.float64], shapes: list[NDArray[np.float64]], margin: bool
) -> None:
    every = np.concatenate(shapes)
    low, high = centers.min(axis=0) + every.min(axis=0), centers.max(axis=0) + every.max(axis=0)
    room = 0.02 * float((high - low).max()) * margin
    (left, bottom), (right, top) = low - room, high + room
    axes.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")


def _draw_outline(axes: Any, sample: Sample, plane: Plane, cells: list[SiteCell]) -> None:
    from matplotlib.collections import LineCollection

    itself = slice(0, plane.first)  # of an infinite sample what was computed, not its repetitions
    ends, seams = outline(sample, plane.sites[itself], plane.centers[itself], cells)
    extent = float(np.ptp(plane.centers, axis=0).max()) + 1.0
    width = float(np.clip(0.08 * PAGE_POINTS / extent, 0.1, 0.8))  # never as wide as a cell
    for segments, dashes in ((ends, "-"), (seams, (0, (1.5, 2.5)))):
        if len(segments):
            lines = LineCollection(
                list(segments),
                colors=OUTLINE,
                linewidths=width,
                linestyles=[dashes],
                capstyle="round",
                rasterized=len(segments) > RASTER_ABOVE,
            )
            axes.add_collection(lines, autolim=False)
