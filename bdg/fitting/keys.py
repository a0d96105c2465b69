"""Which keys of a configuration are varied, from where and within which bounds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bdg.config import ConfigSource, dump_resolved
from bdg.config.settings import Settings
from bdg.errors import ConfigError, InputError
from bdg.measured.curve_fit import STEP, Varied

SMALLEST = 1e-6
"""Lower bound of what must be positive, as a share of its first value."""


def varied(
    source: ConfigSource, keys: Sequence[str] | Mapping[str, float | Sequence[float] | None]
) -> tuple[Varied, ...]:
    """The parameters of a fit.

    Parameters
    ----------
    source
        The configuration, whose values the fit starts from.
    keys
        Dotted keys; or with each its first value, ``(first, low, high)``, or ``None`` for that of the
        configuration. Numbers are in t and a. One that the schema keeps positive stays so.

    Raises
    ------
    InputError
        If a key is none, is not a number that can be varied, or starts outside of its bounds.
    """
    settings = Settings.read(source.text, dump_resolved(source.parse()))
    given = keys if isinstance(keys, Mapping) else dict.fromkeys(keys)
    return tuple(_varied(source, settings, name, one) for name, one in given.items())


def _varied(source: ConfigSource, settings: Settings, key: str, given: Any) -> Varied:
    numbers = (
        [] if given is None else [float(one) for one in (given if isinstance(given, Sequence) else [given])]
    )
    if len(numbers) not in (0, 1, 3):
        raise InputError(f"{key}: give a first value, or first, low, high")
    start = numbers[0] if numbers else _number(settings, key)
    one = Varied(key, start, *numbers[1:])
    step = one.unit * STEP
    if not any(_fits(source, key, start + sign * step) for sign in (1, -1)):
        # As a trial would be refused: the error says why.
        replace(source, values=(*source.values, (key, start + step))).parse()
    if len(numbers) == 3 or _fits(source, key, -one.unit):
        return one
    low = 0.0 if _fits(source, key, 0.0) else SMALLEST * one.unit
    return replace(one, low=low)


def _number(settings: Settings, key: str) -> float:
    value = settings[key]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InputError(
            f"{key} is {value!r}, no number that could be varied; give one to start from, {key}=1"
        )
    return float(value)


def _fits(source: ConfigSource, key: str, value: float) -> bool:
    """Whether the configuration may have this value."""
    try:
        replace(source, values=(*source.values, (key, value))).parse()
    except ConfigError:
        return False
    return True
