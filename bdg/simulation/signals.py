"""The signals that a run obeys: the first ends it within seconds, with a checkpoint, a second one at once."""

from __future__ import annotations

import os
import selectors
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, NoReturn

from bdg.errors import RunStoppedError

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

PATIENCE, AGAIN = 0.1, 1.0
"""Seconds between two looks, and those left after a second signal or the last line of the program."""

LATEST = 60.0
"""Seconds after which a process that goes on is a session of somebody's, and left alone."""


class SignalTrap(AbstractContextManager["SignalTrap"]):
    """Turns the first signal of :data:`OBEYED` into a request to stop; a second one stops at once.

    After :meth:`stop_immediately` the first one does: an observable can take much longer than an
    iteration of the loop. What does not look at requests, as a factorisation of a very large matrix, has
    :data:`GRACE` seconds; then the process ends all the same, after the checkpoint of the last complete
    iteration is written.

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
        self._told: int | None = None
        self._told_before = -1

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

    def stop_immediately(self) -> None:
        """From here on stop at once, and now if a stop was asked for.

        Raises
        ------
        RunStoppedError
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
            heard, self._told = os.pipe()
            os.set_blocking(self._told, False)
            # Written to by the system, also while the interpreter waits for the end of compiled code.
            self._told_before = signal.set_wakeup_fd(self._told, warn_on_full_buffer=False)
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
        if self._told is not None:
            signal.set_wakeup_fd(self._told_before)
            os.close(self._told)  # which ends the watch, unless there was a signal

    def _ask_to_keep(self, number: int, frame: FrameType | None) -> None:
        self._keep = True

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._at_once or self.number is not None:
            self._stop(number)
        self.number = number
        print("stopping (again to stop at once)", file=sys.stderr)

    def _stop(self, number: int) -> NoReturn:
        raise RunStoppedError("stopped at once", number)

    def _watch(self, heard: int) -> None:
        """Wait for a signal, and for what becomes of it."""
        number = _next_signal(heard)
        if number is None:
            return
        ends = time.monotonic() + GRACE
        with (
            selectors.DefaultSelector() as waiting
        ):  # select() knows no file beyond the thousandth of a process
            waiting.register(heard, selectors.EVENT_READ)
            while time.monotonic() < ends and not self._has_left:
                if waiting.select(PATIENCE) and _next_signal(heard) is not None:
                    ends = min(ends, time.monotonic() + AGAIN)
        if not self._has_left:
            self._rescue()
            _end(number)
        ends = time.monotonic() + LATEST
        while time.monotonic() < ends:  # threads that are still at work may hold up the end of the process
            time.sleep(PATIENCE)
            if _is_ending():
                time.sleep(AGAIN)
                _end(number)

    def _rescue(self) -> None:
        """Write the checkpoint, from this thread: the main one is busy."""
        written: list[Path | None] = []
        writer = threading.Thread(target=lambda: written.append(self._write()), daemon=True)
        writer.start()
        writer.join(WRITING)
        file = written[0] if written else None
        advice = "" if file is None else f"; continue with: bdg resume {file}"
        print(f"bdg: stopped in the middle of a long computation{advice}", file=sys.stderr)


def _next_signal(heard: int) -> int | None:
    """The next signal that ends the run; ``None`` once nobody sends any more."""
    while byte := os.read(heard, 1):
        if byte[0] in OBEYED:
            return byte[0]
    os.close(heard)
    return None


def _is_ending() -> bool:
    """Whether the interpreter waits for its last threads."""
    return bool(getattr(threading, "_SHUTTING_DOWN", False)) or not threading.main_thread().is_alive()


def _end(number: int) -> NoReturn:
    """End the process: nothing else did."""
    with suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(128 + number)
