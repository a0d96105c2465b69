r"""How much of the electrons is superfluid, and how far a magnetic field reaches.

    Y(T) = ∫ dξ (−∂f/∂E),    n_s/n = 1 − Y(T)  (clean),    n_s ∝ (Δ/Δ₀) tanh(Δ/2T)  (dirty),            (20)
    λ_L(T) = λ_L(0)/√(n_s/n).

On a lattice the superfluid weight D = ∂²Ω/∂A² per site, j = −D A, is the response of the band's curvature
less that of quasiparticles, with q = −1:

    D = Σ_k w_k [∂²ε/∂k_x² n_k − 2 (∂ε/∂k_x)² (−∂f/∂E_k)] .                                             (21)

K. Yosida, Phys. Rev. 110, 769 (1958); M. Tinkham, *Introduction to Superconductivity* (1996), chapter 3.
Fractions and ratios of lengths are numbers; D is in e² t a²/ħ².
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from bdg.arrays import Floats
from bdg.theory.uniform.band import panels
from bdg.theory.uniform.gap import gap_ratio, reduced_gap
from bdg.theory.uniform.gap.solution import Uniform
from bdg.theory.uniform.lattices import Dispersion, momenta
from bdg.theory.uniform.thermal import fermi_slope, pair_susceptibility


def yosida(delta: float, temperature: float) -> float:
    """Y(T) = ∫_{−∞}^∞ dξ (−∂f/∂E): 1 in the normal metal, e^{−Δ/T} in the cold."""
    if temperature == 0:
        return 0.0 if delta else 1.0
    # ξ = T sinh x: the trapezoid rule, as in bdg.theory.uniform.gap.weak.
    x = np.arange(0.0, np.arcsinh(800.0), 0.1)
    xi = temperature * np.sinh(x)
    values = fermi_slope(np.hypot(xi, delta), temperature) * temperature * np.cosh(x)
    return float(0.2 * (values.sum() - 0.5 * values[0]))


def superfluid_fraction(delta: float, temperature: float) -> float:
    """n_s/n = 1 − Y(T) of a clean metal."""
    return 1 - yosida(delta, temperature)


def dirty_fraction(delta: float, temperature: float, ground: float) -> float:
    """n_s(T)/n_s(0) = (Δ/Δ₀) tanh(Δ/2T) where scattering is strong."""
    return float(delta / ground * (np.tanh(delta / (2 * temperature)) if temperature else 1.0))


def superfluid_curve(reduced_temperature: ArrayLike, *, dirty: bool = False) -> Floats:
    """n_s(T)/n_s(0) against T/T_c with the weak-coupling Δ(T)."""
    t, ground = np.asarray(reduced_temperature, float), gap_ratio() / 2
    pairs = zip((ground * reduced_gap(t)).ravel(), t.ravel(), strict=True)
    found = [
        dirty_fraction(float(d), float(x), ground) if dirty else superfluid_fraction(float(d), float(x))
        for d, x in pairs
    ]
    return np.array(found).reshape(t.shape)


def penetration_depth_ratio(fraction: ArrayLike) -> Floats:
    """λ_L(T)/λ_L(0) = 1/√(n_s/n), infinite where nothing is superfluid."""
    with np.errstate(divide="ignore"):
        return np.asarray(1 / np.sqrt(np.asarray(fraction, float)))


def d_wave_fraction(delta: float, temperature: float) -> float:
    """n_s/n = 1 − ⟨Y(Δ cos 2θ, T)⟩ of a d-wave gap: linear in T, 1 − 2 ln2 T/Δ, where s-wave is flat."""
    angle, weight = panels(np.geomspace(1e-5, np.pi / 4, 40))  # from a node to an antinode
    gaps = delta * np.sin(2 * angle)
    average = sum(w * yosida(float(g), temperature) for g, w in zip(gaps, weight, strict=True))
    return float(1 - average / (np.pi / 4))


def superfluid_weight(
    state: Uniform, dispersion: Dispersion, size: Sequence[int], twist: ArrayLike = 0.0, direction: int = 0
) -> float:
    """D of (21) per site, along a lattice vector, for a state on the momenta of that size and twist.

    Parameters
    ----------
    state
        From :func:`bdg.theory.uniform.gap.solve` with the band of the same dispersion, size and twist.
    dispersion, size, twist
        What the band was made of.
    direction
        Which lattice vector.
    """
    kappa, band = momenta(size, twist), state.band
    xi, levels = band.xi(state.mu), band.excitation(state.delta, state.mu)
    chi = pair_susceptibility(np.maximum(levels, np.finfo(float).tiny ** 0.5), state.temperature)
    curved = dispersion.curvature(kappa, direction) * (1 - 2 * xi * chi)
    lost = np.zeros_like(levels)
    if state.temperature > 0:
        lost = 2 * dispersion.velocity(kappa, direction) ** 2 * fermi_slope(levels, state.temperature)
    return float(np.sum(band.weight * (curved - lost)))
