"""One SCF iteration of a large sample, in a process of its own."""

from __future__ import annotations

from bdg.upkeep.speed import TOLERANCE, named
from benchmarks.iteration import one_iteration
from benchmarks.process import in_own_process
from benchmarks.scale import Scale, pick
from benchmarks.table import Goal, Table, measured


def measure(scale: Scale) -> list[Table]:
    """Seconds and peak memory of 400×400 sites."""
    shape = pick(scale, (8, 8), (400, 400))
    found, gibibytes = in_own_process(one_iteration, "selected_inversion", shape, 0.05, 1)
    goals = (Goal(12, 6, at_least=False), Goal(2, at_least=False)) if scale != "toy" else (None, None)
    rows = [
        measured(f"{named(shape)}, one SCF iteration / s", found["seconds"], goals[0]),
        measured(f"{named(shape)}, peak memory / GiB", gibibytes, goals[1]),
    ]
    return [Table(f"Large sample, errors ≤ {TOLERANCE:g} (estimate {found['error']:.1e})", rows)]
