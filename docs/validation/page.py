"""The validation page, from checks and their rows."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import bdg
from docs.generators.markdown import table
from docs.validation import crosschecks, curves, lattice, limits, metal, peers, published, published_lattices
from docs.validation.check import CHECKS, SECTIONS, Check, Row

MODULES = (limits, metal, lattice, curves, published, published_lattices, peers, crosschecks)
"""The checks of a section stand in this order."""

PAGE = Path(__file__).parents[1] / "validation.md"

INTRODUCTION = """# Validation

Numbers of the package beside those that theory fixes, that papers print and that other packages get, and the
package beside itself. `scripts/validate` computes every one of them and writes this page; nothing on it is
typed in, and the tests recompute the quick ones and compare. A row agrees where the difference is within the
tolerance: half a unit of the last printed digit, what a limit leaves at the parameters that are computed, or
the tolerance of the solver.

Published numbers are those that papers print in their texts and tables, or that their formulas give, entered
as the literature quotes them. Points read off printed figures are not among them: no digitised curves of
these papers are known to us that may be passed on. Curves are compared where they have a closed form.

"""


def ordered() -> list[Check]:
    """All checks in the order of the page."""
    names = [module.__name__ for module in MODULES]
    return sorted(CHECKS, key=lambda one: (SECTIONS.index(one.section), names.index(one.compute.__module__)))


def page(found: Mapping[str, Sequence[Row]]) -> str:
    """The whole page, of the rows of every check by name."""
    parts = [INTRODUCTION, f"Version {bdg.__version__}.\n\n", summary(found)]
    for section in SECTIONS:
        parts.append(f"\n## {section}\n")
        parts += [text_of(one, found[one.name]) for one in ordered() if one.section == section]
    return "".join(parts)


def summary(found: Mapping[str, Sequence[Row]]) -> str:
    """How many numbers agree, by section."""
    lines = []
    for section in SECTIONS:
        rows = [row for one in CHECKS if one.section == section for row in found[one.name]]
        red = sum(not row.agrees for row in rows)
        lines.append([section, str(len(rows)), str(len(rows) - red), str(red)])
    return table(["", "numbers", "agree", "differ"], lines)


def text_of(one: Check, rows: Sequence[Row]) -> str:
    """Heading, description, source and table of a check."""
    heading, *paragraphs = one.text
    text = "".join(f"{paragraph}\n\n" for paragraph in paragraphs)
    header = ["quantity", "value", "ours", "difference", "tolerance", ""]
    lines = [line(row) for row in rows]
    if any(row.source for row in rows):
        header.insert(1, "source")
        lines = [[cells[0], row.source, *cells[1:]] for cells, row in zip(lines, rows, strict=True)]
    return f"\n### {heading.rstrip('.')}\n\n{text}Against: {one.source}.\n\n{table(header, lines)}"


def line(row: Row) -> list[str]:
    """The cells of a row."""
    verdict = "agrees" if row.agrees else f"**differs**: {row.why or 'not understood'}"
    numbers = [f"{round(row.reference, 12):.10g}", rounded(row.ours, row.tolerance)]
    return [row.quantity, *numbers, f"{row.difference:.0e}", f"{row.tolerance:.2g}", verdict]


def rounded(value: float, tolerance: float) -> str:
    """A number to one digit more than its tolerance resolves, at most ten."""
    digits = min(10, math.ceil(-math.log10(tolerance)) + 1) if tolerance else 0
    text = f"{value:.{max(digits, 0)}f}"
    return text.removeprefix("-") if not text.strip("-0.") else text
