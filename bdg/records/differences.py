"""In what two results differ: how they ended, what was asked for, the fields and what was measured."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from bdg.errors import InputError
from bdg.records.settings import SettingDifference, settings_compared
from bdg.records.values import ValueDifference, values_compared
from bdg.result import Result
from bdg.store import read
from bdg.words import counted

Compared = Result | str | os.PathLike[str]
"""A result or its file."""


@dataclass(frozen=True)
class Diff:
    """In what two results differ.

    Parameters
    ----------
    names
        What they are called.
    status
        How each ended.
    iterations, residuals
        Of each loop.
    settings
        The keys in which their configurations differ.
    values
        Every field and every quantity, the same ones too.
    """

    names: tuple[str, str]
    status: tuple[str, str]
    iterations: tuple[int, int]
    residuals: tuple[float, float]
    settings: tuple[SettingDifference, ...]
    values: tuple[ValueDifference, ...]

    @property
    def fields(self) -> tuple[ValueDifference, ...]:
        """The self-consistent fields."""
        return tuple(row for row in self.values if row.kind == "field")

    @property
    def observables(self) -> tuple[ValueDifference, ...]:
        """What was measured."""
        return tuple(row for row in self.values if row.kind == "observable")

    @property
    def differing(self) -> tuple[ValueDifference, ...]:
        """The fields and quantities that are not the same."""
        return tuple(row for row in self.values if not row.is_same)

    @property
    def has_same_values(self) -> bool:
        """Whether both ended alike, with the same fields and quantities."""
        return self.status[0] == self.status[1] and not self.differing

    @property
    def is_same(self) -> bool:
        """Whether they have the same values, and the same configuration besides where it writes."""
        return self.has_same_values and not self.settings

    def __repr__(self) -> str:
        """What differs, in a line."""
        parts = [
            "" if self.status[0] == self.status[1] else " and ".join(self.status).replace("_", " "),
            f"{counted(len(self.settings), 'key')} of the configuration" if self.settings else "",
            f"{', '.join(row.name for row in self.differing)}" if self.differing else "",
        ]
        told = "; ".join(part for part in parts if part)
        return f"{self.names[0]} and {self.names[1]}: {told or 'the same'}"


def diff(
    first: Compared, second: Compared, *, tolerance: float | None = None, defaults: bool = False
) -> Diff:
    """In what two results differ, up to a gauge and, where no direction of spin is special, a rotation.

    Parameters
    ----------
    first, second
        Results or their files.
    tolerance
        Largest difference of a field or a quantity that is none, as a share of its largest value; by default
        what the stated errors and the tolerances of both loops allow.
    defaults
        Whether to name also keys that nobody gave in either, and which differ by what else was given.

    Raises
    ------
    InputError
        If there is no such file, or the tolerance is negative.
    FileRefusedError
        If one is damaged, or no result.
    """
    if tolerance is not None and not tolerance >= 0:
        raise InputError(f"a tolerance of {tolerance} is impossible; give a number of at least 0")
    one, two = result_of(first), result_of(second)
    return Diff(
        (name_of(first, one, "first"), name_of(second, two, "second")),
        (one.status, two.status),
        (len(one.history), len(two.history)),
        (one.residual, two.residual),
        settings_compared(one.config, two.config, defaults=defaults),
        values_compared(one, two, tolerance),
    )


def result_of(what: Compared) -> Result:
    """The result itself, or that of a file."""
    return what if isinstance(what, Result) else read(what)


def name_of(what: Compared, result: Result, otherwise: str) -> str:
    """The name of a file, or what a result in memory is called."""
    path: str | os.PathLike[str] | None = result.path if isinstance(what, Result) else what
    return otherwise if path is None else str(Path(path))
