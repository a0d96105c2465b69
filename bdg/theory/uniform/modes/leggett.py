r"""Leggett's mode: the phases of two bands swing against each other (Prog. Theor. Phys. 36, 901 (1966)).

At q = 0 and T = 0 the phases θ_i obey Σ_j M_ij θ_j = 0 with, K = V⁻¹ and Δ_i ≪ ħω_D the gaps of the two
bands,

    M_ij = K_ij Δ_iΔ_j − δ_ij [Σ_l K_il Δ_iΔ_l + N_i (ω²/4) F(ω/2Δ_i)],                                 (26)

whose determinant vanishes at ω = 0 (both together: Anderson and Bogoliubov) and, if K₁₂Δ₁Δ₂ < 0, at

    ω_L² ≈ 4 |K₁₂| Δ₁Δ₂ (N₁ + N₂)/N₁N₂    for ω_L ≪ 2Δ.                                                  (27)

Energies are in the units of the gaps.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.theory.uniform.gap.two_band import TwoBands, two_band_gaps
from bdg.theory.uniform.modes.continuum import kernel


def leggett_matrix(bands: TwoBands, omega: float, gaps: Floats | None = None) -> Floats:
    """M of (26), for the phases at frequency ω < 2 min |Δ_i|."""
    gaps = two_band_gaps(bands) if gaps is None else gaps
    joined = np.linalg.inv(bands.coupling) * np.outer(gaps, gaps)
    inertia = bands.density * omega**2 / 4 * kernel(omega**2 / (4 * gaps**2))
    return np.asarray(joined - np.diag(joined.sum(axis=1) + inertia))


def leggett_frequency(bands: TwoBands) -> float:
    """ω_L at T = 0, below the smaller gap.

    Raises
    ------
    InputError
        If the bands are not coupled, or pairing between them is so strong that the mode is not below 2Δ or
        does not exist at all (det V ≤ 0).
    """
    v = bands.coupling
    if v[0, 1] == 0:
        raise InputError("the two bands are not coupled: their phases do not feel each other; give V_12")
    if np.linalg.det(v) <= 0:
        raise InputError("pairing comes from between the bands (det V ≤ 0) and has no such mode; lower V_12")
    gaps = two_band_gaps(bands)
    edge = 2 * float(np.abs(gaps).min())

    def excess(omega: float) -> float:
        # the zero at ω = 0, of both phases together, is divided out
        return float(np.linalg.det(leggett_matrix(bands, omega, gaps))) / omega**2

    low, high = 1e-4 * edge, edge * (1 - 1e-9)
    if excess(low) * excess(high) > 0:
        raise InputError("the mode of these bands lies above the smaller gap and is damped; lower V_12")
    return float(brentq(excess, low, high, xtol=1e-13 * edge))


def leggett_estimate(bands: TwoBands) -> float:
    """(27), right for ω_L ≪ 2Δ."""
    gaps, k = two_band_gaps(bands), np.linalg.inv(bands.coupling)[0, 1]
    n = bands.density
    return float(np.sqrt(4 * abs(k * gaps[0] * gaps[1]) * n.sum() / (n[0] * n[1])))
