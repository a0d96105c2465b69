"""A checksum of the whole file, in a few bytes behind its end.

Damaged metadata can send the HDF5 library into an endless loop (a zeroed block in the heap of strings does),
so damage must be found before HDF5 sees the file. HDF5 readers ignore what lies behind the end that the
header of the file names; a program that edits the file in place cuts it off, and what has no checksum is not
checked.
"""

from __future__ import annotations

import os
import zlib
from io import FileIO

from bdg.store.safety.atomic import write_all

FORMAT = b"\nbdg crc32 %08x\n"
LENGTH = len(FORMAT % 0)
CHUNK = 1 << 22


def append_checksum(stream: FileIO) -> None:
    """Write the checksum of all that is in a stream behind its end."""
    size = stream.seek(0, os.SEEK_END)
    checksum = _crc32(stream, size)
    stream.seek(size)
    write_all(stream, FORMAT % checksum)


def has_checksum(path: str | os.PathLike[str]) -> bool:
    """Whether a checksum stands behind the end of a file."""
    with open(path, "rb", buffering=0) as stream:
        return _trailer(stream)[1].startswith(FORMAT[:11])


def stated_checksum(path: str | os.PathLike[str]) -> str:
    """The checksum behind the end of a file, eight hexadecimal digits; empty if there is none."""
    with open(path, "rb", buffering=0) as stream:
        trailer = _trailer(stream)[1]
    return trailer[11:19].decode("ascii", "replace") if trailer.startswith(FORMAT[:11]) else ""


def is_damaged(path: str | os.PathLike[str]) -> bool:
    """Whether a file has a checksum and its content does not agree with it. Takes 0.25 s/GB."""
    with open(path, "rb", buffering=0) as stream:
        size, trailer = _trailer(stream)
        return trailer.startswith(FORMAT[:11]) and trailer != FORMAT % _crc32(stream, size)


def _trailer(stream: FileIO) -> tuple[int, bytes]:
    """How long the file is without its last bytes, and these."""
    size = max(0, stream.seek(0, os.SEEK_END) - LENGTH)
    stream.seek(size)
    return size, stream.read(LENGTH)


def _crc32(stream: FileIO, size: int) -> int:
    stream.seek(0)
    checksum, left = 0, size
    while left and (chunk := stream.read(min(CHUNK, left))):
        checksum = zlib.crc32(chunk, checksum)
        left -= len(chunk)
    return checksum
