"""Hoppings of a cell given one by one, and bonds by their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.errors import InputError
from bdg.lattice.kinds import FARTHEST, BondKinds, arranged

Hopping = tuple[int, int, Sequence[int], complex | ArrayLike]
"""(from, to, offset, t): −t c†_to c_from, ``to`` in the cell ``offset`` cells away; with its partner.

t is a number, or a matrix [[↑↑, ↑↓], [↓↑, ↓↓]], −c†_to,σ t_σσ' c_from,σ'.
"""

BondName = tuple[int, int, Sequence[int]]
"""(from, to, offset) of a bond; the other way round it is the same one."""


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
    t = np.array([np.asarray(h[3]) * (np.eye(2) if np.ndim(h[3]) == 0 else 1) for h in hoppings])
    amplitude, spin = pauli_components(t.reshape(-1, 2, 2))
    return arranged(vectors, basis, source, target, offset, amplitude, -spin if spin.any() else None)


def as_spin_matrices(values: ArrayLike, n: int, name: str) -> NDArray[Any]:
    """Matrices between spins, shape ``(n, 2, 2)``, of one number, one each, or a matrix each.

    Raises
    ------
    InputError
        If there are others, or one is not finite.
    """
    given = np.asarray(values)
    if given.dtype.kind not in "biufc" or given.shape not in ((), (n,), (n, 2, 2)):
        raise InputError(
            f"{name} is {given.dtype} of shape {given.shape}; give a number, {(n,)} or {(n, 2, 2)}"
        )
    if not np.isfinite(given).all():
        raise InputError(f"{name} is not finite (NaN or infinity)")
    if given.ndim == 3:
        return given
    return np.broadcast_to(given, (n,))[:, None, None] * np.eye(2)


def pauli_components(matrices: NDArray[Any]) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """m_0 and m of m_0·1 + m·σ, shapes ``(n,)`` and ``(n, 3)``, of matrices of shape ``(n, 2, 2)``."""
    (up, flip), (back, down) = np.moveaxis(matrices.astype(np.complex128), 0, -1)
    scalar: NDArray[np.complex128] = 0.5 * (up + down)
    vector: NDArray[Any] = 0.5 * np.stack([flip + back, 1j * (flip - back), up - down], axis=1)
    return scalar, vector


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
    if not bonds:
        return kinds
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
    amplitude, spin = (
        None if own is None else np.concatenate([own, np.zeros((len(more), *own.shape[1:]))])
        for own in (kinds.amplitude, kinds.spin)
    )
    return arranged(vectors, basis, source, target, offset, amplitude, spin)


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
    if np.shape(amplitude) not in ((), (2, 2)):
        raise InputError(
            f"hopping {number} ({_named(hopping)}) has an amplitude of shape {np.shape(amplitude)}; give a"
            " number, or 2 × 2 numbers between spins"
        )
    if not np.isfinite(amplitude).all():
        raise InputError(f"hopping {number} ({_named(hopping)}) has the amplitude {amplitude!r}, not finite")
    if start == end and not any(offset):
        raise InputError(f"hopping {number} joins orbital {start} to itself: an on-site energy; use onsite")
    return max(_ways(start, end, offset))


def _ways(start: int, end: int, offset: Sequence[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Offset and orbitals of a bond in both directions."""
    steps = [int(step) for step in offset]
    return (*steps, int(start), int(end)), (*(-step for step in steps), int(end), int(start))


def _named(hopping: Hopping) -> str:
    return f"{hopping[0]} → {hopping[1]}, offset {[int(step) for step in hopping[2]]}"
