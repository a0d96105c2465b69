"""An SCF iteration of a cubic sample against LAPACK, and its memory."""

from __future__ import annotations

from benchmarks.iteration import compare
from benchmarks.scale import Scale, pick
from benchmarks.table import Goal, Table, measured

RATIO = Goal(100, 300)
MEMORY = Goal(3.0, at_least=False)


def measure(scale: Scale) -> list[Table]:
    """24³, open, parameters of the square samples; LAPACK on a smaller cube and extrapolated."""
    size, dense = pick(scale, (4, 3), (24, 12), (24, 16))
    table = compare([(dense,) * 3, (size,) * 3], [(dense,) * 3], {24: RATIO})
    gibibytes = float(table.rows[-1]["memory / GiB"])
    goal = MEMORY if scale != "toy" else None
    return [table, Table("memory", [measured(f"{size}³, peak / GiB", gibibytes, goal)])]
