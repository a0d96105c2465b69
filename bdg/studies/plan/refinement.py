"""Points where a quantity changes fast: cells of the grid are halved along all keys until it does not.

A cell is an interval of one key, a rectangle of two. Where the quantity at its corners differs by more than
the tolerance, its middles are added and its parts are looked at likewise.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

import numpy as np

from bdg.config.schema.added import Refine
from bdg.config.schema.sweep import Range, Sweep
from bdg.studies.plan.axes import axes_of, rounded
from bdg.studies.plan.group import Group

Row = tuple[float, ...]
Cell = tuple[tuple[float, float, float], ...]
"""Along each key the ends and the middle, as (end, middle, end)."""


@dataclass(frozen=True)
class Refinement:
    """The plan of points that follow where a quantity changes fast.

    Parameters
    ----------
    refine
        What is to be resolved.
    grid
        The values of each of its keys in the grid.
    is_log
        Whether middles of a key are geometric.
    """

    refine: Refine
    grid: tuple[tuple[float, ...], ...]
    is_log: tuple[bool, ...]

    takes_branches_together = True

    @classmethod
    def of(cls, sweep: Sweep) -> Refinement:
        """That of a section which has one."""
        assert sweep.refine is not None
        keys = sweep.refine.keys
        values = {axis.keys[0]: axis.values[0] for axis in axes_of(sweep)}
        given = [sweep.axes[key] for key in keys]
        logs = tuple(isinstance(one, Range) and one.spacing == "log" for one in given)
        return cls(sweep.refine, tuple(values[key] for key in keys), logs)

    @property
    def keys(self) -> tuple[str, ...]:
        """Those along which points are added."""
        return self.refine.keys

    @property
    def quantity(self) -> str:
        """The formula of the number that changes."""
        return self.refine.quantity

    def following(self, group: Group) -> list[Row]:
        """The middles of cells that are not resolved, where it changes most first."""
        wanted: dict[Row, float] = {}
        cells = product(
            *([self._side(n, *ends) for ends in pairwise(row)] for n, row in enumerate(self.grid))
        )
        for cell in cells:
            self._look(group, cell, 0, wanted)
        first = sorted(wanted, key=lambda row: -wanted[row])  # stable: equal ones stay in their order
        return first[: max(0, self.refine.at_most - len(group.numbers))]

    def _side(self, n: int, low: float, high: float) -> tuple[float, float, float]:
        middle = np.sqrt(low * high) if self.is_log[n] else 0.5 * (low + high)
        return low, rounded(float(middle)), high

    def _look(self, group: Group, cell: Cell, depth: int, wanted: dict[Row, float]) -> None:
        """Collect what a cell lacks, or what its parts do."""
        spread = _spread([group.numbers[row] for row in _corners(cell) if row in group.numbers])
        if depth == self.refine.halvings or not spread > self.refine.tolerance:
            return
        missing = [row for row in product(*cell) if row not in group.numbers and not group.left_out(row)]
        for row in missing:
            wanted[row] = max(spread, wanted.get(row, 0.0))
        if missing:
            return
        halves = [[self._side(n, a, m), self._side(n, m, b)] for n, (a, m, b) in enumerate(cell)]
        for part in product(*halves):
            self._look(group, part, depth + 1, wanted)


def _corners(cell: Cell) -> Iterator[Row]:
    return product(*((low, high) for low, _, high in cell))


def _spread(corners: Sequence[tuple[float, ...]]) -> float:
    """The largest difference between corners on one branch, 0 where fewer than two have a number."""
    differences = [0.0]
    for branch in zip(*corners, strict=True):
        there = [one for one in branch if np.isfinite(one)]
        differences.append(max(there, default=0.0) - min(there, default=0.0))
    return max(differences)
