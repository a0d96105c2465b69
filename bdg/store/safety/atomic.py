"""Files that appear whole or not at all: a temporary in the same folder, fsync, then one rename."""

from __future__ import annotations

import errno
import os
import secrets
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import FileIO
from pathlib import Path

from bdg.errors import BdgError, FileRefusedError, ResourceError

LEFTOVER = ".bdg-*.tmp"
"""Temporaries of writers, those that were killed among them."""

NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def new_file(
    path: str | os.PathLike[str], *, overwrite: bool = False, durable: bool = True
) -> Iterator[FileIO]:
    """Open a file for writing and reading that takes its name only if the block ends well.

    Missing parent folders are made. Whatever goes wrong, the temporary is removed and a file that had the
    name before is left as it was.

    Parameters
    ----------
    path
        The name; a symbolic link is followed.
    overwrite
        Whether an existing file may be replaced.
    durable
        Whether to wait until it is on the disk. Without that it outlives any end of the process, and is lost
        or damaged where the power fails in the next half minute.

    Raises
    ------
    FileRefusedError
        If the file exists and may not be replaced, or the name belongs to something that is not a file.
    ResourceError
        If the folder cannot be written to, or the disk is full.
    """
    target = Path(os.path.realpath(path))
    with _explained(path):
        _refuse(target, path, overwrite)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = _temporary(target)
        try:
            with open(temporary, "x+b", buffering=0) as stream:
                yield stream
                if durable:
                    os.fsync(stream.fileno())
            _publish(temporary, target, path, overwrite)
        finally:
            with suppress(OSError):  # gone already if it was renamed
                temporary.unlink()
        if durable:
            _sync_folder(target.parent)


def write_bytes(path: str | os.PathLike[str], data: bytes, *, overwrite: bool = False) -> None:
    """Write a small file whole or not at all; errors as in :func:`new_file`."""
    with new_file(path, overwrite=overwrite) as stream:
        write_all(stream, data)


def write_text(path: str | os.PathLike[str], text: str, *, overwrite: bool = False) -> None:
    """Write text as UTF-8, whole or not at all; errors as in :func:`new_file`."""
    write_bytes(path, text.encode("utf-8"), overwrite=overwrite)


def require_writable(path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
    """Find out before a long computation whether its output could be written; missing folders are made.

    Raises
    ------
    FileRefusedError, ResourceError
        As :func:`new_file` would.
    """
    target = Path(os.path.realpath(path))
    with _explained(path):
        _refuse(target, path, overwrite)
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = _temporary(target)
        temporary.touch(exist_ok=False)
        temporary.unlink()


def write_all(stream: FileIO, data: bytes | memoryview) -> None:
    """Write every byte: one call of an unbuffered stream may take only some of them."""
    rest = memoryview(data).cast("B")
    while rest:
        rest = rest[stream.write(rest) :]


def remove_leftovers(path: str | os.PathLike[str]) -> None:
    """Remove the temporaries of writers of this file that were killed; nobody may be writing it now."""
    target = Path(os.path.realpath(path))
    for left in target.parent.glob(f"{_prefix(target)}{'[0-9a-f]' * 12}.tmp"):
        with suppress(OSError):
            left.unlink()


def _temporary(target: Path) -> Path:
    return target.with_name(f"{_prefix(target)}{secrets.token_hex(6)}.tmp")


def _prefix(target: Path) -> str:
    """How the temporaries of a file begin: its name, which may be as long as names can be, as a number."""
    return f".bdg-{zlib.crc32(os.fsencode(target.name)):08x}-"


def _refuse(target: Path, path: str | os.PathLike[str], overwrite: bool) -> None:
    if target.is_dir():
        raise FileRefusedError(f"{os.fspath(path)}: is a folder; give the name of a file")
    if target.exists() and not target.is_file():
        raise FileRefusedError(f"{os.fspath(path)}: not a regular file; give another name")
    if target.exists() and not overwrite:
        raise FileRefusedError(_exists(path))


def _publish(temporary: Path, target: Path, path: str | os.PathLike[str], overwrite: bool) -> None:
    """Give the finished file its name, in one step that other processes see whole."""
    if not overwrite:
        # A link fails if the name is taken, also by a process that was quicker; a rename would not.
        try:
            os.link(temporary, target)
            return
        except FileExistsError:
            raise FileRefusedError(_exists(path)) from None
        except OSError:  # a file system without links
            _refuse(target, path, overwrite)
    os.replace(temporary, target)


def _exists(path: str | os.PathLike[str]) -> str:
    return (
        f"{os.fspath(path)}: exists already; name another output"
        " or allow it to be replaced (--overwrite, from Python overwrite=True)"
    )


def _sync_folder(folder: Path) -> None:
    """Make the new name itself durable, where the system lets a folder be synchronised."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextmanager
def _explained(path: str | os.PathLike[str]) -> Iterator[None]:
    """Turn the system's errors into ours, one line each."""
    try:
        yield
    except BdgError:
        raise
    except OSError as error:
        name, reason = os.fspath(path), error.strerror or str(error)
        if error.errno in NO_ROOM:
            message = f"{name}: no room on the disk ({reason}); free some space or write somewhere else"
            raise ResourceError(_one_line(message)) from error
        if error.errno == errno.EFBIG:
            message = f"{name}: no file may become that large here ({reason})"
            hint = "raise the limit on the size of files (ulimit -f) or write to another disk"
            raise ResourceError(_one_line(f"{message}; {hint}")) from error
        if error.errno in {errno.EEXIST, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP}:
            raise FileRefusedError(
                _one_line(f"{name}: cannot be a file ({reason}); give another name")
            ) from error
        message = f"{name}: cannot be written ({reason}); choose a folder that can be written to"
        raise ResourceError(_one_line(message)) from error


def _one_line(text: str) -> str:
    return " ".join(text.split())
