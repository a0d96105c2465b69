r"""How large a pair is, and how many share its room.

ξ₀ = ħv_F/πΔ₀,      ⟨r²⟩ = Σ|∇_k (u_k v_k)|²/Σ|u_k v_k|² = (ħv_F)²/8Δ² (weak coupling)               (16)
"""

from __future__ import annotations

import numpy as np
from scipy import constants

from bdg.theory.uniform.checks import require_positive


def coherence_length(fermi_velocity: float, delta: float) -> float:
    """ξ₀ = ħv_F/πΔ₀ for ħv_F in energy times length."""
    require_positive("the Fermi velocity", fermi_velocity, "it is ħv_F, energy times length")
    require_positive("the gap", delta, "the pair of a normal metal has no size")
    return fermi_velocity / (np.pi * delta)


def coherence_length_si(fermi_velocity: float, delta_mev: float) -> float:
    """ξ₀ in nm from v_F in m/s and Δ₀ in meV."""
    hbar_v = constants.hbar * fermi_velocity / constants.e * 1e3 * 1e9  # meV nm
    return float(coherence_length(hbar_v, delta_mev))


def pair_radius(fermi_velocity: float, delta: float) -> float:
    """√⟨r²⟩ = ħv_F/(2√2 Δ) of F(r) = Σ_k u_k v_k e^{ikr}, 1.11 ξ₀, for ħv_F in energy times length."""
    return float(np.pi / (2 * np.sqrt(2)) * coherence_length(fermi_velocity, delta))


def overlapping_pairs(electron_density: float, length: float) -> float:
    """Pairs, n/2 of them, whose centre lies within a sphere of radius ξ.

    Counts every electron as paired, as the ground state does: 10¹² in aluminium. Those within Δ of the Fermi
    surface, whose state differs from the normal one, are fewer by about Δ/E_F.

    Parameters
    ----------
    electron_density, length
        n and ξ in matching units.
    """
    require_positive("the electron density", electron_density, "count the conduction electrons")
    require_positive("the length", length, "use the coherence length")
    return float(electron_density / 2 * 4 * np.pi / 3 * length**3)
