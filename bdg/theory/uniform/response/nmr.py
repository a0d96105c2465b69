r"""Nuclear relaxation and the Knight shift: what the spins of the quasiparticles do to a nucleus.

    R_s/R_n = 2 ∫₀^∞ dE (−∂f/∂E) [N(E)² + M(E)²],   N = Re E/√(E² − Δ²),   M = Re Δ/√(E² − Δ²)          (18)

The coherence factor adds: below T_c the rate first rises (Hebel and Slichter, Phys. Rev. 113, 1504 (1959)).
The integral diverges at the gap's edge as a logarithm, which anything cuts off: the lifetime of
quasiparticles (Dynes's Γ), the anisotropy of the gap, the nuclear frequency. The Knight shift
is K_s/K_n = Y(T), the Yosida function: singlets have no spin.

Δ and T are in one unit of energy, the rates ratios to those of the normal metal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.theory.uniform.checks import require_positive
from bdg.theory.uniform.gap import gap_ratio, reduced_gap
from bdg.theory.uniform.quadrature import Root, graded
from bdg.theory.uniform.response.superfluid import yosida
from bdg.theory.uniform.thermal import fermi_slope, fermi_step

_REACH = 45.0


def relaxation_rate(
    delta: float,
    temperature: float,
    *,
    broadening: float = 0.0,
    anisotropy: float = 0.0,
    frequency: float = 0.0,
) -> float:
    """R_s/R_n of (18), cut off by one of three things.

    Parameters
    ----------
    delta, temperature
        Δ ≥ 0 and T > 0.
    broadening
        Γ of Dynes, in the unit of Δ.
    anisotropy
        a: gaps spread evenly from Δ(1 − a) to Δ(1 + a).
    frequency
        ħω of the nucleus, in the unit of Δ.

    Raises
    ------
    InputError
        If none or more than one is given while Δ > 0, the anisotropy is 1 or more, or T is not positive.
    """
    require_positive("the temperature", temperature, "the rate vanishes at T = 0")
    if delta == 0:
        return 1.0
    if sum(x > 0 for x in (broadening, anisotropy, frequency)) != 1:
        raise InputError("the rate diverges without a cut-off; give the broadening, anisotropy or frequency")
    if anisotropy >= 1:
        raise InputError(f"an anisotropy of {anisotropy:g} leaves gaps below zero; give less than 1")
    if frequency:
        return _at_frequency(delta, temperature, frequency)
    roots: tuple[Root, ...] = ()
    finest, start = 0.3 * broadening, 0.0
    if anisotropy:
        low, high = delta * (1 - anisotropy), delta * (1 + anisotropy)
        roots, finest, start = ((low,), (high,)), 1e-2 * anisotropy * delta, low
    end = 2 * delta + _REACH * temperature
    grid = graded((delta,), min(finest, temperature), start, end, roots)
    e, de = grid.points, grid.weights
    n, m = _uniform(e, delta, anisotropy) if anisotropy else _dynes(e, delta, broadening)
    return float(2 * np.sum(de * fermi_slope(e, temperature) * (n**2 + m**2)))


def relaxation_curve(reduced_temperature: ArrayLike, **cut_off: float) -> Floats:
    """R_s/R_n against T/T_c with the weak-coupling Δ(T); Γ and ħω in units of Δ(0).

    Parameters
    ----------
    reduced_temperature
        T/T_c, any shape, positive.
    cut_off
        One of ``broadening``, ``anisotropy`` and ``frequency`` of :func:`relaxation_rate`.
    """
    t = np.asarray(reduced_temperature, float)
    gap0 = gap_ratio() / 2
    scaled = {name: x if name == "anisotropy" else x * gap0 for name, x in cut_off.items()}
    pairs = zip((gap0 * reduced_gap(t)).ravel(), t.ravel(), strict=True)
    return np.array([relaxation_rate(float(d), float(x), **scaled) for d, x in pairs]).reshape(t.shape)


def knight_shift(reduced_temperature: ArrayLike) -> Floats:
    """K_s/K_n = Y(T) against T/T_c with the weak-coupling Δ(T)."""
    t = np.asarray(reduced_temperature, float)
    pairs = zip((gap_ratio() / 2 * reduced_gap(t)).ravel(), t.ravel(), strict=True)
    return np.array([yosida(float(d), float(x)) for d, x in pairs]).reshape(t.shape)


def _dynes(energy: Floats, delta: float, broadening: float) -> tuple[Floats, Floats]:
    """N and M with E + iΓ in place of E."""
    z = energy + 1j * broadening
    root = np.sqrt(z - delta) * np.sqrt(z + delta)
    return (z / root).real, (delta / root).real


def _uniform(energy: Floats, delta: float, anisotropy: float) -> tuple[Floats, Floats]:
    """N and M averaged over gaps from Δ(1 − a) to Δ(1 + a), in closed form."""
    low, high = delta * (1 - anisotropy), delta * (1 + anisotropy)
    top = np.minimum(high, energy)
    n = energy * (np.arcsin(top / energy) - np.arcsin(low / energy)) / (high - low)
    m = np.sqrt((energy - low) * (energy + low)) - np.sqrt(np.maximum(energy**2 - top**2, 0.0))
    return n, m / (high - low)


def _at_frequency(delta: float, temperature: float, frequency: float) -> float:
    """2 ∫_Δ^∞ dE [N N′ + M M′] (f − f′)/ω, the primes at E + ω: absorption without breaking pairs."""
    grid = graded((), min(0.3 * frequency, temperature), 0.0, delta + _REACH * temperature, ((0.0,),))
    x, dx = grid.points, grid.weights
    e, above = delta + x, delta + x + frequency
    roots = np.sqrt(x * (x + 2 * delta) * (x + frequency) * (x + frequency + 2 * delta))
    thermal = fermi_step(e, frequency, temperature) / frequency
    return float(2 * np.sum(dx * (e * above + delta**2) / roots * thermal))
