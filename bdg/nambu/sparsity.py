"""Patterns that are known by what they hold: where H has blocks, and which blocks of f(H) are wanted."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.kernels.assembly import block_pattern, block_slots
from bdg.lattice import Sample

DIGEST_BYTES = 16
"""Length of a digest: two different patterns share one with a probability of 2⁻¹²⁸."""


class KnownByContent:
    """Arrays of a frozen dataclass that are equal, and hashed, by their digest.

    What is made once for a pattern (an order of elimination, every index of it) is kept under the pattern
    itself and found again for an equal one built anew. The digest is made once, when it is first asked for: a
    thirtieth of the time of an order of elimination. The arrays must not be written to; they are not flagged
    read-only, because compiled kernels take that for another type.
    """

    @cached_property
    def digest(self) -> bytes:
        """A digest (BLAKE2b) of the shapes, the types and the bytes of all arrays."""
        digest = blake2b(digest_size=DIGEST_BYTES)
        for field in fields(self):  # type: ignore[arg-type]  # a dataclass, by contract
            array: NDArray[Any] | None = getattr(self, field.name)
            digest.update(b"none" if array is None else f"{array.dtype.str}{array.shape}".encode())
            if array is not None:
                digest.update(np.ascontiguousarray(array).view(np.uint8).data if array.size else b"")
        return digest.digest()

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        return type(self) is type(other) and self.digest == getattr(other, "digest", None)

    def __hash__(self) -> int:
        return hash(self.digest)


@dataclass(frozen=True, eq=False)
class SparsityPattern(KnownByContent):
    """Where a block matrix over sites has blocks: block CSR, symmetric, diagonal present, columns sorted.

    Parameters
    ----------
    indptr, indices
        Blocks of row i: ``indices[indptr[i]:indptr[i+1]]``; shapes ``(n_sites + 1,)`` and ``(n_blocks,)``.
    positions
        Site positions, shape ``(n_sites, dimension)``, in lattice constants: for orderings and patches.
    periods
        Translations that close the sample on itself, shape ``(n_periods, dimension)``; ``None`` for none.
    """

    indptr: NDArray[np.int64]
    indices: NDArray[np.int32]
    positions: NDArray[np.float64]
    periods: NDArray[np.float64] | None = None

    @property
    def n_sites(self) -> int:
        """Number of sites (orbitals)."""
        return len(self.indptr) - 1

    @property
    def n_blocks(self) -> int:
        """Number of blocks."""
        return len(self.indices)

    @cached_property
    def rows(self) -> NDArray[np.int64]:
        """Row of each block, shape ``(n_blocks,)``."""
        return np.repeat(np.arange(self.n_sites), np.diff(self.indptr))

    @cached_property
    def diagonal(self) -> NDArray[np.int64]:
        """Place of each site's own block in the storage, shape ``(n_sites,)``."""
        return np.flatnonzero(self.rows == self.indices)

    def slots(self, rows: NDArray[np.int32], columns: NDArray[np.int32]) -> NDArray[np.int64]:
        """Places of blocks (row, column) in the storage, −1 where there is none."""
        slots: NDArray[np.int64] = block_slots(self.indptr, self.indices, rows, columns)
        return slots


def sparsity_of(sample: Sample) -> SparsityPattern:
    """The pattern of any H on a sample: sites with themselves, and bonds both ways."""
    indptr, indices = block_pattern(sample.n_sites, sample.bonds.source, sample.bonds.target)
    closed = [n for n, ends in enumerate(sample.boundary) if ends.is_periodic]
    periods = (sample.cell.vectors * np.array(sample.size)[:, None])[closed]
    return SparsityPattern(indptr, indices, sample.positions, periods if closed else None)
