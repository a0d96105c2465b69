"""The cell of each site of a lattice: the polygon of points nearer to it than to any other site."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats
from bdg.lattice import Sample, UnitCell

TOUCHING = 1e-9
"""Relative distance below which a point lies on a line, and two corners are one."""

SAME_PLACE = 1e-6
"""Orbitals closer than this, seen from above or in height, share a place or a plane."""

NEAR = 32
"""Places that are looked at first to find those that share an edge."""

RIM = 0.9
"""Depth of a cell at the rim of a sample that is one cell, in distances of nearest neighbours."""

MANY = 100
"""Places of a cell from which on those of the cells next to it are enough."""


@dataclass(frozen=True)
class SiteCell:
    """The cell of one orbital, seen from above.

    Parameters
    ----------
    corners
        About the orbital, counter-clockwise, shape ``(n, 2)``.
    beyond
        Across the edge from corner k to corner k + 1: the place of the neighbour (as `places` counts them),
        and its cell less this one's. Shape ``(n, 1 + n_directions)``; −1 where the lattice itself ends.
    """

    corners: NDArray[np.float64]
    beyond: NDArray[np.int64]


def places(cell: UnitCell) -> NDArray[np.intp]:
    """Number of the place of each orbital: those at one point have the same one."""
    _, number = np.unique(np.round(cell.basis / SAME_PLACE), axis=0, return_inverse=True)
    return np.asarray(number.ravel(), dtype=np.intp)


def site_cells(cell: UnitCell, *, is_alone: bool = False) -> list[SiteCell]:
    """The cell of every orbital among the sites of its height.

    Lattices that do not fill the plane (a ladder, a zigzag chain) have cells half a neighbour distance deep
    on their open sides; so has a sample of many sites that is one cell and ends there, ``is_alone``.
    """
    number = places(cell)
    _, first = np.unique(number, return_index=True)
    around = _Surroundings(cell, first, is_alone=is_alone)
    made = [_site_cell(around, n) for n in range(len(first))]
    return [made[int(n)] for n in number]


def outline(
    sample: Sample, sites: NDArray[np.intp], centers: NDArray[np.float64], cells: list[SiteCell]
) -> tuple[Floats, Floats]:
    """Edges of drawn cells where the sample ends, and those where it goes on at its other end.

    Parameters
    ----------
    sample, sites, centers
        The sites whose cells are drawn, and where, shape ``(n, 2)``.
    cells
        From :func:`site_cells`.
    """
    number = places(sample.cell)
    present = np.zeros((*sample.size, number.max() + 1), bool)
    present[(*sample.cells.T, number[sample.orbitals])] = True
    closed = np.array([ends.kind != "open" for ends in sample.boundary])
    ends: list[Floats] = [np.empty((0, 2, 2))]
    seams: list[Floats] = [np.empty((0, 2, 2))]
    for orbital in np.unique(sample.orbitals[sites]):
        its = np.flatnonzero(sample.orbitals[sites] == orbital)
        shape = cells[orbital]
        for edge, (neighbour, *offset) in enumerate(shape.beyond):
            segments = centers[its, None] + shape.corners[[edge, (edge + 1) % len(shape.corners)]]
            if neighbour < 0:
                ends.append(segments)
                continue
            target = sample.cells[sites[its]] + np.array(offset)
            turns, wrapped = np.divmod(target, sample.size)
            leaves = turns.any(axis=1)
            there = present[(*wrapped.T, np.full(len(its), neighbour))]
            there &= ~(turns.astype(bool) & ~closed).any(axis=1)
            ends.append(segments[~there])
            seams.append(segments[there & leaves])
    return np.concatenate(ends), np.concatenate(seams)


def area(corners: NDArray[np.float64]) -> float:
    """Area of a polygon whose corners run counter-clockwise."""
    x, y = corners.T
    return 0.5 * float(x @ np.roll(y, -1) - y @ np.roll(x, -1))


class _Surroundings:
    """The places of a lattice around those of one cell, those of each height by themselves.

    Parameters
    ----------
    cell
        The lattice.
    first
        An orbital of each place.
    is_alone
        Whether there is this one cell and no other.
    """

    def __init__(self, cell: UnitCell, first: NDArray[np.intp], *, is_alone: bool) -> None:
        to_reduced = _reduction(cell.vectors)
        vectors = to_reduced @ cell.vectors
        # Basis points may lie cells away from one another: here they are all in one.
        moved = np.floor(cell.basis[first] @ np.linalg.pinv(vectors) + TOUCHING).astype(np.int64)
        moved = np.zeros_like(moved) if is_alone else moved
        basis = cell.basis[first] - moved @ vectors
        reach = 0 if is_alone else 1 if len(first) > MANY else 2 if cell.n_directions < 3 else 3
        steps = np.array(list(product(range(-reach, reach + 1), repeat=cell.n_directions)))
        every = (basis[:, None] + steps @ vectors).reshape(-1, cell.dimension)
        self.cell, self.places = cell, flat(basis)
        self.translations = _beside(steps @ vectors)
        self.number = np.repeat(np.arange(len(first)), len(steps))
        self.offset = (np.tile(steps, (len(first), 1)) - moved[self.number]) @ to_reduced
        self.own_offset = -moved @ to_reduced
        self.every, self.height = flat(every), _heights(every)
        self.own_height = _heights(basis)
        self._trees: dict[float, Any] = {}
        near = [self.nearest(place, 2)[0] for place in range(len(first))] if is_alone else []
        apart = [self.every[row[0]] - self.places[place] for place, row in enumerate(near) if len(row)]
        self.rim = RIM * float(np.median(np.linalg.norm(apart, axis=1))) if apart else 0.0

    def nearest(self, place: int, count: int) -> tuple[NDArray[np.intp], bool]:
        """Rows of so many of the places in the plane of one, the nearest first, and whether these are all."""
        from scipy.spatial import cKDTree  # slow to import

        height = float(self.own_height[place])
        if height not in self._trees:
            rows = np.flatnonzero(np.abs(self.height - height) < SAME_PLACE)
            self._trees[height] = rows, cKDTree(self.every[rows])
        rows, tree = self._trees[height]
        length, found = tree.query(self.places[place], k=[*range(1, min(count, len(rows)) + 1)])
        return rows[found[length > SAME_PLACE]], count >= len(rows)


def _heights(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    heights: NDArray[np.float64] = positions[:, 2] if positions.shape[1] > 2 else np.zeros(len(positions))
    return heights


def _beside(translations: NDArray[np.float64]) -> NDArray[np.float64]:
    """Those that stay in the plane and lead elsewhere, seen from above."""
    seen = flat(translations)
    kept = (np.linalg.norm(seen, axis=1) > SAME_PLACE) & (np.abs(_heights(translations)) < SAME_PLACE)
    within: NDArray[np.float64] = seen[kept]
    return within


def flat(positions: NDArray[np.float64]) -> NDArray[np.float64]:
    """Positions seen from above, shape ``(n, 2)``."""
    seen = np.zeros((len(positions), 2))
    seen[:, : min(2, positions.shape[1])] = positions[:, :2]
    return seen


def _site_cell(around: _Surroundings, place: int) -> SiteCell:
    count = NEAR
    while True:
        rows, is_whole = around.nearest(place, count)
        displacement = around.every[rows] - around.places[place]
        length = np.linalg.norm(displacement, axis=1)
        # A little more than half way, so that the edge to a neighbour is the neighbour's and not the
        # rectangle's.
        close = max(around.rim, (0.5 + 1e-7) * (float(length[0]) if len(length) else 1.0))
        corners = _enclosure(around.translations, close)
        beyond = np.full((len(corners), 1 + around.cell.n_directions), -1)
        offset = around.offset[rows] - around.own_offset[place]
        for n, row in enumerate(rows):
            if length[n] > 2 * np.linalg.norm(corners, axis=1).max():
                is_whole = True
                break
            corners, beyond = _cut(
                corners, beyond, displacement[n], np.array([around.number[row], *offset[n]])
            )
        if is_whole:
            break
        count *= 4
    apart = np.linalg.norm(np.roll(corners, -1, axis=0) - corners, axis=1) > SAME_PLACE * close
    return SiteCell(corners[apart], beyond[apart])


def _reduction(vectors: NDArray[np.float64]) -> NDArray[np.int64]:
    """Whole numbers M such that the rows of M @ vectors are short: each less the others' multiples."""
    count = len(vectors)
    change = np.eye(count, dtype=np.int64)
    for _ in range(100):
        before = change.copy()
        for i, j in product(range(count), repeat=2):
            short = change @ vectors
            if i != j and (turns := round(float(short[i] @ short[j] / (short[j] @ short[j])))):
                shorter = short[i] - turns * short[j]
                if shorter @ shorter < (1 - TOUCHING) * (short[i] @ short[i]):
                    change[i] -= turns * change[j]
        if np.array_equal(change, before):
            break
    return change


