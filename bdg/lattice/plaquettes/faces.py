"""The faces of a planar lattice: its elementary loops in two dimensions."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray

from bdg.lattice.cell import UnitCell
from bdg.lattice.kinds import DISTANCE_TOLERANCE, BondKinds
from bdg.lattice.plaquettes.loops import Darts, Loop

Segments = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Starts and vectors, shapes ``(n, 2)``."""

CHUNK = 512
"""Bonds, about, that are compared with those chosen before in one go."""


def planar_loops(cell: UnitCell, kinds: BondKinds) -> list[Loop]:
    """Bounded faces of the planar graph of :func:`planar_kinds`, counter-clockwise, one for each translate.

    Half of a bond is walked at a time, and at every site the walk takes the first bond clockwise from the
    one it came by: the face on its left. Walks that end in another cell than they began run along an
    unbounded face; those around the outside of a finite piece have a negative area. Both are left out.
    """
    darts = Darts(cell, kinds, planar_kinds(cell, kinds))
    angle = np.arctan2(darts.vector[:, 1], darts.vector[:, 0])
    around = [sorted(leaving, key=lambda dart: angle[dart]) for leaving in darts.leaving]
    place = {dart: n for leaving in around for n, dart in enumerate(leaving)}
    unseen = dict.fromkeys(range(len(darts)))
    loops = []
    while unseen:
        start = dart = next(iter(unseen))
        walk = []
        while True:
            del unseen[dart]
            walk.append(dart)
            back = dart ^ 1
            dart = around[darts.head[dart]][place[back] - 1]
            if dart == start:
                break
        if np.any(darts.step[walk].sum(axis=0) != 0):
            continue
        loop = darts.loop(walk)
        if loop is not None:
            loops.append(loop)
    return loops


def planar_kinds(cell: UnitCell, kinds: BondKinds) -> list[int]:
    """Bonds that cross no other: whole shells by length, a shell that would cross anything left out.

    Of several bonds between the same two places (orbitals that share a place) the first stands for all;
    bonds of no length take no part.
    """
    chosen: list[int] = []
    for several in _chunks(kinds):
        coincide, crossing = _relations(cell, kinds, several, chosen + several)
        for shell in np.unique(kinds.shell[several]):
            candidates: list[int] = []
            for kind in np.flatnonzero(kinds.shell == shell).tolist():
                if not coincide[kind] & {*chosen, *candidates}:
                    candidates.append(kind)
            if not any(crossing[kind] & {*chosen, *candidates} for kind in candidates):
                chosen += candidates
            if len(chosen) >= 3 * cell.n_orbitals:
                return chosen  # no planar graph on a torus has more (Euler)
    return chosen


def _chunks(kinds: BondKinds) -> Iterator[list[int]]:
    """Whole shells in the order of their lengths, several at a time where they hold few bonds."""
    several: list[int] = []
    for shell in np.split(np.arange(len(kinds)), np.flatnonzero(np.diff(kinds.shell)) + 1):
        if len(shell) and kinds.shell[shell[0]] > 0:
            several += shell.tolist()
        if len(several) >= CHUNK:
            yield several
            several = []
    if several:
        yield several


Related = dict[int, set[int]]


