"""What is seen of an experiment: which point of how many is worked on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bdg.solvers import SILENT, Monitor, watched

PART = "points"
"""Name of the parts of an experiment."""

UNKNOWN = 0
"""Number of points of a search, of which nobody knows how many it takes."""


@contextmanager
def at_point(solver: Any, done: int, total: int) -> Iterator[None]:
    """Let the progress show a point of an experiment, whatever the solver does for it.

    Raises
    ------
    RunInterruptedError
        If the work is to end.
    """
    monitor: Monitor = getattr(solver, "monitor", SILENT)

    def progress(part: str, inner_done: int, inner_total: int) -> None:
        monitor.progress(PART, done, total)

    monitor.report(PART, done, total)
    with watched(solver, Monitor(monitor.interrupt, progress)):
        yield
