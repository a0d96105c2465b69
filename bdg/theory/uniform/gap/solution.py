r"""The gap equation of a band, at a chemical potential or at a filling.

    1/V = (1/z) Σ_k w_k φ_k² tanh(E_k/2T)/2E_k,                                                   (1)
    n = Σ_k w_k [1 − (ξ_k/E_k) tanh(E_k/2T)],

with E_k = √(ξ_k² + Δ²φ_k²), ξ_k = ε_k − μ. Both hold at any coupling; at strong coupling and fixed n, μ
moves: the crossover from BCS to the condensation of pairs (Leggett 1980; Nozières and Schmitt-Rink 1985).

A. J. Leggett, J. Phys. (Paris) Colloq. 41, C7-19 (1980); P. Nozières and S. Schmitt-Rink, J. Low Temp. Phys.
59, 195 (1985). Energies and T are in the units of the band.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import brentq

from bdg.errors import InputError
from bdg.theory.uniform.band import Band
from bdg.theory.uniform.checks import require_one_of, require_positive, require_temperature
from bdg.theory.uniform.thermal import pair_susceptibility

RTOL = 4 * np.finfo(float).eps
_SMALLEST = 1e-40
"""Of the largest Δ possible; anything smaller counts as none."""


@dataclass(frozen=True)
class Uniform:
    """A uniform superconductor in equilibrium; the normal metal where Δ = 0.

    Parameters
    ----------
    band
        Its states.
    attraction
        V > 0.
    temperature
        T.
    mu
        Chemical potential, an unknown where the filling was given.
    delta
        The order parameter Δ ≥ 0; the gap at k is Δ φ_k.
    """

    band: Band
    attraction: float
    temperature: float
    mu: float
    delta: float

    @property
    def normal(self) -> Uniform:
        """The normal metal at the same chemical potential."""
        return replace(self, delta=0.0)

    @property
    def density(self) -> float:
        """Electrons per site, or of the whole band."""
        return filling_of(self.band, self.delta, self.mu, self.temperature)

    @property
    def spectral_gap(self) -> float:
        """The lowest E_k."""
        return float(self.band.excitation(self.delta, self.mu).min())


def solve(
    band: Band,
    attraction: float,
    temperature: float = 0.0,
    *,
    mu: float | None = None,
    filling: float | None = None,
) -> Uniform:
    """Solve the gap equation (1), with the number equation where the filling is given.

    Parameters
    ----------
    band
        The states.
    attraction
        V (or U) > 0; a constant density of states has the coupling N(0)V.
    temperature
        T ≥ 0.
    mu, filling
        One of the two.

    Raises
    ------
    InputError
        If a number is impossible.
    """
    require_positive("the attraction", attraction, "positive values attract")
    require_temperature(temperature)
    require_one_of(mu, filling)
    if mu is None:
        assert filling is not None
        mu = _mu_at_filling(band, attraction, temperature, filling)
    return Uniform(band, attraction, temperature, mu, _delta_at(band, attraction, temperature, mu))


def gap_sum(band: Band, delta: float, mu: float, temperature: float) -> float:
    """(1/z) Σ_k w_k φ_k² tanh(E_k/2T)/2E_k: 1/V at the solution, falling as Δ grows."""
    levels = band.excitation(delta, mu)
    paired = band.form != 0
    chi = pair_susceptibility(levels[paired], temperature)
    return float(np.sum((band.weight * band.form**2)[paired] * chi)) / band.multiplicity


def filling_of(band: Band, delta: float, mu: float, temperature: float) -> float:
    """Σ_k w_k [1 − (ξ_k/E_k) tanh(E_k/2T)], electrons of both spins."""
    xi, levels = band.xi(mu), band.excitation(delta, mu)
    chi = pair_susceptibility(np.maximum(levels, np.finfo(float).tiny ** 0.5), temperature)
    return float(np.sum(band.weight * (1 - 2 * xi * chi)))


def require_filling(band: Band, filling: float) -> None:
    """Raise `InputError` unless the band can hold that many electrons."""
    if not 0 < filling < band.capacity:
        raise InputError(
            f"a filling of {filling:g} is impossible; choose one between 0 and {band.capacity:g}"
        )


def _delta_at(band: Band, attraction: float, temperature: float, mu: float) -> float:
    def excess(log_delta: float) -> float:
        return gap_sum(band, float(np.exp(log_delta)), mu, temperature) - 1 / attraction

    # tanh ≤ 1 and E ≥ Δ|φ| in the gap equation bound Δ from above.
    largest = attraction * float(np.sum(band.weight * np.abs(band.form))) / (2 * band.multiplicity)
    high = np.log(largest * (1 + 1e-9))
    low = high + np.log(_SMALLEST)
    if excess(low) <= 0:
        return 0.0
    return float(np.exp(brentq(excess, low, high, xtol=1e-15, rtol=RTOL)))


def _mu_at_filling(band: Band, attraction: float, temperature: float, filling: float) -> float:
    require_filling(band, filling)

    def excess(mu: float) -> float:
        delta = _delta_at(band, attraction, temperature, mu)
        return filling_of(band, delta, mu, temperature) - filling

    margin = attraction + temperature
    low, high = float(band.energy.min()) - margin, float(band.energy.max()) + margin
    while excess(low) > 0:  # dilute pairs: μ lies far below the band
        low -= high - low
    while excess(high) < 0:
        high += high - low
    return float(brentq(excess, low, high, xtol=1e-15 * (high - low), rtol=RTOL))
