"""Standard streams on which printing never ends a run: full, closed or of an encoding without Δ."""

from __future__ import annotations

import io
import os
import sys
from typing import Any


class _Forgiving(io.RawIOBase):
    """A stream of bytes that drops what its file does not take.

    Parameters
    ----------
    descriptor
        Of the file; ``None`` drops everything.
    """

    def __init__(self, descriptor: int | None) -> None:
        super().__init__()
        self._descriptor = descriptor
        self.failure: OSError | None = None

    def write(self, data: Any) -> int:
        """Write, or drop; after a failure nothing more is tried."""
        rest = memoryview(data).cast("B")
        while rest and self._descriptor is not None and self.failure is None:
            try:
                rest = rest[os.write(self._descriptor, rest) :]
            except OSError as failure:
                self.failure = failure
        return len(memoryview(data).cast("B"))

    def writable(self) -> bool:
        """Always."""
        return True

    def isatty(self) -> bool:
        """Whether a person is looking."""
        return self._descriptor is not None and os.isatty(self._descriptor)

    def fileno(self) -> int:
        """The descriptor of the file."""
        if self._descriptor is None:
            raise OSError("the stream is closed")
        return self._descriptor


def forgiving(stream: Any) -> io.TextIOWrapper:
    """A text stream in place of a standard one: escapes what it cannot encode, drops what is not taken."""
    descriptor = None
    if stream is not None:
        stream.flush()
        descriptor = stream.fileno()
    encoding = getattr(stream, "encoding", None) or "utf-8"
    return io.TextIOWrapper(
        io.BufferedWriter(_Forgiving(descriptor)),
        encoding=encoding,
        errors="backslashreplace",
        line_buffering=True,
    )


def make_streams_forgiving() -> None:
    """Replace standard output and error, unless something else than a file stands in for them already."""
    for name in ("stdout", "stderr"):
        try:
            setattr(sys, name, forgiving(getattr(sys, name)))
        except (OSError, ValueError, io.UnsupportedOperation):  # a notebook's, a test's
            continue


def what_was_not_printed() -> str | None:
    """Why standard output took less than was printed; ``None`` if it took all, or its reader had enough."""
    sys.stdout.flush()
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    failure = raw.failure if isinstance(raw, _Forgiving) else None
    return (
        None if failure is None or isinstance(failure, BrokenPipeError) else failure.strerror or str(failure)
    )
