"""What a solver does between the parts of its work: it says how far it is, and asks whether to go on."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bdg.errors import RunInterruptedError


def _nothing(part: str, done: int, total: int) -> None:
    """Show nothing."""


def _nobody() -> int:
    """Interrupt nothing."""
    return 0


@dataclass(frozen=True)
class Monitor:
    """Progress and requests to stop, for work of many parts: poles, momenta, energies.

    Parameters
    ----------
    interrupt
        Asked between the parts: the number of a signal, or true, abandons the work.
    progress
        Called with the name of the parts, how many are done, and how many there are.
    """

    interrupt: Callable[[], int] = _nobody
    progress: Callable[[str, int, int], None] = _nothing

    def check(self) -> None:
        """Go on, or not.

        Raises
        ------
        RunInterruptedError
            If that is asked for.
        """
        number = self.interrupt()
        if number:
            raise RunInterruptedError("stopped", signal.SIGINT if number is True else number)

    def report(self, part: str, done: int, total: int) -> None:
        """Say how far the work is, and go on or not; see :meth:`check`."""
        self.progress(part, done, total)
        self.check()

    def share(self, first: int, count: int, total: int) -> Monitor:
        """For work that is ``count`` of ``total`` parts, after ``first`` of them: it counts its own parts."""

        def progress(part: str, done: int, of: int) -> None:
            self.progress(part, first + count * done // max(1, of), total)

        return Monitor(self.interrupt, progress)


SILENT = Monitor()
"""Shows nothing and never stops."""


@contextmanager
def watched(solver: Any, monitor: Monitor) -> Iterator[None]:
    """Let a solver report to a monitor while the block runs."""
    before = getattr(solver, "monitor", SILENT)
    solver.monitor = monitor
    try:
        yield
    finally:
        solver.monitor = before


@contextmanager
def watched_share(solver: Any, first: int, count: int, total: int) -> Iterator[None]:
    """Let what a solver does while the block runs count as a share of it all; see :meth:`Monitor.share`."""
    with watched(solver, getattr(solver, "monitor", SILENT).share(first, count, total)):
        yield
