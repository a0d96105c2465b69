"""Best odd rational approximation of tanh(x/2) on [−bound, bound]: the numbers behind `tanh_expansion`.

g(s) = tanh(√s/2)/√s is a Stieltjes function of s = x² with its poles at −((2k−1)π)².  So a rational
interpolant of type (n, n) in s, at *any* 2n + 1 nodes, has n simple negative poles and positive residues,
and the error changes sign at the nodes and nowhere else [1]_.  No spurious pole can arise, and the best
approximation is found by moving nodes until the 2n + 2 humps of the error are level:

1. nodes from the equilibrium distribution of the condenser ([0, bound²], (−∞, −(απ)²]), where α > 1
   stands for the Matsubara poles that a good approximation reproduces exactly;
2. the interpolant in the barycentric form of AAA [2]_, from the null vector of a Loewner matrix;
3. Newton's method for log|hump| = const in the logarithms of the nodes.

The smallest hump bounds the best possible error from below (de la Vallée-Poussin), which is what makes the
pole count provably the smallest one for a tolerance.

References
----------
.. [1] G. A. Baker and P. Graves-Morris, *Padé Approximants*, 2nd ed. (1996), chapters 5 and 7.
.. [2] Y. Nakatsukasa, O. Sète and L. N. Trefethen, SIAM J. Sci. Comput. 40, A1494 (2018), sections 2-3; there
   half of the nodes are chosen greedily and the others replaced by least squares.
.. [3] C. Hofreither, Numer. Algorithms 88, 365 (2021): nodes moved until the humps are level.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bdg.arrays import Floats
from bdg.rational.elliptic import quarter_periods, sc

_LEVEL = 1.02  # largest over smallest hump at which Newton's method stops,
_NOISE = 5e-15  # plus the rounding in the humps themselves
_MAX_STEPS = 12
_POINTS_PER_HUMP = 12
_SMALLEST_HUMP = 1e-17  # keeps logarithms finite where a hump drowned in rounding


@dataclass(frozen=True, eq=False)
class Fit:
    """An interpolant c·x + Σ_p w_p x/(x²+γ_p²) of tanh(x/2) and the humps of its error.

    ``largest`` is its maximum error on [0, bound]; no approximation with as many poles has an error below
    ``smallest``.
    """

    gamma: Floats
    weights: Floats
    linear: float
    nodes: Floats
    largest: float
    smallest: float


def evaluate(x: Floats, gamma: Floats, weights: Floats, linear: float) -> Floats:
    """Return c·x + Σ_p w_p x/(x²+γ_p²) for one-dimensional ``x``."""
    return np.asarray(linear * x + x * ((1.0 / (x[:, None] ** 2 + gamma**2)) @ weights))


def equilibrium_points(bound: float, fraction: Floats, plate: float) -> Floats:
    """Points of (0, bound] at equal potential steps of the condenser ([0, bound²], (−∞, −plate²])."""
    size = np.hypot(plate, bound)
    kappa = plate / size
    # s = plate² (1 − κ²) sn²/dn², and sn/dn = sc/√(1 + κ² sc²).  At the end of the interval sc is infinite.
    value = sc(np.minimum(fraction, 1.0 - 1e-15), kappa)
    return np.asarray(np.minimum(plate * (bound / size) * value / np.sqrt(1.0 + (kappa * value) ** 2), bound))


def plate_edge(bound: float, n_poles: int) -> float:
    """Position απ below which poles sit on Matsubara frequencies; α fitted to level the start's humps."""
    period, _ = quarter_periods(np.pi / np.hypot(np.pi, bound))
    return float(np.pi * max(1.0, 1.17 * n_poles / period))


def smallest_fit(bound: float, tolerance: float) -> Fit | None:
    """Return the fit with the fewest poles whose maximum error is at most ``tolerance``.

    Parameters
    ----------
    bound
        Half width of the interval, in units of the temperature.
    tolerance
        Largest absolute error allowed.

    Returns
    -------
    Fit or None
        ``None`` where double precision cannot reach the tolerance.
    """
    n_poles = _expected_poles(bound, tolerance)
    fit = solve(bound, n_poles, tolerance)
    while fit is None and n_poles > 0:
        # More poles than double precision has use for: on narrow intervals the guess can be one too high.
        n_poles -= 1
        fit = solve(bound, n_poles, tolerance)
    if fit is None or fit.largest > tolerance:
        return _first_good(bound, tolerance, n_poles + 1, fit)
    while n_poles > 0:
        n_poles -= 1
        fewer = solve(bound, n_poles, tolerance)
        if fewer is None or fewer.largest > tolerance:
            break
        fit = fewer
    return fit


