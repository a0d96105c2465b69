"""Gaussian wave packets, and what Ehrenfest's theorem speaks of.

P. Ehrenfest, Z. Phys. 45, 455 (1927). Lengths and momenta are in the units of the carriers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from bdg.arrays import Complexes, Floats
from bdg.theory.macroscopic.carriers import PAIRS, Carriers
from bdg.theory.macroscopic.grid import Grid, Links
from bdg.theory.macroscopic.wave.madelung import density, supercurrent


def wave_packet(grid: Grid, centre: Sequence[float], width: float, wave_vector: Sequence[float]) -> Complexes:
    """Ψ ∝ exp(−(r − r₀)²/4w² + ik·(r − r₀)) with ∫|Ψ|² = 1; |Ψ|² has the standard deviation w each way."""
    offsets = [place - at for place, at in zip(grid.coordinates(), centre, strict=True)]
    distance = sum(offset**2 for offset in offsets)
    angle = sum(k * offset for k, offset in zip(wave_vector, offsets, strict=True))
    psi = np.exp(-distance / (4 * width**2) + 1j * angle)
    return np.asarray(psi / np.sqrt(density(psi).sum() * grid.cell), np.complex128)


def mean_position(grid: Grid, psi: Complexes) -> Floats:
    """⟨r⟩ = ∫ r|Ψ|²/∫|Ψ|², shape ``(dimension,)``."""
    weight = density(psi)
    mean = [np.sum(place * weight) / weight.sum() for place in grid.coordinates()]
    return np.array(mean, np.float64)


def mean_momentum(grid: Grid, psi: Complexes, phases: Links, carriers: Carriers = PAIRS) -> Floats:
    """⟨−iħ∇ − qA⟩ = m∫J/q / ∫|Ψ|², the kinetic momentum, shape ``(dimension,)``."""
    flows = supercurrent(grid, psi, phases, carriers)
    total = np.array([flow.sum() for flow in flows])
    return np.asarray(carriers.mass / carriers.charge * total / density(psi).sum(), np.float64)
