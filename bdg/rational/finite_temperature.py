"""tanh(x/2T) by poles: the gate, the cache and the certificate around `minimax`."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bdg.rational import gate
from bdg.rational.certificate import certify
from bdg.rational.expansion import Expansion, excess_log_trace
from bdg.rational.minimax import Fit, evaluate, smallest_fit

WIDEST = 1e8
"""Largest bound/T that there is an expansion for."""
_NARROWEST_STEP = -16 * 20  # bound/T ≈ 1e-6: tanh is linear to the last digit


def tanh_expansion(temperature: float, bound: float, tolerance: float) -> Expansion:
    """Return the shortest c·x + Σ_p w_p x/(x² + γ_p²) within ``tolerance`` of tanh(x/2T) for |x| ≤ ``bound``.

    Parameters
    ----------
    temperature
        T > 0 with k_B = 1, an energy.
    bound
        Largest |x| of interest, an energy in the same unit; bound/T ≤ 1e8.
    tolerance
        Largest absolute error allowed, 0 < tolerance < 1.  5e-14 is reached at every bound/T.

    Returns
    -------
    Expansion
        Its ``bound`` is the one asked for rounded up by at most 4 %, so that loops whose bound drifts get the
        very same object again; its ``error`` is measured and not above ``tolerance``.

    Raises
    ------
    InputError
        If an argument is not positive and finite, if bound/T is too large, or if double precision cannot
        reach the tolerance.
    """
    gate.check_positive("temperature", temperature, "at T = 0 use sign_expansion")
    gate.check_positive("bound", bound, "give a bound on the largest |energy|")
    gate.check_tolerance(tolerance)
    gate.check_ratio("bound/T", bound / temperature, WIDEST, "raise T or, with a gap, take T = 0")
    step = gate.step_above(bound / temperature, _NARROWEST_STEP)
    return _scaled(float(temperature), step, float(tolerance))


@lru_cache(maxsize=256)
def _scaled(temperature: float, step: int, tolerance: float) -> Expansion:
    return _unit(step, tolerance).scaled(temperature)


@lru_cache(maxsize=256)
def _unit(step: int, tolerance: float) -> Expansion:
    """Return the expansion of tanh(x/2), which serves every temperature."""
    ratio = gate.ratio_of_step(step)
    target = tolerance
    # The humps are found on a coarser grid than they are certified on: where the two disagree about a
    # borderline case, ask for a little less than the tolerance.
    for _ in range(3):
        fit = smallest_fit(ratio, target)
        if fit is None:
            break
        error, trace_error = _certified(ratio, fit)
        if error <= tolerance:
            return Expansion(
                gamma=fit.gamma,
                weights=fit.weights,
                linear=fit.linear,
                error=error,
                bound=ratio,
                temperature=1.0,
                log_trace_shift=0.0,
                gap=0.0,
                log_trace_error=trace_error,
            )
        target = min(0.98 * tolerance**2 / error, 0.98 * target)
    raise gate.unreachable("bound/T", ratio, tolerance)


def _certified(ratio: float, fit: Fit) -> tuple[float, float]:
    def error(x: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(evaluate(x, fit.gamma, fit.weights, fit.linear) - np.tanh(0.5 * x))

    def trace_error(x: NDArray[np.float64]) -> NDArray[np.float64]:
        # ln cosh(x/2) without overflow at large x and without cancellation at small.
        exact = np.where(x < 1.0, np.log1p(2.0 * np.sinh(0.25 * np.minimum(x, 1.0)) ** 2), 0.0)
        exact = np.where(x < 1.0, exact, 0.5 * x + np.log1p(np.exp(-x)) - np.log(2.0))
        return np.asarray(excess_log_trace(x, fit.gamma, fit.weights, fit.linear) - exact)

    return certify(error, trace_error, 0.0, ratio, fit.gamma)
