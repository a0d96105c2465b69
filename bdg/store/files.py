"""Opening HDF5 files for writing and reading, with the errors that go with it."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO, FileIO
from pathlib import Path
from typing import Any, Literal, get_args

import h5py
import numpy as np

from bdg.errors import BdgError, FileRefusedError, InputError
from bdg.store.groups.objects import write_attributes
from bdg.store.safety.atomic import new_file, write_all
from bdg.store.safety.checksum import append_checksum, has_checksum, is_damaged
from bdg.store.safety.digests import require_unchanged
from bdg.store.safety.guard import require_harmless

SCHEMA_VERSION = 2
"""Version of the layout; a file with a larger one is refused.

1 has no SHA-256 of datasets, and in its older files more is missing that readers do without: momenta of
infinite directions, starts, fields on bonds, warnings, the model. ``tests/store/old`` has a file of each age.
"""

Kind = Literal["result", "checkpoint", "part"]

HINTS = {
    "result": "a finished run needs no resuming",
    "checkpoint": "bdg resume continues it",
    "part": "bdg resume makes use of it",
}
"""What to do with a file of each kind."""

FORMAT: dict[str, Any] = {"libver": ("v110", "v110"), "track_order": True}
"""HDF5 1.10 format: its object headers carry checksums; groups list their members in order of writing."""


class Sink:
    """What HDF5 writes to: a stream whose failures are kept, not passed on.

    The HDF5 library crashes the process if a disk fills up under it (measured with 2.0: segmentation fault
    on close). So a write that fails is recorded and swallowed, HDF5 closes in peace, and the
    failure is raised afterwards; the file is thrown away in any case.

    Parameters
    ----------
    stream
        An unbuffered binary stream open for reading and writing.
    """

    def __init__(self, stream: FileIO) -> None:
        self.stream = stream
        self.failure: BaseException | None = None

    def seek(self, offset: int, whence: int = 0) -> int:
        """Move, as streams do."""
        return self.stream.seek(offset, whence)

    def tell(self) -> int:
        """Where the stream is."""
        return self.stream.tell()

    def read(self, size: int = -1) -> bytes | None:
        """Read, as streams do; h5py looks for this method, HDF5 uses ``readinto``."""
        return self.stream.read(size)

    def readinto(self, buffer: memoryview) -> int | None:
        """Read into a buffer, as streams do."""
        return self.stream.readinto(buffer)

    def write(self, data: memoryview) -> int:
        """Write all of the data, or record why not."""
        self._attempt(lambda: write_all(self.stream, data))
        return len(data)

    def truncate(self, size: int | None = None) -> int | None:
        """Cut or extend the file, or record why not."""
        self._attempt(lambda: self.stream.truncate(size))
        return size

    def flush(self) -> None:
        """Nothing to do: the stream has no buffer."""

    def _attempt(self, action: Any) -> None:
        if self.failure is None:
            try:
                action()
            except BaseException as failure:  # a signal's exception must not cross HDF5 either
                self.failure = failure


@contextmanager
def empty_hdf5(stream: Sink | BytesIO, kind: Kind) -> Iterator[Any]:
    """An HDF5 file to be filled, on any stream."""
    with h5py.File(stream, "w", **FORMAT) as file:
        write_attributes(file, {"schema_version": SCHEMA_VERSION, "kind": kind})
        yield file


def _begun(stream: Sink) -> Any:
    return h5py.File(stream, "r+", libver=FORMAT["libver"])


@contextmanager
def new_hdf5(
    path: str | os.PathLike[str], kind: Kind, *, overwrite: bool, durable: bool = True, beginning: bytes = b""
) -> Iterator[Any]:
    """An HDF5 file to be filled, which appears only if the block ends well; errors as in ``new_file``.

    Parameters
    ----------
    path, overwrite, durable
        As there.
    kind
        What it holds.
    beginning
        A file of that kind which holds a part already; by default it is empty.
    """
    with new_file(path, overwrite=overwrite, durable=durable) as stream:
        write_all(stream, beginning)
        sink = Sink(stream)
        try:
            with _begun(sink) if beginning else empty_hdf5(sink, kind) as file:
                yield file
        finally:
            if sink.failure is not None:
                raise sink.failure
        append_checksum(stream)


def _opened(path: str | os.PathLike[str]) -> Any:
    try:
        return h5py.File(path, "r", locking=False)
    except OSError as error:
        # HDF5 opens a file once a process: where somebody else here has it open with locks, so must we.
        if "locking" not in str(error):
            raise
        return h5py.File(path, "r")


@contextmanager
def open_hdf5(
    path: str | os.PathLike[str], *kinds: Kind, checked_up_to: float = math.inf, part: str = "/"
) -> Iterator[Any]:
    """A file of ours for reading.

    Parameters
    ----------
    path
        The file.
    kinds
        What it may hold.
    checked_up_to
        Larger files, in bytes, are opened without reading them whole for their checksums. Below 0 nothing is
        looked at but what the file is: whoever reads asks of each object whether it lies in the file.
    part
        A group in the root of which alone something is read; by default everything may be.

    Raises
    ------
    InputError
        If there is no such file.
    FileRefusedError
        If it is damaged, not ours, newer than this version, or of another kind.
    """
    name = os.fspath(path)
    if not os.path.exists(path):
        raise InputError(f"{name}: there is no such file; check the name and the folder")
    if Path(path).is_dir():
        raise FileRefusedError(f"{name}: is a folder; give the name of a file")
    if not Path(path).is_file():
        raise FileRefusedError(f"{name}: not a regular file; give the name of a file")
    damaged = f"{name}: damaged or incomplete; make it again or restore a copy"
    try:
        size = Path(path).stat().st_size
        if size <= checked_up_to and is_damaged(path):
            raise FileRefusedError(damaged)
        # No lock: files are never written in place, and network file systems often cannot lock.
        with _opened(path) as file:
            _check(file, name, kinds)
            if checked_up_to >= 0:
                require_harmless(file, part)
            # The checksum of the whole file vouches for each dataset.
            if size <= checked_up_to and part in file and not has_checksum(path):
                require_unchanged(file[part], name)
            yield file
    except BdgError:
        raise
    except PermissionError as error:
        raise FileRefusedError(
            f"{name}: may not be read (permission denied); change its permissions"
        ) from error
    except (OSError, RuntimeError, LookupError, ValueError, TypeError, AttributeError, MemoryError) as error:
        if not _is_hdf5(path):
            raise FileRefusedError(
                f"{name}: not an HDF5 file, or its beginning is damaged; give a file that bdg run wrote"
            ) from error
        raise FileRefusedError(damaged) from error


def _is_hdf5(path: str | os.PathLike[str]) -> bool:
    """Whether a file begins as HDF5 files do; no, if it cannot even be read."""
    with suppress(OSError):
        return bool(h5py.is_hdf5(path))
    return False


def _check(file: Any, name: str, kinds: tuple[Kind, ...]) -> None:
    version, kind = file.attrs.get("schema_version"), file.attrs.get("kind")
    if version is None or kind not in get_args(Kind):
        raise FileRefusedError(f"{name}: an HDF5 file, but not one of bdg; give a file that bdg run wrote")
    if not isinstance(version, np.integer) or version < 1:
        raise FileRefusedError(
            f"{name}: damaged, schema {version!r} never was; make it again or restore a copy"
        )
    if version > SCHEMA_VERSION:
        raise FileRefusedError(
            f"{name}: written by a newer bdg (schema {version}, this one reads up to {SCHEMA_VERSION});"
            " update bdg"
        )
    if kind not in kinds:
        raise FileRefusedError(f"{name}: a {kind}, not a {kinds[0]}; {HINTS[kind]}")
