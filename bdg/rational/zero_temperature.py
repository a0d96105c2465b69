"""sign(x) by poles: Zolotarev's best rational approximation, in closed form."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.rational import gate
from bdg.rational.certificate import certify
from bdg.rational.elliptic import quarter_periods, sc
from bdg.rational.expansion import Expansion, excess_log_trace
from bdg.rational.minimax import evaluate

_WIDEST = 1e10
_SMALLEST_TOLERANCE = 2e-15


def sign_expansion(gap: float, bound: float, tolerance: float) -> Expansion:
    """Return the shortest c·x + Σ_p w_p x/(x² + γ_p²) within ``tolerance`` of sign(x), gap ≤ |x| ≤ bound.

    Zolotarev's r(x) = M x Π_p (x² + c_2p)/(x² + c_{2p−1}), c_j = gap² sc²(jK/(2n+1)), m = 1 − (gap/bound)²,
    which is the T → 0 limit of tanh(x/2T) for a spectrum with a gap.

    Parameters
    ----------
    gap
        Lower bound of |x|, an energy; positive.
    bound
        Upper bound of |x|, an energy; bound/gap ≤ 1e10.
    tolerance
        Largest absolute error allowed, 0 < tolerance < 1.  5e-14 is reached at every bound/gap.

    Returns
    -------
    Expansion
        With ``temperature`` zero and the ``log_trace_shift`` b = ½∫₀^bound (1 − r) dx, by which
        Σ_n ½|E_n| exceeds the integral of ½r through the gap, where r is not the sign.  b depends on the
        gap: keep it with the total it corrects.

    Raises
    ------
    InputError
        If an argument is not positive and finite, if gap > bound, if bound/gap is too large, or if double
        precision cannot reach the tolerance.

    References
    ----------
    .. [1] N. I. Achieser, *Theory of Approximation* (1956), section 51.
    .. [2] Y. Nakatsukasa and R. W. Freund, SIAM Rev. 58, 461 (2016), section 3.
    """
    gate.check_positive("gap", gap, "without a gap there is no expansion at T = 0: take a small temperature")
    gate.check_positive("bound", bound, "give a bound on the largest |energy|")
    gate.check_tolerance(tolerance)
    if gap > bound:
        raise InputError(f"the gap {gap!r} exceeds the bound {bound!r}; give gap ≤ bound")
    gate.check_ratio("bound/gap", bound / gap, _WIDEST, "a gap this small wants a small temperature")
    return _scaled(float(gap), gate.step_above(bound / gap, 1), float(tolerance))


@lru_cache(maxsize=256)
def _scaled(gap: float, step: int, tolerance: float) -> Expansion:
    return _unit(step, tolerance).scaled(gap)


@lru_cache(maxsize=256)
def _unit(step: int, tolerance: float) -> Expansion:
    """Return the expansion with gap 1, which serves every gap."""
    ratio = gate.ratio_of_step(step)
    if tolerance < _SMALLEST_TOLERANCE:
        raise gate.unreachable("bound/gap", ratio, tolerance)
    full, other = quarter_periods(1.0 / ratio)
    # error ≈ 4 exp(−(2n+1)π K(κ²)/K(1−κ²)): exact to the next power of the same exponential.
    fewest = (np.log(4.0 / tolerance) * full / (np.pi * other) - 1.0) / 2.0
    n_poles = max(0, int(np.ceil(fewest)) - 1)
    for count in range(n_poles, n_poles + 4):
        gamma, weights, linear = zolotarev(ratio, count)
        error, trace_error, shift = _certified(ratio, gamma, weights, linear)
        if error <= tolerance:
            return Expansion(
                gamma=gamma,
                weights=weights,
                linear=linear,
                error=error,
                bound=ratio,
                temperature=0.0,
                log_trace_shift=shift,
                gap=1.0,
                log_trace_error=trace_error,
            )
    raise gate.unreachable("bound/gap", ratio, tolerance)


def zolotarev(ratio: float, n_poles: int) -> tuple[Floats, Floats, float]:
    """Poles, weights and linear term of the best approximation of sign(x) on 1 ≤ |x| ≤ ratio.

    Parameters
    ----------
    ratio
        Upper end of the interval in units of the gap, above 1.
    n_poles
        Number of poles n, zero or more: type (2n + 1, 2n).

    Returns
    -------
    tuple
        γ ascending and w, shape ``(n_poles,)``, and c = M.
    """
    kappa = 1.0 / ratio
    degree = 2 * n_poles + 1
    square = sc(np.arange(1, degree) / degree, kappa) ** 2
    poles, zeros = square[0::2], square[1::2]
    # Residues of Π(s + zeros)/Π(s + poles): factors are paired so that no partial product overflows.
    spread = poles - poles[:, None]
    np.fill_diagonal(spread, 1.0)
    factors = (zeros - poles[:, None]) / spread
    residues = factors.prod(axis=1)
    gamma = np.sqrt(poles)
    # The humps alternate between 1 − error and 1 + error: the first two fix the factor M.
    first = sc(np.array([0.0, 1.0]) / degree, kappa) ** 2
    ends = np.array([1.0, ratio]) if n_poles == 0 else np.sqrt((1.0 + first) / (1.0 + kappa**2 * first))
    factor = 2.0 / float(evaluate(ends, gamma, residues, 1.0).sum())
    return gamma, factor * residues, factor


def _certified(ratio: float, gamma: Floats, weights: Floats, linear: float) -> tuple[float, float, float]:
    """Measured error of r, that of the log trace, and the shift b."""
    shift = 0.5 * ratio - float(excess_log_trace(np.array([ratio]), gamma, weights, linear)[0])

    def error(x: Floats) -> Floats:
        return evaluate(x, gamma, weights, linear) - 1.0

    def trace_error(x: Floats) -> Floats:
        return np.asarray(shift + excess_log_trace(x, gamma, weights, linear) - 0.5 * x)

    return (*certify(error, trace_error, 1.0, ratio, gamma), shift)
