"""What tells the file of a point from any other without reading it: its size, its time and its checksum."""

from __future__ import annotations

import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from bdg.store.safety.checksum import is_damaged, stated_checksum

Stamp = tuple[int, int, str]
"""Bytes, the time of the last change in ns, and the checksum at the end of the file."""


def stamp_of(path: Path) -> Stamp:
    """The stamp of a file that is there."""
    state = os.stat(path)
    return state.st_size, state.st_mtime_ns, stated_checksum(path)


def has_stamp(path: Path, stamp: Stamp | None) -> bool:
    """Whether a file is the one whose stamp this is; without one, whether it is there and whole.

    A file of the same size and time is taken to be. One of another time, a copy perhaps, is read for its
    checksum.
    """
    with suppress(OSError):
        state = os.stat(path)
        size, time = state.st_size, state.st_mtime_ns
        if stamp is None:
            return _checksum(path, size, time) is not None
        return size == stamp[0] and (time == stamp[1] or _checksum(path, size, time) == stamp[2])
    return False


@lru_cache(maxsize=1 << 16)
def _checksum(path: Path, size: int, time: int) -> str | None:
    """The checksum of a file that has this size and time; ``None`` if its content does not agree with it."""
    return None if is_damaged(path) else stated_checksum(path)
