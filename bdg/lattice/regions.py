"""Regions: functions of positions that say which sites are inside.

A region takes positions, shape ``(n, dimension)``, and returns a boolean mask, shape ``(n,)``. Edges belong
to the region (within 1e-9 lattice constants), so a disk of radius 3 holds the site at distance 3.

The names are those of the plane. Points with as many coordinates as the lattice make the same shapes in one
and three dimensions: a disk is an interval or a ball, a ring a shell, a rectangle an interval or a box, a
half plane a half line or a half space. A polygon looks at x and y alone: a prism in three dimensions.
Without a centre a shape lies in the middle of the positions it is asked about, their mean: in
:func:`bdg.build_sample` that of the block of cells.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.arrays import Floats

Region = Callable[[Floats], NDArray[np.bool_]]

EDGE = 1e-9
"""How far outside an edge a site may sit and still belong to the region."""


def rectangle(size: ArrayLike, center: ArrayLike | None = None) -> Region:
    """Axis-parallel rectangle, |r − center| ≤ size/2 in each coordinate."""
    half = np.asarray(size, float) / 2
    return lambda positions: np.all(np.abs(_from_center(positions, center)) <= half + EDGE, axis=1)


def disk(radius: float, center: ArrayLike | None = None) -> Region:
    """Disk, |r − center| ≤ radius."""
    return ring(0.0, radius, center)


def ring(inner: float, outer: float, center: ArrayLike | None = None) -> Region:
    """Ring, inner ≤ |r − center| ≤ outer."""

    def inside(positions: Floats) -> NDArray[np.bool_]:
        distance = np.linalg.norm(_from_center(positions, center), axis=1)
        mask: NDArray[np.bool_] = (distance >= inner - EDGE) & (distance <= outer + EDGE)
        return mask

    return inside


def _from_center(positions: Floats, center: ArrayLike | None) -> Floats:
    away: Floats = positions - (positions.mean(axis=0) if center is None else np.asarray(center, float))
    return away


def half_plane(point: ArrayLike, normal: ArrayLike) -> Region:
    """Half plane (r − point)·normal ≤ 0: the side the normal points away from."""
    origin, direction = np.asarray(point, float), np.asarray(normal, float)
    direction = direction / np.linalg.norm(direction)
    return lambda positions: (positions - origin) @ direction <= EDGE


def polygon(points: ArrayLike) -> Region:
    """Simple polygon with the given corners, by crossing number; its edges belong to it."""
    corners = np.asarray(points, float)

    def inside(positions: Floats) -> NDArray[np.bool_]:
        positions = positions[:, :2]
        odd = np.zeros(len(positions), bool)
        edge = np.zeros(len(positions), bool)
        for a, b in zip(corners, np.roll(corners, -1, axis=0), strict=True):
            along, offset = b - a, positions - a
            straddles = (a[1] > positions[:, 1]) != (b[1] > positions[:, 1])
            if along[1] != 0:
                odd ^= straddles & (positions[:, 0] < a[0] + offset[:, 1] * along[0] / along[1])
            t = np.clip(offset @ along / (along @ along), 0, 1)
            edge |= np.linalg.norm(offset - t[:, None] * along, axis=1) <= EDGE
        return odd | edge

    return inside


def picture(inside: ArrayLike, low: ArrayLike, high: ArrayLike) -> Region:
    """The pixels of a picture that are true, stretched from a lower left to an upper right point.

    Parameters
    ----------
    inside
        Booleans, shape ``(n_rows, n_columns)``, the upper row first as in a picture.
    low, high
        Its corners [x, y], in lattice constants.
    """
    pixels, corner = np.asarray(inside, bool), np.asarray(low, float)
    extent = np.asarray(high, float) - corner
    shape = np.array(pixels.shape[::-1])

    def within(positions: Floats) -> NDArray[np.bool_]:
        share = (positions[:, :2] - corner) / extent
        column, row = np.clip((share * shape).astype(np.intp), 0, shape - 1).T
        beside = np.any((share < 0) | (share > 1), axis=1)
        mask: NDArray[np.bool_] = pixels[len(pixels) - 1 - row, column] & ~beside
        return mask

    return within


def union(regions: Sequence[Region]) -> Region:
    """Inside at least one of the regions."""
    return lambda positions: np.any([region(positions) for region in regions], axis=0)


def intersection(regions: Sequence[Region]) -> Region:
    """Inside all of the regions."""
    return lambda positions: np.all([region(positions) for region in regions], axis=0)


def difference(regions: Sequence[Region]) -> Region:
    """Inside the first region and none of the others."""
    first, *others = regions
    if not others:
        return first
    return lambda positions: first(positions) & ~union(others)(positions)
