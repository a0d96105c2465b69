"""The critical temperature, from the linearised gap equation and from where the gap goes to zero.

    1/V = (1/z) Σ_k w_k φ_k² tanh(ξ_k/2T_c)/2ξ_k ,

J. Bardeen, L. N. Cooper and J. R. Schrieffer, Phys. Rev. 108, 1175 (1957). T_c is k_B T_c in the units of the
band.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from bdg.errors import InputError
from bdg.theory.uniform.band import Band
from bdg.theory.uniform.checks import require_one_of, require_positive
from bdg.theory.uniform.gap.solution import RTOL, filling_of, gap_sum, require_filling, solve

_COLDEST = 1e-30
_BELOW = 4e-4 * np.arange(1, 6)
"""T/T_c − 1 of the temperatures that Δ² is extrapolated from."""


def critical_temperature(
    band: Band, attraction: float, *, mu: float | None = None, filling: float | None = None
) -> float:
    """T_c from the gap equation at Δ → 0, 1/V = (1/z) Σ_k w_k φ_k² tanh(ξ_k/2T_c)/2ξ_k; 0 if there is none.

    At fixed filling μ is that of the normal metal at T_c.

    Raises
    ------
    InputError
        If the attraction is not positive or the filling impossible.
    """
    require_positive("the attraction", attraction, "positive values attract")
    require_one_of(mu, filling)

    def excess(log_t: float) -> float:
        t = float(np.exp(log_t))
        at = normal_mu(band, t, filling) if mu is None and filling is not None else mu
        assert at is not None
        return gap_sum(band, 0.0, at, t) - 1 / attraction

    largest = critical_scale(band, attraction)
    high = np.log(largest * (1 + 1e-9))
    low = high - 1.0
    while excess(low) <= 0:
        low -= 4.0
        if low < np.log(_COLDEST * largest):
            return 0.0
    return float(np.exp(brentq(excess, low, high, xtol=1e-15, rtol=RTOL)))


def critical_temperature_from_gap(band: Band, attraction: float, *, mu: float) -> float:
    """T_c as the zero of Δ²(T): a polynomial through five temperatures just below it.

    The other way to the number of :func:`critical_temperature`; it solves the whole gap equation.

    Raises
    ------
    InputError
        If there is no superconductivity.
    """
    low, high = 0.0, critical_scale(band, attraction)
    if solve(band, attraction, 0.0, mu=mu).delta == 0:
        raise InputError(f"an attraction of {attraction:g} does not pair this band; choose a larger one")
    for _ in range(60):  # a first guess, to a few digits, by bisection alone
        middle = 0.5 * (low + high)
        paired = solve(band, attraction, middle, mu=mu).delta > 0
        low, high = (middle, high) if paired else (low, middle)
        if high - low < 1e-5 * high:
            break
    temperatures = low * (1 - _BELOW)
    squares = [solve(band, attraction, t, mu=mu).delta ** 2 for t in temperatures]
    return float(np.polynomial.Polynomial.fit(squares, temperatures, 4)(0.0))


def critical_scale(band: Band, attraction: float) -> float:
    """A temperature that T_c cannot exceed, V Σ_k w_k φ_k²/4z, as tanh(y)/y ≤ 1."""
    return attraction * float(np.sum(band.weight * band.form**2)) / (4 * band.multiplicity)


def normal_mu(band: Band, temperature: float, filling: float) -> float:
    """Chemical potential of the normal metal at T > 0.

    Raises
    ------
    InputError
        If the band cannot hold that many electrons.
    """
    require_filling(band, filling)

    def excess(mu: float) -> float:
        return filling_of(band, 0.0, mu, temperature) - filling

    reach = 1.0 + abs(np.log(filling / band.capacity)) + abs(np.log1p(-filling / band.capacity))
    low = float(band.energy.min()) - 2 * reach * temperature
    high = float(band.energy.max()) + 2 * reach * temperature
    return float(brentq(excess, low, high, xtol=1e-15 * (high - low), rtol=RTOL))
