"""What a plan sees of the points that have ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Group:
    """Points that a plan looks at together: those that differ in its keys only.

    Parameters
    ----------
    others
        The values of all other keys.
    branches
        The branches that are looked at, all of them or a single one.
    numbers
        By the values of the plan's keys: the quantity of each branch, NaN where it has not converged.
    left_out
        Whether values of the plan's keys make no point.
    """

    others: Mapping[str, Any]
    branches: tuple[str, ...]
    numbers: Mapping[tuple[Any, ...], tuple[float, ...]]
    left_out: Callable[[tuple[Any, ...]], bool] = lambda row: False
