"""Vector potentials that are known at every point: line integrals by Gauss quadrature."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.gauge.source import VectorPotential, periods
from bdg.lattice import Sample, SiteValue, real_values, values_at

NODES = 16
"""Points of the quadrature on a bond: exact for polynomials up to degree 31."""

SAME = 1e-9
"""How far A may differ from itself one length further on, relative to its largest line integral."""

NEAREST = 0.25
"""Least distance of a dipole from a bond, in lattice constants, at which the quadrature is exact."""


class Smooth(VectorPotential):
    """A vector potential given at every point."""

    @abstractmethod
    def at(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        """A in ħ/(e a) at positions, both of shape ``(n, dimension)``."""

    def on_bonds(self, sample: Sample) -> NDArray[np.float64]:
        """∫ A·dl along each bond, shape ``(n_bonds,)``, in ħ/e.

        Raises
        ------
        InputError
            If A is not the same one length further along a direction whose ends are joined.
        """
        start = sample.positions[sample.bonds.source]
        integrals = self._integrals(start, sample.bonds.displacement)
        for direction, length in enumerate(periods(sample)):
            if not length.any():
                continue
            further = self._integrals(start + length, sample.bonds.displacement)
            change = float(np.abs(further - integrals).max(initial=0.0))
            if change > SAME * max(1.0, float(np.abs(integrals).max(initial=0.0))):
                raise InputError(
                    f"the vector potential changes by {change:.3g} over the length of the periodic direction"
                    f" {direction}; give a periodic one, a uniform field by its strength, or open it"
                )
        return integrals

    def _integrals(self, start: NDArray[np.float64], along: NDArray[np.float64]) -> NDArray[np.float64]:
        nodes, weights = np.polynomial.legendre.leggauss(NODES)
        total = np.zeros(len(start))
        for node, weight in zip(nodes, weights, strict=True):
            place = start + 0.5 * (1 + node) * along
            total += 0.5 * weight * np.einsum("bi,bi->b", self.at(place), along)
        return total


@dataclass(frozen=True)
class Potential(Smooth):
    """A by its components.

    Parameters
    ----------
    components
        One for each coordinate: a number, a function ``f(x, y, …)``, or its formula as text, in ħ/(e a).
    """

    components: Sequence[SiteValue]

    def at(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        """A in ħ/(e a) at positions, both of shape ``(n, dimension)``.

        Raises
        ------
        InputError
            If there are not as many components as coordinates, or one cannot be evaluated.
        """
        dimension = positions.shape[1]
        if len(self.components) != dimension:
            raise InputError(f"vector_potential has {len(self.components)} components; give {dimension}")
        names = ("x", "y", "z")
        parts = [
            real_values(values_at(positions, value, f"vector_potential {name}"), f"vector_potential {name}")
            for name, value in zip(names, self.components, strict=False)
        ]
        return np.stack(parts, axis=1)


@dataclass(frozen=True)
class Dipole(Smooth):
    """A point dipole, A = m × d/|d|³ with d the way from it.

    Parameters
    ----------
    position
        [x, y, z] in lattice constants; the plane of a two-dimensional sample is z = 0.
    moment
        m = (μ₀/4π) times the magnetic moment, three components, in ħ a/e.
    """

    position: Sequence[float]
    moment: Sequence[float]

    def at(self, positions: NDArray[np.float64]) -> NDArray[np.float64]:
        """A = m × d/d³ in ħ/(e a) at positions, both of shape ``(n, dimension)``.

        Raises
        ------
        InputError
            If the dipole or its moment lacks coordinates, or it is so near to a bond that A varies along it
            more than can be integrated.
        """
        place, moment = np.asarray(self.position, dtype=np.float64), np.asarray(self.moment, dtype=np.float64)
        if place.shape != (3,) or moment.shape != (3,):
            raise InputError(
                f"a dipole at {list(self.position)} with the moment {list(self.moment)} is impossible;"
                " both have three components"
            )
        away = np.zeros((len(positions), 3))
        away[:, : positions.shape[1]] = positions
        away -= place
        distance = np.linalg.norm(away, axis=1)
        if distance.min(initial=np.inf) < NEAREST:
            raise InputError(f"the dipole at {list(self.position)} lies on a bond; move it {NEAREST} away")
        found: NDArray[np.float64] = (np.cross(moment, away) / distance[:, None] ** 3)[
            :, : positions.shape[1]
        ]
        return found
