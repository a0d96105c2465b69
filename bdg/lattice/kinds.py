"""The bonds of one cell: found by distance (:mod:`bdg.lattice.shells`) or given one by one, here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.errors import InputError

DISTANCE_TOLERANCE = 1e-6
"""Two distances closer than this, in lattice constants, belong to one shell."""

MOST_KINDS = np.iinfo(np.int16).max
"""Bonds of a sample name their kind by a number of 16 bits."""

FARTHEST = 10_000
"""Cells that a hopping may reach over; how often a bond passes an end is a number of 16 bits."""

Hopping = tuple[int, int, Sequence[int], complex]
"""(from, to, offset, t): −t c†_to c_from, ``to`` in the cell ``offset`` cells away; with its partner."""


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
        Neighbour shell, from 1, shape ``(n_kinds,)``; of bonds that were given, the rank of their length.
    displacement
        Position of the target less that of the source, shape ``(n_kinds, dimension)``.
    distance
        Length of each shell's bonds, shape ``(n_shells,)``.
    amplitude
        t of −t c†_target c_source, shape ``(n_kinds,)``, in t; ``None`` where bonds were found by distance.
    """

    source: NDArray[np.int32]
    target: NDArray[np.int32]
    offset: NDArray[np.int32]
    shell: NDArray[np.int16]
    displacement: NDArray[np.float64]
    distance: NDArray[np.float64]
    amplitude: NDArray[np.complex128] | None = None

    def __len__(self) -> int:
        return len(self.source)


def given_kinds(
    vectors: NDArray[np.float64], basis: NDArray[np.float64], hoppings: Sequence[Hopping]
) -> BondKinds:
    """The bonds of a list of hoppings, each given once; a bond given against its orientation is turned.

    Parameters
    ----------
    vectors, basis
        Of the cell, shapes ``(n_directions, dimension)`` and ``(n_orbitals, dimension)``.
    hoppings
        See :data:`Hopping`. The Hermitian partner is implied.

    Raises
    ------
    InputError
        If an orbital or an offset is not the cell's, a hopping is on-site or not finite, or a bond is given
        twice.
    """
    if len(hoppings) > MOST_KINDS:
        raise InputError(f"{len(hoppings)} hoppings are too many; at most {MOST_KINDS}, cut off small ones")
    if not all(len(hopping) == 4 for hopping in hoppings):
        raise InputError("a hopping is four values: from, to, offset and amplitude")
    seen: dict[tuple[int, ...], int] = {}
    for number, hopping in enumerate(hoppings):
        key = _checked(hopping, number, len(basis), len(vectors))
        if key in seen:
            raise InputError(
                f"hopping {number} ({_named(hopping)}) is the bond of hopping {seen[key]} again;"
                " give each bond once, its Hermitian partner is implied"
            )
        seen[key] = number
    source, target = (np.array([h[n] for h in hoppings], np.int64) for n in (0, 1))
    offset = np.array([h[2] for h in hoppings], np.int64).reshape(len(hoppings), len(vectors))
    amplitude = np.array([h[3] for h in hoppings], np.complex128)
    turned = ~is_kept_orientation(offset, source, target)
    source, target = np.where(turned, target, source), np.where(turned, source, target)
    offset = np.where(turned[:, None], -offset, offset)
    amplitude = np.where(turned, amplitude.conj(), amplitude)
    displacement = offset @ vectors + basis[target] - basis[source]
    length = np.linalg.norm(displacement, axis=1)
    distances = distinct(length)
    shell = np.searchsorted(distances + DISTANCE_TOLERANCE, length) + 1
    order = sorting(offset, source, target, shell)
    return BondKinds(
        source[order].astype(np.int32),
        target[order].astype(np.int32),
        offset[order].astype(np.int32),
        shell[order].astype(np.int16),
        displacement[order],
        distances,
        amplitude[order],
    )


def _checked(hopping: Hopping, number: int, n_orbitals: int, n_directions: int) -> tuple[int, ...]:
    """The bond of a hopping, the same for both orientations."""
    start, end, offset, amplitude = hopping
    for orbital in (start, end):
        if orbital != int(orbital) or not 0 <= orbital < n_orbitals:
            raise InputError(
                f"hopping {number} ({_named(hopping)}) names orbital {orbital};"
                f" the cell's are 0 to {n_orbitals - 1}"
            )
    if len(offset) != n_directions or any(step != int(step) for step in offset):
        raise InputError(
            f"hopping {number} has the offset {list(offset)}; give {n_directions} whole numbers of cells"
        )
    if any(abs(step) > FARTHEST for step in offset):
        raise InputError(
            f"hopping {number} ({_named(hopping)}) reaches over more than {FARTHEST} cells; drop it"
        )
    if not np.isfinite(amplitude):
        raise InputError(f"hopping {number} ({_named(hopping)}) has the amplitude {amplitude}, not finite")
    if start == end and not any(offset):
        raise InputError(f"hopping {number} joins orbital {start} to itself: an on-site energy; use onsite")
    forward = (*(int(step) for step in offset), int(start), int(end))
    backward = (*(-int(step) for step in offset), int(end), int(start))
    return max(forward, backward)


def _named(hopping: Hopping) -> str:
    return f"{hopping[0]} → {hopping[1]}, offset {[int(step) for step in hopping[2]]}"


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
