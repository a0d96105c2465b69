"""What both expansions ask of their arguments, and the coarse grid of intervals that the caches live on."""

from __future__ import annotations

import math

from bdg.errors import InputError

# An interval is rounded up by at most 2^(1/16) = 4 %, which costs about 1/100 of a pole, so that a loop whose
# energy bound drifts keeps one expansion.
_STEPS_PER_OCTAVE = 16


def step_above(ratio: float, smallest_step: int) -> int:
    """Smallest step whose ratio, see `ratio_of_step`, is not below ``ratio``."""
    step = math.ceil(_STEPS_PER_OCTAVE * math.log2(ratio) - 1e-9) if ratio > 0 else smallest_step
    # An expansion's own bound, divided by T again, must lead back to its step: hence the last few bits.
    falls_short = ratio_of_step(step) < ratio * (1.0 - 1e-15)
    return max(step + falls_short, smallest_step)


def ratio_of_step(step: int) -> float:
    """Width of the interval of a step, in units of the temperature or the gap."""
    return float(2.0 ** (step / _STEPS_PER_OCTAVE))


def check_positive(name: str, value: float, hint: str) -> None:
    """Raise `InputError` unless ``value`` is a positive finite number."""
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{name} must be positive and finite, not {value!r}; {hint}")


def check_tolerance(tolerance: float) -> None:
    """Raise `InputError` unless 0 < ``tolerance`` < 1."""
    if not 0 < tolerance < 1:
        raise InputError(
            f"the tolerance of a pole expansion must lie between 0 and 1, not {tolerance!r}; 1e-8 is usual"
        )


def check_ratio(name: str, ratio: float, largest: float, hint: str) -> None:
    """Raise `InputError` where the interval is wider than was ever tested."""
    if ratio > largest:
        raise InputError(f"{name} = {ratio:.3g} exceeds {largest:.0e}, the widest pole expansion; {hint}")


def unreachable(what: str, ratio: float, tolerance: float) -> InputError:
    """Return the error for a tolerance below what double precision allows."""
    return InputError(
        f"no pole expansion in double precision reaches {tolerance:g} at {what} = {ratio:.3g}; "
        "1e-13 is reached everywhere"
    )
