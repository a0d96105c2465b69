"""Points of a line or a rectangle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.theory.macroscopic.carriers import positive

Ends = Literal["periodic", "hard", "free"]
ENDS = ("periodic", "hard", "free")


@dataclass(frozen=True)
class Grid:
    """Equally spaced points in one or two directions, the origin in their middle.

    Parameters
    ----------
    shape
        Points along each direction, ``(n_x,)`` or ``(n_x, n_y)``, three or more.
    spacing
        Between neighbours, one number for each direction; a length in the user's units.
    ends
        Of each direction: ``"periodic"``; ``"hard"``, Ψ = 0 one spacing beyond the last point, a wall;
        ``"free"``, nothing flows through the last point, a superconductor's own surface.

    Raises
    ------
    InputError
        If there are not one or two directions, or a number or a word is none of these.
    """

    shape: tuple[int, ...]
    spacing: tuple[float, ...]
    ends: tuple[Ends, ...]

    def __post_init__(self) -> None:
        if len(self.shape) not in (1, 2):
            raise InputError(f"a grid of {len(self.shape)} directions; give one or two")
        if not len(self.shape) == len(self.spacing) == len(self.ends):
            raise InputError(
                f"shape {self.shape}, spacing {self.spacing} and ends {self.ends} differ in length;"
                " give one each"
            )
        if min(self.shape) < 3:
            raise InputError(f"a grid of shape {self.shape} is too small; give 3 points or more each way")
        for spacing, ends in zip(self.spacing, self.ends, strict=True):
            positive("spacing", spacing)
            if ends not in ENDS:
                raise InputError(f"unknown ends {ends!r}; give one of {', '.join(ENDS)}")

    @classmethod
    def build(cls, shape: int | tuple[int, ...], spacing: float, ends: Ends | tuple[Ends, ...]) -> Grid:
        """A grid with the same spacing, and where one word is given the same ends, each way."""
        points = (shape,) if isinstance(shape, int) else tuple(shape)
        each = (ends,) * len(points) if isinstance(ends, str) else tuple(ends)
        return cls(points, (float(spacing),) * len(points), each)

    @property
    def dimension(self) -> int:
        """Number of directions."""
        return len(self.shape)

    @property
    def n_points(self) -> int:
        """Number of points."""
        return int(np.prod(self.shape))

    @property
    def cell(self) -> float:
        """Length or area that belongs to a point inside."""
        return float(np.prod(self.spacing))

    def coordinates(self) -> list[NDArray[np.float64]]:
        """x, or x and y, of every point, each of the grid's shape; the middle of the grid is 0."""
        axes = [(np.arange(n) - (n - 1) / 2) * step for n, step in zip(self.shape, self.spacing, strict=True)]
        return list(np.meshgrid(*axes, indexing="ij"))

    def links(self, direction: int) -> NDArray[np.bool_]:
        """Whether the point has a neighbour further along a direction, the grid's shape."""
        present = np.ones(self.shape, bool)
        if self.ends[direction] != "periodic":
            np.moveaxis(present, direction, 0)[-1] = False
        return present
