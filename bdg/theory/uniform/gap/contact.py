r"""Contact attraction in the continuum: from BCS to molecules, at fixed density.

The attraction is told by what two particles do in the vacuum, and no cut-off is left. In three dimensions
that is the scattering length a,

    −m/4πħ²a = Σ_k [1/2E_k − 1/2ε_k],      n = Σ_k [1 − ξ_k/E_k] ,                                      (4)

in two dimensions the binding energy ε_b that every attraction has there,

    Σ_k [1/(2ε_k + ε_b) − 1/2E_k] = 0   ⇒   Δ² = 2 E_F ε_b,   μ = E_F − ε_b/2 .                         (5)

Energies in units of E_F, lengths in 1/k_F (Leggett 1980; Marini, Pistolesi and Strinati, Eur. Phys. J. B 1,
151 (1998); Randeria, Duan and Shieh, Phys. Rev. Lett. 62, 981 (1989)).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq

from bdg.theory.uniform.checks import require_positive


@dataclass(frozen=True)
class Crossover:
    """Where on the crossover: Δ and μ in units of E_F, the coupling 1/k_F a, and the spectral gap.

    Parameters
    ----------
    inverse_scattering_length
        1/k_F a: −∞ is BCS, 0 unitarity, +∞ a gas of molecules.
    delta, mu
        Δ and μ over E_F.
    """

    inverse_scattering_length: float
    delta: float
    mu: float

    @property
    def spectral_gap(self) -> float:
        """Δ while μ > 0; √(μ² + Δ²) once the Fermi surface is gone."""
        return float(self.delta if self.mu > 0 else np.hypot(self.mu, self.delta))


def contact_3d(inverse_scattering_length: float) -> Crossover:
    """Solve (4) for a given 1/k_F a, at T = 0.

    With x = μ/Δ the two equations are integrals of x alone: one gives Δ/E_F, the other 1/k_F a.
    """

    def excess(x: float) -> float:
        return _inverse_length(x) - inverse_scattering_length

    low, high = -1.0, 1.0
    while excess(low) < 0:
        low *= 2
    while excess(high) > 0:
        high *= 2
    x = float(brentq(excess, low, high, xtol=1e-14, rtol=1e-14))
    delta = _delta(x)
    return Crossover(inverse_scattering_length, delta, x * delta)


def _delta(x: float) -> float:
    """Δ/E_F = [(3/4) ∫ √ε (1 − ξ/E) dε]^{−2/3}, energies in the integral over Δ."""
    return float((0.75 * _integral(lambda e: np.sqrt(e) * _occupation(e - x), x)) ** (-2 / 3))


def _inverse_length(x: float) -> float:
    """1/k_F a = (1/π) √(Δ/E_F) ∫ √ε (1/ε − 1/E) dε, energies in the integral over Δ."""
    subtracted = _integral(lambda e: np.sqrt(e) * (1 / np.hypot(e - x, 1.0) - 1 / e) if e else 0.0, x)
    return float(-np.sqrt(_delta(x)) * subtracted / np.pi)


def _occupation(xi: float) -> float:
    """1 − ξ/E, without cancellation at large ξ."""
    level = np.hypot(xi, 1.0)
    return float(1 / (level * (level + xi)) if xi > 0 else 1 - xi / level)


def _integral(function: Callable[[float], float], x: float) -> float:
    """∫₀^∞ dε, as k = √ε, in pieces around the Fermi surface."""
    edges = [0.0]
    if x > 0:
        steps = np.geomspace(1.0, max(2.0, x), 24)
        edges += sorted({float(e) for e in np.concatenate([x - steps, [x], x + steps]) if e > 0})
    else:
        edges += [1.0, 1.0 - x]
    pieces = [
        quad(lambda k: 2 * k * function(k * k), np.sqrt(a), np.sqrt(b), epsabs=0, epsrel=1e-11)[0]
        for a, b in itertools.pairwise(edges)
    ]
    # Beyond the last edge k = 1/s makes the tails, k^−2 and slower than k^−4, smooth.
    last = float(np.sqrt(edges[-1]))
    tail = quad(lambda s: 2 * function(1 / s**2) / s**3, 0, 1 / last, epsabs=0, epsrel=1e-11)[0]
    return float(sum(pieces) + tail)


def contact_2d(binding_energy: float) -> tuple[float, float]:
    """Δ and μ over E_F for a binding energy ε_b/E_F of two particles, (5).

    Raises
    ------
    InputError
        If the binding energy is not positive.
    """
    require_positive("the binding energy", binding_energy, "it is that of a pair in the vacuum, over E_F")
    return float(np.sqrt(2 * binding_energy)), 1 - binding_energy / 2
