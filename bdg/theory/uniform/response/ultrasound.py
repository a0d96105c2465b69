r"""Sound: longitudinal waves of low frequency lose energy to quasiparticles, with the other coherence factor.

    α_s/α_n = 2 ∫₀^∞ dE (−∂f/∂E) [N² − M²] = 2 f(Δ),                                                   (19)

because N² − M² = 1 above the gap: no peak below T_c where the nuclear rate has one (case I against case II).

J. Bardeen, L. N. Cooper and J. R. Schrieffer, Phys. Rev. 108, 1175 (1957), section IV; R. W. Morse and H. V.
Bohm, Phys. Rev. 108, 1094 (1957). Attenuations are ratios to that of the normal metal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bdg.arrays import Floats
from bdg.theory.uniform.gap import gap_ratio, reduced_gap
from bdg.theory.uniform.thermal import fermi


def attenuation(delta: float, temperature: float) -> float:
    """α_s/α_n = 2f(Δ)."""
    return float(2 * fermi(delta, temperature))


def attenuation_curve(reduced_temperature: ArrayLike) -> Floats:
    """α_s/α_n against T/T_c with the weak-coupling Δ(T)."""
    t = np.asarray(reduced_temperature, float)
    pairs = zip((gap_ratio() / 2 * reduced_gap(t)).ravel(), t.ravel(), strict=True)
    return np.array([attenuation(float(d), float(x)) for d, x in pairs]).reshape(t.shape)
