"""How a sample is laid out in a figure: planes of a map, a profile of a chain or strip, cuts along a line."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.lattice import Sample, UnitCell
from bdg.plot.canvas.cells import SAME_PLACE, flat, places

REPEATED_BELOW, COPIES = 4, 3
"""Infinite directions of fewer cells than this are drawn so many times, the computed ones in the middle."""


@dataclass(frozen=True)
class Plane:
    """What is drawn in one map: the sites of one height, and of orbitals that share their place one each.

    Parameters
    ----------
    sites
        Site of each drawn cell; those of infinite samples come several times.
    centers
        Where it is drawn, shape ``(n, 2)``.
    first
        How many of them, from the start, are the sample itself and not repetitions of it.
    height
        Of three-dimensional samples.
    orbitals
        Which orbitals these are, where several share a place.
    n_orbitals
        How many a cell has.
    """

    sites: NDArray[np.intp]
    centers: NDArray[np.float64]
    first: int
    height: float | None = None
    orbitals: tuple[int, ...] = ()
    n_orbitals: int = 1

    @property
    def title(self) -> str:
        """``z = 2``, ``orbital 1 of 2``, both, or nothing."""
        return ", ".join(filter(None, [self.height_title, self.orbital_title]))

    @property
    def height_title(self) -> str:
        """``z = 2``, or nothing."""
        return "" if self.height is None else f"z = {self.height:.4g}".replace("-", "−")

    @property
    def orbital_title(self) -> str:
        """``orbital 1 of 2``, or nothing."""
        names = f"orbital{'s' * (len(self.orbitals) > 1)} {', '.join(map(str, self.orbitals))}"
        return f"{names} of {self.n_orbitals}" if self.orbitals else ""

    @property
    def is_repeated(self) -> bool:
        """Whether more is drawn than was computed."""
        return len(self.sites) > self.first


@dataclass(frozen=True)
class Profile:
    """The one coordinate that matters: along a chain, or across a strip or slab, one cell long and infinite.

    Parameters
    ----------
    direction
        Unit vector along it, shape ``(dimension,)``.
    name
        ``x``, ``y``, ``z``, or ``distance across`` where it is none of them.
    note
        Which directions are infinite.
    """

    direction: NDArray[np.float64]
    name: str
    note: str = ""

    def places(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        """The coordinate of positions."""
        found: NDArray[np.float64] = positions @ self.direction
        return found


def profile(sample: Sample) -> Profile | None:
    """The one coordinate of a sample that is a chain, a strip or a slab; ``None`` where a map is better."""
    infinite = infinite_directions(sample)
    names = ["xyz"[axis] for axis in range(sample.dimension)]
    across = [d for d, n in enumerate(sample.size) if n > 1 and d not in infinite]
    one_cell = all(sample.size[d] == 1 for d in infinite)
    if infinite and one_cell and len(across) == 1:
        along = sample.cell.vectors[infinite]
        step = sample.cell.vectors[across[0]]
        step = step - np.linalg.pinv(along) @ (along @ step)
        direction = step / np.linalg.norm(step)
        axis = int(np.argmax(direction))
        is_axis = direction[axis] > 1 - SAME_PLACE
        return Profile(direction, names[axis] if is_axis else "distance across", _infinite_note(along))
    varies = np.ptp(sample.positions, axis=0) > SAME_PLACE
    if varies.sum() > 1 or (infinite and sample.cell.n_directions > 1):
        return None
    axis = int(np.argmax(varies))
    note = _infinite_note(sample.cell.vectors[infinite]) if infinite else ""
    return Profile(np.eye(sample.dimension)[axis], names[axis], note)


def infinite_directions(sample: Sample) -> list[int]:
    """Directions along which the sample is repeated without end."""
    return [d for d, ends in enumerate(sample.boundary) if ends.is_infinite]


def _infinite_note(vectors: NDArray[np.float64]) -> str:
    def name(vector: NDArray[np.float64]) -> str:
        axis = int(np.argmax(np.abs(vector)))
        if np.abs(vector[axis]) > np.linalg.norm(vector) - SAME_PLACE:
            return "xyz"[axis]
        return f"({', '.join(f'{number:.3g}' for number in vector)})".replace("-", "−")

    return f"infinite along {' and '.join(name(vector) for vector in vectors)}"


def planes(sample: Sample) -> list[Plane]:
    """The maps a sample needs, from the bottom up, of orbitals at one place the first one first."""
    heights = np.zeros(sample.n_sites)
    if sample.dimension == 3:
        heights = np.round(sample.positions[:, 2], 6) + 0.0
    rank = ranks(sample.cell)
    found = []
    for height in np.unique(heights):
        for n in np.unique(rank[sample.orbitals[heights == height]]):
            sites = np.flatnonzero((heights == height) & (rank[sample.orbitals] == n))
            orbitals = tuple(np.unique(sample.orbitals[sites]).tolist()) if rank.any() else ()
            found.append(_plane(sample, sites, float(height) if sample.dimension == 3 else None, orbitals))
    return found


def middle_plane(sample: Sample) -> Plane:
    """The plane that stands for all where there is room for one only."""
    every = planes(sample)
    heights = np.unique([plane.height or 0.0 for plane in every])
    return next(plane for plane in every if (plane.height or 0.0) == heights[len(heights) // 2])


def ranks(cell: UnitCell) -> NDArray[np.intp]:
    """How many orbitals at the same place come before each one."""
    number = places(cell)
    return np.array([np.count_nonzero(number[:n] == number[n]) for n in range(len(number))], dtype=np.intp)


def _plane(sample: Sample, sites: NDArray[np.intp], height: float | None, orbitals: tuple[int, ...]) -> Plane:
    """A plane with the repetitions of its infinite directions, the sample itself first."""
    vectors = sample.cell.vectors
    repeated = [
        d
        for d in infinite_directions(sample)
        if sample.size[d] < REPEATED_BELOW and (sample.dimension < 3 or abs(vectors[d, 2]) < SAME_PLACE)
    ]
    turns = [range(-(COPIES // 2), COPIES // 2 + 1) if d in repeated else (0,) for d in range(len(vectors))]
    shifts = np.array(sorted(product(*turns), key=lambda shift: any(shift)))
    centers = sample.positions[sites] + ((shifts * sample.size) @ vectors)[:, None]
    every = flat(centers.reshape(-1, sample.dimension))
    return Plane(np.tile(sites, len(shifts)), every, len(sites), height, orbitals, sample.cell.n_orbitals)


def distances_from(sample: Sample, site: int) -> NDArray[np.float64]:
    """Distance of every site from one, the shortest way around periodic directions."""
    offset = sample.positions - sample.positions[site]
    turns = [(-1, 0, 1) if ends.kind != "open" else (0,) for ends in sample.boundary]
    lengths = np.array(sample.size)[:, None] * sample.cell.vectors
    nearest = np.full(sample.n_sites, np.inf)
    for turn in product(*turns):
        nearest = np.minimum(nearest, np.linalg.norm(offset + np.array(turn) @ lengths, axis=1))
    return nearest


def sites_along(sample: Sample, start: int, end: int) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """The sites on the straight line between two, and how far along it they are.

    A site is on the line if it is not farther from it than half the distance of nearest neighbours; of
    orbitals that share a place, it is those of the rank of the first site's.

    Raises
    ------
    InputError
        If both ends are one place.
    """
    rank = ranks(sample.cell)[sample.orbitals]
    offset = sample.positions - sample.positions[start]
    length = float(np.linalg.norm(offset[end]))
    if length < SAME_PLACE:
        raise InputError(
            f"a line from {sample.cells[start].tolist()} to itself; give two sites, 0,12:23,12 for example"
        )
    direction = offset[end] / length
    along = offset @ direction
    aside = np.linalg.norm(offset - along[:, None] * direction, axis=1)
    within = (along > -SAME_PLACE) & (along < length + SAME_PLACE) & (rank == rank[start])
    chosen = np.flatnonzero(within & (aside < 0.5 * nearest_distance(sample.cell) - SAME_PLACE))
    chosen = chosen[np.argsort(along[chosen], kind="stable")]
    return chosen, along[chosen]


def nearest_distance(cell: UnitCell) -> float:
    """Shortest distance between two places of the lattice."""
    from scipy.spatial import cKDTree  # slow to import

    offsets = np.array(list(product(range(-1, 2), repeat=cell.n_directions))) @ cell.vectors
    points = cell.basis[np.unique(places(cell), return_index=True)[1]]
    tree = cKDTree((points[:, None] + offsets).reshape(-1, cell.dimension))
    lengths, _ = tree.query(points, k=[2, 3])
    return float(lengths[lengths > SAME_PLACE].min())
