r"""The sign of the Pfaffian of a large sparse antisymmetric matrix, by nested dissection.

The sites are eliminated front by front, as in :mod:`bdg.solvers.states.inertia`: with the rows of a front
first,

    Pf [[S, B], [−Bᵀ, C]] = Pf S · Pf (C + Bᵀ S⁻¹ B) .

Every site has an even number of rows, and exchanging two sites moves an even number of rows past an even
number: no order of elimination changes the sign. S may be nearly singular, as that of a cluster with a level
at zero. Then S = Q T Qᵀ with 2 × 2 blocks on the diagonal of T (its real Schur form), Pf S is det Q times
Π_j T_2j,2j+1, and planes in which S⁻¹ B is large are passed on to the next front: pivots are delayed, growth
is bounded. O(N^1.5) in a plane, where the dense reduction takes N³.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import scipy.linalg
import scipy.sparse

from bdg.arrays import Floats
from bdg.nambu import NambuMatrix
from bdg.solvers.states.inertia import LEAF_ROWS, MOST_GROWTH, Front, fronts_of
from bdg.topology.pfaffian import log_pfaffian


class SignOfPfaffian(NamedTuple):
    """The sign of Pf A.

    Parameters
    ----------
    sign
        +1 or −1; 0 where A is singular.
    distance
        Estimate of how far, in t, the matrix whose sign it is may be from A: a level closer to zero than that
        may be on the wrong side.
    """

    sign: int
    distance: float


class _Step(NamedTuple):
    """What the elimination of a front leaves."""

    sign: int
    delayed: int
    complement: Floats
    error: float


def sign_of_pfaffian(hamiltonian: NambuMatrix, majorana: scipy.sparse.csr_array) -> SignOfPfaffian:
    """The sign of Pf A of a matrix on the sites of H.

    Parameters
    ----------
    hamiltonian
        Whose sites, and bonds, they are.
    majorana
        A, real and antisymmetric, with as many rows a site as H.
    """
    dofs = hamiltonian.dofs
    rows, fronts = fronts_of(hamiltonian, max(1, LEAF_ROWS // dofs))
    matrix = scipy.sparse.csr_array(majorana[rows][:, rows])
    passed: dict[int, _Step] = {}
    place = np.empty(matrix.shape[0], np.int64)
    sign, squares = 1, 0.0
    for number, front in enumerate(fronts):
        parts = [(fronts[child].boundary, passed.pop(child)) for child in front.children]
        n_own = front.end - front.first
        n_all = n_own + sum(step.delayed for _, step in parts)
        place[front.first : front.end] = np.arange(n_own)
        place[front.boundary] = n_all + np.arange(len(front.boundary))
        f = _entries(matrix, front, n_all + len(front.boundary), place)
        for boundary, step in parts:
            at = np.concatenate([n_own + np.arange(step.delayed), place[boundary]])
            n_own += step.delayed
            f[at[:, None], at] += step.complement
        step = _eliminate(f, n_all)
        if step.sign == 0:
            return SignOfPfaffian(0, 0.0)
        sign *= step.sign
        squares += step.error**2
        passed[number] = step
    return SignOfPfaffian(sign, float(np.sqrt(squares)))


def _entries(matrix: Any, front: Front, size: int, place: Any) -> Floats:
    """The rows of A of a front, in a matrix of all its rows."""
    stretch = slice(matrix.indptr[front.first], matrix.indptr[front.end])
    row = np.repeat(np.arange(front.end - front.first), np.diff(matrix.indptr[front.first : front.end + 1]))
    columns, values = matrix.indices[stretch], matrix.data[stretch]
    later = columns >= front.first  # the others were eliminated
    row, column, values = row[later], place[columns[later]], values[later]
    f: Floats = np.zeros((size, size))
    f[row, column] = values
    f[column, row] = -values
    return f


def _eliminate(f: Floats, n_own: int) -> _Step:
    """Eliminate the first rows of a front; see the module."""
    if not n_own:
        return _Step(1, 0, f, 0.0)
    own, across, rest = f[:n_own, :n_own], f[:n_own, n_own:], f[n_own:, n_own:]
    try:
        x = np.linalg.solve(own, across)
    except np.linalg.LinAlgError:
        x = np.full((1, 1), np.inf)
    growth = float(np.abs(x).max(initial=0.0))
    if growth < MOST_GROWTH:
        sign, _ = log_pfaffian(own)
        return _Step(int(sign), 0, _antisymmetric(rest + across.T @ x), _rounding(f, n_own, growth))
    return _delayed(f, n_own)


def _delayed(f: Floats, n_own: int) -> _Step:
    """The same in the planes of the Schur form, of which some are passed on."""
    own, across, rest = f[:n_own, :n_own], f[:n_own, n_own:], f[n_own:, n_own:]
    t, q = scipy.linalg.schur(own, output="real")
    order, pivots = _planes(t)
    q, across = q[:, order], q[:, order].T @ across
    size = np.abs(across).max(axis=1, initial=0.0).reshape(-1, 2).max(axis=1)
    kept = (size <= MOST_GROWTH * np.abs(pivots)) & (pivots != 0)
    if not kept.all() and not across.shape[1]:
        return _Step(0, 0, rest, 0.0)  # nothing is left to pass them on to: a level at zero
    sign = int(np.sign(np.linalg.det(q)) * np.prod(np.sign(pivots[kept])))
    rows = np.repeat(kept, 2)
    moved = across[rows].reshape(-1, 2, across.shape[1])
    # [[0, p], [−p, 0]]⁻¹ = [[0, −1/p], [1/p, 0]]
    x = np.stack([-moved[:, 1], moved[:, 0]], axis=1) / pivots[kept, None, None]
    x = x.reshape(across[rows].shape)
    late, n_late = across[~rows], int(np.count_nonzero(~rows))
    complement: Floats = np.zeros((n_late + len(rest),) * 2)
    first = np.arange(0, n_late, 2)
    complement[first, first + 1], complement[first + 1, first] = pivots[~kept], -pivots[~kept]
    complement[:n_late, n_late:], complement[n_late:, :n_late] = late, -late.T
    complement[n_late:, n_late:] = _antisymmetric(rest + across[rows].T @ x)
    return _Step(sign, n_late, complement, _rounding(f, n_own, float(np.abs(x).max(initial=0.0))))


def _planes(t: Floats) -> tuple[Any, Floats]:
    """Order of the columns of a Schur form that puts its planes side by side, and the pivot of each."""
    pairs, alone, n = list[int](), list[int](), 0
    while n < len(t):
        if n + 1 < len(t) and t[n + 1, n] != 0:
            pairs += [n, n + 1]
            n += 2
        else:
            alone.append(n)  # zero by itself; of an even number of rows there is another
            n += 1
    order = np.array(pairs + alone)
    first, second = order[::2], order[1::2]
    pivots: Floats = 0.5 * (t[first, second] - t[second, first])
    pivots[len(pairs) // 2 :] = 0.0
    return order, pivots


def _antisymmetric(matrix: Floats) -> Floats:
    made: Floats = 0.5 * (matrix - matrix.T)
    return made


def _rounding(f: Floats, n_own: int, growth: float) -> float:
    """Frobenius norm of the errors of the complement: sums of n_own products, each off by rounding."""
    size = float(np.abs(f).max(initial=0.0)) * (1.0 + growth)
    return float(np.finfo(float).eps * size * np.sqrt(n_own) * len(f))
