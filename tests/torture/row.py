"""A row of the table: trials until the time is up, and those that gave way."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np


@dataclass
class Trials:
    """The trials of a row.

    Parameters
    ----------
    most
        How many there are at most.
    seconds
        How long they may take together.
    rng
        What they are drawn from.
    """

    most: int
    seconds: float
    rng: np.random.Generator
    done: int = 0
    failures: list[str] = field(default_factory=list)
    figures: dict[str, float] = field(default_factory=dict)
    _began: float = field(default_factory=time.monotonic)

    def __iter__(self):
        while self.done < self.most and time.monotonic() - self._began < self.seconds:
            yield self.done
            self.done += 1

    def expect(self, holds: bool, what: str) -> None:
        """Note a trial that gave way."""
        if not holds:
            self.failures.append(f"{self.done}: {what}")

    def count(self, name: str, by: float = 1) -> None:
        """Add to a figure."""
        self.figures[name] = self.figures.get(name, 0) + by

    def largest(self, name: str, value: float) -> None:
        """Keep the largest of a figure."""
        self.figures[name] = max(self.figures.get(name, -np.inf), value)

    @property
    def figure(self) -> str:
        """The figures in words."""
        parts = [f"{len(self.failures)} failed" if self.failures else "0 failed"]
        return "; ".join([*parts, *(f"{name} {value:.3g}" for name, value in self.figures.items())])


@dataclass(frozen=True)
class Row:
    """A row: what is tried, how often at most, its share of the time, and the trials."""

    name: str
    what: str
    most: int
    share: float
    run: Callable[[Trials], None]


ROWS: dict[str, Row] = {}
"""All rows by name, in the order of the table."""


def row(
    what: str, *, most: int, share: float = 1.0
) -> Callable[[Callable[[Trials], None]], Callable[[Trials], None]]:
    """Declare a function as a row."""

    def declare(run: Callable[[Trials], None]) -> Callable[[Trials], None]:
        name = run.__name__.replace("_", "-")
        ROWS[name] = Row(name, what, most, share, run)
        return run

    return declare
