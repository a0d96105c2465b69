r"""Thermodynamics of a uniform superconductor: derivatives of one function.

    Ω(T, μ, Δ) = Σ_k w_k [ξ_k − 2T ln 2cosh(E_k/2T)] + z Δ²/V                                          (6)

is stationary in Δ at the solution of the gap equation. Entropy and density are its first derivatives, at
constant Δ; the specific heat is a second one in which Δ (and at fixed filling μ) follows the temperature,

    C = −T [Ω_TT − Ω_Ty (Ω_yy)⁻¹ Ω_yT],      y = (Δ²) at fixed μ, (Δ², μ) at fixed filling.             (7)

All of it is analytic in Δ², so that at T_c itself (7) with Δ = 0 is the superconducting side, and the jump
needs no limit.

J. Bardeen, L. N. Cooper and J. R. Schrieffer, Phys. Rev. 108, 1175 (1957), section III. Energies are in the
units of the band, those of a site where it is a lattice's; entropies in k_B.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.theory.uniform.gap.critical import normal_mu
from bdg.theory.uniform.gap.solution import Uniform
from bdg.theory.uniform.thermal import (
    level_entropy,
    pair_susceptibility,
    pair_susceptibility_slope,
    sech_squared,
)

Fixed = Literal["mu", "filling"]


def grand_potential(state: Uniform) -> float:
    """Ω of (6)."""
    xi, levels = state.band.xi(state.mu), _levels(state)
    each = xi - levels - 2 * _thermal(levels, state.temperature)
    constant = state.band.multiplicity * state.delta**2 / state.attraction
    return float(np.sum(state.band.weight * each) + constant)


def free_energy(state: Uniform) -> float:
    """F = Ω + μn, which decides at fixed filling."""
    return grand_potential(state) + state.mu * state.density


def entropy(state: Uniform) -> float:
    """S = −∂Ω/∂T = 2 Σ_k w_k [ln(1 + e^{−E/T}) + (E/T) f(E)]."""
    return float(np.sum(state.band.weight * level_entropy(_levels(state), state.temperature)))


def specific_heat(state: Uniform, fixed: Fixed = "mu", *, ordered: bool | None = None) -> float:
    """C = T dS/dT of (7), at fixed chemical potential or filling.

    Parameters
    ----------
    state
        At T > 0; at T = 0 the result is 0.
    fixed
        What does not change with T.
    ordered
        Whether Δ follows the temperature; by default where Δ > 0. ``True`` at Δ = 0 is meant for T = T_c:
        the superconducting side of the jump.

    Raises
    ------
    InputError
        If ``fixed`` is neither of the two.
    """
    if fixed not in ("mu", "filling"):
        raise InputError(f"unknown condition {fixed!r}; use mu or filling")
    if state.temperature == 0:
        return 0.0
    follows = (state.delta > 0 if ordered is None else ordered, fixed == "filling")
    keep = [n for n, follow in enumerate(follows) if follow]
    hessian = _hessian(state)
    inner, mixed = hessian[np.ix_(keep, keep)], hessian[keep, 2]
    relaxed = float(mixed @ np.linalg.solve(inner, mixed)) if keep else 0.0
    return float(-state.temperature * (hessian[2, 2] - relaxed))


def specific_heat_jump(state: Uniform, fixed: Fixed = "mu") -> float:
    """(C_s − C_n)/C_n of the normal state at T_c; 12/7ζ(3) = 1.42613… in weak coupling."""
    normal = specific_heat(state.normal, fixed)
    return specific_heat(state.normal, fixed, ordered=True) / normal - 1


def condensation_energy(state: Uniform) -> float:
    """Ω_n − Ω_s at the same μ and T, level by level so that the large band energies cancel first.

    ½ N(0) Δ₀² at T = 0 in weak coupling. With 1/V from the gap equation, each level gives
    |ξ| … E: Δ²φ²/(|ξ| + E) − Δ²φ² tanh(E/2T)/2E + 2T ln[(1 + e^{−E/T})/(1 + e^{−|ξ|/T})].
    """
    levels, t = _levels(state), state.temperature
    xi, paired = np.abs(state.band.xi(state.mu)), (state.delta * state.band.form) ** 2
    if state.delta == 0:
        return 0.0
    chi = pair_susceptibility(np.maximum(levels, np.finfo(float).tiny ** 0.5), t)
    gained = paired * (1 / np.maximum(xi + levels, np.finfo(float).tiny) - chi)
    gained += 2 * (_thermal(levels, t) - _thermal(xi, t))
    return float(np.sum(state.band.weight * gained))


def free_energy_gain(state: Uniform) -> float:
    """F_n − F_s at the same filling and T > 0, each with its own μ: the condensation energy of a metal."""
    mu = normal_mu(state.band, state.temperature, state.density)
    return free_energy(replace(state, mu=mu, delta=0.0)) - free_energy(state)


def compressibility(state: Uniform) -> float:
    """∂n/∂μ at constant T, Δ following."""
    hessian = _hessian(state)
    relaxed = hessian[0, 1] ** 2 / hessian[0, 0] if state.delta > 0 else 0.0
    return float(relaxed - hessian[1, 1])


def critical_field(state: Uniform, mu0: float = 1.0) -> float:
    """H_c, or rather B_c = √(2μ₀ (Ω_n − Ω_s)), with Ω per volume."""
    return float(np.sqrt(2 * mu0 * max(condensation_energy(state), 0.0)))


def deviation_function(reduced_field: Floats, reduced_temperature: Floats) -> Floats:
    """D(t) = H_c(T)/H_c(0) − (1 − t²), the departure from the parabola; −0.037 at its deepest in BCS."""
    return np.asarray(reduced_field - (1 - reduced_temperature**2))


def normal_specific_heat(density: float, temperature: float) -> float:
    """γT = (2π²/3) N(0) T of a normal metal with N(0) states per energy and spin."""
    return float(2 * np.pi**2 / 3 * density * temperature)


def _levels(state: Uniform) -> Floats:
    return state.band.excitation(state.delta, state.mu)


def _thermal(levels: Floats, temperature: float) -> Floats:
    """T ln(1 + e^{−E/T}), nothing at T = 0."""
    if temperature == 0:
        return np.zeros_like(levels)
    return np.asarray(temperature * np.log1p(np.exp(-levels / temperature)))


def _hessian(state: Uniform) -> Floats:
    """Second derivatives of Ω in (Δ², μ, T), from those of a level in (E², T)."""
    band, t = state.band, state.temperature
    xi, levels, squared = band.xi(state.mu), _levels(state), band.form**2
    chi, slope = pair_susceptibility(levels, t), pair_susceptibility_slope(levels, t)
    warm = sech_squared(levels / (2 * t)) / (4 * t**2) if t else np.zeros_like(levels)  # −∂χ/∂T
    delta_delta = -squared * squared * slope
    delta_mu = 2 * xi * squared * slope
    mu_mu = -2 * chi - 4 * xi * xi * slope
    delta_t, mu_t, t_t = squared * warm, -2 * xi * warm, -2 * levels**2 * warm / (t or 1.0)
    rows = [[delta_delta, delta_mu, delta_t], [delta_mu, mu_mu, mu_t], [delta_t, mu_t, t_t]]
    return np.array([[float(np.sum(band.weight * entry)) for entry in row] for row in rows])