def _relations(cell: UnitCell, kinds: BondKinds, one: list[int], other: list[int]) -> tuple[Related, Related]:
    """Which bonds of one list coincide with a translate of which of the other, and which cross which.

    To cross is to share a point that is not an end of both. A bond does not coincide with itself.
    """
    which, against, shift = _near(cell, kinds, np.array(one), np.array(other))
    (start, a), (there, b) = _segments(cell, kinds, which), _segments(cell, kinds, against)
    apart = there + shift - start
    length_a, length_b = np.linalg.norm(a, axis=-1), np.linalg.norm(b, axis=-1)
    area = _cross(a, b)
    parallel = np.abs(area) <= DISTANCE_TOLERANCE * length_a * length_b
    near_a, near_b = DISTANCE_TOLERANCE / length_a, DISTANCE_TOLERANCE / length_b
    with np.errstate(divide="ignore", invalid="ignore"):
        s, u = _cross(apart, b) / area, _cross(apart, a) / area
    meets = ~parallel & (s > -near_a) & (s < 1 + near_a) & (u > -near_b) & (u < 1 + near_b)
    ends = _at_end(s, near_a) & _at_end(u, near_b)
    collinear = parallel & (np.abs(_cross(apart, a)) <= DISTANCE_TOLERANCE * length_a)
    start_at = np.sum(apart * a, axis=-1) / length_a**2
    stop_at = start_at + np.sum(a * b, axis=-1) / length_a**2
    low, high = np.minimum(start_at, stop_at), np.maximum(start_at, stop_at)
    coincide = collinear & (np.abs(low) <= near_a) & (np.abs(high - 1) <= near_a)
    overlap = collinear & (high > near_a) & (low < 1 - near_a) & ~coincide
    still = np.all(np.abs(shift) <= DISTANCE_TOLERANCE, axis=-1)
    coincide &= ~((which == against) & still)
    crossing = (meets & ~ends) | overlap
    return tuple(  # type: ignore[return-value]
        _by_kind(one, which[found], against[found]) for found in (coincide, crossing)
    )


def _by_kind(one: list[int], which: NDArray[np.int64], against: NDArray[np.int64]) -> Related:
    found: Related = {kind: set() for kind in one}
    for kind, other in zip(which.tolist(), against.tolist(), strict=True):
        found[kind].add(other)
    return found


def _near(
    cell: UnitCell, kinds: BondKinds, one: NDArray[np.int64], other: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.float64]]:
    """Pairs of bonds that may share a point, and the translation of the second, shape ``(n, 2)``."""
    from scipy.spatial import cKDTree  # slow to import, rarely needed

    first, second = _segments(cell, kinds, one), _segments(cell, kinds, other)
    shifts = _translations(cell, first, second)
    middles = (second[0] + 0.5 * second[1])[:, None] + shifts
    half_a, half_b = (0.5 * np.linalg.norm(vector, axis=1) for _, vector in (first, second))
    tree = cKDTree(middles.reshape(-1, 2))
    reach = half_a + half_b.max() + 2 * DISTANCE_TOLERANCE
    found = tree.query_ball_point(first[0] + 0.5 * first[1], reach)
    counts = [len(places) for places in found]
    place = np.concatenate([np.asarray(places, np.int64) for places in found])
    bond, shift = np.divmod(place, len(shifts))
    return np.repeat(one, counts), other[bond], shifts[shift]


def _segments(cell: UnitCell, kinds: BondKinds, chosen: NDArray[np.int64]) -> Segments:
    return cell.basis[kinds.source[chosen]], kinds.displacement[chosen]


def _translations(cell: UnitCell, first: Segments, second: Segments) -> NDArray[np.float64]:
    """Lattice translations that may bring a segment of the second list to one of the first, shape (n, 2)."""
    reach = sum(float(np.linalg.norm(vector, axis=1).max()) for _, vector in (first, second))
    starts = np.concatenate([first[0], second[0]])
    spread = float(np.linalg.norm(np.ptp(starts, axis=0)))
    dual_length = np.linalg.norm(np.linalg.pinv(cell.vectors), axis=0)
    most = np.floor((reach + spread) * dual_length + 1e-9).astype(int)
    offsets = np.array(list(product(*(range(-n, n + 1) for n in most))), float)
    return offsets @ cell.vectors


def _cross(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    area: NDArray[np.float64] = a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    return area


def _at_end(s: NDArray[np.float64], near: NDArray[np.float64]) -> NDArray[np.bool_]:
    at: NDArray[np.bool_] = (np.abs(s) <= near) | (np.abs(s - 1) <= near)
    return at
