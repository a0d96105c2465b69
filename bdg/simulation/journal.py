"""The log of a run as JSON lines: the start, every iteration, every stage and the end."""

from __future__ import annotations

import json
import os
import time
import warnings
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, TextIO

import numpy as np

from bdg._version import __version__
from bdg.errors import BdgError, InputError
from bdg.result import Result
from bdg.scf import Iteration
from bdg.simulation.hooks import Hooks


class Journal(AbstractContextManager["Journal"]):
    """Appends what happens to a file, which any log reader can follow while the run goes on.

    Every line has ``time`` (UTC, ISO 8601), ``elapsed`` (seconds since the start) and ``event``: ``start``,
    ``stage``, ``iteration`` (with what :class:`bdg.scf.Iteration` holds), ``end`` or ``error``. A number that
    is not finite is ``null``, as JSON has none. A full disk costs the log, never the run.

    Parameters
    ----------
    path
        The file; it is appended to. ``None``: no log is kept.
    subject
        What is run: the configuration, or the file that is resumed.

    Raises
    ------
    InputError
        If the file cannot be opened.
    """

    def __init__(self, path: Path | None, subject: Path) -> None:
        self._path, self._began = path, time.monotonic()
        self._file = None if path is None else _opened(path)
        self.write("start", subject=str(subject), version=__version__)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:
            code = error.exit_code if isinstance(error, BdgError) else None
            self.write("error", message=" ".join(str(error).split()) or type(error).__name__, exit_code=code)
        self._close()

    def hooks(self, hooks: Hooks) -> Hooks:
        """The same hooks, with a line for each iteration and each stage."""

        def after_iteration(iteration: Iteration) -> None:
            hooks.after_iteration(iteration)
            self.write("iteration", **asdict(iteration), residual=iteration.residual)

        def stage(line: str) -> None:
            hooks.stage(line)
            self.write("stage", message=line)

        return replace(hooks, after_iteration=after_iteration, stage=stage)

    def end(self, result: Result) -> None:
        """The line of a run that has ended by itself."""
        self.write(
            "end",
            status=result.status,
            iterations=len(result.history),
            residual=result.residual,
            warnings=list(result.warnings),
            output=str(result.path),
        )

    def write(self, event: str, **values: Any) -> None:
        """One line."""
        if self._file is None:
            return
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = {"time": now, "elapsed": round(time.monotonic() - self._began, 3), "event": event}
        try:
            self._file.write(json.dumps(line | {key: _finite(value) for key, value in values.items()}) + "\n")
            self._file.flush()
        except OSError as error:
            self._close()
            text = f"{self._path}: the log ends here ({error.strerror}); the run goes on"
            warnings.warn(text, RuntimeWarning, stacklevel=2)

    def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            with suppress(OSError):  # what could not be written is warned of already
                file.close()


def _opened(path: Path) -> TextIO:
    # A pipe without a reader is refused instead of waited for.
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_NONBLOCK", 0)
    try:
        number = os.open(path, flags, 0o666)
    except OSError as error:
        raise InputError(f"--log {path}: {error.strerror}; name a file that can be written") from None
    return os.fdopen(number, "w", encoding="utf-8")


def _finite(value: Any) -> Any:
    """A number as JSON can hold it."""
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not np.isfinite(value) else value
