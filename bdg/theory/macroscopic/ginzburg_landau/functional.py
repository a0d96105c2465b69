"""The free energy of Ginzburg and Landau on a grid with link variables, and its derivatives.

F = Σ_points w h² (−c|ψ|² + ½|ψ|⁴) + Σ_links w |e^{−iφ}ψ_next − ψ|² h_⊥/h + κ² Σ_squares (Φ/h² − b_a)² h²

Lengths are in ξ, ψ in ψ_∞, φ = ∫A·dl with A in ħ/|q|ξ (the charge taken positive), b in B_c2, F in ξ² α²/β a
length. w counts a point, or a link along the edge, of a free end by half, which makes it of second order. c
is 1, or a map: what is not 1 is weaker or, where negative, normal. Gauge invariance holds exactly. Gropp et
al., J. Comput. Phys. 123, 254 (1996).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Complexes, Floats
from bdg.errors import InputError
from bdg.theory.macroscopic.carriers import Carriers, positive
from bdg.theory.macroscopic.grid import Grid, neighbour, plaquette_flux, uniform_field

REDUCED = Carriers(charge=1.0, mass=0.5)
"""The carriers of these units: ħ = q = 1, ħ²/2m = 1; the flux quantum is 2π."""


@dataclass(frozen=True)
class Film:
    """A rectangle or a torus in a perpendicular field: long along z, or with ``kappa = inf`` as thin as one
    likes.

    Parameters
    ----------
    grid
        Two directions, spacing in ξ, each periodic or free.
    kappa
        κ; infinite if the currents' own field is left out: then the links stay what they are.
    applied
        b_a = B_a/B_c2. On a torus the mean of B, which makes a whole number of flux quanta.
    condensation
        c, a number or one for each point.

    Raises
    ------
    InputError
        If the grid is not of that kind, or the flux through a torus is not whole.
    """

    grid: Grid
    kappa: float = np.inf
    applied: float = 0.0
    condensation: Floats | float = field(default=1.0)

    def __post_init__(self) -> None:
        if self.grid.dimension != 2 or "hard" in self.grid.ends or len(set(self.grid.ends)) != 1:
            raise InputError(
                f"ends {self.grid.ends} do not suit a film; give two directions, both periodic or both free"
            )
        if self.kappa != np.inf:
            positive("kappa", self.kappa)
        uniform_field(self.grid, self.applied, REDUCED)

    @property
    def is_torus(self) -> bool:
        """Whether it is periodic."""
        return self.grid.ends[0] == "periodic"

    @cached_property
    def points(self) -> Floats:
        """Area of each point, shape of the grid."""
        area = np.full(self.grid.shape, self.grid.cell)
        if not self.is_torus:
            for edge in (area[0], area[-1], area[:, 0], area[:, -1]):
                edge *= 0.5
        return area

    @cached_property
    def links(self) -> list[Floats]:
        """Weight of |e^{−iφ}ψ_next − ψ|² of each link: width that belongs to it over its length; zero where
        none is.
        """
        weights = []
        for direction in (0, 1):
            weight = np.full(self.grid.shape, self.grid.spacing[1 - direction] / self.grid.spacing[direction])
            if not self.is_torus:
                edges = np.moveaxis(weight, 1 - direction, 0)
                edges[0] *= 0.5
                edges[-1] *= 0.5
            weights.append(np.where(self.grid.links(direction), weight, 0.0))
        return weights

    def uniform_links(self) -> list[Floats]:
        """Link phases of the applied field everywhere."""
        return uniform_field(self.grid, self.applied, REDUCED)

    def field(self, phases: list[Floats]) -> Floats:
        """B of each square in B_c2, shape of the grid (zero where there is no square)."""
        return plaquette_flux(self.grid, phases) / self.grid.cell

    def free_energy(self, psi: Complexes, phases: list[Floats]) -> float:
        """F, Gibbs' energy in the applied field; the uniform state without field has −area/2."""
        n = np.abs(psi) ** 2
        total = float(np.sum(self.points * (0.5 * n**2 - self.condensation * n)))
        for direction in (0, 1):
            step = neighbour(psi, direction, phases[direction]) - psi
            total += float(np.sum(self.links[direction] * np.abs(step) ** 2))
        if self.kappa != np.inf:
            excess = np.where(self._squares, self.field(phases) - self._reference, 0.0)
            total += self.kappa**2 * self.grid.cell * float(np.sum(excess**2))
        return total

    def slopes(self, psi: Complexes, phases: list[Floats]) -> tuple[Complexes, list[Floats]]:
        """∂F/∂ψ* of each point and ∂F/∂φ of each link; those of the links are zero for κ = ∞."""
        by_psi = self.points * (np.abs(psi) ** 2 - self.condensation) * psi
        by_phase = [np.zeros(self.grid.shape), np.zeros(self.grid.shape)]
        for direction in (0, 1):
            weight = self.links[direction]
            ahead = neighbour(psi, direction, phases[direction])
            by_psi = by_psi + weight * (psi - ahead)
            back = weight * np.exp(1j * phases[direction]) * (ahead - psi)
            by_psi = by_psi + np.roll(back, 1, direction)
            by_phase[direction] = -2 * weight * np.imag(psi.conj() * ahead)
        if self.kappa == np.inf:
            return by_psi, [np.zeros(self.grid.shape)] * 2
        excess = 2 * self.kappa**2 * np.where(self._squares, self.field(phases) - self._reference, 0.0)
        by_phase[0] = by_phase[0] + excess - np.roll(excess, 1, 1)
        by_phase[1] = by_phase[1] - excess + np.roll(excess, 1, 0)
        return by_psi, by_phase

    def supercurrent(self, psi: Complexes, phases: list[Floats]) -> list[Floats]:
        """J = Im(ψ*(∇ − iA)ψ)/κ² on the links in B_c2/μ₀ξ; without the 1/κ² for κ = ∞."""
        scale = 1.0 if self.kappa == np.inf else self.kappa**-2.0
        return [
            np.where(
                self.grid.links(d),
                scale * np.imag(psi.conj() * neighbour(psi, d, phases[d])) / self.grid.spacing[d],
                0.0,
            )
            for d in (0, 1)
        ]

    @cached_property
    def _squares(self) -> NDArray[np.bool_]:
        return np.asarray(self.grid.links(0) & self.grid.links(1))

    @property
    def _reference(self) -> float:
        """What B is measured from: b_a, with Gibbs' energy; 0 on a torus, whose flux is given."""
        return 0.0 if self.is_torus else self.applied
