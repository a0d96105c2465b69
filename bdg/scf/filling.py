"""The chemical potential that gives a filling, the other fields held."""

from __future__ import annotations

from collections.abc import Callable

CLOSE = 0.01
"""Electrons per site that may be missing at the end of a search: the loop finds the rest."""

MOST = 30
"""Evaluations after which a search gives up: at T = 0 the density of a finite sample jumps, maybe past it."""


def mu_of_filling(
    missing_at: Callable[[float], float], mu: float, missing: float, step: float, bounds: tuple[float, float]
) -> float:
    """The μ at which hardly any electron is missing, by steps that double until it is passed, then Illinois.

    The density n(μ) = −∂Ω/∂μ never falls while the other fields are held, since Ω is concave in μ: between a
    μ with too few electrons and one with too many lies the right one, and only one.

    Parameters
    ----------
    missing_at
        Electrons per site that are missing at a μ; negative where there are too many.
    mu, missing
        Where the search starts, and what is missing there.
    step
        Change of μ for one electron per site, by which to begin.
    bounds
        Below and above these the density is 0 and 2.
    """
    low, high = bounds
    change = step * missing
    known = [(mu, missing)]
    for _ in range(MOST):
        new = min(max(known[-1][0] + change, low), high)
        known.append((new, missing_at(new)))
        if abs(known[-1][1]) <= CLOSE:
            return new
        if known[-1][1] * missing < 0:
            break
        if new in bounds:
            return new
        change *= 2
    (a, at_a), (b, at_b) = known[-2:]
    for _ in range(MOST):
        new = (a * at_b - b * at_a) / (at_b - at_a)
        found = missing_at(new)
        if abs(found) <= CLOSE or abs(b - a) < 1e-12 * step:
            return new
        if found * at_b < 0:
            a, at_a = b, at_b
        else:
            at_a /= 2  # an end that stays is believed less and less, or the other would creep
        b, at_b = new, found
    return b
