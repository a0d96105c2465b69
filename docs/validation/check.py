"""What a check is, and the list of all of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One number of theirs beside ours.

    Parameters
    ----------
    quantity
        What it is, with its unit.
    reference
        The value of the source.
    ours
        The value of the package.
    tolerance
        How far they may be apart: half a unit of the last printed digit, what is left of a limit, or
        rounding.
    source
        Where the value stands, if not in the source of the check.
    why
        What makes the difference, of a row that does not agree.
    """

    quantity: str
    reference: float
    ours: float
    tolerance: float
    source: str = ""
    why: str = ""

    @property
    def difference(self) -> float:
        """Ours less theirs."""
        return float(self.ours) - float(self.reference)

    @property
    def agrees(self) -> bool:
        """Whether the difference is within the tolerance; nothing that is not a number is."""
        return abs(self.difference) <= self.tolerance


Rows = Iterator[Row]


@dataclass(frozen=True)
class Check:
    """A source, and how its numbers are computed."""

    section: str
    source: str
    compute: Callable[[], Rows]
    is_slow: bool

    @property
    def name(self) -> str:
        """The name of the function."""
        return self.compute.__name__

    @property
    def text(self) -> list[str]:
        """The paragraphs of the docstring, the heading first."""
        paragraphs = inspect.cleandoc(self.compute.__doc__ or "").split("\n\n")
        return [" ".join(paragraph.split()) for paragraph in paragraphs]


CHECKS: list[Check] = []
"""In the order of the page."""

LIMITS = "The uniform BCS limit"
THEORY = "Numbers that theory fixes"
PUBLISHED = "Published numbers"
PEERS = "Other packages"
SOLVERS = "The package against itself"
SIZES = "Convergence with size and momenta"
SECTIONS = (LIMITS, THEORY, PUBLISHED, PEERS, SOLVERS, SIZES)


def check(
    section: str, source: str, slow: bool = False
) -> Callable[[Callable[[], Rows]], Callable[[], Rows]]:
    """Enter a generator of rows in the list."""

    def enter(compute: Callable[[], Rows]) -> Callable[[], Rows]:
        CHECKS.append(Check(section, source, compute, slow))
        return compute

    return enter