def _enclosure(translations: NDArray[np.float64], close: float) -> NDArray[np.float64]:
    """A rectangle to cut from: large along the directions in which the lattice goes on, else a square."""
    half, axes = np.array([close, close]), np.eye(2)
    if len(translations):
        _, extent, axes = np.linalg.svd(translations)
        fills_plane = len(extent) > 1 and extent[1] > SAME_PLACE * extent[0]
        far = float(np.linalg.norm(translations, axis=1).max())
        half = np.array([far, far if fills_plane else close])
    corners: NDArray[np.float64] = (np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * half) @ axes
    return corners if area(corners) > 0 else corners[::-1]


def _cut(
    corners: NDArray[np.float64],
    beyond: NDArray[np.int64],
    displacement: NDArray[np.float64],
    neighbour: NDArray[np.int64],
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """The part of a convex polygon that is nearer to 0 than to a neighbour: x·d ≤ d²/2."""
    square = float(displacement @ displacement)
    excess = corners @ displacement - 0.5 * square
    inside = excess <= TOUCHING * square
    if inside.all():
        return corners, beyond
    start = int(np.flatnonzero(inside & ~np.roll(inside, 1))[0])  # the first corner inside after one outside
    order = (start + np.arange(len(corners))) % len(corners)
    corners, beyond, excess = corners[order], beyond[order], excess[order]
    kept = int(inside.sum())
    leaving = _crossing(corners[kept - 1], corners[kept], excess[kept - 1], excess[kept])
    entering = _crossing(corners[-1], corners[0], excess[-1], excess[0])
    return (
        np.concatenate([corners[:kept], [leaving, entering]]),
        np.concatenate([beyond[:kept], [neighbour, beyond[-1]]]),
    )


def _crossing(
    one: NDArray[np.float64], other: NDArray[np.float64], excess: float, other_excess: float
) -> NDArray[np.float64]:
    """Where the edge between two corners meets the line."""
    part = min(1.0, max(0.0, excess / (excess - other_excess)))
    return one + part * (other - one)
