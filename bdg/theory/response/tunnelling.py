r"""Tunnelling between a normal metal and a superconductor (NIS), and between two superconductors (SIS).

    I = (G_n/e) ∫ N₁(E) N₂(E + eV) [f(E) − f(E + eV)] dE,                                              (17)

N the density of states over that of the normal metal, with Dynes's Γ if wanted. V in energy (eV), I in G_n/e
times energy. For NIS at T = 0, I = √(V² − Δ²); for SIS I jumps by (π/2)√(Δ₁Δ₂) at V = Δ₁ + Δ₂.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from bdg.theory.band import Array
from bdg.theory.checks import require_temperature
from bdg.theory.quadrature import graded
from bdg.theory.quasiparticles import density_of_states
from bdg.theory.thermal import fermi, fermi_slope

_REACH = 45.0
"""How many T above the last edge an integral ends; f is e^−45 there."""


def nis_current(voltage: ArrayLike, delta: float, temperature: float, broadening: float = 0.0) -> Array:
    """I(V) from a normal metal, ∫ N_s(E) [f(E − V) − f(E)] dE.

    Parameters
    ----------
    voltage
        eV, any shape.
    delta, temperature, broadening
        Δ ≥ 0, T ≥ 0 and Dynes's Γ ≥ 0, in the same units.
    """
    return _each(voltage, lambda v: _current(v, 0.0, delta, temperature, 0.0, broadening))


def nis_conductance(voltage: ArrayLike, delta: float, temperature: float, broadening: float = 0.0) -> Array:
    """dI/dV over G_n, ∫ N_s(E) (−f′(E − V)) dE: N_s(V) itself at T = 0."""
    require_temperature(temperature)
    if temperature == 0:
        return density_of_states(voltage, delta, broadening)

    def at(v: float) -> float:
        e, de = _points(
            (v,), temperature, v - _REACH * temperature, v + _REACH * temperature, delta, broadening
        )
        slope = fermi_slope(e - v, temperature)
        return float(np.sum(de * density_of_states(e, delta, broadening) * slope))

    return _each(voltage, at)


def sis_current(
    voltage: ArrayLike,
    deltas: tuple[float, float],
    temperature: float,
    broadenings: tuple[float, float] = (0.0, 0.0),
) -> Array:
    """I(V) of single electrons between two superconductors, (17).

    Without Γ and with equal gaps it diverges as ln V at V → 0 for T > 0, the logarithm of Hebel and Slichter.

    Parameters
    ----------
    voltage
        eV, any shape.
    deltas, temperature, broadenings
        Δ₁, Δ₂, T and Γ₁, Γ₂.
    """
    (d1, d2), (g1, g2) = deltas, broadenings
    return _each(voltage, lambda v: _current(v, d1, d2, temperature, g1, g2))


def _current(v: float, d1: float, d2: float, t: float, g1: float, g2: float) -> float:
    """(17) with E of the first side; odd in V."""
    require_temperature(t)
    if v == 0:
        return 0.0
    if v < 0:
        return -_current(-v, d1, d2, t, g1, g2)
    reach = _REACH * t
    low, high = -v - reach - (d1 + d2) * (t > 0), reach + (d1 + d2) * (t > 0)
    roots = [s * d for s in (-1, 1) for d in (d1,) if d and not g1]
    roots += [s * d2 - v for s in (-1, 1) if d2 and not g2]
    smooth = [s * d1 for s in (-1, 1) if g1] + [s * d2 - v for s in (-1, 1) if g2]
    scales = [x for x in (g1, g2, t, 1e-2 * d1, 1e-2 * d2, 1e-2 * v) if x > 0]
    e, de = graded([0.0, -v, *smooth], 0.5 * min(scales), low, high, roots)
    thermal = fermi(e, t) - fermi(e + v, t)
    left = density_of_states(e, d1, g1)
    right = density_of_states(e + v, d2, g2)
    return float(np.sum(de * left * right * thermal))


def _points(
    centres: tuple[float, ...], finest: float, low: float, high: float, delta: float, broadening: float
) -> tuple[Array, Array]:
    """An energy grid for one density of states, with its edges as roots or as smooth centres."""
    edges = (-delta, delta) if delta else ()
    scales = [x for x in (finest, broadening, 1e-2 * delta) if x > 0]
    if broadening:
        return graded((*centres, *edges), 0.5 * min(scales), low, high)
    return graded(centres, 0.5 * min(scales), low, high, edges)


def _each(values: ArrayLike, function: Callable[[float], float]) -> Array:
    array = np.asarray(values, float)
    return np.array([function(float(v)) for v in array.ravel()]).reshape(array.shape)
