"""The signals that a run obeys: the first ends it within seconds, with a checkpoint, a second one at once."""

from __future__ import annotations

import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, NoReturn

from bdg.errors import Stopped

OBEYED = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGXCPU") if hasattr(signal, name)
)
"""Ctrl-C, a scheduler's end, a terminal that closes, a limit on processor time: each ends the run."""

KEEP = getattr(signal, "SIGUSR1", None)
"""What a scheduler sends before it ends a run: a checkpoint is written, and the run goes on."""

GRACE = 6.0
"""Seconds after a signal in which a run may end by itself: schedulers kill after thirty, some after ten."""

WRITING = 3.0
"""Seconds more for the checkpoint."""


class SignalTrap(AbstractContextManager["SignalTrap"]):
    """Turns the first signal of :data:`OBEYED` into a request to stop; a second one stops at once.

    After :meth:`hurry` the first one does: an observable can take much longer than an iteration of the loop.
    What does not look at requests, as a factorisation of a very large matrix, has :data:`GRACE` seconds; then
    the process ends all the same, after the checkpoint of the last complete iteration is written.

    Parameters
    ----------
    is_final
        Whether the process may be ended so: the command's, not that of a session.
    """

    def __init__(self, *, is_final: bool = False) -> None:
        self.number: int | None = None
        self._is_final, self._at_once, self._has_left, self._keep = is_final, False, False, False
        self._write: Callable[[], Path | None] = lambda: None
        self._before: dict[int, Any] = {}

    def caught(self) -> bool:
        """Whether a stop was asked for."""
        return self.number is not None

    def keep(self) -> bool:
        """Whether a checkpoint was asked for since the last time."""
        asked, self._keep = self._keep, False
        return asked

    def interrupt(self) -> int:
        """The signal that asked for it, or 0."""
        return self.number or 0

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

    def rescue(self, write: Callable[[], Path | None]) -> None:
        """Take note of what keeps the work done so far if the process must end in the middle of it."""
        self._write = write

    def __enter__(self) -> SignalTrap:
        for number in OBEYED:
            self._before[number] = signal.signal(number, self._handle)
        if KEEP is not None:
            self._before[KEEP] = signal.signal(KEEP, self._ask_to_keep)
        if self._is_final and threading.current_thread() is threading.main_thread():
            heard, told = os.pipe()
            os.set_blocking(told, False)
            # Written to by the system, also while the interpreter waits for the end of compiled code.
            signal.set_wakeup_fd(told, warn_on_full_buffer=False)
            threading.Thread(target=self._watch, args=(heard,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._has_left = True
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask_to_keep(self, number: int, frame: FrameType | None) -> None:
        self._keep = True

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._at_once or self.number is not None:
            self._stop(number)
        self.number = number
        print("stopping (again to stop at once)", file=sys.stderr)

    def _stop(self, number: int) -> NoReturn:
        raise Stopped("stopped at once", number)

    def _watch(self, heard: int) -> None:
        """Wait for a signal, and for what becomes of it."""
        while (number := os.read(heard, 1)[0]) not in OBEYED:
            pass
        again = select.select([heard], [], [], GRACE)[0]
        if again:
            time.sleep(1.0)
        self._leave(number)

    def _leave(self, number: int) -> NoReturn:
        """End the process: nothing else did."""
        if not self._has_left:
            written: list[Path | None] = []
            writer = threading.Thread(target=lambda: written.append(self._write()), daemon=True)
            writer.start()
            writer.join(WRITING)
            file = written[0] if written else None
            advice = "" if file is None else f"; go on with: bdg resume {file}"
            print(f"bdg: stopped in the middle of a long computation{advice}", file=sys.stderr)
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(128 + number)
