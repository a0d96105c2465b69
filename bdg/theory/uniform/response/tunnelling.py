r"""Tunnelling between a normal metal and a superconductor (NIS), and between two superconductors (SIS).

    I = (G_n/e) ∫ N₁(E) N₂(E + eV) [f(E) − f(E + eV)] dE,                                              (17)

N the density of states over that of the normal metal, with Dynes's Γ if wanted. V in energy (eV), I in G_n/e
times energy. For NIS at T = 0, I = √(V² − Δ²); for SIS I jumps by (π/2)√(Δ₁Δ₂) at V = Δ₁ + Δ₂.

I. Giaever and K. Megerle, Phys. Rev. 122, 1101 (1961); R. C. Dynes, V. Narayanamurti and J. P. Garno, Phys.
Rev. Lett. 41, 1509 (1978).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from bdg.arrays import Floats
from bdg.theory.uniform.checks import require_temperature
from bdg.theory.uniform.quadrature import Grid, Root, graded, separation
from bdg.theory.uniform.quasiparticles import density_of_states
from bdg.theory.uniform.thermal import fermi_slope, fermi_step

_REACH = 45.0
"""How many T above the last edge an integral ends; f is e^−45 there."""


def nis_current(voltage: ArrayLike, delta: float, temperature: float, broadening: float = 0.0) -> Floats:
    """I(V) from a normal metal, ∫ N_s(E) [f(E − V) − f(E)] dE.

    Parameters
    ----------
    voltage
        eV, any shape.
    delta, temperature, broadening
        Δ ≥ 0, T ≥ 0 and Dynes's Γ ≥ 0, in the same units.
    """
    return _each(voltage, lambda v: _current(v, 0.0, delta, temperature, 0.0, broadening))


def nis_conductance(voltage: ArrayLike, delta: float, temperature: float, broadening: float = 0.0) -> Floats:
    """dI/dV over G_n, ∫ N_s(E) (−f′(E − V)) dE: N_s(V) itself at T = 0.

    Raises
    ------
    InputError
        If the temperature is negative.
    """
    require_temperature(temperature)
    if temperature == 0:
        return density_of_states(voltage, delta, broadening)

    side = _Side(delta, broadening)

    def at(v: float) -> float:
        reach = _REACH * temperature
        grid = graded((v, *side.edges), side.finest(temperature), v - reach, v + reach, side.roots)
        slope = fermi_slope(grid.points - v, temperature)
        return float(np.sum(grid.weights * side.density(grid) * slope))

    return _each(voltage, at)


def sis_current(
    voltage: ArrayLike,
    deltas: tuple[float, float],
    temperature: float,
    broadenings: tuple[float, float] = (0.0, 0.0),
) -> Floats:
    """I(V) of single electrons between two superconductors, (17).

    Without Γ and for T > 0 it has the logarithm of Hebel and Slichter at V = |Δ₁ − Δ₂|, where it is infinite;
    with equal gaps dI/dV is at V → 0. At Δ₁ + Δ₂ itself it is the value below the jump.

    Parameters
    ----------
    voltage
        eV, any shape.
    deltas, temperature, broadenings
        Δ₁, Δ₂, T and Γ₁, Γ₂.
    """
    (d1, d2), (g1, g2) = deltas, broadenings
    return _each(voltage, lambda v: _current(v, d1, d2, temperature, g1, g2))


@dataclass(frozen=True)
class _Side:
    """One electrode: Δ, Γ, and V where its own energy is E + V."""

    delta: float
    broadening: float
    voltage: float = 0.0

    @property
    def roots(self) -> list[Root]:
        """−Δ and Δ, where N has inverse square roots: nowhere with Γ, or without Δ."""
        if not self.delta or self.broadening:
            return []
        return [(sign * self.delta, -self.voltage) for sign in (-1, 1)]

    @property
    def edges(self) -> list[float]:
        """The same places, where N is smooth on the scale of Γ."""
        return [sign * self.delta - self.voltage for sign in (-1, 1)] if self.broadening else []

    def finest(self, *others: float) -> float:
        """The smallest scale of N and of others that are not zero, halved."""
        return 0.5 * min(x for x in (self.broadening, 1e-2 * self.delta, *others) if x > 0)

    def density(self, grid: Grid) -> Floats:
        """N over that of the normal metal, from the distances to Δ and −Δ."""
        if not self.roots:
            return density_of_states(grid.points + self.voltage, self.delta, self.broadening)
        below, above = (grid.from_root(root) for root in self.roots)
        squared = below * above
        root = np.sqrt(np.where(squared > 0, squared, 1.0))
        return np.asarray(np.where(squared > 0, np.abs(above + self.delta) / root, 0.0))


def _current(v: float, d1: float, d2: float, t: float, g1: float, g2: float) -> float:
    """(17) with E of the first side; odd in V."""
    require_temperature(t)
    if v == 0:
        return 0.0
    if v < 0:
        return -_current(-v, d1, d2, t, g1, g2)
    sides = _Side(d1, g1), _Side(d2, g2, v)
    if t > 0 and any(separation(a, b) == 0 for a, b in zip(sides[0].roots, sides[1].roots, strict=False)):
        return math.inf
    reach = _REACH * t + (d1 + d2) * (t > 0)
    roots, edges = sides[0].roots + sides[1].roots, sides[0].edges + sides[1].edges
    grid = graded(
        [0.0, -v, *edges], min(side.finest(t, 1e-2 * v) for side in sides), -v - reach, reach, roots
    )
    thermal = fermi_step(grid.points, v, t) if t else 1.0
    return float(np.sum(grid.weights * sides[0].density(grid) * sides[1].density(grid) * thermal))


def _each(values: ArrayLike, function: Callable[[float], float]) -> Floats:
    array = np.asarray(values, float)
    return np.array([function(float(v)) for v in array.ravel()]).reshape(array.shape)