def _first_good(bound: float, tolerance: float, n_poles: int, last: Fit | None) -> Fit | None:
    """Add poles one at a time until the tolerance is met or rounding stops the error from falling."""
    stalled = 0
    while stalled < 3:
        fit = solve(bound, n_poles, tolerance)
        if fit is not None and fit.largest <= tolerance:
            return fit
        falls = fit is not None and (last is None or fit.largest < 0.9 * last.largest)
        stalled = 0 if falls else stalled + 1
        last, n_poles = (fit or last), n_poles + 1
    return None


def _expected_poles(bound: float, tolerance: float) -> int:
    """Pole count to start from: Zolotarev's rate for the sign function, offsets fitted to measured counts."""
    logarithm = math.log(4.0 / tolerance)
    width = math.log(bound + 6.0) + 0.3 - 0.049 * logarithm
    return max(0, round(logarithm * width / math.pi**2 - 0.5))


def solve(bound: float, n_poles: int, tolerance: float = 0.0) -> Fit | None:
    """Best approximation of tanh(x/2) on [−bound, bound] with ``n_poles`` poles, humps level to 2 %.

    Parameters
    ----------
    bound
        Half width of the interval, in units of the temperature.
    n_poles
        Number of poles, zero or more.
    tolerance
        The search stops early once this is proved out of reach of ``n_poles`` poles; 0 is never asked.

    Returns
    -------
    Fit or None
        The approximation with the smallest largest hump met; ``None`` where rounding destroyed the
        interpolation, that is, where ``n_poles`` is too many for double precision.
    """
    humps = 2 * n_poles + 2
    # x = 0 is a node too, by oddness, so the u of the nodes are 1, 2, ... steps of K/(2n + 3/2).
    nodes = equilibrium_points(bound, np.arange(1, humps) / (humps - 0.5), plate_edge(bound, n_poles))
    best: Fit | None = None
    guess: Floats | None = None
    idle = 0
    for _ in range(_MAX_STEPS):
        found = _interpolate(nodes, bound, guess)
        if found is None:
            break
        gamma, weights, linear = found
        guess = gamma
        x, error = _humps(nodes, bound, gamma, weights, linear)
        fit = Fit(gamma, weights, linear, nodes, float(error.max()), float(error.min()))
        gains = best is None or fit.largest < 0.95 * best.largest
        idle = 0 if gains else idle + 1
        if best is None or fit.largest < best.largest:
            best = fit
        if idle == 2 or fit.largest < _LEVEL * fit.smallest + _NOISE or 0.0 < tolerance < fit.smallest:
            break
        nodes = _level(nodes, bound, gamma, x, error)
    return best


def _interpolate(nodes: Floats, bound: float, guess: Floats | None) -> tuple[Floats, Floats, float] | None:
    """Poles, weights and linear term of the interpolant of tanh(x/2) at an odd number of nodes."""
    s, value = nodes**2, np.tanh(0.5 * nodes)
    support, probe = s[0::2], s[1::2]
    g = value / nodes
    loewner = (g[1::2, None] - g[None, 0::2]) / (probe[:, None] - support) * nodes[1::2, None]
    if not np.all(np.isfinite(loewner)):
        return None
    gamma = np.empty(0)
    if len(probe):
        scale = 1.0 / np.linalg.norm(loewner, axis=0)
        null = np.linalg.svd(loewner * scale)[2][-1] * scale
        poles = _denominator_roots(support, null, bound, guess)
        if poles is None:
            return None
        gamma = poles
    # With the poles fixed the weights are a linear problem, solved as such: it takes up the poles' rounding.
    columns = np.column_stack([nodes[:, None] / (s[:, None] + gamma**2), nodes])
    scale = 1.0 / columns.max(axis=0)
    solution = scale * np.linalg.lstsq(columns * scale, value, rcond=None)[0]
    return gamma, solution[:-1], float(solution[-1])


