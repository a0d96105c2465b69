"""Unit cells: lattice vectors and a basis. The presets are data, not code."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.errors import InputError


@dataclass(frozen=True)
class UnitCell:
    """Lattice vectors and the orbitals of one cell.

    Site r of orbital a in cell n sits at r = Σ_d n_d vectors[d] + basis[a].

    Parameters
    ----------
    vectors
        Shape ``(n_directions, dimension)``, in lattice constants; linearly independent.
    basis
        Shape ``(n_orbitals, dimension)``; distinct points.
    name
        Name of the preset, or ``"custom"``.
    """

    vectors: NDArray[np.float64]
    basis: NDArray[np.float64]
    name: str = "custom"

    @classmethod
    def build(cls, vectors: ArrayLike, basis: ArrayLike | None = None, name: str = "custom") -> UnitCell:
        """Check and freeze a cell.

        Raises
        ------
        InputError
            If the vectors are dependent or two orbitals share a place.
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
        if np.linalg.matrix_rank(vectors_) < len(vectors_):
            raise InputError(
                f"lattice vectors {vectors_.tolist()} are linearly dependent; give independent ones"
            )
        separation = np.linalg.norm(basis_[:, None] - basis_[None], axis=-1) + np.eye(len(basis_))
        if separation.min() < 1e-9:
            raise InputError(f"two orbitals of the basis {basis_.tolist()} share a place; move or remove one")
        vectors_.flags.writeable = basis_.flags.writeable = False
        return cls(vectors_, basis_, name)

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


_PRESETS: dict[str, tuple[ArrayLike, ArrayLike]] = {
    "chain": ([[1.0]], [[0.0]]),
    "square": ([[1.0, 0.0], [0.0, 1.0]], [[0.0, 0.0]]),
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
