"""What the observables of a run find is kept as it is found, in a folder beside the checkpoint."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

from bdg.errors import FileRefusedError, ResourceError
from bdg.observables.loops import Points
from bdg.store import read_parts, write_parts

WORTH_KEEPING = 2.0
"""Seconds of work from which what was found is kept."""


def parts_path(output: Path) -> Path:
    """OUTPUT.parts beside the output, a folder."""
    return output.with_name(output.name + ".parts")


class PartsKeeper:
    """Writes every observable once it is whole, and what was found of a long one every so often.

    Nothing is written of work of less than :data:`WORTH_KEEPING` seconds. Where it cannot be written, the run
    goes on: all that is lost then is what a kill would cost.

    Parameters
    ----------
    folder
        Where to; ``None`` to keep nothing.
    interval
        Seconds between two writings of parts of an observable; 0 for each, and however little work it was.
    before
        Called before anything is written: the state must be kept that it is of.

    Attributes
    ----------
    points
        Those in the folder, and those found.
    """

    def __init__(
        self, folder: Path | None, interval: float, before: Callable[[], Any] = lambda: None
    ) -> None:
        self._folder, self._interval, self._before = folder, interval, before
        known = None if folder is None else read_parts(folder)
        self.points = Points(known, self._found, is_kept=folder is not None)
        self._began = self._written = time.monotonic()

    def _found(self, is_whole: bool) -> None:
        now = time.monotonic()
        since, enough = self._written, self._interval
        if is_whole:
            since, enough = self._began, min(WORTH_KEEPING, self._interval)
        if now - since >= enough:
            with suppress(ResourceError, FileRefusedError):
                self._before()
                self.write()

    def write(self) -> None:
        """Write what is not written yet.

        Raises
        ------
        FileRefusedError, ResourceError
            If it cannot be.
        """
        fresh = dict(self.points.fresh)
        if self._folder is not None and fresh:
            write_parts(self._folder, fresh)
            self.points.written(fresh)
        self._written = time.monotonic()
