"""What a person sees while a run goes on, and the signals they may send."""

from __future__ import annotations

import signal
import sys
from contextlib import AbstractContextManager
from types import FrameType, TracebackType
from typing import Any, NoReturn

from bdg.errors import Stopped
from bdg.scf import Iteration

PLAIN_EVERY = 10
"""Without a terminal, every so many turns are printed, besides the first ones."""


class SignalTrap(AbstractContextManager["SignalTrap"]):
    """Turns the first SIGINT or SIGTERM into a request to stop; a second one stops at once.

    After :meth:`hurry` the first one does: an observable can take much longer than a turn of the loop.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self._at_once = False
        self._before: dict[int, Any] = {}

    def caught(self) -> bool:
        """Whether a stop was asked for."""
        return self.number is not None

    def hurry(self) -> None:
        """From here on stop at once, and now if a stop was asked for.

        Raises
        ------
        Stopped
            If it was.
        """
        self._at_once = True
        if self.number is not None:
            self._stop(self.number)

    def __enter__(self) -> SignalTrap:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._at_once or self.number is not None:
            self._stop(number)
        self.number = number
        print("stopping after this iteration (again to stop at once)", file=sys.stderr)

    def _stop(self, number: int) -> NoReturn:
        raise Stopped("stopped at once", number)


class Console(AbstractContextManager["Console"]):
    """A live line on a terminal; plain lines otherwise.

    Parameters
    ----------
    quiet
        Show nothing.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self._live: Any = None

    def __enter__(self) -> Console:
        if not self._quiet and sys.stdout.isatty():
            from rich.console import Console as RichConsole

            self._live = RichConsole().status("setting up")
            self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.__exit__(kind, error, trace)

    def turn(self, turn: Iteration) -> None:
        """Show a turn of the loop."""
        line = f"iteration {turn.iteration}: residual {turn.residual:.2e} t, mean |Δ| {turn.mean_delta:.6f} t"
        if turn.filling_error:
            line += f", μ {turn.mu:.6f} t, filling off by {turn.filling_error:.1e}"
        if turn.saddle:
            line += f", a saddle: deviations grow by λ = {turn.saddle:.6g}"
        self._show(line, plainly=turn.iteration <= 3 or turn.iteration % PLAIN_EVERY == 0 or turn.saddle > 0)

    def stage(self, name: str) -> None:
        """Show what is done now."""
        self._show(name, plainly=True)

    def _show(self, line: str, *, plainly: bool) -> None:
        if self._live is not None:
            self._live.update(line)
        elif plainly and not self._quiet:
            print(line, flush=True)
