"""The index of a study: a line of JSON for every attempt at a point, appended as it ends.

Only the process that schedules the points writes it. A line that was cut off by a kill or a full disk is left
out when the index is read, and overwritten by the next.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bdg.errors import FileRefusedError, ResourceError
from bdg.studies.kept.stamps import Stamp

EVERY = 1.0
"""Seconds between two times that it is made sure of that entries are on the disk."""


@dataclass(frozen=True)
class Entry:
    """How an attempt at a point ended.

    Parameters
    ----------
    point
        Its number.
    digest
        Of its configuration, see :func:`bdg.studies.plan.points.digest`.
    status
        That of the result, or ``failed``.
    values
        The swept keys.
    branch
        The way along the followed key.
    file
        The result, relative to the study.
    seconds
        What it took.
    iterations
        Of the loop.
    numbers
        Single numbers among the quantities, by name.
    error
        In a line, of one that failed.
    residual
        Of the last iteration, in t.
    stamp
        Of the file, see :mod:`bdg.studies.kept.stamps`; ``None`` in entries of earlier versions.
    """

    point: int
    digest: str
    status: str
    values: Mapping[str, Any]
    branch: str = ""
    file: str = ""
    seconds: float = 0.0
    iterations: int = 0
    numbers: Mapping[str, float] = field(default_factory=dict)
    error: str = ""
    residual: float | None = None
    stamp: Stamp | None = None

    @property
    def is_done(self) -> bool:
        """Whether it has converged, and all that was to be measured is."""
        return self.status == "converged" and not self.error


class Index:
    """The lines of a study's index, and the last entry of every point.

    Parameters
    ----------
    path
        The file; made with the first entry.

    Raises
    ------
    FileRefusedError
        If a line before the last is no entry.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: dict[int, Entry] = {}
        self._end, self._synced = 0, -math.inf
        if path.exists():
            self._read(path.read_bytes())

    def _read(self, data: bytes) -> None:
        lines = data.split(b"\n")
        for number, line in enumerate(lines[:-1], 1):  # what follows the last line feed was cut off
            try:
                entry = _entry(line)
            except (ValueError, TypeError):
                if number < len(lines) - 1:
                    raise FileRefusedError(f"{self.path}: line {number} is damaged; remove it") from None
                return
            self.entries[entry.point] = entry
            self._end += len(line) + 1

    def add(self, entry: Entry) -> None:
        """Append an entry; it outlives any end of the process, and the power that fails a second later.

        Raises
        ------
        ResourceError
            If the disk takes no more.
        """
        line = json.dumps(asdict(entry), default=str).encode() + b"\n"
        try:
            with open(self.path, "r+b" if self.path.exists() else "w+b") as file:
                file.seek(self._end)
                file.truncate()
                file.write(line)
                file.flush()
                if time.monotonic() - self._synced > EVERY:
                    os.fsync(file.fileno())
                    self._synced = time.monotonic()
        except OSError as error:
            raise ResourceError(f"{self.path}: cannot be written: {error.strerror or error}") from error
        self._end += len(line)
        self.entries[entry.point] = entry


def _entry(line: bytes) -> Entry:
    """The entry of a line."""
    values = json.loads(line)
    stamp = values.get("stamp")
    return Entry(
        **{**values, "stamp": None if stamp is None else (int(stamp[0]), int(stamp[1]), str(stamp[2]))}
    )
