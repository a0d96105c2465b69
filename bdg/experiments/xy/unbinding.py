r"""Where vortices unbind, from the helicity modulus of several lengths.

An infinite plane jumps there from Υ = 2T/π to 0 (Nelson and Kosterlitz, Phys. Rev. Lett. 39, 1201 (1977)). Of
a finite length L, with ℓ = ln L + C, C the same for all lengths,

    πΥ(L)/2T = 1 + 1/(2ℓ + ln ℓ)    at T = T_BKT.

Without ln ℓ that is the formula of Weber and Minnhagen, Phys. Rev. B 37, 5986 (1988), which of 16 to 64 sites
gives T_BKT too low by 0.003 J; the next order is that of Hsieh, Kao, Sandvik, J. Stat. Mech. 2013, P09001
(2013). T_BKT and C are those that fit best; with two lengths both are met exactly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bdg.arrays import Floats

USUAL, LEAST = 0.25, 0.5
"""C to begin with, about that of the square lattice; the smallest ℓ, below which the formula is void."""

DEGREE = 2
"""Of the polynomial in T that Υ/T is between the temperatures of a list."""

DRAWS = 100
"""Times that the moduli are drawn anew, within their errors, for the error of the temperature."""


@dataclass(frozen=True)
class Unbinding:
    """T_BKT with its standard error, in t, C, and χ² for each degree of freedom, NaN where there is none."""

    temperature: float
    error: float
    constant: float
    misfit: float


def finite(length: Floats | float, constant: float = USUAL) -> Floats:
    """πΥ/2T of a length at T_BKT."""
    scale = np.log(length) + constant
    return np.asarray(1 + 1 / (2 * scale + np.log(scale)))


def unbinding(temperatures: Floats, lengths: Floats, modulus: Floats, error: Floats, seed: int) -> Unbinding:
    """T_BKT from Υ, shape ``(n_lengths, n_temperatures)``, and its standard errors.

    Parameters
    ----------
    temperatures, lengths
        Of the moduli, at least two of each.
    modulus, error
        In t.
    seed
        Of the draws that tell the error of T_BKT.
    """
    share = np.pi / (2 * temperatures)
    ratio, spread = share * modulus, share * np.maximum(error, np.finfo(float).tiny)
    best, misfit = _fitted(temperatures, lengths, ratio, spread)
    rng = np.random.default_rng(seed)
    drawn = [_fitted(temperatures, lengths, rng.normal(ratio, spread), spread)[0][0] for _ in range(DRAWS)]
    free = len(lengths) - 2
    return Unbinding(best[0], float(np.std(drawn)), best[1], misfit / free if free else float("nan"))


def _fitted(
    temperatures: Floats, lengths: Floats, ratio: Floats, spread: Floats
) -> tuple[tuple[float, float], float]:
    """(T_BKT, C) and χ²."""
    middle, half = temperatures.mean(), 0.5 * np.ptp(temperatures)
    place = (temperatures - middle) / half
    degree = min(DEGREE, len(place) - 1)
    curves = [np.polyfit(place, one, degree, w=1 / off) for one, off in zip(ratio, spread, strict=True)]
    scale = np.sqrt(1 / np.mean(1 / spread**2, axis=1))
    least = LEAST - float(np.log(lengths.min()))

    def off(given: Floats) -> Floats:
        there = np.array([np.polyval(curve, given[0]) for curve in curves])
        found: Floats = (there - finite(lengths, given[1])) / scale
        return found

    from scipy.optimize import least_squares  # late: few runs need it

    found = least_squares(off, [0.0, max(USUAL, least + 0.1)], bounds=([-np.inf, least], np.inf))
    return (float(middle + half * found.x[0]), float(found.x[1])), float(2 * found.cost)
