"""One run at a time on an output: a lock that the system takes back however the run ends."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bdg.errors import FileBusyError

fcntl: Any
try:
    import fcntl
except ImportError:  # a system without POSIX locks: two runs on one output are not distinguished there
    fcntl = None


@contextmanager
def only_run_on(output: str | os.PathLike[str]) -> Iterator[bool]:
    """Hold OUTPUT.lock while the block runs.

    The folder must exist. A file system that has no locks gives none.

    Yields
    ------
    bool
        Whether a run before may have been killed: its lock is still there, or there are none here.

    Raises
    ------
    FileBusyError
        If another run holds it.
    """
    path = Path(os.path.realpath(output) + ".lock")
    stream, was_killed = _locked(path, output) if fcntl is not None else (None, True)
    try:
        yield was_killed
    finally:
        if stream is not None:
            with suppress(OSError):
                path.unlink()  # still locked: nobody else can have taken it for theirs
            os.close(stream)


def require_no_run_on(output: str | os.PathLike[str]) -> None:
    """Refuse an output that another run holds, without holding it.

    Raises
    ------
    FileBusyError
        If one does.
    """
    path = os.path.realpath(output) + ".lock"
    if fcntl is None or not os.path.exists(path):
        return
    with suppress(FileNotFoundError), open(path, "rb") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _busy(output) from None
        except OSError:  # no locks here
            return


def _busy(output: str | os.PathLike[str]) -> FileBusyError:
    return FileBusyError(
        f"{os.fspath(output)}: another run is at work on it; wait for its end, or name another output"
    )


def _locked(path: Path, output: str | os.PathLike[str]) -> tuple[int, bool]:
    """Descriptor of the locked file, and whether it was there already."""
    while True:
        stream, was_there = _opened(path)
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(stream)
            raise _busy(output) from None
        except OSError:  # no locks here
            return stream, True
        with suppress(FileNotFoundError):
            if os.stat(path).st_ino == os.fstat(stream).st_ino:
                return stream, was_there
        os.close(stream)  # it was another's, who removed it between our two steps


def _opened(path: Path) -> tuple[int, bool]:
    """Descriptor of a file, and whether it was there already."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o644), False
    except FileExistsError:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o644), True
