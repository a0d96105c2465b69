r"""What charge makes of the phase mode: the plasmon, and the mass of the photon.

The Coulomb interaction lifts ω = c q to the plasma frequency, and the same weight D that would have been the
stiffness of the phase screens the magnetic field (Anderson, Phys. Rev. 130, 439 (1963)):

    ω_p² = D e²/ε₀ = ne²/ε₀m,      1/λ² = μ₀ D = ω_p²/c² .                                              (28)
"""

from __future__ import annotations

import numpy as np
from scipy import constants

from bdg.theory.uniform.checks import require_positive
from bdg.theory.uniform.modes.lattice import Fluctuations
from bdg.theory.uniform.response.superfluid import superfluid_weight


def lattice_plasma_frequency(system: Fluctuations, direction: int = 0) -> float:
    """ω_p = √(D e²/ε₀) of a lattice at T = 0, in its units."""
    weight = superfluid_weight(system.state, system.dispersion, system.size, direction=direction)
    return float(np.sqrt(weight * system.coulomb))


def plasma_frequency_si(electron_density: float) -> float:
    """ħω_p in eV of n free electrons per m³."""
    require_positive("the electron density", electron_density, "electrons per m³")
    squared = electron_density * constants.e**2 / (constants.epsilon_0 * constants.m_e)
    return float(constants.hbar * np.sqrt(squared) / constants.e)


def meissner_depth_si(electron_density: float) -> float:
    """λ_L = c/ω_p in nm: a photon of mass ħω_p/c² does not get further."""
    omega = plasma_frequency_si(electron_density) * constants.e / constants.hbar
    return float(constants.c / omega * 1e9)
