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
def only_run_on(output: str | os.PathLike[str]) -> Iterator[None]:
    """Hold OUTPUT.lock while the block runs.

    The folder must exist. A file system that has no locks gives none.

    Raises
    ------
    FileBusyError
        If another run holds it.
    """
    path = Path(os.path.realpath(output) + ".lock")
    stream = _locked(path, output) if fcntl is not None else None
    try:
        yield
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


def _locked(path: Path, output: str | os.PathLike[str]) -> int:
    """Descriptor of the locked file."""
    while True:
        stream = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(stream)
            raise _busy(output) from None
        except OSError:  # no locks here
            return stream
        with suppress(FileNotFoundError):
            if os.stat(path).st_ino == os.fstat(stream).st_ino:
                return stream
        os.close(stream)  # it was another's, who removed it between our two steps
