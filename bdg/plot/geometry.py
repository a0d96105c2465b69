"""Sites of any lattice as cells of a map, planes of a three-dimensional sample, distances."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.lattice import Sample, UnitCell

RASTER_ABOVE = 4000
"""More cells than this are stored as pixels in PDF and SVG files."""


@dataclass(frozen=True)
class Plane:
    """Sites that are drawn in one map: all of them in two dimensions, those of one height in three."""

    sites: NDArray[np.intp]
    height: float | None = None

    @property
    def title(self) -> str:
        """``z = 2``, or nothing."""
        return "" if self.height is None else f"z = {self.height:.4g}"


def planes(sample: Sample) -> list[Plane]:
    """The maps a sample needs, from the bottom up."""
    if sample.dimension < 3:
        return [Plane(np.arange(sample.n_sites))]
    heights = np.round(sample.positions[:, 2], 6)
    return [Plane(np.flatnonzero(heights == height), float(height)) for height in np.unique(heights)]


def line_axis(sample: Sample) -> int | None:
    """The only coordinate in which sites differ, if there is just one (or none): a chain or a strip."""
    varies = np.ptp(sample.positions, axis=0) > 1e-9
    return int(np.argmax(varies)) if varies.sum() <= 1 else None


def draw_cells(axes: Any, sample: Sample, plane: Plane, values: NDArray[Any], **colours: Any) -> Any:
    """Colour the cells of the sites of a plane, places without a site staying blank.

    Rectangular lattices become the pixels of an image, other two-dimensional ones the polygons nearer to a
    site than to any other, everything else circles.

    Parameters
    ----------
    axes
        Where to draw; gets an equal aspect and limits that hold every cell.
    sample, plane
        The sites.
    values
        One number for each site of the plane.
    colours
        ``cmap``, ``vmin``, ``vmax``.

    Returns
    -------
    matplotlib.cm.ScalarMappable
        For the colour bar.
    """
    places = sample.positions[plane.sites, :2]
    steps = _pixel_size(sample.cell)
    if steps is not None:
        return _draw_pixels(axes, places, steps, values, colours)
    if sample.dimension == 2 and sample.cell.n_directions == 2:
        polygons = _voronoi(sample.cell)
        shapes = [polygons[orbital] for orbital in sample.orbitals[plane.sites]]
        corners = [place + shape for place, shape in zip(places, shapes, strict=True)]
    else:
        angles = np.linspace(0, 2 * np.pi, 25)[:-1]
        circle = 0.45 * _nearest(sample.cell) * np.stack([np.cos(angles), np.sin(angles)], axis=1)
        corners = list(places[:, None] + circle[None])
    return _draw_polygons(axes, corners, values, colours)


def distances_from(sample: Sample, site: int) -> NDArray[np.float64]:
    """Distance of every site from one, the shortest way around periodic directions."""
    offset = sample.positions - sample.positions[site]
    turns = [(-1, 0, 1) if ends.is_periodic else (0,) for ends in sample.boundary]
    lengths = np.array(sample.size)[:, None] * sample.cell.vectors
    nearest = np.full(sample.n_sites, np.inf)
    for turn in product(*turns):
        nearest = np.minimum(nearest, np.linalg.norm(offset + np.array(turn) @ lengths, axis=1))
    return nearest


def _draw_pixels(
    axes: Any,
    places: NDArray[np.float64],
    steps: NDArray[np.float64],
    values: NDArray[Any],
    colours: dict[str, Any],
) -> Any:
    low = places.min(axis=0)
    column, row = np.round((places - low) / steps).astype(int).T
    image = np.full((row.max() + 1, column.max() + 1), np.nan)
    image[row, column] = values
    high = low + steps * [column.max(), row.max()]
    (left, bottom), (right, top) = low - steps / 2, high + steps / 2
    return axes.imshow(image, origin="lower", extent=(left, right, bottom, top), aspect="equal", **colours)


def _draw_polygons(
    axes: Any, corners: list[NDArray[np.float64]], values: NDArray[Any], colours: dict[str, Any]
) -> Any:
    from matplotlib.collections import PolyCollection

    many = len(corners) > RASTER_ABOVE
    drawn = PolyCollection(
        corners,
        array=np.asarray(values, float),
        edgecolors="none" if many else "face",  # edges close the hairlines between neighbours
        antialiased=not many,
        linewidths=0.3,
        rasterized=many,
        cmap=colours["cmap"],
        clim=(colours["vmin"], colours["vmax"]),
    )
    axes.add_collection(drawn)
    every = np.concatenate(corners)
    margin = 0.02 * np.ptp(every, axis=0).max()
    (left, bottom), (right, top) = every.min(axis=0) - margin, every.max(axis=0) + margin
    axes.set(xlim=(left, right), ylim=(bottom, top), aspect="equal")
    return drawn


def _pixel_size(cell: UnitCell) -> NDArray[np.float64] | None:
    """Size of a pixel if the sites fill a rectangular grid well, as those of the Lieb lattice still do."""
    plane = cell.vectors[:2, :2]
    if (
        cell.n_directions < 2
        or cell.n_directions != cell.dimension
        or np.any(plane != np.diag(np.diag(plane)))
    ):
        return None
    if cell.dimension == 3 and np.any(cell.vectors[2, :2] != 0):
        return None
    lengths, steps = np.diag(plane), np.empty(2)
    for axis in range(2):
        inside = np.unique(np.round(np.mod(cell.basis[:, axis], lengths[axis]), 9))
        steps[axis] = lengths[axis] / len(inside)
        if not np.allclose(np.diff(inside), steps[axis]):
            return None
    pixels = np.prod(np.round(lengths / steps))
    distinct = len(np.unique(np.round(cell.basis[:, :2], 9), axis=0))
    return np.abs(steps) if distinct >= 0.7 * pixels else None


def _voronoi(cell: UnitCell) -> list[NDArray[np.float64]]:
    """For each orbital the polygon of points nearer to it than to any other, about the orbital."""
    from scipy.spatial import Voronoi

    offsets = np.array(list(product(range(-3, 4), repeat=2)))
    offsets = offsets[np.argsort(np.abs(offsets).sum(axis=1), kind="stable")]  # the middle cell first
    points = (offsets @ cell.vectors)[:, None] + cell.basis[None]
    diagram = Voronoi(points.reshape(-1, 2))
    polygons = []
    for orbital in range(cell.n_orbitals):
        corners = diagram.vertices[diagram.regions[diagram.point_region[orbital]]] - cell.basis[orbital]
        polygons.append(corners[np.argsort(np.arctan2(corners[:, 1], corners[:, 0]))])
    return polygons


def _nearest(cell: UnitCell) -> float:
    """Shortest distance between two sites, seen from above."""
    offsets = np.array(list(product(range(-1, 2), repeat=cell.n_directions)))
    points = ((offsets @ cell.vectors)[:, None] + cell.basis[None])[..., :2].reshape(
        -1, min(2, cell.dimension)
    )
    lengths = np.linalg.norm(points[:, None] - points[None], axis=-1)
    return float(lengths[lengths > 1e-6].min())
