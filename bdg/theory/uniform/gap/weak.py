r"""The weak-coupling limit, where only T/T_c and Δ/Δ(0) are left and every material is the same.

With ξ = Δ sinh x the gap equation of a constant density of states is

    ln(Δ₀/Δ) = 2 ∫₀^∞ f(Δ cosh x) dx ,                                                                 (2)

an integral over the whole axis of an even function that is analytic within π/2 of it for every Δ and T: the
trapezoid rule with step h errs by e^{−π²/h} only.

J. Bardeen, L. N. Cooper and J. R. Schrieffer, Phys. Rev. 108, 1175 (1957). T is in units of T_c and Δ of
Δ(0), or both in the units of the cut-off.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from bdg.arrays import Floats
from bdg.theory.uniform.thermal import fermi

_STEP = 0.25
"""Of the trapezoid rule: e^{−π²/h} = 7e-18."""


def log_suppression(delta: float, temperature: float) -> float:
    """ln(Δ₀/Δ) = 2 ∫₀^∞ f(Δ cosh x) dx, for Δ, T > 0 in the same units."""
    end = np.arccosh(max(1.0, 750 * temperature / delta)) + _STEP
    x = np.arange(0.0, end + _STEP, _STEP)
    values = fermi(delta * np.cosh(x), temperature)
    return 2 * _STEP * float(values.sum() - 0.5 * values[0])


def gap_ratio() -> float:
    """2Δ₀/T_c = 2π e^{−γ} = 3.5277…, as the limit Δ → 0 of (2), where T is T_c.

    The next order is (Δ/T)², so that Δ = 1e-8 T is the limit to rounding.
    """
    delta = 1e-8
    return 2 * delta * float(np.exp(log_suppression(delta, 1.0)))


def reduced_gap(reduced_temperature: ArrayLike) -> Floats:
    """Δ(T)/Δ₀ at T/T_c, zero from 1 on; the table of Mühlschlegel, Z. Phys. 155, 313 (1959)."""
    t = np.asarray(reduced_temperature, float)
    half_ratio = gap_ratio() / 2  # Δ₀ in units of T_c
    flat = [_reduced_gap(float(value), half_ratio) for value in t.ravel()]
    return np.array(flat).reshape(t.shape)


def _reduced_gap(t: float, half_ratio: float) -> float:
    if t >= 1:
        return 0.0
    if t < 0.02:  # e^{−Δ₀/T} is below 1e-38
        return 1.0

    def excess(log_gap: float) -> float:
        return log_gap + log_suppression(float(np.exp(log_gap)), t / half_ratio)

    return float(np.exp(brentq(excess, -25.0, 0.0, xtol=1e-15)))


def zero_temperature_gap(coupling: float, cutoff: float) -> float:
    """Δ₀ = ħω_D / sinh(1/N(0)V), exact at every coupling for a constant density of states."""
    return float(cutoff / np.sinh(1 / coupling))


def weak_critical_temperature(coupling: float, cutoff: float) -> float:
    """T_c = (2e^γ/π) ħω_D e^{−1/N(0)V} = 1.1339 ħω_D e^{−1/N(0)V}, at weak coupling."""
    return float(2 * np.exp(np.euler_gamma) / np.pi * cutoff * np.exp(-1 / coupling))
