"""Arrays in a page: exact, or as whole numbers of 16 or 12 bits; compressed, as text.

A packed array is a table of rows, its last axis along them. Of row r are kept the least value and a step,

    value = low[r] + step[r] · code,   step[r] = (high[r] − low[r]) / (2^bits − 2),

so that no number is wrong by more than step[r] / 2; the largest code is a missing one. What is compressed are
differences of the codes between a row and the one before it, modulo 2^bits, the upper bytes of all first.
"""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Array, Floats

EXACT_UP_TO = 1 << 15
"""Arrays of so many numbers, and smaller ones, are kept in double precision."""

INLINE_UP_TO = 64
"""Arrays of so many numbers are written as text."""

LEVEL = 6
"""Of the compression; more takes longer and gains little."""

Packed = dict[str, Any]
"""What a script needs to find an array: the number of its block, its type and shape."""


@dataclass
class Blocks:
    """The arrays of a page, each a block of text.

    Parameters
    ----------
    bits
        Of packed numbers, 16 or 12.
    """

    bits: int = 16
    texts: list[str] = field(default_factory=list)

    def exact(self, values: Array) -> Any:
        """Keep an array as it is: a list of a few numbers, else a block of doubles, floats or integers."""
        values = np.asarray(values)
        if values.size <= INLINE_UP_TO and values.ndim == 1 and np.isfinite(values).all():
            return values.tolist()
        kind = "i4" if values.dtype.kind in "iub" else "f4" if values.dtype == np.float32 else "f8"
        return self._add(np.ascontiguousarray(values, f"<{kind}").tobytes(), kind, values.shape)

    def packed(self, values: Array) -> Packed:
        """Keep real numbers, to a precision that is said where they are many."""
        values = np.asarray(values, np.float64)
        if values.size <= EXACT_UP_TO:
            return self._add(values.astype("<f8").tobytes(), "f8", values.shape)
        rows = values.reshape(-1, values.shape[-1])
        codes, low, step = quantised(rows, self.bits)
        difference = np.diff(codes, axis=0, prepend=np.zeros_like(codes[:1])) & (2**self.bits - 1)
        block = self._add(_bytes_of(difference.ravel(), self.bits), f"u{self.bits}", values.shape)
        return {**block, "low": self.exact(low), "step": self.exact(step), "error": 0.5 * float(step.max())}

    def _add(self, data: bytes, kind: str, shape: tuple[int, ...]) -> Packed:
        self.texts.append(base64.b64encode(zlib.compress(data, LEVEL)).decode())
        return {"block": len(self.texts) - 1, "type": kind, "shape": list(shape)}

    @property
    def size(self) -> int:
        """Bytes of all blocks."""
        return sum(map(len, self.texts))


def quantised(rows: Floats, bits: int) -> tuple[NDArray[np.uint16], Floats, Floats]:
    """Codes of numbers, the least of each row and the step; the largest code stands for no number."""
    is_number = np.isfinite(rows)
    low = np.where(is_number, rows, np.inf).min(axis=1)
    high = np.where(is_number, rows, -np.inf).max(axis=1)
    low, high = (np.where(np.isfinite(low), end, 0.0) for end in (low, high))
    step = (high - low) / (2**bits - 2)
    unit = np.where(step > 0, step, 1.0)
    codes = np.rint((np.where(is_number, rows, low[:, None]) - low[:, None]) / unit[:, None])
    return np.where(is_number, codes, 2**bits - 1).astype(np.uint16), low, step


def _bytes_of(codes: NDArray[np.uint16], bits: int) -> bytes:
    """The upper eight bits of all codes, then what is left of each; of four bits, two to a byte."""
    upper, lower = (codes >> (bits - 8)).astype(np.uint8), codes & (2 ** (bits - 8) - 1)
    if bits == 12:
        pairs = np.append(lower, np.zeros(lower.size % 2, lower.dtype)).reshape(-1, 2)
        lower = pairs[:, 0] << 4 | pairs[:, 1]
    return bytes(upper.tobytes() + lower.astype(np.uint8).tobytes())
