r"""How many levels of a sparse H lie below an energy: Sylvester's law of inertia.

However H − E is written as L D L†, as many levels lie below E as D has negative eigenvalues. Nested
dissection eliminates the sites front by front, and each front S leaves a Schur complement to those after it,

    F_BB − F_BS F_SS⁻¹ F_SB ,      inertia(F) = inertia(F_SS) + inertia(F_BB − F_BS F_SS⁻¹ F_SB)
    (Haynsworth)

so the count is the sum over fronts of the negative eigenvalues of F_SS, which LAPACK's Bunch–Kaufman
factorisation has in its pivots. H − E is indefinite, and an F_SS may be nearly singular, as that of a cluster
with a level at E. Then F_SS = Q Λ Q†, and the directions whose eigenvalue is small are not eliminated there
but passed on to the next front: pivots are delayed, growth is bounded, and the count is exact for a matrix
that differs from H by about rounding, :attr:`Count.distance`.

What is counted is D (H − E) D, which has the same inertia. D is diagonal, and small in rows of large entries:
rounding errors of a wall then stay in the wall.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import scipy.linalg
import scipy.sparse
from numpy.typing import NDArray
from scipy.linalg import lapack

from bdg.arrays import Array
from bdg.kernels.ordering.dissection import dissect
from bdg.nambu import NambuMatrix

LEAF_ROWS = 32
"""Rows of a leaf: fewer fronts take less time around LAPACK, larger ones more inside it."""

MOST_GROWTH = 30.0
"""Largest entry of F_SS⁻¹ F_SB: directions of which it is larger are passed on."""


class Count(NamedTuple):
    """Levels below an energy.

    Parameters
    ----------
    below
        How many there are.
    distance
        Estimate of how far, in t, the matrix that was counted is from H: levels that are closer to the energy
        may be on the wrong side.
    """

    below: int
    distance: float


@dataclass(frozen=True)
class Front:
    """Rows that are eliminated together.

    Parameters
    ----------
    first, end
        The rows of the ordered matrix that are its own.
    boundary
        Later rows, tied to them or to those of its children.
    children
        Fronts whose Schur complements go into this one.
    """

    first: int
    end: int
    boundary: NDArray[np.int64]
    children: list[int]


class Inertia:
    """Counts the levels of H at one momentum below any energy.

    Parameters
    ----------
    hamiltonian, momentum
        The matrix, and which of its momenta.
    """

    def __init__(self, hamiltonian: NambuMatrix, momentum: int = 0) -> None:
        rows, self._fronts = fronts_of(hamiltonian, max(1, LEAF_ROWS // hamiltonian.dofs))
        whole = scipy.sparse.csr_array(hamiltonian.sparse(momentum))
        ordered = scipy.sparse.csr_array(whole[rows][:, rows])
        largest = abs(ordered).max(axis=1).toarray().ravel()
        scale = hamiltonian.low_scale
        self._squares = scale / np.maximum(scale, largest)
        weights = scipy.sparse.diags_array(np.sqrt(self._squares))
        self._matrix = scipy.sparse.csr_array(weights @ ordered @ weights)

    def below(self, energy: float) -> Count:
        """How many levels lie below an energy."""
        passed: dict[int, Step] = {}
        place = np.empty(self._matrix.shape[0], np.int64)
        negative, squares = 0, 0.0
        for number, front in enumerate(self._fronts):
            parts = [(self._fronts[child].boundary, passed.pop(child)) for child in front.children]
            n_sites, n_late = front.end - front.first, sum(step.delayed for _, step in parts)
            n_own = n_sites + n_late
            place[front.first : front.end] = np.arange(n_sites)
            place[front.boundary] = n_own + np.arange(len(front.boundary))
            f = self._entries(front, n_own + len(front.boundary), place, energy)
            for boundary, step in parts:
                # A child passes on directions of its own, which have no row in H, and rows of its boundary.
                late = n_sites + np.arange(step.delayed)
                n_sites += step.delayed
                at = np.concatenate([late, place[boundary]])
                f[at[:, None], at] += step.complement
            step = _eliminate(f, n_own)
            negative += step.negative
            squares += step.error**2
            passed[number] = step
        return Count(negative, float(np.sqrt(squares)))

    def _entries(self, front: Front, size: int, place: NDArray[np.int64], energy: float) -> Array:
        """The rows of D (H − E) D of a front, in a matrix of all its rows."""
        starts, n_sites = self._matrix.indptr, front.end - front.first
        stretch = slice(starts[front.first], starts[front.end])
        row = np.repeat(np.arange(n_sites), np.diff(starts[front.first : front.end + 1]))
        columns, values = self._matrix.indices[stretch], self._matrix.data[stretch]
        later = columns >= front.first  # the others were eliminated
        row, column, values = row[later], place[columns[later]], values[later]
        f: Array = np.zeros((size, size), values.dtype)
        f[row, column] = values
        f[column, row] = values.conj()
        f[np.arange(n_sites), np.arange(n_sites)] -= energy * self._squares[front.first : front.end]
        return f


class Step(NamedTuple):
    """What the elimination of a front leaves: pivots below zero, directions passed on, the Schur complement
    of these and of the boundary, and an estimate of its rounding errors.
    """

    negative: int
    delayed: int
    complement: Array
    error: float


def _eliminate(f: Array, n_own: int) -> Step:
    """Eliminate the first rows of a front; see the module."""
    if not n_own:
        return Step(0, 0, f, 0.0)
    own, across, rest = f[:n_own, :n_own], f[:n_own, n_own:], f[n_own:, n_own:]
    x: Array = _solved(own, across)
    growth = float(np.abs(x).max(initial=0.0))
    if growth < MOST_GROWTH:
        return Step(_negative(own), 0, rest - across.conj().T @ x, _rounding(f, n_own, growth))
    values, rotation = scipy.linalg.eigh(own, driver="evd")
    across = rotation.conj().T @ across
    kept = np.abs(across).max(axis=1, initial=0.0) <= MOST_GROWTH * np.abs(values)
    x = across[kept] / values[kept, None]
    n_delayed = int(np.count_nonzero(~kept))
    complement = np.zeros((n_delayed + len(rest),) * 2, f.dtype)
    complement[range(n_delayed), range(n_delayed)] = values[~kept]
    complement[:n_delayed, n_delayed:] = across[~kept]
    complement[n_delayed:, :n_delayed] = across[~kept].conj().T
    complement[n_delayed:, n_delayed:] = rest - across[kept].conj().T @ x
    growth = float(np.abs(x).max(initial=0.0))
    return Step(int(np.count_nonzero(values[kept] < 0)), n_delayed, complement, _rounding(f, n_own, growth))


def _solved(own: Array, across: Array) -> Array:
    """F_SS⁻¹ F_SB, infinite where F_SS is singular. By LU: with L D L† LAPACK solves column by column."""
    try:
        found: Array = np.linalg.solve(own, across)
    except np.linalg.LinAlgError:
        found = np.full(across.shape or (1, 1), np.inf)
    return found


def _negative(own: Array) -> int:
    """Negative eigenvalues, from the pivots of L D L†; a 2 × 2 pivot is indefinite and has one."""
    factorise = lapack.zhetrf if np.iscomplexobj(own) else lapack.dsytrf
    factors, pivots, _ = factorise(own, lower=1, lwork=64 * len(own))
    single = pivots > 0
    negative = np.real(factors.diagonal())[single] < 0
    return int(np.count_nonzero(negative)) + int(np.count_nonzero(~single)) // 2


def _rounding(f: Array, n_own: int, growth: float) -> float:
    """Frobenius norm of the errors of the complement: sums of n_own products, each off by rounding."""
    size = float(np.abs(f).max(initial=0.0)) * (1.0 + growth)
    return float(np.finfo(float).eps * size * np.sqrt(n_own) * len(f))


def fronts_of(hamiltonian: NambuMatrix, leaf_sites: int) -> tuple[NDArray[np.int64], list[Front]]:
    """The rows of H in the order of nested dissection, and the fronts of it, children before parents."""
    dofs, indptr, indices = hamiltonian.dofs, hamiltonian.indptr, hamiltonian.indices
    positions = np.ascontiguousarray(hamiltonian.positions, dtype=float)
    permutation, ranges = dissect(indptr, indices, positions, leaf_sites)
    rows = (permutation[:, None].astype(np.int64) * dofs + np.arange(dofs)).ravel()
    return rows, _fronts(indptr, indices, permutation, ranges, dofs)


def _fronts(
    indptr: NDArray[Any], indices: NDArray[Any], permutation: NDArray[Any], ranges: NDArray[Any], dofs: int
) -> list[Front]:
    """The fronts of an order of elimination, in rows of ``dofs`` to a site, children before parents."""
    place = np.empty(len(permutation), np.int64)
    place[permutation] = np.arange(len(permutation))
    fronts: list[Front] = []
    boundaries: list[NDArray[np.int64]] = []
    children: list[list[int]] = [[] for _ in ranges]
    component = np.arange(dofs)
    for number, (first, end, parent) in enumerate(ranges):
        sites = permutation[first:end]
        neighbours = [place[indices[indptr[site] : indptr[site + 1]]] for site in sites]
        near = np.unique(np.concatenate([*neighbours, *(boundaries[child] for child in children[number])]))
        boundaries.append(near[near >= end])
        if parent >= 0:
            children[parent].append(number)
        rows = (boundaries[-1][:, None] * dofs + component).ravel()
        fronts.append(Front(first * dofs, end * dofs, rows, children[number]))
    return fronts
