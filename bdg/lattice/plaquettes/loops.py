"""Closed loops of bonds of the infinite lattice, up to translation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from bdg.lattice.cell import UnitCell
from bdg.lattice.kinds import BondKinds

Cell = tuple[int, ...]
NO_AREA = 1e-9
"""Loops with less area, in squared lattice constants, enclose nothing."""


@dataclass(frozen=True)
class Loop:
    """A closed walk over bonds of the infinite lattice.

    Parameters
    ----------
    kinds
        Kind of each bond, in order.
    cells
        Cell that each bond's source lies in.
    signs
        +1 where the walk runs along its bond, −1 where it runs against it.
    area, center
        Of the polygon of its corners; the center is their mean.
    """

    kinds: tuple[int, ...]
    cells: tuple[Cell, ...]
    signs: NDArray[np.int8]
    area: float
    center: NDArray[np.float64]


class Darts:
    """The bonds of a cell in both directions: dart 2k runs along kind ``chosen[k]``, dart 2k + 1 against it.

    Parameters
    ----------
    cell, kinds
        The lattice.
    chosen
        The kinds that take part.
    """

    def __init__(self, cell: UnitCell, kinds: BondKinds, chosen: Sequence[int]) -> None:
        along = np.asarray(chosen, np.intp)
        self.cell, self.kinds, self.chosen = cell, kinds, [int(kind) for kind in chosen]
        self.tail = self._both(kinds.source[along], kinds.target[along])
        self.head = self._both(kinds.target[along], kinds.source[along])
        self.step = self._both(kinds.offset[along], -kinds.offset[along])
        self.vector = self._both(kinds.displacement[along], -kinds.displacement[along])

    @staticmethod
    def _both(forward: NDArray[np.generic], backward: NDArray[np.generic]) -> NDArray[np.generic]:
        return np.stack([forward, backward], axis=1).reshape(-1, *forward.shape[1:])

    def __len__(self) -> int:
        return len(self.tail)

    @cached_property
    def leaving(self) -> list[list[int]]:
        """Darts that leave each orbital."""
        return [np.flatnonzero(self.tail == orbital).tolist() for orbital in range(self.cell.n_orbitals)]

    def moved(self, cell: Cell, dart: int) -> Cell:
        """The cell a dart leads to from one."""
        return tuple(int(a + b) for a, b in zip(cell, self.step[dart], strict=True))

    def loop(self, darts: Sequence[int]) -> Loop | None:
        """The loop of a closed walk from cell 0; bonds walked both ways cancel. ``None`` if nothing is left.

        In the plane its area is positive counter-clockwise. In space it is turned so that its area vector
        has a positive last component.
        """
        cell: Cell = (0,) * self.cell.n_directions
        walked: dict[tuple[int, Cell], int] = {}
        corners = []
        for dart in darts:
            corners.append(np.array(cell) @ self.cell.vectors + self.cell.basis[self.tail[dart]])
            there = self.moved(cell, dart)
            bond = (self.chosen[dart // 2], there if dart % 2 else cell)
            walked[bond] = walked.get(bond, 0) + (-1 if dart % 2 else 1)
            cell = there
        bonds = [(kind, source, sign) for (kind, source), sign in walked.items() if sign]
        if not bonds:
            return None
        area = area_vector(np.array(corners))
        if self.cell.dimension == 3:
            components = area[np.abs(area) > NO_AREA]
            if len(components) and components[-1] < 0:
                bonds = [(kind, source, -sign) for kind, source, sign in bonds[::-1]]
            size = float(np.linalg.norm(area))
        else:
            size = float(area[0])
        if size <= NO_AREA:
            return None
        kinds, cells, signs = zip(*bonds, strict=True)
        return Loop(kinds, cells, np.array(signs, np.int8), size, np.mean(corners, axis=0))


def area_vector(corners: NDArray[np.float64]) -> NDArray[np.float64]:
    """½ Σ r_i × r_{i+1} about the first corner: one component in the plane, three in space."""
    spokes = corners - corners[0]
    following = np.roll(spokes, -1, axis=0)
    if corners.shape[1] == 2:
        return np.array([0.5 * np.sum(spokes[:, 0] * following[:, 1] - spokes[:, 1] * following[:, 0])])
    area: NDArray[np.float64] = 0.5 * np.cross(spokes, following).sum(axis=0)
    return area
