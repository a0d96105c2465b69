r"""Entries of the inverse of any sparse matrix, and its determinant, without the inverse.

The two sweeps that give the density matrix of a superconductor give the diagonal of the inverse of a
covariance matrix, of a Laplacian or of a Helmholtz operator as well: the entries at the places of the matrix
follow from its factors alone (Erisman and Tinney, Commun. ACM 18, 177 (1975)), at a small multiple of the
cost of the factorisation.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from bdg.arrays import Array, Complexes
from bdg.errors import InputError, NumericalError
from bdg.keywords import named_keywords
from bdg.nambu import SparsityPattern
from bdg.resources import blas_threads, default_threads
from bdg.solvers.contract import Pattern
from bdg.solvers.selected_inversion.algebra import Algebra
from bdg.solvers.selected_inversion.factorisation import SelectedInverse, ways_to_invert
from bdg.solvers.selected_inversion.memory import require_room
from bdg.solvers.selected_inversion.plan import Plan, make_plan

if TYPE_CHECKING:
    from scipy.sparse import csr_array

LANDMARKS = 3
"""Coordinates that a graph without positions gets."""


@dataclass(frozen=True)
class InverseEntries:
    """Some entries of (A − σ)⁻¹, and ln|det(A − σ)|.

    Parameters
    ----------
    entries
        The inverse at the places that were asked for, in rows of compressed places (CSR), shape ``(n, n)``.
    log_det
        ln|det(A − σ)|.
    error
        Estimate of the largest error of an entry, from measured residuals.
    residual
        Largest |((A − σ) G)_ii − 1|, at least the rounding unit.
    """

    entries: csr_array
    log_det: float
    error: float
    residual: float


@named_keywords
def selected_inverse(
    matrix: Any,
    *,
    pattern: Any = None,
    shifts: ArrayLike = 0.0,
    positions: ArrayLike | None = None,
    tolerance: float = 1e-8,
    threads: int | None = None,
) -> Any:
    r"""Entries of (A − σ)⁻¹ where A has entries, or elsewhere, and ln|det(A − σ)|, of any sparse matrix A.

    A may be real or complex, symmetric or not, definite or not; real matrices with real shifts are done in
    real numbers, and those that equal their transpose in half the work. The order of elimination is made
    once for all shifts. Rows are exchanged inside the blocks of the elimination where that is needed, not
    beyond; every result carries the error that its residuals show, and one that is beyond the tolerance is
    refused.

    Parameters
    ----------
    matrix
        A, a SciPy sparse matrix or array, shape ``(n, n)``; places that have no partner across the diagonal
        get one with a zero.
    pattern
        A sparse matrix with entries at the places that are wanted, or their rows and columns, two arrays of
        integers; by default the places of A and the diagonal. Places far from those of A make the
        elimination dearer: each counts as one of A.
    shifts
        σ, one number or several, real or complex.
    positions
        Where the rows are in space, shape ``(n, dimension)``: what the order of elimination is made by, by
        default from distances on the graph.
    tolerance
        Largest error that is allowed, as a share of the largest entry.
    threads
        For several shifts; by default the usable cores.

    Returns
    -------
    InverseEntries or list
        For one shift, or one for each.

    Raises
    ------
    InputError
        If the matrix is not square, not finite or has no rows; if a place or the positions don't fit.
    ResourceError
        If the workspaces do not fit into memory.
    NumericalError
        If A − σ is singular, or too nearly so for the tolerance.
    """
    a = _checked(matrix)
    sigma = _shifts(shifts)
    is_complex = np.iscomplexobj(a.data) or bool(sigma.imag.any())
    symmetric = _equals_its_transpose(a)
    algebra = Algebra("complex" if is_complex else "real", 1, 1, symmetric)
    rows, columns = _places(pattern, a)
    sparsity = SparsityPattern(
        a.indptr.astype(np.int64), a.indices.astype(np.int32), _positions(positions, a)
    )
    count = min(default_threads() if threads is None else max(1, threads), len(sigma))
    plan = make_plan(sparsity, Pattern(rows, columns), algebra)
    require_room(plan, count)
    values = plan.load(a.data, 1.0)
    invert = partial(_inverted, plan, values, tolerance=tolerance)
    with blas_threads(1), ThreadPoolExecutor(count) as pool:
        found = [*pool.map(invert, sigma if is_complex else sigma.real)]
    results = [_result(plan, one, len(a.indptr) - 1) for one in found]
    return results[0] if np.ndim(shifts) == 0 else results


def _inverted(plan: Plan, values: Array, sigma: complex, *, tolerance: float) -> SelectedInverse:
    """The first way whose error is within the tolerance.

    Raises
    ------
    NumericalError
        If there is none.
    """
    best = np.inf
    with suppress(np.linalg.LinAlgError):  # the last way finds it singular
        for made in ways_to_invert(plan, values, -sigma, hermitian=False):
            size = float(np.abs(made.entries).max(initial=0.0))
            share = made.error / size if np.isfinite(made.error) and 0 < size < np.inf else np.inf
            if share <= tolerance:
                return made
            best = min(best, share)
    which = f"the matrix less {sigma:g}" if sigma else "the matrix"
    if best == np.inf:
        raise NumericalError(f"{which} is singular; shift it")
    raise NumericalError(
        f"{which} is nearly singular, or needs rows exchanged all over: the entries of its inverse are wrong "
        f"by {best:.1e} of the largest one; allow a larger tolerance, or shift it"
    )


def _shifts(shifts: ArrayLike) -> Complexes:
    given = np.atleast_1d(np.asarray(shifts))
    if given.ndim > 1 or not given.size or given.dtype.kind not in "iufc" or not np.isfinite(given).all():
        raise InputError(f"shifts must be finite numbers, one or a list of them, not {shifts!r}")
    return given.astype(complex)


def _result(plan: Plan, inverse: SelectedInverse, n: int) -> InverseEntries:
    from scipy.sparse import csr_array

    values = plan.read(inverse.entries)[0, :, 0, 0]
    entries = csr_array((values, (plan.pattern.rows, plan.pattern.columns)), shape=(n, n))
    return InverseEntries(entries, inverse.log_det, inverse.error, inverse.residual)


def _checked(matrix: Any) -> csr_array:
    """A in double precision, with the diagonal, and zeros where the transpose has entries."""
    from scipy.sparse import coo_array, csr_array, issparse

    if not issparse(matrix) or matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] or not matrix.shape[0]:
        shape = getattr(matrix, "shape", type(matrix).__name__)
        raise InputError(
            f"the matrix must be a square sparse matrix of SciPy with a row at least, not {shape}"
        )
    kind = complex if np.iscomplexobj(matrix) else float
    a = csr_array(matrix, dtype=kind)
    a.sum_duplicates()
    if not np.isfinite(a.data).all():
        raise InputError("the matrix has entries that are not finite")
    places, own = coo_array(a), np.arange(a.shape[0])
    rows, columns = places.coords
    every = np.concatenate((rows, columns, own)), np.concatenate((columns, rows, own))
    zeros = np.zeros(len(rows) + len(own), kind)
    whole = csr_array((np.concatenate((places.data, zeros)), every), shape=a.shape)
    whole.sum_duplicates()
    return whole


def _equals_its_transpose(a: csr_array) -> bool:
    other = a.T.tocsr()
    other.sort_indices()
    return bool(np.array_equal(a.data, other.data))


def _places(pattern: Any, a: csr_array) -> tuple[Array, Array]:
    """Rows and columns that are wanted."""
    from scipy.sparse import coo_array, issparse

    n = a.shape[0]
    if pattern is None:
        return np.repeat(np.arange(n, dtype=np.int32), np.diff(a.indptr)), a.indices.astype(np.int32)
    rows, columns = coo_array(pattern).coords if issparse(pattern) else map(np.atleast_1d, pattern)
    both = np.concatenate((rows.ravel(), columns.ravel()))
    if rows.shape != columns.shape or both.dtype.kind not in "iu" or ((both < 0) | (both >= n)).any():
        raise InputError(
            f"the pattern must be rows and columns from 0 to {n - 1}, as many of one as of the other"
        )
    unique = np.unique(rows.astype(np.int64) * n + columns)
    return (unique // n).astype(np.int32), (unique % n).astype(np.int32)


def _positions(positions: ArrayLike | None, a: csr_array) -> Array:
    """Where rows are: as given, or distances on the graph from rows that are far from each other."""
    n = a.shape[0]
    if positions is None:
        return _landmarks(a)
    given = np.asarray(positions, float)
    if given.ndim != 2 or len(given) != n or not 1 <= given.shape[1] <= 3 or not np.isfinite(given).all():
        raise InputError(f"positions must be {n} points in one to three dimensions, not {given.shape}")
    return given


def _landmarks(a: csr_array) -> Array:
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import dijkstra

    # Older versions of SciPy walk along 32-bit indices only.
    places = a.indices.astype(np.int32), a.indptr.astype(np.int32)
    graph = csr_array((np.ones(a.nnz, np.int8), *places), shape=a.shape)
    distances, farthest = np.zeros((a.shape[0], LANDMARKS)), 0
    nearest = np.full(a.shape[0], np.inf)
    # The first is as far as can be from some row: an end of the graph, not its middle.
    first = dijkstra(graph, unweighted=True, indices=0)
    farthest = int(np.argmax(np.where(np.isfinite(first), first, -1)))
    for k in range(LANDMARKS):
        found = dijkstra(graph, unweighted=True, indices=farthest)
        nearest = np.minimum(nearest, found)
        reached = found[np.isfinite(found)].max()
        distances[:, k] = np.where(np.isfinite(found), found, reached + 1)
        farthest = int(np.argmax(nearest))
    return distances
