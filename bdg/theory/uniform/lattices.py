r"""Lattice dispersions and gap forms: functions of k, with nothing of the package's lattices in them.

    ε_k = −Σ_s t_s Σ_{δ in shell s} cos k·δ,

δ running over all neighbours of the shell. k·δ = Σ_i κ_i m_i with δ = Σ_i m_i a_i and κ_i = k·a_i in
(−π, π], so that only the integers m_i matter, and of the lattice only which of them are equally far away.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.theory.uniform.band import Band, without_rounding

METRICS: dict[str, NDArray[np.float64]] = {
    "chain": np.eye(1),
    "square": np.eye(2),
    "triangular": np.array([[1.0, 0.5], [0.5, 1.0]]),
    "cubic": np.eye(3),
}
"""a_i · a_j of each lattice."""

FORMS = ("s", "extended_s", "d")


@dataclass(frozen=True)
class Dispersion:
    """ε_k of a lattice with hopping to shells of neighbours.

    Parameters
    ----------
    kind
        ``chain``, ``square``, ``triangular`` or ``cubic``.
    hopping
        t_s, nearest neighbours first.
    """

    kind: str = "square"
    hopping: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        if self.kind not in METRICS:
            raise InputError(f"unknown lattice {self.kind!r}; use {', '.join(METRICS)}")
        if not self.hopping:
            raise InputError("a lattice needs a hopping; give 1 for example")

    @property
    def dimension(self) -> int:
        """Number of directions."""
        return len(METRICS[self.kind])

    def energy(self, kappa: Floats) -> Floats:
        """ε at κ, shape ``(..., dimension)``."""
        return np.asarray(
            -2
            * sum(
                t * np.cos(kappa @ shell.T).sum(axis=-1)
                for t, shell in zip(self.hopping, self._shells(), strict=True)
            )
        )

    def velocity(self, kappa: Floats, direction: int = 0) -> Floats:
        """∂ε/∂κ along a lattice vector."""
        return np.asarray(
            2
            * sum(
                t * (np.sin(kappa @ shell.T) * shell[:, direction]).sum(axis=-1)
                for t, shell in zip(self.hopping, self._shells(), strict=True)
            )
        )

    def curvature(self, kappa: Floats, direction: int = 0) -> Floats:
        """∂²ε/∂κ² along a lattice vector."""
        return np.asarray(
            2
            * sum(
                t * (np.cos(kappa @ shell.T) * shell[:, direction] ** 2).sum(axis=-1)
                for t, shell in zip(self.hopping, self._shells(), strict=True)
            )
        )

    def _shells(self) -> list[NDArray[np.int64]]:
        return shells(self.kind, len(self.hopping))


def shells(kind: str, count: int) -> list[NDArray[np.int64]]:
    """Half of each of the first shells of neighbours (δ or −δ), as integers m_i ``(n, dimension)``."""
    metric, reach = METRICS[kind], count + 1
    found = np.array(list(itertools.product(range(-reach, reach + 1), repeat=len(metric))))
    half = found[[tuple(m) > (0,) * len(metric) for m in found]]
    squared = np.einsum("ni,ij,nj->n", half, metric, half).round(9)
    return [half[squared == length] for length in np.unique(squared)[:count]]


def momenta(size: Sequence[int], twist: ArrayLike = 0.0) -> Floats:
    """The κ of a periodic lattice of that size, 2π n/L + twist/L in each direction, ``(n, dimension)``."""
    if min(size) < 1:
        raise InputError(f"a lattice of size {list(size)} has no sites; every side must be at least 1")
    phases = np.broadcast_to(np.asarray(twist, float), len(size))
    axes = [(2 * np.pi * np.arange(n) + phase) / n for n, phase in zip(size, phases, strict=True)]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(size))


def gap_form(kind: str, form: str, kappa: Floats) -> tuple[Floats, int]:
    """φ_k and the number of bonds that share it: on site, or 2 Σ_δ ± cos k·δ over nearest neighbours.

    The signs are all + for ``extended_s``, and + along x, − along y for ``d``.

    Raises
    ------
    InputError
        If the lattice has no such form.
    """
    if form == "s":
        return np.ones(kappa.shape[:-1]), 1
    if form == "extended_s":
        shell = shells(kind, 1)[0]
        return without_rounding(2 * np.cos(kappa @ shell.T).sum(axis=-1), 2 * len(shell)), 2 * len(shell)
    if form == "d" and kind in ("square", "cubic"):
        return without_rounding(2 * (np.cos(kappa[..., 0]) - np.cos(kappa[..., 1])), 4.0), 4
    allowed = FORMS if kind in ("square", "cubic") else FORMS[:2]
    raise InputError(f"no gap of form {form!r} on a {kind} lattice; use {', '.join(allowed)}")


def lattice_band(
    dispersion: Dispersion, size: Sequence[int], form: str = "s", twist: ArrayLike = 0.0
) -> Band:
    """The band of a periodic lattice of that size; sums are per site.

    Raises
    ------
    InputError
        If the size does not suit the lattice, or it has no such form.
    """
    if len(size) != dispersion.dimension:
        wanted = f"{dispersion.dimension} numbers"
        raise InputError(f"size {list(size)} does not suit a {dispersion.kind} lattice; give {wanted}")
    kappa = momenta(size, twist)
    phi, multiplicity = gap_form(dispersion.kind, form, kappa)
    weight = np.full(len(kappa), 1 / len(kappa))
    return Band(dispersion.energy(kappa), weight, phi, float(multiplicity))