def _denominator_roots(support: Floats, null: Floats, bound: float, guess: Floats | None) -> Floats | None:
    """Return all γ > 0 with Σ_j β_j/(γ² + s_j) = 0, ascending, or ``None`` where they are not all there."""
    n_poles = len(support) - 1

    def sign(log_gamma: Floats) -> Floats:
        square = np.exp(2.0 * log_gamma)
        return np.asarray(np.sign((null / (square[:, None] + support)).sum(axis=1)))

    low, high = np.log(2.0), np.log(40.0 * max(bound, 10.0))
    brackets = np.linspace(low, high, 2000)
    if guess is not None:
        middle = 0.5 * np.log(guess[1:] * guess[:-1])
        narrow = np.concatenate([[low], middle, [high]])
        # Nodes move little between steps: where the old poles still separate the new ones, no scan is due.
        if np.all(np.diff(sign(narrow)) != 0):
            brackets = narrow
    signs = sign(brackets)
    at = np.flatnonzero(signs[1:] * signs[:-1] < 0)
    if len(at) != n_poles:
        return None
    left, right, left_sign = brackets[at], brackets[at + 1], signs[at]
    for _ in range(50):
        middle = 0.5 * (left + right)
        same = sign(middle) == left_sign
        left, right = np.where(same, middle, left), np.where(same, right, middle)
    return np.asarray(np.exp(0.5 * (left + right)))


def _humps(
    nodes: Floats, bound: float, gamma: Floats, weights: Floats, linear: float
) -> tuple[Floats, Floats]:
    """Return position and size of the largest |error| between neighbouring nodes, and up to the ends."""
    edges = np.concatenate([[0.0], nodes, [bound]])
    inside = np.arange(1, _POINTS_PER_HUMP + 1) / (_POINTS_PER_HUMP + 1.0)
    x = edges[:-1, None] + np.diff(edges)[:, None] * inside
    x[-1, -1] = bound  # the last hump peaks at the end of the interval
    error = np.abs(np.tanh(0.5 * x) - evaluate(x.ravel(), gamma, weights, linear).reshape(x.shape))
    peak = error.argmax(axis=1)
    row = np.arange(len(x))
    return x[row, peak], np.maximum(error[row, peak], _SMALLEST_HUMP)


def _level(nodes: Floats, bound: float, gamma: Floats, x: Floats, error: Floats) -> Floats:
    """One damped Newton step for the logarithms of the nodes towards level humps.

    The error is x ω(s)h(s)/q(s)², ω = Π(s − s_j), q = Π(s + γ_p²), with a smooth h > 0.  Moving a node
    changes the interpolant by a multiple of the one function x·Π_{i≠j}(s − s_i)/q² that keeps the others, so
    ∂ log|error(x_k)| / ∂ log z_j = −2 s_j/(s_k − s_j) · h(s_j)/h(s_k); only h at the nodes is interpolated.
    """
    s, peak = nodes**2, x**2
    gap = peak[:, None] - s
    log_h = (
        np.log(error / x)
        + 2.0 * np.log(peak[:, None] + gamma**2).sum(axis=1)
        - np.log(np.abs(gap)).sum(axis=1)
    )
    at_nodes = 0.5 * (log_h[1:] + log_h[:-1])
    ratio = np.exp(np.clip(at_nodes - log_h[:, None], -30.0, 30.0))
    jacobian = np.column_stack([-2.0 * s / gap * ratio, -np.ones(len(x))])
    step = np.linalg.lstsq(jacobian, -np.log(error), rcond=None)[0][:-1]
    place = np.log(np.append(nodes, bound))
    spacing, change = np.diff(place), np.diff(np.append(step, 0.0))
    # Nodes keep their order: no spacing shrinks to less than 40 % in one step, no node moves by more than e.
    closing = np.max(-change / spacing, initial=0.0) / 0.6
    return np.asarray(nodes * np.exp(step / max(1.0, closing, np.abs(step).max())))
