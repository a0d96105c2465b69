"""What a command of ``bdg theory`` found: columns, single numbers, and how to draw them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Column:
    """A named column.

    Parameters
    ----------
    name
        Without spaces, the header in a file.
    values
        Numbers or words, shape ``(n,)``.
    units
        ``"1"`` for pure numbers.
    long_name
        What it is.
    """

    name: str
    values: NDArray[Any]
    units: str = "1"
    long_name: str = ""


@dataclass(frozen=True)
class Panel:
    """Columns that are drawn together against the first one.

    Parameters
    ----------
    names
        Of the columns.
    label
        Of the y axis.
    labels
        In the legend, one for each; without, the long names.
    dashed
        Names of those drawn as references.
    points
        Names of those drawn as points.
    log
        Which axes are logarithmic: ``""``, ``"x"``, ``"y"`` or ``"xy"``.
    limits
        Of the y axis, where the default would hide the rest.
    x
        Name of the x axis; the first column by default.
    """

    names: Sequence[str]
    label: str
    labels: Sequence[str] = ()
    dashed: Sequence[str] = ()
    points: Sequence[str] = ()
    log: str = ""
    limits: tuple[float, float] | None = None
    x: str = ""


@dataclass(frozen=True)
class Table:
    """A table with what stands above it and how to draw it.

    Parameters
    ----------
    title
        One line.
    columns
        The first is the x axis.
    facts
        Single numbers by name.
    panels
        Of the figure.
    """

    title: str
    columns: Sequence[Column]
    facts: dict[str, float] = field(default_factory=dict)
    panels: Sequence[Panel] = ()

    def column(self, name: str) -> Column:
        """The column of that name."""
        return next(column for column in self.columns if column.name == name)

    def lines(self) -> list[str]:
        """The table as text, every column as wide as it must be."""
        heads = [c.name if c.units == "1" else f"{c.name} ({c.units})" for c in self.columns]
        cells = [[text(value) for value in column.values] for column in self.columns]
        widths = [max(map(len, [head, *column])) for head, column in zip(heads, cells, strict=True)]
        rows = [heads, *zip(*cells, strict=True)]
        body = ["  ".join(cell.rjust(w) for cell, w in zip(row, widths, strict=True)) for row in rows]
        wide = max(map(len, self.facts), default=0)
        told = [f"{name:{wide}}  {value:.10g}" for name, value in self.facts.items()]
        return [self.title, *told, *([""] if told and self.columns else []), *(body if self.columns else [])]


def text(value: Any) -> str:
    """Eight digits of a number; a dash where there is none."""
    if np.issubdtype(type(value), np.floating) and np.isnan(value):
        return "–"
    return f"{float(value):.8g}" if np.issubdtype(type(value), np.number) else str(value)
