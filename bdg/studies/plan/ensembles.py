"""Ensembles that grow until a mean is known well enough.

Members are added in the order of their seeds. After n of them the standard error is s/√n, and n (s/√n)²/ε²
are expected to be enough for ε; so many follow, at most as many again as there are. When to stop depends on
the members in their order, not on which of them ended first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from bdg.config.schema.added import Until
from bdg.studies.plan.group import Group


@dataclass(frozen=True)
class Ensemble:
    """The plan of members that follow.

    Parameters
    ----------
    until
        What is to be known.
    key
        Whose values are the members.
    """

    until: Until
    key: str

    takes_branches_together = True

    @property
    def keys(self) -> tuple[str, ...]:
        """That of the members."""
        return (self.key,)

    @property
    def quantity(self) -> str:
        """The formula of the number whose mean is taken."""
        return self.until.quantity

    def following(self, group: Group) -> list[tuple[int]]:
        """The next seeds; none where the error of each branch is small enough, or there are ``at_most``."""
        count, last = len(group.numbers), max(row[0] for row in group.numbers)
        error = max(_standard_error(np.array(branch)) for branch in zip(*group.numbers.values(), strict=True))
        if error <= self.until.error:
            return []
        enough = 2 * count if math.isinf(error) else math.ceil(count * (error / self.until.error) ** 2)
        total = min(max(enough, count + 1), 2 * count, self.until.at_most)
        return [(last + 1 + n,) for n in range(total - count)]


def _standard_error(members: np.ndarray) -> float:
    there = members[np.isfinite(members)]
    return float(there.std(ddof=1) / np.sqrt(len(there))) if len(there) > 1 else math.inf
