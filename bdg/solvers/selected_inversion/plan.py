"""A plan: one pattern of H, one pattern of wanted entries, one algebra, and every index that follows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Array
from bdg.kernels.assembly import block_slots
from bdg.nambu import SparsityPattern
from bdg.solvers.contract import Pattern
from bdg.solvers.selected_inversion.algebra import Algebra
from bdg.solvers.selected_inversion.elimination import Elimination, analyse
from bdg.solvers.selected_inversion.ordering import Ordering, order


@dataclass(frozen=True)
class Plan:
    """What stays the same while the values of H change; made by `make_plan`.

    Parameters
    ----------
    algebra, elimination
        The arithmetic and the symbolic elimination.
    pattern
        The wanted entries.
    order
        Permutation and fronts, as the ordering made them.
    gather
        Where each entry of the elimination stands in the flat block values of H; −1: nowhere, it is zero.
    row, column, partner
        Global row and column of each entry and the entry of the transposed place, shape (n_entries,).
    forward, backward
        Entries of the wanted blocks (i, j) and of their transposed places (j, i), shape (n, rows, rows).
    transposed
        Whether the entry at ``forward`` is the transposed one (symmetric algebras), shape (n, rows, rows).
    in_matrix
        Block of H at each wanted place, −1 where H has none, shape (n,).
    """

    algebra: Algebra
    elimination: Elimination
    pattern: Pattern
    order: tuple[NDArray[Any], NDArray[Any]]
    gather: NDArray[np.int64]
    row: NDArray[np.int32]
    column: NDArray[np.int32]
    partner: NDArray[np.int64]
    forward: NDArray[np.int64]
    backward: NDArray[np.int64]
    transposed: NDArray[np.bool_]
    in_matrix: NDArray[np.int64]

    @cached_property
    def diagonal(self) -> NDArray[np.int64]:
        """The entries on the diagonal of the matrix, shape (n_rows,)."""
        return np.flatnonzero(self.row == self.column)

    @cached_property
    def own(self) -> NDArray[np.intp]:
        """The wanted blocks (i, i), shape (n_sites,) or less."""
        return np.flatnonzero(self.pattern.rows == self.pattern.columns)

    @cached_property
    def _absent(self) -> NDArray[np.intp]:
        """The entries that H has nothing for."""
        return np.flatnonzero(self.gather < 0)

    @cached_property
    def _not_in_matrix(self) -> NDArray[np.intp]:
        """The wanted blocks that H has nothing for."""
        return np.flatnonzero(self.in_matrix < 0)

    @cached_property
    def probe(self) -> NDArray[np.float64]:
        """A vector of random signs, the same for every plan of this size, shape (n_rows,)."""
        return np.random.default_rng(0).choice([-1.0, 1.0], self.elimination.rows_total)

    @property
    def planes(self) -> slice:
        """The planes of K = (γ + iH)⁻¹ that f(H) is made of: of symmetric quaternions q₁ and q₃."""
        return slice(1, 4, 2) if self.is_real_singlet else slice(None)

    @property
    def components(self) -> slice:
        """The components of the response that are not zero: of symmetric quaternions aa, 13 and 31."""
        return slice(0, 9, 2) if self.is_real_singlet else slice(None)

    @property
    def is_real_singlet(self) -> bool:
        """Whether the numbers are quaternions and the matrix equals its transpose."""
        return self.algebra.planes == 4 and self.algebra.symmetric

    def load(self, values: Array, factor: complex = 1j) -> Array:
        """Entries of ``factor``·H in the order of the elimination, shape (planes, n_entries)."""
        entries = self.algebra.load(values, factor)[:, self.gather]
        if len(self._absent):
            entries[:, self._absent] = 0
        return np.ascontiguousarray(entries)

    def read(self, entries: Array, sign: int = 1) -> Array:
        """The wanted blocks, in planes (planes, n, rows, rows), of a matrix given by its entries.

        In a symmetric algebra the matrix is ``sign`` times its transpose.
        """
        planes = entries[:, self.forward]
        if self.algebra.symmetric:
            if sign < 0:
                planes[:, self.transposed] *= -1
            if self.algebra.planes == 4:
                planes[2][self.transposed] *= -1
        return planes

    def read_transposed(self, entries: Array, sign: int = 1) -> Array:
        """The blocks at the transposed places (j, i), not transposed themselves."""
        if self.algebra.symmetric:
            return sign * self.algebra.transposed(self.read(entries, sign))
        return entries[:, self.backward]

    def matrix_blocks(self, values: Array) -> Array:
        """Blocks of H at the wanted places, zero where it has none."""
        blocks = values[self.in_matrix]
        if len(self._not_in_matrix):
            blocks[self._not_in_matrix] = 0
        return blocks


def make_plan(
    sparsity: SparsityPattern, pattern: Pattern, algebra: Algebra, ordering: Ordering = order
) -> Plan:
    """Order the sites, factorise symbolically and find the wanted entries.

    Wanted entries outside the pattern of H are added to the graph first: they then have a place in some
    front, and their zeros are carried along.
    """
    n, own = sparsity.n_sites, (sparsity.indptr, sparsity.indices)
    in_matrix = block_slots(*own, pattern.rows, pattern.columns)
    indptr, indices = _united(*own, pattern, in_matrix < 0)
    indptr, indices = np.ascontiguousarray(indptr, np.int64), np.ascontiguousarray(indices, np.int32)
    made = ordering(indptr, indices, np.ascontiguousarray(sparsity.positions, float), algebra.rows)
    elimination = analyse(
        indptr, indices, made, planes=algebra.planes, rows=algebra.rows, symmetric=algebra.symmetric
    )
    block, a, b = _split(elimination.source, algebra.rows)
    site_row = np.repeat(np.arange(n, dtype=np.int32), np.diff(indptr))[block]
    site_column = indices[block]
    opposite = _join(block_slots(indptr, indices, site_column, site_row), b, a, algebra.rows)
    place, transposed = _places(elimination.source, opposite, len(indices) * algebra.rows**2)
    inside = np.arange(algebra.rows)
    forward = block_slots(indptr, indices, pattern.rows, pattern.columns)
    backward = block_slots(indptr, indices, pattern.columns, pattern.rows)
    forward_flat = _join(forward[:, None, None], inside[:, None], inside, algebra.rows)
    backward_flat = _join(backward[:, None, None], inside[:, None], inside, algebra.rows)
    source_block = block if not (in_matrix < 0).any() else block_slots(*own, site_row, site_column)
    return Plan(
        algebra=algebra,
        elimination=elimination,
        pattern=pattern,
        order=made,
        gather=np.maximum(_join(source_block, a, b, algebra.rows), -1),
        row=(site_row * algebra.rows + a).astype(np.int32),
        column=(site_column * algebra.rows + b).astype(np.int32),
        partner=place[opposite],
        forward=place[forward_flat],
        backward=place[backward_flat],
        transposed=transposed[forward_flat],
        in_matrix=in_matrix,
    )


def _united(indptr: Array, indices: Array, pattern: Pattern, missing: Array) -> tuple[Array, Array]:
    """The CSR graph with both places of the wanted entries that it lacks."""
    if not missing.any():
        return indptr, indices
    n = len(indptr) - 1
    i, j = pattern.rows[missing].astype(np.int64), pattern.columns[missing].astype(np.int64)
    present = np.repeat(np.arange(n, dtype=np.int64) * n, np.diff(indptr)) + indices
    keys = np.union1d(present, np.concatenate((i * n + j, j * n + i)))
    return np.searchsorted(keys, np.arange(n + 1, dtype=np.int64) * n), (keys % n).astype(np.int32)


def _split(flat: Array, rows: int) -> tuple[Array, Array | int, Array | int]:
    """Block, row and column inside the block, of an index into flat block values."""
    if rows == 1:
        return flat, 0, 0
    block, inside = np.divmod(flat, rows * rows)
    a, b = np.divmod(inside, rows)
    return block, a, b


def _join(block: Array, a: Array | int, b: Array | int, rows: int) -> Array:
    """The reverse; −1 stays a number below zero."""
    return block if rows == 1 else (block * rows + a) * rows + b


def _places(source: Array, opposite: Array, size: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Entry for each flat index, and whether it stands for the transposed place."""
    place = np.full(size, -1, np.int64)
    transposed = np.zeros(size, bool)
    place[opposite] = np.arange(len(source))
    transposed[opposite] = True
    place[source] = np.arange(len(source))
    transposed[source] = False
    return place, transposed
