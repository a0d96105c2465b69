"""How far two values of one quantity are apart, and how far they may be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.observables import Quantity

ROUNDING = 1e-11
"""Share of a quantity's size, or of 1, that rounding may take beside the errors that are known."""

SAFETY = 10.0
"""Errors are estimates: this many times their sum is no disagreement."""


@dataclass(frozen=True)
class Difference:
    """How far a quantity is from what it must be.

    Parameters
    ----------
    method, quantity
        What it was computed with or seen in, which quantity.
    largest
        Largest difference of any value.
    scale
        Largest value, to compare with.
    units
        Of both.
    allowed
        What the errors of both allow.
    """

    method: str
    quantity: str
    largest: float
    scale: float
    units: str
    allowed: float = np.inf

    @property
    def agrees(self) -> bool:
        """Whether the difference is within what the errors allow."""
        return bool(self.largest <= self.allowed)


def compared(
    method: str,
    quantity: str,
    one: NDArray[Any],
    two: NDArray[Any],
    units: str,
    error: float,
) -> Difference:
    """The difference of two values whose errors add up to ``error``."""
    scale = largest_of(one)
    allowed = SAFETY * error + ROUNDING * max(1.0, scale)
    return Difference(method, quantity, largest(one, two), scale, units, allowed)


def largest(one: NDArray[Any], two: NDArray[Any]) -> float:
    """The largest difference; infinite where only one is a number, or the shapes are not the same."""
    if one.shape != two.shape:
        return np.inf
    equal = (one == two) | (np.isnan(one) & np.isnan(two))
    with np.errstate(invalid="ignore"):
        apart = np.abs(np.where(equal, 0.0, two - one))
    return float(np.nan_to_num(apart, nan=np.inf).max(initial=0.0))


def largest_of(values: NDArray[Any]) -> float:
    """The largest value that is a number."""
    return float(np.abs(values[np.isfinite(values)]).max(initial=0.0))


def stated_error(quantity: Quantity) -> float:
    """The largest error of a quantity; 0 where none is known."""
    if quantity.error is None:
        return 0.0
    error = np.asarray(quantity.error, np.float64)
    return float(error[np.isfinite(error)].max(initial=0.0))


def as_numbers(values: NDArray[Any]) -> NDArray[Any]:
    """Truth values as 0 and 1, which have a difference."""
    return values.astype(np.int8) if values.dtype.kind == "b" else values
