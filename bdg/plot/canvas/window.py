"""Which period of a periodic sample is drawn: one that has the vortices inside, not cut by its edge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.lattice import Sample
from bdg.plot.canvas.finding import order_of
from bdg.result import Result

SMALL_PHASE = 1.0
"""A phase that varies less than this, in rad, has no vortices, and is drawn with a scale of its own."""

BEYOND = 1.2
"""Weight of the cores at the edge of the drawn period, in units of the least, from which another is drawn."""

REACH = 8
"""A core within this part of the period from the edge counts as cut by it."""


@dataclass(frozen=True)
class Window:
    """The period that is drawn of a sample.

    Parameters
    ----------
    sample
        The sample as it was computed.
    first
        The cell its lower corner has, for each direction; 0 where that does not repeat itself.
    """

    sample: Sample
    first: tuple[int, ...]

    def moved(self) -> Sample:
        """The sample with its sites where they are drawn."""
        if not any(self.first):
            return self.sample
        cells = (self.sample.cells - np.array(self.first)) % self.sample.size
        there = (cells + np.array(self.first) - self.sample.cells) @ self.sample.cell.vectors
        return replace(self.sample, cells=cells, positions=self.sample.positions + there)

    def wrapped(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Points of the plane, shape ``(n, 2)``, where they are drawn."""
        if not any(self.first):
            return points
        size = np.array(self.sample.size)
        vectors = self.sample.cell.vectors[:, :2] * size[:, None]
        begins = (np.array(self.first) - 0.5) / size
        periods = np.floor(points @ np.linalg.pinv(vectors) - begins)
        moves = np.array(self.first) != 0
        drawn: NDArray[np.float64] = points - (periods * moves) @ vectors
        return drawn


def window_of(result: Result) -> Window:
    """The period to draw: that of the file, unless vortices lie at its edges and another has them inside."""
    sample, order = result.sample, order_of(result)[1].values
    first = [0] * len(sample.size)
    mean = np.exp(-1j * np.angle(order.sum()))
    if np.iscomplexobj(order) and float(np.abs(np.angle(order * mean)).max(initial=0.0)) > SMALL_PHASE:
        missing = (np.abs(order).max() - np.abs(order)) ** 2
        for d, ends in enumerate(sample.boundary):
            if ends.kind != "open" and sample.size[d] > REACH:
                first[d] = _first_cell(np.bincount(sample.cells[:, d], missing, sample.size[d]))
    return Window(sample, tuple(first))


def in_window(result: Result) -> Result:
    """The result with its sites where they are drawn; for quantities on sites and bonds."""
    return replace(result, sample=window_of(result).moved())


def _first_cell(missing: NDArray[Any]) -> int:
    """Where to cut a ring of cells: where least of the order parameter is missing on both sides."""
    length = len(missing)
    width = max(1, length // REACH)
    at = np.arange(length)[:, None] + np.arange(-width, width)
    cost = missing[at % length].sum(axis=1)
    return 0 if cost[0] <= BEYOND * cost.min() else int(np.argmin(cost))
