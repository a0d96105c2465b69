"""London's penetration depth, its dependence on temperature, and what follows from it for films and at
frequencies.

F. and H. London, Proc. R. Soc. Lond. A 149, 71 (1935); C. J. Gorter and H. Casimir, Physica 1, 306 (1934).
Quantities are in the units of the carriers, ħ = e = m_e = 1 or SI.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.theory.macroscopic.carriers import PAIRS, Carriers, positive


def london_parameter(density: ArrayLike, carriers: Carriers = PAIRS) -> Floats:
    """Λ = m/(n_s q²), the inertia of the superelectrons per charge: E = ∂(ΛJ)/∂t, ∇×(ΛJ) = −B.

    Parameters
    ----------
    density
        n_s > 0, carriers a volume, any shape; in SI units 1/m³.
    carriers
        Their charge and mass.

    Returns
    -------
    ndarray
        Shape of ``density``; in SI units Ω s m.
    """
    return carriers.mass / (_density(density) * carriers.charge**2)


def london_depth(density: ArrayLike, carriers: Carriers = PAIRS) -> Floats:
    """λ_L = √(Λ/μ₀) = √(m/(μ₀ n_s q²)), a length; in SI units m.

    The same for electrons (n, m_e, e) and for their pairs (n/2, 2m_e, 2e). Parameters as for
    :func:`london_parameter`.
    """
    depth: Floats = np.sqrt(london_parameter(density, carriers) / carriers.mu0)
    return depth


def superfluid_density(depth: ArrayLike, carriers: Carriers = PAIRS) -> Floats:
    """n_s = m/(μ₀ q² λ²), what :func:`london_depth` makes a depth of; λ = ∞ gives none."""
    with np.errstate(divide="ignore"):
        density: Floats = carriers.mass / (
            carriers.mu0 * carriers.charge**2 * np.asarray(depth, np.float64) ** 2
        )
    return density


def _density(density: ArrayLike) -> Floats:
    values = np.asarray(density, np.float64)
    if not np.all(values > 0):
        raise InputError(f"a density of carriers of {values.min()} has no penetration depth; give n_s > 0")
    return values


def two_fluid_fraction(temperature: ArrayLike, critical_temperature: float) -> Floats:
    """n_s(T)/n_s(0) = 1 − (T/T_c)⁴ of the two-fluid model of Gorter and Casimir, zero above T_c.

    Parameters
    ----------
    temperature, critical_temperature
        In the same units.
    """
    share = np.asarray(temperature, np.float64) / positive("critical_temperature", critical_temperature)
    if np.any(share < 0):
        raise InputError(f"a temperature of {np.min(temperature)} is below zero; give T ≥ 0")
    return np.clip(1 - share**4, 0.0, None)


def two_fluid_depth(depth_at_zero: float, temperature: ArrayLike, critical_temperature: float) -> Floats:
    """λ(T) = λ(0)/√(1 − (T/T_c)⁴), infinite from T_c on; in the units of ``depth_at_zero``."""
    with np.errstate(divide="ignore"):
        depth: Floats = depth_at_zero / np.sqrt(two_fluid_fraction(temperature, critical_temperature))
    return depth


def pearl_length(depth: ArrayLike, thickness: ArrayLike) -> Floats:
    """Λ_P = 2λ²/d, the length over which a film of thickness d ≪ λ screens a perpendicular field."""
    return 2 * np.asarray(depth, np.float64) ** 2 / np.asarray(thickness, np.float64)


def kinetic_inductance(depth: ArrayLike, thickness: ArrayLike, carriers: Carriers = PAIRS) -> Floats:
    """L_□ = μ₀ λ coth(d/λ), inductance a square of a film that carries a current on one face.

    μ₀λ for a thick film, μ₀λ²/d = μ₀Λ_P/2 for a thin one; in SI units H.
    """
    length = np.asarray(depth, np.float64)
    return carriers.mu0 * length / np.tanh(np.asarray(thickness, np.float64) / length)


def complex_conductivity(
    frequency: ArrayLike, depth: float, normal: ArrayLike = 0.0, carriers: Carriers = PAIRS
) -> NDArray[np.complex128]:
    """σ(ω) = σ_n + i/(ωΛ), Λ = μ₀λ², of the two fluids side by side for fields ∝ e^{−iωt}.

    The imaginary part is London's first equation, E = −iωΛJ.

    Parameters
    ----------
    frequency
        Angular frequencies ω > 0.
    depth
        λ.
    normal
        σ_n, the conductivity of the normal fluid.
    """
    omega = np.asarray(frequency, np.complex128)
    sigma: NDArray[np.complex128] = np.asarray(normal) + 1j / (omega * carriers.mu0 * depth**2)
    return sigma


def skin_depth(
    frequency: ArrayLike, depth: float, normal: ArrayLike = 0.0, carriers: Carriers = PAIRS
) -> NDArray[np.complex128]:
    """Complex depth 1/√(−iωμ₀σ): fields fall as e^{−x/depth}; λ as ω → 0, (1 + i)/√(2ωμ₀σ_n) without
    superelectrons.

    Parameters as for :func:`complex_conductivity`; displacement currents are left out.
    """
    sigma = complex_conductivity(frequency, depth, normal, carriers)
    squared = -1j * np.asarray(frequency) * carriers.mu0 * sigma
    return np.asarray(squared**-0.5, np.complex128)
