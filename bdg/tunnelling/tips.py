"""Densities of states of tips, in units of the normal state's, and where they change fast."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np

from bdg.arrays import Floats
from bdg.errors import InputError

Mark = tuple[float, float]
"""An energy about which something changes fast, and over which width; 0 for a step."""


class Tip(Protocol):
    """What the current needs of a tip."""

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Where its density of states changes fast."""
        ...

    @property
    def smoothness(self) -> float:
        """The width below which its density of states does not change."""
        ...

    def density(self, energies: Floats) -> Floats:
        """N_t(E), 1 for a normal metal."""
        ...

    def slope(self, energies: Floats) -> Floats:
        """dN_t/dE."""
        ...


@dataclass(frozen=True)
class NormalTip:
    """A normal metal: N_t = 1."""

    marks: tuple[Mark, ...] = ()
    smoothness: float = np.inf

    def density(self, energies: Floats) -> Floats:
        """1."""
        return np.ones_like(energies)

    def slope(self, energies: Floats) -> Floats:
        """0."""
        return np.zeros_like(energies)


@dataclass(frozen=True)
class DynesTip:
    """A superconductor: N_t(E) = Re (E + iΓ)/√((E + iΓ)² − Δ²), Dynes, Phys. Rev. Lett. 41, 1509 (1978).

    Parameters
    ----------
    delta, gamma
        Δ ≥ 0 and Γ > 0.
    """

    delta: float
    gamma: float

    @property
    def marks(self) -> tuple[Mark, ...]:
        """The two edges of the gap."""
        return ((-self.delta, self.gamma), (self.delta, self.gamma))

    @property
    def smoothness(self) -> float:
        """Γ."""
        return self.gamma

    def density(self, energies: Floats) -> Floats:
        """N_t(E)."""
        z = energies + 1j * self.gamma
        return np.asarray((z / self._root(z)).real)

    def slope(self, energies: Floats) -> Floats:
        """dN_t/dE = −Re Δ²/((E + iΓ)² − Δ²)^{3/2}."""
        z = energies + 1j * self.gamma
        return np.asarray((-(self.delta**2) / self._root(z) ** 3).real)

    def _root(self, z: Any) -> Any:
        """√(z² − Δ²), analytic above the real axis and z far from the origin."""
        return np.sqrt(z - self.delta) * np.sqrt(z + self.delta)


@dataclass(frozen=True, eq=False)
class TabulatedTip:
    """A density of states from a table, between whose points it is a monotone cubic; constant beyond them.

    Parameters
    ----------
    energies
        Ascending, shape ``(n_points,)``, two at least.
    values
        N_t ≥ 0 there.

    Raises
    ------
    InputError
        If the table is none.
    """

    energies: Floats
    values: Floats

    def __post_init__(self) -> None:
        if len(self.energies) < 2 or not (np.diff(self.energies) > 0).all():
            raise InputError(
                "the density of states of a tip needs two energies at least, which ascend; sort the table"
            )
        if not np.isfinite(self.values).all() or (self.values < 0).any():
            raise InputError("the density of states of a tip is finite and not negative; correct the table")

    @property
    def marks(self) -> tuple[Mark, ...]:
        """Its points, between which it is smooth."""
        return tuple((float(one), 0.0) for one in self.energies)

    @property
    def smoothness(self) -> float:
        """The distance of its points."""
        return float(np.diff(self.energies).min())

    def density(self, energies: Floats) -> Floats:
        """N_t(E)."""
        return np.asarray(self._cubic(np.clip(energies, self.energies[0], self.energies[-1])))

    def slope(self, energies: Floats) -> Floats:
        """dN_t/dE."""
        inside = (energies > self.energies[0]) & (energies < self.energies[-1])
        return np.where(inside, self._cubic(energies, 1), 0.0)

    @cached_property
    def _cubic(self) -> Any:
        from scipy.interpolate import PchipInterpolator  # slow to import, rarely needed

        return PchipInterpolator(self.energies, self.values)
