"""The bonds of one cell: found by distance (:mod:`bdg.lattice.shells`) or given one by one, here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.errors import InputError

DISTANCE_TOLERANCE = 1e-6
"""Two distances closer than this, in lattice constants, belong to one shell."""

FARTHEST = 10_000
"""Cells that a hopping may reach over; how often a bond passes an end is a number of 16 bits."""

Hopping = tuple[int, int, Sequence[int], complex]
"""(from, to, offset, t): −t c†_to c_from, ``to`` in the cell ``offset`` cells away; with its partner."""

BondName = tuple[int, int, Sequence[int]]
"""(from, to, offset) of a bond; the other way round it is the same one."""


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
    """

    source: NDArray[np.int32]
    target: NDArray[np.int32]
    offset: NDArray[np.int32]
    shell: NDArray[np.int32]
    displacement: NDArray[np.float64]
    distance: NDArray[np.float64]
    amplitude: NDArray[np.complex128] | None = None

    def __len__(self) -> int:
        return len(self.source)

    @property
    def n_shells(self) -> int:
        """Number of neighbour shells."""
        return len(self.distance)


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
    return arranged(vectors, basis, source, target, offset, amplitude)


def arranged(
    vectors: NDArray[np.float64],
    basis: NDArray[np.float64],
    source: NDArray[np.int64],
    target: NDArray[np.int64],
    offset: NDArray[np.int64],
    amplitude: NDArray[np.complex128] | None = None,
) -> BondKinds:
    """Bonds that differ from one another, each in its orientation, with their shells, sorted."""
    turned = ~is_kept_orientation(offset, source, target)
    source, target = np.where(turned, target, source), np.where(turned, source, target)
    offset = np.where(turned[:, None], -offset, offset)
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
        None if amplitude is None else np.where(turned, amplitude.conj(), amplitude)[order],
    )


def with_bonds(
    kinds: BondKinds, vectors: NDArray[np.float64], basis: NDArray[np.float64], bonds: Sequence[BondName]
) -> BondKinds:
    """The same bonds and these besides, with the amplitude 0 where there are amplitudes.

    Parameters
    ----------
    kinds, vectors, basis
        Of the cell.
    bonds
        See :data:`BondName`; those that are there already change nothing.

    Raises
    ------
    InputError
        If there can be no such bond.
    """
    require_bonds(bonds, len(basis), len(vectors))
    known = {max(_ways(*bond)) for bond in zip(kinds.source, kinds.target, kinds.offset, strict=True)}
    asked = {max(_ways(*bond)) for bond in bonds}
    more = np.array(sorted(asked - known), np.int64).reshape(-1, len(vectors) + 2)
    if not len(more):
        return kinds
    source, target = (
        np.concatenate([own, added])
        for own, added in zip((kinds.source, kinds.target), more[:, -2:].T, strict=True)
    )
    offset = np.concatenate([kinds.offset, more[:, :-2]])
    amplitude = kinds.amplitude
    if amplitude is not None:
        amplitude = np.concatenate([amplitude, np.zeros(len(more))])
    return arranged(vectors, basis, source, target, offset, amplitude)


def kinds_of(kinds: BondKinds, bonds: Sequence[BondName]) -> NDArray[np.int64]:
    """The kind of each of some bonds, in either orientation.

    Raises
    ------
    InputError
        If there is no such bond.
    """
    named = zip(kinds.source, kinds.target, kinds.offset, strict=True)
    number = {max(_ways(*bond)): n for n, bond in enumerate(named)}
    found = [number.get(max(_ways(*bond)), -1) for bond in bonds]
    if -1 in found:
        missing = bonds[found.index(-1)]
        raise InputError(
            f"no bond joins {_named((*missing, 0.0))}; build the sample with"
            f" bonds=[({missing[0]}, {missing[1]}, {[int(step) for step in missing[2]]})]"
        )
    return np.array(found, np.int64)


def require_bonds(bonds: Sequence[BondName], n_orbitals: int, n_directions: int) -> None:
    """Refuse bonds that no cell with so many orbitals and directions has."""
    for number, bond in enumerate(bonds):
        _checked((*bond, 0.0), number, n_orbitals, n_directions)


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
    return max(_ways(start, end, offset))


def _ways(start: int, end: int, offset: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Offset and orbitals of a bond in both directions."""
    steps = [int(step) for step in offset]
    return (*steps, int(start), int(end)), (*(-step for step in steps), int(end), int(start))


def _named(hopping: Hopping) -> str:
    return f"{hopping[0]} → {hopping[1]}, offset {[int(step) for step in hopping[2]]}"


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
