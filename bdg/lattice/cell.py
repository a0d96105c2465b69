"""Unit cells: lattice vectors and a basis. The presets are data, not code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.errors import InputError
from bdg.lattice.hoppings import BondName, Hopping, given_kinds, pauli_components
from bdg.lattice.kinds import DISTANCE_TOLERANCE, BondKinds


@dataclass(frozen=True)
class UnitCell:
    """Lattice vectors and the orbitals of one cell. A site is an orbital; several may sit at one place.

    Site r of orbital a in cell n sits at r = Σ_d n_d vectors[d] + basis[a].

    Parameters
    ----------
    vectors
        Shape ``(n_directions, dimension)``, in lattice constants; linearly independent.
    basis
        Shape ``(n_orbitals, dimension)``.
    name
        Name of the preset, or ``"custom"``.
    hoppings
        Bonds of its own with their amplitudes, or ``None``: then neighbours are found by distance.
    onsite
        Energy of each orbital, shape ``(n_orbitals,)``, in t, or ``None`` for zeros.
    zeeman
        h of −h·σ of each orbital, shape ``(n_orbitals, 3)``, in t, or ``None`` for zeros.
    warnings
        What a reader of results must know of the cell, a line each.
    """

    vectors: NDArray[np.float64]
    basis: NDArray[np.float64]
    name: str = "custom"
    hoppings: BondKinds | None = None
    onsite: NDArray[np.float64] | None = None
    zeeman: NDArray[np.float64] | None = None
    warnings: tuple[str, ...] = ()

    @classmethod
    def build(
        cls,
        vectors: ArrayLike,
        basis: ArrayLike | None = None,
        name: str = "custom",
        *,
        hoppings: Sequence[Hopping] | BondKinds | None = None,
        onsite: ArrayLike | None = None,
    ) -> UnitCell:
        """Check and freeze a cell.

        Parameters
        ----------
        vectors, basis, name
            As the attributes; without a basis, one orbital at the origin.
        onsite
            Energy of each orbital, or a Hermitian matrix [[↑↑, ↑↓], [↓↑, ↓↓]] for each, shape
            ``(n_orbitals, 2, 2)``.
        hoppings
            ``(from, to, offset, t)`` each: −t c†_to c_from with ``to`` in the cell ``offset`` cells away, t
            real or complex, or 2 × 2 numbers between spins. Each bond once; its Hermitian partner is
            implied. They decide the bonds of samples: a list without entries makes a cell without bonds.

        Raises
        ------
        InputError
            If the vectors are dependent, shapes differ, or a hopping is impossible or given twice.
        """
        vectors_ = np.atleast_2d(np.asarray(vectors, dtype=np.float64))
        basis_ = (
            np.zeros((1, vectors_.shape[1])) if basis is None else np.atleast_2d(np.asarray(basis, float))
        )
        if basis_.shape[1] != vectors_.shape[1]:
            raise InputError(
                f"basis points have {basis_.shape[1]} coordinates,"
                f" lattice vectors {vectors_.shape[1]}; give the same"
            )
        if not (np.isfinite(vectors_).all() and np.isfinite(basis_).all()):
            raise InputError("a lattice vector or basis point is not finite (NaN or infinity)")
        _require_lengths(vectors_, basis_)
        if np.linalg.matrix_rank(vectors_, tol=SKEWEST * np.abs(vectors_).max()) < len(vectors_):
            raise InputError(
                f"lattice vectors {vectors_.tolist()} are linearly dependent; give independent ones"
            )
        energies, zeeman = (None, None) if onsite is None else _levels(onsite, len(basis_))
        if hoppings is not None and not isinstance(hoppings, BondKinds):
            hoppings = given_kinds(vectors_, basis_, hoppings)
        vectors_.flags.writeable = basis_.flags.writeable = False
        return cls(vectors_, basis_, name, hoppings, energies, zeeman)

    def with_hoppings(self, hoppings: Sequence[Hopping] | None) -> UnitCell:
        """The same cell with these bonds (see :meth:`build`); ``None``: they are found by distance."""
        kinds = None if hoppings is None else given_kinds(self.vectors, self.basis, hoppings)
        return replace(self, hoppings=kinds)

    def pairs_within(self) -> list[BondName]:
        """The bonds (from, to, offset) of no length: every pair of orbitals that share a place, once."""
        from scipy.spatial import cKDTree  # slow to import, rarely needed

        along = np.floor(self.basis @ np.linalg.pinv(self.vectors) + DISTANCE_TOLERANCE).astype(np.int64)
        pairs = cKDTree(self.basis - along @ self.vectors).query_pairs(DISTANCE_TOLERANCE)
        return [(a, b, (along[a] - along[b]).tolist()) for a, b in sorted(pairs)]

    @property
    def n_directions(self) -> int:
        """Number of lattice vectors."""
        return len(self.vectors)

    @property
    def dimension(self) -> int:
        """Number of coordinates of a position."""
        return int(self.vectors.shape[1])

    @property
    def n_orbitals(self) -> int:
        """Number of sites in a cell."""
        return len(self.basis)


def _require_lengths(vectors: NDArray[np.float64], basis: NDArray[np.float64]) -> None:
    """Refuse lengths in whose squares or differences floating-point numbers lose the lattice."""
    with np.errstate(over="ignore"):
        lengths, farthest = np.linalg.norm(vectors, axis=1), float(np.abs(basis).max(initial=0.0))
    for number, length in enumerate(lengths):
        if not SHORTEST * (1 - 1e-9) <= length <= LONGEST * (1 + 1e-9):
            raise InputError(
                f"lattice vector {number} is {vectors[number].tolist()}; give lengths in lattice constants,"
                f" from {SHORTEST:g} to {LONGEST:g}"
            )
    if farthest > LONGEST:
        raise InputError(
            f"a basis point lies at {farthest:g}; give positions in lattice constants, up to {LONGEST:g}"
        )


SHORTEST, LONGEST = 1e-3, 1e6
"""Lengths of lattice vectors, in lattice constants, that neighbours at a distance of about 1 can have."""

SKEWEST = 1e-10
"""Share of the longest lattice vector that is rounding: what differs by less is linearly dependent."""


def _levels(onsite: ArrayLike, n_orbitals: int) -> tuple[NDArray[np.float64], NDArray[np.float64] | None]:
    """ε and h of ε − h·σ of each orbital."""
    given = np.array(onsite, np.complex128 if np.iscomplexobj(onsite) else np.float64)
    if given.shape not in ((n_orbitals,), (n_orbitals, 2, 2)) or not np.isfinite(given).all():
        raise InputError(
            f"onsite {given.tolist()} does not fit; give a finite energy for each of the {n_orbitals}"
            " orbitals, or 2 × 2 numbers between spins for each"
        )
    matrices = given[:, None, None] * np.eye(2) if given.ndim == 1 else given
    apart = np.abs(matrices - matrices.conj().swapaxes(1, 2))
    if apart.max(initial=0.0) > 1e-12 * np.abs(given).max(initial=0.0):
        raise InputError("onsite is not Hermitian; its matrices must equal their conjugate transposes")
    energy, spin = pauli_components(matrices)
    return energy.real.copy(), -spin.real if spin.any() else None


_ROOT3 = 3.0**0.5
_PRESETS: dict[str, tuple[ArrayLike, ArrayLike]] = {
    "chain": ([[1.0]], [[0.0]]),
    "square": ([[1.0, 0.0], [0.0, 1.0]], [[0.0, 0.0]]),
    "triangular": ([[1.0, 0.0], [0.5, _ROOT3 / 2]], [[0.0, 0.0]]),
    "honeycomb": ([[_ROOT3, 0.0], [_ROOT3 / 2, 1.5]], [[0.0, 0.0], [0.0, 1.0]]),
    "kagome": ([[2.0, 0.0], [1.0, _ROOT3]], [[0.0, 0.0], [1.0, 0.0], [0.5, _ROOT3 / 2]]),
    "lieb": ([[2.0, 0.0], [0.0, 2.0]], [[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]),
    "cubic": ([[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]], [[0.0, 0.0, 0.0]]),
}


def presets() -> tuple[str, ...]:
    """Names of the cells that come with the package."""
    return tuple(_PRESETS)


def preset(name: str) -> UnitCell:
    """The unit cell of a preset lattice, nearest neighbours at distance 1.

    Raises
    ------
    InputError
        If there is no such preset.
    """
    if name not in _PRESETS:
        raise InputError(f"unknown lattice {name!r}; use one of {', '.join(_PRESETS)}")
    vectors, basis = _PRESETS[name]
    return UnitCell.build(vectors, basis, name)
