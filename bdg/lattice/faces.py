"""The faces of a planar lattice: its elementary loops in two dimensions."""

from __future__ import annotations

from itertools import product

import numpy as np
from numpy.typing import NDArray

from bdg.lattice.cell import UnitCell
from bdg.lattice.kinds import DISTANCE_TOLERANCE, BondKinds
from bdg.lattice.loops import Darts, Loop

Segments = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Starts and vectors, shapes ``(n, 2)``."""


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
    for shell in range(1, kinds.n_shells + 1):
        candidates: list[int] = []
        for kind in np.flatnonzero(kinds.shell == shell).tolist():
            same, _ = _relations(cell, kinds, [kind], chosen + candidates)
            if not same:
                candidates.append(kind)
        _, crossing = _relations(cell, kinds, candidates, chosen + candidates)
        if not crossing:
            chosen += candidates
        if len(chosen) >= 3 * cell.n_orbitals:
            break  # no planar graph on a torus has more (Euler)
    return chosen


def _relations(cell: UnitCell, kinds: BondKinds, one: list[int], other: list[int]) -> tuple[bool, bool]:
    """Whether any bond of one list coincides with a translate of one of the other; whether any crosses one.

    To cross is to share a point that is not an end of both. A bond does not coincide with itself.
    """
    if not one or not other:
        return False, False
    first, second = _segments(cell, kinds, one), _segments(cell, kinds, other)
    shifts = _translations(cell, first, second)
    # Axes: bond of the first list, bond of the second, translation; the last is x, y.
    a, b = first[1][:, None, None, :], second[1][None, :, None, :]
    apart = second[0][None, :, None, :] + shifts - first[0][:, None, None, :]
    length_a, length_b = np.linalg.norm(a, axis=-1), np.linalg.norm(b, axis=-1)
    area = _cross(a, b)
    parallel = np.abs(area) <= DISTANCE_TOLERANCE * length_a * length_b
    near_a, near_b = DISTANCE_TOLERANCE / length_a, DISTANCE_TOLERANCE / length_b
    with np.errstate(divide="ignore", invalid="ignore"):
        s, u = _cross(apart, b) / area, _cross(apart, a) / area
    meets = ~parallel & (s > -near_a) & (s < 1 + near_a) & (u > -near_b) & (u < 1 + near_b)
    ends = _at_end(s, near_a) & _at_end(u, near_b)
    collinear = parallel & (np.abs(_cross(apart, a)) <= DISTANCE_TOLERANCE * length_a)
    start = np.sum(apart * a, axis=-1) / length_a**2
    stop = start + np.sum(a * b, axis=-1) / length_a**2
    low, high = np.minimum(start, stop), np.maximum(start, stop)
    coincide = collinear & (np.abs(low) <= near_a) & (np.abs(high - 1) <= near_a)
    overlap = collinear & (high > near_a) & (low < 1 - near_a) & ~coincide
    itself = np.array(one)[:, None] == np.array(other)[None]
    still = np.all(np.abs(shifts) <= DISTANCE_TOLERANCE, axis=-1)
    coincide &= ~(itself[:, :, None] & still)
    return bool(coincide.any()), bool(((meets & ~ends) | overlap).any())


def _segments(cell: UnitCell, kinds: BondKinds, chosen: list[int]) -> Segments:
    return cell.basis[kinds.source[chosen]], kinds.displacement[chosen]


def _translations(cell: UnitCell, first: Segments, second: Segments) -> NDArray[np.float64]:
    """Lattice translations that may bring a segment of the second list to one of the first, shape (n, 2)."""
    reach = sum(float(np.linalg.norm(vector, axis=1).max()) for _, vector in (first, second))
    spread = float(np.linalg.norm(first[0][:, None] - second[0][None], axis=-1).max())
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
