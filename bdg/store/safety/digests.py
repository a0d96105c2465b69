"""SHA-256 of each dataset: whether its values are the ones that were written.

The checksum of the whole file (:mod:`bdg.store.safety.checksum`) is lost once another program edits the file
in place; these stay with each dataset, in its attribute ``sha256``, and name the one that was changed. Scales
without values have none, nor have the datasets of schema 1 and those that another program adds.
"""

from __future__ import annotations

import hashlib
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from bdg.errors import FileRefusedError

SHA256 = "sha256"
"""Attribute of a dataset."""

ROUNDED = {"g": np.float64, "G": np.complex128}
"""Types of numbers with padding."""


def digest(values: NDArray[Any]) -> str:
    """SHA-256 of an array in hexadecimal digits: of its type and shape, and its values in C order.

    Text counts as UTF-8, each string ended by a zero byte; numbers longer than doubles count rounded to them,
    for their padding is no part of the value.
    """
    if values.dtype.char in ROUNDED:
        values = values.astype(ROUNDED[values.dtype.char])
    if values.dtype.kind in "OU":
        kind = "text"
        content: Any = b"".join(str(text).encode() + b"\0" for text in values.ravel().tolist())
    else:
        kind, content = values.dtype.str, np.ascontiguousarray(values).reshape(-1).view(np.uint8)
    found = hashlib.sha256(f"{kind} {values.shape}\n".encode())
    found.update(content)
    return found.hexdigest()


def require_unchanged(file: Any, name: str) -> None:
    """Refuse a file with a dataset whose values are not the ones that were written.

    Parameters
    ----------
    file
        An open HDF5 file.
    name
        How the user calls it.

    Raises
    ------
    FileRefusedError
        If there is one.
    """

    def compare(_: str, member: Any) -> None:
        if isinstance(member, h5py.Dataset) and SHA256 in member.attrs:
            is_text = h5py.check_string_dtype(member.dtype) is not None
            values = member.asstr()[()] if is_text else member[()]
            if digest(np.asarray(values)) != member.attrs[SHA256]:
                raise FileRefusedError(
                    f"{name}: damaged, {member.name} does not hold the values that were written (SHA-256);"
                    " make the file again or restore a copy"
                )

    file.visititems(compare)
