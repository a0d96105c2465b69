r"""Cooper's problem: two electrons above a filled Fermi sea, with an attraction in a shell above it.

    1/V = Σ_{k>k_F} 1/(2ξ_k + B)                                                                       (11)

has a bound state, B > 0, for every V > 0, because the sum starts where the density of states is finite:

    B = 2ħω_D/(e^{2/N(0)V} − 1),      ψ(ξ) ∝ 1/(2ξ + B),      √⟨r²⟩ ≈ (2/√3) ħv_F/B .                   (12)

Without the sea, in three dimensions, N(ε) ∝ √ε vanishes at the bottom and V must exceed a threshold
(Cooper, Phys. Rev. 104, 1189 (1956)).

Energies are in the units of the cut-off, lengths in those of ħv_F over energy.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.theory.uniform.checks import require_positive


def cooper_binding(coupling: float, cutoff: float) -> float:
    """B = 2ħω_D/(e^{2/N(0)V} − 1) below 2E_F, for a constant density of states.

    Raises
    ------
    InputError
        If the coupling or the cut-off is not positive.
    """
    require_positive("the coupling", coupling, "it is N(0)V")
    require_positive("the cut-off", cutoff, "it is ħω_D")
    with np.errstate(over="ignore"):
        return float(2 * cutoff / np.expm1(2 / coupling))


def cooper_binding_discrete(energies: ArrayLike, attraction: float) -> float:
    """B of (11) for given levels ξ_k ≥ 0, each of weight 1: how far the pair is below 2E_F.

    Its energy is −B; twice the lowest level exceeds it by B + 2 min ξ_k > 0, so that B is negative where the
    levels begin above the Fermi energy by more than the attraction binds.

    Parameters
    ----------
    energies
        ξ_k of the pair states that are free, from the Fermi energy; shape ``(n,)``.
    attraction
        V between any two of them.

    Raises
    ------
    InputError
        If there are no levels, one is below the Fermi energy, or V is not positive.
    """
    xi = np.sort(np.asarray(energies, float).ravel())
    if not xi.size or xi[0] < 0:
        raise InputError(
            "the pair needs levels at or above the Fermi energy; give at least one, none negative"
        )
    require_positive("the attraction", attraction, "positive values attract")
    above = 2 * (xi - xi[0])

    # The lowest level alone binds by V, all of them at once by n V.
    def excess(log_bound: float) -> float:
        return attraction * float(np.sum(1 / (above + np.exp(log_bound)))) - 1

    low, high = np.log(attraction) - 1e-9, np.log(attraction * xi.size) + 1e-9
    bound = float(np.exp(brentq(excess, low, high, xtol=1e-15)))
    return bound - 2 * float(xi[0])


def pair_amplitude(xi: ArrayLike, binding: float) -> Floats:
    """ψ(ξ) = 1/(2ξ + B) of the bound pair, not normalised."""
    return np.asarray(1 / (2 * np.asarray(xi, float) + binding))


def cooper_pair_size(binding: float, cutoff: float, fermi_velocity: float) -> float:
    r"""√⟨r²⟩ of the pair, from ⟨r²⟩ = Σ|∇_k ψ|²/Σ|ψ|² with ∇_k = ħv_F d/dξ.

        ⟨r²⟩ = (4/3) (ħv_F)² [B⁻³ − (B + 2ħω_D)⁻³]/[B⁻¹ − (B + 2ħω_D)⁻¹] .                          (13)

    Parameters
    ----------
    binding, cutoff
        B and ħω_D.
    fermi_velocity
        ħv_F, energy times length.

    Raises
    ------
    InputError
        If the binding energy is not positive.
    """
    require_positive("the binding energy", binding, "solve for it with cooper_binding")
    end = binding + 2 * cutoff
    ratio = (binding**-3 - end**-3) / (1 / binding - 1 / end)
    return float(fermi_velocity * np.sqrt(4 / 3 * ratio))


def binding_without_sea(attraction: float, cutoff: float, dimension: int, density: float = 1.0) -> float:
    """B of two particles in the vacuum that attract up to an energy; 0 if they do not bind.

    The density of states is ``density``·(ε/cutoff)^{d/2−1}: √ε in 3D, where there is a threshold, constant in
    2D and 1/√ε in 1D, where there is none.

    Raises
    ------
    InputError
        If the dimension is not 1, 2 or 3.
    """
    coupling = attraction * density
    require_positive("the attraction", coupling, "positive values attract")
    if dimension == 3 and coupling <= binding_threshold():
        return 0.0

    def excess(log_b: float) -> float:
        return coupling * _vacuum_sum(float(np.exp(log_b)), dimension) - 1

    low, high = 0.0, 0.0
    while excess(low) < 0:
        low -= 2
        if low < -600:
            return 0.0
    while excess(high) > 0:
        high += 2
    return cutoff * float(np.exp(brentq(excess, low, high, xtol=1e-14)))


def binding_threshold() -> float:
    """N(ε_c)V at which two particles in three dimensions just bind, 1/∫₀¹ √x dx/2x = 1."""
    return 1 / _vacuum_sum(0.0, 3)


def _vacuum_sum(b: float, dimension: int) -> float:
    """∫₀¹ x^{d/2−1} dx/(2x + b), in closed form."""
    root = np.sqrt(b / 2)
    if dimension == 3:
        return float(1 - root * np.arctan2(1.0, root))
    if dimension == 2:
        return float(0.5 * np.log1p(2 / b))
    if dimension == 1:
        return float(np.arctan2(1.0, root) / root)
    raise InputError(f"there is no dimension {dimension} here; use 1, 2 or 3")
