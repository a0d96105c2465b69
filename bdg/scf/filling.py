"""The chemical potential that gives a filling, the other fields held."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import inf, isfinite, log
from statistics import median

GROSS = 0.04
"""Electrons per site off the filling from which on μ is found before anything else: where levels crowd, as
in a flat band, the other fields mean nothing at a wrong μ."""

GROSS_SHARE = 0.25
"""The same, as a share of the electrons, or of the holes if they are fewer."""

STALLED = 0.5
"""A filling error that is a larger part of the last one has not fallen."""

RISE = 1.1
"""Growth of a filling error from one iteration to the next by which it rises."""

RISES = 5
"""Iterations through which a filling error rises, as a smaller part of the residual, until it has stalled."""

LONG = 15
"""Iterations in which a filling error falls, or it wanders."""

CLOSE = 0.01
"""Largest share of the electrons or holes that may be missing at the end of a search."""

SHARE = 0.1
"""The same, as a part of the residual of the other fields in t."""

CLOSER = 0.01
"""The same, as a part of both, where density hardly depends on μ: what is missing may be all the doping."""

PAST = 1.2
"""How far beyond the end of a straight line to look for the other side of the filling."""

LONGEST = 10.0
"""Growth of a step while the filling is not yet passed."""

MOST = 100
"""Evaluations after which a search ends as it is."""

EMPTY = 1e-16
"""Density that rounding can make of none."""

STEEPEST = 1e-13
"""Width of a bracket, as a part of its ends, in which a density jumps."""


def scarce(filling: float) -> float:
    """Electrons per site, or holes if they are fewer."""
    return min(filling, 2.0 - filling)


def is_gross(missing: float, filling: float) -> bool:
    """Whether so many electrons per site are missing that the other fields mean nothing."""
    return missing > min(GROSS, GROSS_SHARE * scarce(filling))


def has_stalled(missing: float, others: float, before: Sequence[float]) -> bool:
    """Whether what is missing is the largest part of the residual and has not fallen, or rises all the time.

    With μ in a gap, below a band or far above T the density hardly depends on it, so that no step that suits
    a band is long enough. Where electrons attract each other so much that at fixed μ their number runs away,
    it rises while the other fields follow it.

    Parameters
    ----------
    missing, others
        Electrons per site that are missing, and the residual of the other fields, in t.
    before
        What was missing in the iterations before.
    """
    latest = [*before, missing]
    if missing >= others:
        return len(before) > 1 and missing > STALLED * before[-1] > STALLED**2 * before[-2]
    rises = len(before) >= RISES and all(b > RISE * a for a, b in pairwise(latest[-RISES - 1 :]))
    wanders = len(before) >= 2 * LONG and median(latest[-LONG:]) > STALLED * median(latest[-2 * LONG : -LONG])
    return (rises or wanders) and missing > SHARE * others


def most_missing(others: float, filling: float, is_eliminated: bool) -> float:
    """Electrons per site that may be missing at the end of a search, by the residual of the other fields."""
    return (CLOSER if is_eliminated else 1.0) * min(CLOSE, SHARE * others) * scarce(filling)


def mu_of_filling(
    density_at: Callable[[float], tuple[float, float]],
    filling: float,
    mu: float,
    compressibility: float,
    bounds: tuple[float, float],
) -> tuple[float, float]:
    """The μ at which hardly any electron is missing, and ∂n/∂μ: secants until it is passed, then Brent.

    The density n(μ) = −∂Ω/∂μ never falls while the other fields are held, since Ω is concave in μ: between a
    μ with too few electrons and one with too many lies the right one. Sought is the zero of
    y = ln n/(2 − n) − ln ν/(2 − ν), a straight line in the tails of the Fermi function. At T = 0 the density
    of a finite sample may jump past the filling ν: then μ is that of the jump, and ∂n/∂μ infinite.

    Parameters
    ----------
    density_at
        Electrons per site at a μ, and how many may be missing there.
    filling
        ν, electrons per site.
    mu
        Where the search starts.
    compressibility
        ∂n/∂μ by which to begin, per site and t.
    bounds
        At the first there are no more electrons than wanted, at the second no fewer.
    """
    wanted, logit_slope = _logit(filling), 2.0 / (filling * (2.0 - filling))
    points: dict[float, float] = {}
    good = set()

    def excess(mu: float) -> float:
        if mu not in points:
            density, goal = density_at(mu)
            points[mu] = _logit(density) - wanted
            if abs(density - filling) <= goal:
                good.add(mu)
        return 0.0 if mu in good else points[mu]

    start = compressibility if isfinite(compressibility) else 1.0
    found = _zero(excess, mu, logit_slope * start, bounds)
    if found not in good:
        return found, inf
    (a, at_a), (b, at_b) = [*points.items()][-2:] if len(points) > 1 else [(0.0, 0.0), (1.0, 0.0)]
    slope = (at_b - at_a) / (b - a) / logit_slope
    return found, slope if slope > 0 else start


def _zero(excess: Callable[[float], float], mu: float, slope: float, bounds: tuple[float, float]) -> float:
    """Where a function that never falls passes 0; it is 0 where it is good enough."""
    from scipy.optimize import brentq  # late: it is slow to import, and rarely needed

    low, high = bounds
    last, change = min(max(mu, low), high), inf
    for _ in range(MOST):
        if excess(last) == 0:
            break
        change = _next_change(-excess(last), slope, abs(change))
        new = min(max(last + change, low), high)
        if new == last:
            break
        if excess(new) * excess(last) < 0:
            width = STEEPEST * max(abs(last), abs(new))
            return float(brentq(excess, last, new, xtol=width, rtol=STEEPEST, maxiter=MOST, disp=False))
        slope, change, last = (excess(new) - excess(last)) / (new - last), new - last, new
    return last


def _next_change(wanted: float, slope: float, before: float) -> float:
    """A step along a straight line; one longer than the last goes a little further, to pass the zero."""
    line = abs(wanted) / slope if slope > 0 else inf
    length = line if line <= before else min(max(PAST * line, 2 * before), LONGEST * before)
    return length if wanted > 0 else -length


def _logit(density: float) -> float:
    part = min(max(density, EMPTY), 2.0 - 2 * EMPTY)
    return log(part / (2.0 - part))
