r"""Conductivity of a dirty superconductor (Mattis and Bardeen, Phys. Rev. 111, 412 (1958)).

    σ₁/σ_n = (2/ω) ∫_Δ^∞ [f(E) − f(E + ω)] g dE + (1/ω) ∫_{Δ−ω}^{−Δ} [1 − 2f(E + ω)] g dE,
    σ₂/σ_n = (1/ω) ∫_{max(Δ−ω, −Δ)}^Δ [1 − 2f(E + ω)] g dE,                                            (22)
    g = [E(E + ω) + Δ²] / √|E² − Δ²| √|(E + ω)² − Δ²|,  in the second integral its absolute value.

At T = 0 nothing is absorbed below 2Δ; σ₂ → (πΔ/ω) tanh(Δ/2T) as ω → 0 is the superfluid. What σ₁ loses below
2Δ stands in a δ function at ω = 0 of weight (π²/2) Δ tanh(Δ/2T) (Ferrell, Glover and Tinkham).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bdg.arrays import Floats
from bdg.theory.uniform.band import panels
from bdg.theory.uniform.checks import require_positive, require_temperature
from bdg.theory.uniform.quadrature import graded
from bdg.theory.uniform.thermal import fermi, fermi_step

_REACH = 45.0


def conductivity(frequency: ArrayLike, delta: float, temperature: float) -> tuple[Floats, Floats]:
    """σ₁/σ_n and σ₂/σ_n of (22).

    Parameters
    ----------
    frequency
        ħω > 0, any shape.
    delta, temperature
        Δ ≥ 0 and T ≥ 0, in the same units.

    Raises
    ------
    InputError
        If a frequency is not positive or the temperature negative.
    """
    require_temperature(temperature)
    omega = np.asarray(frequency, float)
    require_positive("the frequency", float(omega.min(initial=1.0)), "at 0 there is a δ function")
    if delta == 0:
        return np.ones(omega.shape), np.zeros(omega.shape)
    first = [_thermal(w, delta, temperature) + _breaking(w, delta, temperature) for w in omega.ravel()]
    second = [_reactive(w, delta, temperature) for w in omega.ravel()]
    return np.array(first).reshape(omega.shape), np.array(second).reshape(omega.shape)


def superfluid_strength(delta: float, temperature: float) -> float:
    """π Δ tanh(Δ/2T), the limit of ω σ₂/σ_n: 1/μ₀λ² of a dirty metal over σ_n."""
    return float(np.pi * delta * (np.tanh(delta / (2 * temperature)) if temperature else 1.0))


def _thermal(omega: float, delta: float, temperature: float) -> float:
    """Absorption by quasiparticles that are there, over x = E − Δ."""
    if temperature == 0:
        return 0.0
    finest = min(0.3 * omega, 0.3 * temperature, 0.03 * delta)
    grid = graded((), finest, 0.0, delta + _REACH * temperature, ((0.0,),))
    x, dx = grid.points, grid.weights
    roots = np.sqrt(x * (x + 2 * delta) * (x + omega) * (x + omega + 2 * delta))
    e = delta + x
    step = fermi_step(e, omega, temperature)
    return float(2 / omega * np.sum(dx * step * (e * (e + omega) + delta**2) / roots))


def _breaking(omega: float, delta: float, temperature: float) -> float:
    """Absorption by breaking a pair, from 2Δ on."""
    if omega <= 2 * delta:
        return 0.0
    width = omega - 2 * delta
    x, angle = _between_roots(width)  # x = E − (Δ − ω); the other factors stay away from zero
    e = delta - omega + x
    rest = np.sqrt((delta - e) * (x + 2 * delta))
    occupied = 1 - 2 * fermi(delta + x, temperature)
    return float(np.sum(angle * occupied * np.abs(e * (e + omega) + delta**2) / rest) / omega)


def _reactive(omega: float, delta: float, temperature: float) -> float:
    """Two of the four roots are ends of the interval; a third comes near one of them as ω → 2Δ."""
    gap = abs(omega - 2 * delta)
    width = omega if omega < 2 * delta else 2 * delta
    x, angle = _between_roots(width)  # from the lower end, Δ − ω or −Δ
    low = delta - width
    e = low + x
    near = x + gap if gap else np.maximum(x, np.finfo(float).tiny)
    rest = np.sqrt(near * (e + omega + delta))
    occupied = 1 - 2 * fermi(e + omega, temperature)
    return float(np.sum(angle * occupied * (e * (e + omega) + delta**2) / rest) / omega)


def _between_roots(width: float) -> tuple[Floats, Floats]:
    """Points x = w sin²φ from 0 to w, and dx/√(x(w − x)) = 2dφ, fine towards both ends."""
    half = np.concatenate([[0.0], np.geomspace(1e-7, np.pi / 4, 24)])
    phi, dphi = panels(np.concatenate([half, np.pi / 2 - half[-2::-1]]))
    return width * np.sin(phi) ** 2, 2 * dphi
