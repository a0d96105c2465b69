"""What a plan sees of the points that have ended."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Row = tuple[Any, ...]
"""Values of a plan's keys."""

Numbers = Mapping[Row, tuple[float, ...]]
"""The quantity of each branch by the values of the plan's keys, NaN where it has not converged."""


@dataclass(frozen=True)
class Group:
    """Points that a plan looks at together: those that differ in its keys only, or as members of an ensemble.

    Parameters
    ----------
    others
        The values of all other keys.
    branches
        The branches that are looked at, all of them or a single one.
    numbers
        By the values of the plan's keys: the quantity of each branch, NaN where it has not converged; of an
        ensemble its mean.
    left_out
        Whether values of the plan's keys make no point.
    without
        Of an ensemble the same numbers without one of its members, for each in turn.
    """

    others: Mapping[str, Any]
    branches: tuple[str, ...]
    numbers: Numbers
    left_out: Callable[[Row], bool] = lambda row: False
    without: tuple[Numbers, ...] = ()


@dataclass
class Members:
    """Numbers of the members of an ensemble, or of the single one where there is none.

    Parameters
    ----------
    branches
        The branches that are looked at.
    by_row
        The number of each branch and member, by the values of the plan's keys.
    """

    branches: Sequence[str]
    by_row: dict[Row, dict[tuple[str, str], float]] = field(default_factory=dict)

    def add(self, row: Row, branch: str, member: str, number: float) -> None:
        """Take a number."""
        self.by_row.setdefault(row, {})[branch, member] = number

    def mean(self, without: str | None = None) -> Numbers:
        """The mean over members, all or all but one; NaN where one of them has no number."""
        members = [name for name in self.names if name != without]
        return {
            row: tuple(
                math.fsum(one.get((branch, name), math.nan) for name in members) / len(members)
                for branch in self.branches
            )
            for row, one in self.by_row.items()
        }

    @property
    def names(self) -> list[str]:
        """The members, in order."""
        return list(dict.fromkeys(member for one in self.by_row.values() for _, member in one))

    @property
    def without_each(self) -> tuple[Numbers, ...]:
        """The means without one member, for each in turn; empty where there is a single one."""
        return tuple(self.mean(name) for name in self.names) if len(self.names) > 1 else ()
