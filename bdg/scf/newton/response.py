"""The response of f(H) on sites and bonds as sparse matrices between sites."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from bdg.arrays import Floats
from bdg.solvers import Correlations, Pattern

_PARITY = np.array([1.0, 1.0, -1.0])
"""∂²Ω has one order only: ∂F_i/∂V_j = −∂n_j/∂Δ_i, the other pairs without a sign."""


class ResponseMatrices:
    """∂y_i/∂f_j on the places (i, j) of a pattern, of y = (Re F, Im F, n) and f = (Re Δ, Im Δ, V).

    Where the entries stand is found once for a pattern; only numbers change from one iteration to the next.

    Parameters
    ----------
    pattern
        The sites with themselves, then the bonds, each one way.
    n
        Sites.
    n_parts
        Components in :meth:`whole`.
    """

    def __init__(self, pattern: Pattern, n: int, n_parts: int) -> None:
        i, j = pattern.rows.astype(np.int64), pattern.columns.astype(np.int64)
        # Two bonds may join the same two sites: each carries the whole entry; count it once.
        places, self._first = np.unique(np.concatenate([i * n + j, j * n + i]), return_index=True)
        rows, self._columns = places // n, places % n
        self._starts = np.searchsorted(places, np.arange(n + 1, dtype=np.int64) * n)
        self._n, self._n_parts = n, n_parts
        # In the matrix of all parts a row has its columns part by part.
        part, entry = np.divmod(np.arange(n_parts * len(places)), len(places))
        order = np.lexsort((entry, part, rows[entry]))
        part, entry = part[order], entry[order]
        above = np.arange(n_parts)[:, None]
        self._order = ((above * n_parts + part) * len(places) + entry).ravel()
        ends = np.append(0, n_parts * (above * len(places) + self._starts[1:]))
        indices = np.tile(part * n + self._columns[entry], n_parts)
        self._lengths: NDArray[np.int64] = np.diff(ends)
        self._diagonal = np.flatnonzero(indices == np.repeat(np.arange(n * n_parts), self._lengths))
        narrow = np.int32 if ends[-1] < np.iinfo(np.int32).max else np.int64
        self._indices, self._ends = indices.astype(narrow), ends.astype(narrow)

    def values(self, f: Correlations, a: int, b: int) -> Floats:
        """The entries of ∂y_a/∂f_b, row by row."""
        assert f.response is not None
        mirrored = _PARITY[a] * _PARITY[b] * f.response[:, b, a]
        found: Floats = np.concatenate([f.response[:, a, b], mirrored])[self._first]
        return found

    def row_sums(self, f: Correlations, a: int, b: int) -> Floats:
        """Σ_j ∂y_a,i/∂f_b,j, shape ``(n,)``."""
        found: Floats = np.add.reduceat(self.values(f, a, b), self._starts[:-1])
        return found

    def column_sums(self, f: Correlations, a: int, b: int) -> Floats:
        """Σ_i ∂y_a,i/∂f_b,j, shape ``(n,)``."""
        found: Floats = np.bincount(self._columns, self.values(f, a, b), self._n).astype(np.float64)
        return found

    def one_minus(
        self, f: Correlations, parts: Sequence[int], gains: Sequence[scipy.sparse.csr_array]
    ) -> scipy.sparse.csr_array:
        """1 − W ∂y/∂f of some components, each with its W, in their order."""
        values = np.concatenate([self.values(f, a, b) for a in parts for b in parts])[self._order]
        size = self._n * self._n_parts
        if all(map(_is_diagonal, gains)):
            values *= np.repeat(-np.concatenate([gain.data for gain in gains]), self._lengths)
            values[self._diagonal] += 1.0
            return scipy.sparse.csr_array((values, self._indices, self._ends), shape=(size, size))
        whole = scipy.sparse.csr_array((values, self._indices, self._ends), shape=(size, size))
        product = scipy.sparse.block_diag(gains, format="csr") @ whole
        return scipy.sparse.csr_array(scipy.sparse.eye_array(size, format="csr") - product)


@lru_cache(maxsize=2)
def response_matrices(pattern: Pattern, n: int, n_parts: int) -> ResponseMatrices:
    """Those of a pattern, which a loop and the next one on its sample share."""
    return ResponseMatrices(pattern, n, n_parts)


def _is_diagonal(gain: scipy.sparse.csr_array) -> bool:
    n = gain.shape[0]
    parts = (gain.indices, np.arange(n)), (gain.indptr, np.arange(n + 1))
    return gain.nnz == n and all(np.array_equal(one, other) for one, other in parts)
