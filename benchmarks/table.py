"""Tables: rows of named values, goals to judge them by, and how both are printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

Value = str | int | float
Row = dict[str, Value]

VERDICT = "verdict"
"""Column that says whether a goal is met."""


@dataclass(frozen=True)
class Goal:
    """What a measured number must reach (the gate) and what it should (the target).

    Parameters
    ----------
    gate, target
        Bounds; ``None`` where there is none.
    at_least
        Whether the number must not be below them, rather than not above.
    """

    gate: float
    target: float | None = None
    at_least: bool = True

    def judged(self, value: float) -> Row:
        """The columns ``gate``, ``target`` and ``verdict`` for a measured number."""
        verdict = "pass" if self._meets(value, self.gate) else "MISS"
        if self.target is not None and verdict == "pass":
            verdict = "pass, target met" if self._meets(value, self.target) else "pass, target missed"
        return {"gate": self._bound(self.gate), "target": self._bound(self.target), VERDICT: verdict}

    def _meets(self, value: float, bound: float) -> bool:
        return value >= bound if self.at_least else value <= bound

    def _bound(self, bound: float | None) -> str:
        return "" if bound is None else f"{'≥' if self.at_least else '≤'} {text(bound)}"


@dataclass(frozen=True)
class Table:
    """What a benchmark found.

    Parameters
    ----------
    title
        One line.
    rows
        One dictionary a line, the same names in all; what a row lacks is left blank.
    notes
        Lines above the table: formulas, what is extrapolated.
    """

    title: str
    rows: list[Row]
    notes: Sequence[str] = field(default_factory=tuple)

    def lines(self) -> list[str]:
        """The table as text, every column as wide as it must be."""
        head = list(dict.fromkeys(name for row in self.rows for name in row))
        cells = [head, *([text(row.get(name, "")) for name in head] for row in self.rows)]
        widths = [max(len(line[column]) for line in cells) for column in range(len(head))]
        body = ["  ".join(cell.rjust(w) for cell, w in zip(line, widths, strict=True)) for line in cells]
        return [self.title, *(f"  {note}" for note in self.notes), *body]

    def verdicts(self) -> list[tuple[str, str]]:
        """First column and verdict of every row that has a goal."""
        return [(text(next(iter(row.values()))), str(row[VERDICT])) for row in self.rows if row.get(VERDICT)]


NO_GOAL: Row = {"gate": "", "target": "", VERDICT: ""}
"""The columns of a row without a goal, where they stand before others."""


def measured(what: str, value: float, goal: Goal | None) -> Row:
    """A row of one number with its goal, for tables of different things."""
    return {"what": what, "measured": value, **(goal.judged(value) if goal else {})}


def text(value: Value) -> str:
    """Three digits of a number, no powers of ten where they are not needed."""
    if not isinstance(value, float):
        return str(value)
    if abs(value) >= 100:
        return f"{value:,.0f}" if abs(value) < 1e9 else f"{value:.3g}"
    return f"{value:.3g}"
