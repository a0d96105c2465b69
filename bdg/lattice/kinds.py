"""The bonds of one cell, found by distance (:mod:`.shells`) or given one by one (:mod:`.hoppings`)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.errors import InputError

FARTHEST = 10_000
"""Cells that a bond may reach over; how often it passes an end is a number of 16 bits."""

DISTANCE_TOLERANCE = 1e-6
"""Two distances closer than this, in lattice constants, belong to one shell."""


@dataclass(frozen=True)
class BondKinds:
    """The bonds that leave one cell: every bond of the infinite lattice is one kind, translated.

    Each bond appears once, oriented source → target; of the two orientations the one with the
    lexicographically larger (offset, target − source orbital) is kept, so +x and +y on a square lattice.

    Parameters
    ----------
    source, target
        Orbitals, shape ``(n_kinds,)``.
    offset
        Cell of the target less cell of the source, shape ``(n_kinds, n_directions)``.
    shell
        Neighbour shell, from 1, shape ``(n_kinds,)``; of bonds that were given, the rank of their length. 0
        for bonds of no length, which join orbitals at one place: these are no neighbours.
    displacement
        Position of the target less that of the source, shape ``(n_kinds, dimension)``.
    distance
        Length of the bonds of each shell from 1 on, shape ``(n_shells,)``.
    amplitude
        t of −t c†_target c_source, shape ``(n_kinds,)``, in t; ``None`` where bonds were found by distance.
    spin
        Coefficients of σ_x, σ_y, σ_z in ⟨target|h|source⟩ besides −t, shape ``(n_kinds, 3)``, in t; ``None``
        for none.
    """

    source: NDArray[np.int32]
    target: NDArray[np.int32]
    offset: NDArray[np.int32]
    shell: NDArray[np.int32]
    displacement: NDArray[np.float64]
    distance: NDArray[np.float64]
    amplitude: NDArray[np.complex128] | None = None
    spin: NDArray[np.complex128] | None = None

    def __len__(self) -> int:
        return len(self.source)

    @property
    def n_shells(self) -> int:
        """Number of neighbour shells."""
        return len(self.distance)


def arranged(
    vectors: NDArray[np.float64],
    basis: NDArray[np.float64],
    source: NDArray[np.int64],
    target: NDArray[np.int64],
    offset: NDArray[np.int64],
    amplitude: NDArray[np.complex128] | None = None,
    spin: NDArray[np.complex128] | None = None,
) -> BondKinds:
    """Bonds that differ from one another, each in its orientation, with their shells, sorted.

    Raises
    ------
    InputError
        If one reaches over more cells than can be counted.
    """
    if np.abs(offset).max(initial=0) > FARTHEST:
        raise InputError(f"a bond reaches over more than {FARTHEST} cells; drop it")
    reversed_ = ~is_kept_orientation(offset, source, target)
    source, target = np.where(reversed_, target, source), np.where(reversed_, source, target)
    offset = np.where(reversed_[:, None], -offset, offset)
    displacement = offset @ vectors + basis[target] - basis[source]
    shell, distances = shells_of(np.linalg.norm(displacement, axis=1))
    order = sorting(offset, source, target, shell)
    return BondKinds(
        source[order].astype(np.int32),
        target[order].astype(np.int32),
        offset[order].astype(np.int32),
        shell[order],
        displacement[order],
        distances,
        None if amplitude is None else np.where(reversed_, amplitude.conj(), amplitude)[order],
        None if spin is None else np.where(reversed_[:, None], spin.conj(), spin)[order],
    )


def shells_of(length: NDArray[np.float64]) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Shell of each bond by its length, 0 for none and from 1 on by rank; and the length of each shell."""
    distances = distinct(length[length > DISTANCE_TOLERANCE])
    shell = np.searchsorted(distances + DISTANCE_TOLERANCE, length) + 1
    return np.where(length > DISTANCE_TOLERANCE, shell, 0).astype(np.int32), distances


def distinct(length: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sorted distances, those within the tolerance merged."""
    ordered: NDArray[np.float64] = np.sort(length)
    first = (
        np.concatenate([[True], np.diff(ordered) > DISTANCE_TOLERANCE]) if len(ordered) else np.zeros(0, bool)
    )
    kept: NDArray[np.float64] = ordered[first]
    return kept


def sorting(
    offsets: NDArray[np.int64], source: NDArray[np.int64], target: NDArray[np.int64], shell: ArrayLike
) -> NDArray[np.intp]:
    """The order of bonds: by shell, then by direction, +x before +y, whatever order they came in."""
    return np.lexsort((*(-offsets.T[::-1]), target, source, shell))


def is_kept_orientation(
    offsets: NDArray[np.int64], source: NDArray[np.int64], target: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """One of each pair of opposite bonds: the first nonzero of (offset, target − source) is positive."""
    key = np.column_stack([offsets, target - source])
    if not len(key):
        return np.zeros(0, bool)
    first = np.argmax(key != 0, axis=1)
    kept: NDArray[np.bool_] = key[np.arange(len(key)), first] > 0
    return kept
