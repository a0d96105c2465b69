"""What the functions of this room ask of their arguments."""

from __future__ import annotations

import math

from bdg.errors import InputError


def require_positive(name: str, value: float, hint: str) -> None:
    """Raise `InputError` unless ``value`` is a positive finite number."""
    if not (math.isfinite(value) and value > 0):
        raise InputError(f"{name} must be positive, not {value:g}; {hint}")


def require_temperature(temperature: float) -> None:
    """Raise `InputError` unless the temperature is finite and not negative."""
    if not (math.isfinite(temperature) and temperature >= 0):
        raise InputError(f"the temperature cannot be {temperature:g}; give 0 or more")


def require_one_of(mu: float | None, filling: float | None) -> None:
    """Raise `InputError` unless exactly one of the two is given."""
    if (mu is None) == (filling is None):
        raise InputError("give the chemical potential or the filling, one of the two")
