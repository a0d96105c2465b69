"""Points of the Brillouin zone: by coordinates, or by the names of those of high symmetry."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.lattice.sample import Sample

Point = str | Sequence[float]
"""A name, or coordinates in units of the reciprocal vectors."""

Points = dict[str, tuple[float, ...]]

_RECTANGULAR: Points = {"Gamma": (0, 0), "X": (1 / 2, 0), "Y": (0, 1 / 2), "M": (1 / 2, 1 / 2)}
_HEXAGONAL: Points = {"Gamma": (0, 0), "K": (2 / 3, 1 / 3), "M": (1 / 2, 0)}  # lattice vectors at 60 degrees
_CUBIC: Points = {"Gamma": (0, 0, 0), "X": (1 / 2, 0, 0), "M": (1 / 2, 1 / 2, 0), "R": (1 / 2, 1 / 2, 1 / 2)}

SYMMETRY_POINTS: dict[str, Points] = {
    "chain": {"Gamma": (0,), "X": (1 / 2,)},
    "square": _RECTANGULAR,
    "lieb": _RECTANGULAR,
    "triangular": _HEXAGONAL,
    "honeycomb": _HEXAGONAL,
    "kagome": _HEXAGONAL,
    "cubic": _CUBIC,
}
"""Coordinates by lattice and name, in units of the reciprocal vectors: k·a_d = 2π × coordinate d."""

_ALIASES = {"G": "Gamma", "Γ": "Gamma"}


def point_name(name: str) -> str:
    """The name a point of high symmetry goes by here: ``Gamma`` for ``G`` and ``Γ``."""
    return _ALIASES.get(name, name)


def zone_path(sample: Sample, path: Sequence[Point]) -> NDArray[np.float64]:
    """Coordinates of the corners of a path, shape ``(n_points, n_directions)``; see :func:`zone_point`.

    Raises
    ------
    InputError
        If the sample is finite or has no such point, or the path has no length.
    """
    if not sample.is_infinite:
        raise InputError("a finite sample has no bands; give a direction the boundary {bloch: 32}")
    corners = np.array([zone_point(sample, point) for point in path])
    if len(corners) < 2 or np.all(corners == corners[0]):
        raise InputError("the path has no length; give at least two points that differ")
    return corners


def zone_point(sample: Sample, point: Point) -> NDArray[np.float64]:
    """Coordinates of a point in units of the reciprocal vectors of the sample: k·L_d = 2π × coordinate d.

    Parameters
    ----------
    sample
        An infinite sample; L_d is its length along direction d.
    point
        Coordinates, 0 along finite directions; or a name (``G`` and ``Γ`` are ``Gamma``). All but Γ, which
        is k = 0 of any sample, are names of points where all directions are infinite and one cell long.

    Raises
    ------
    InputError
        If the sample has no such point.
    """
    origin: Points = {"Gamma": (0.0,) * len(sample.boundary)}
    names = origin | SYMMETRY_POINTS.get(sample.cell.name, {})
    if isinstance(point, str):
        name = point_name(point)
        if name == "Gamma":  # k = 0, whatever the sample
            return np.array(origin[name])
        if name not in names:
            use = f"{', '.join(names)} or coordinates"
            raise InputError(f"the {sample.cell.name} lattice has no point {point[:20]!r}; use {use}")
        if set(sample.size) != {1} or not all(ends.is_infinite for ends in sample.boundary):
            raise InputError(
                f"{point!r} names a point of one cell that is infinite in all directions; give numbers"
            )
        return np.array(names[name], dtype=np.float64)
    coordinates = np.asarray(point, dtype=np.float64)
    if coordinates.shape != (len(sample.boundary),) or not np.isfinite(coordinates).all():
        raise InputError(
            f"the point {list(point)} wants {len(sample.boundary)} finite numbers, one a direction"
        )
    for coordinate, ends in zip(coordinates, sample.boundary, strict=True):
        if coordinate and not ends.is_infinite:
            raise InputError(f"the point {list(point)} must have 0 along finite directions")
    return coordinates


def lattice_path(sample: Sample, path: Sequence[Point]) -> NDArray[np.float64]:
    """Coordinates of the corners of a path in the Brillouin zone of the lattice: k·a_d = 2π × coordinate d.

    Of any sample, finite or infinite, of one cell or many; names are those of the lattice.

    Raises
    ------
    InputError
        If the lattice has no such point, or the path has no length.
    """
    corners = np.array([lattice_point(sample, point) for point in path])
    if len(corners) < 2 or np.all(corners == corners[0]):
        raise InputError("the path has no length; give at least two points that differ")
    return corners


def lattice_point(sample: Sample, point: Point) -> NDArray[np.float64]:
    """Coordinates of a point in units of the reciprocal vectors of the lattice, or of its name.

    Raises
    ------
    InputError
        If the lattice has no such point.
    """
    count = len(sample.boundary)
    names: Points = {"Gamma": (0.0,) * count} | SYMMETRY_POINTS.get(sample.cell.name, {})
    if isinstance(point, str):
        found = names.get(point_name(point))
        if found is None or len(found) != count:
            use = f"{', '.join(name for name in names if len(names[name]) == count)} or coordinates"
            raise InputError(f"the {sample.cell.name} lattice has no point {point[:20]!r}; use {use}")
        return np.array(found, dtype=np.float64)
    coordinates = np.asarray(point, dtype=np.float64)
    if coordinates.shape != (count,) or not np.isfinite(coordinates).all():
        raise InputError(f"the point {list(point)} wants {count} finite numbers, one a direction")
    return coordinates
