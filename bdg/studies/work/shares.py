"""A share of a study's points, for several processes that work at one study without knowing of each other."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bdg.errors import InputError
from bdg.studies.plan.points import Point

FORM = re.compile(r"([0-9]{1,6})/([0-9]{1,6})")


@dataclass(frozen=True)
class Share:
    """Part ``number`` of ``of`` parts, counted from 1.

    Points that start from each other's fields are one chain, and a chain is in one share; the first chain is
    in the first share, the second in the second, and so on around.

    Parameters
    ----------
    number, of
        Which part, and how many there are.

    Raises
    ------
    InputError
        If there is no such part.
    """

    number: int
    of: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= self.of:
            raise InputError(f"there is no share {self}; shares count from 1/{max(self.of, 1)} on")

    @classmethod
    def read(cls, text: str) -> Share:
        """The share ``2/8``.

        Raises
        ------
        InputError
            If the text is none.
        """
        found = FORM.fullmatch(text.strip())
        if found is None:
            raise InputError(f"--share {text}: write which share of how many, 2/8 for example")
        return cls(int(found[1]), int(found[2]))

    def __str__(self) -> str:
        return f"{self.number}/{self.of}"

    @property
    def suffix(self) -> str:
        """For names of files of its own: ``-2-of-8``."""
        return f"-{self.number}-of-{self.of}"

    def of_points(self, points: Sequence[Point]) -> list[Point]:
        """The points in it, in their order."""
        chains = chains_of(points)
        return [point for point in points if chains[point.number] % self.of == self.number - 1]


def chains_of(points: Sequence[Point]) -> dict[int, int]:
    """The chain of each point, by number: chains count from 0, in the order of their first points."""
    chains: dict[int, int] = {}
    count = 0
    for point in points:
        if point.after is None:
            chains[point.number], count = count, count + 1
        else:
            chains[point.number] = chains[point.after]
    return chains
