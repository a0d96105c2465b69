"""The quasiparticle energies nearest to zero, from whatever solver there is."""

from __future__ import annotations

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
from numpy.typing import NDArray

from bdg.nambu import NambuMatrix
from bdg.solvers.contract import Solver, SolvesStates
from bdg.solvers.resources import blas_threads

DENSE_ROWS = 200
"""Rows up to which all eigenvalues are as quick as a few."""


def lowest_energies(
    hamiltonian: NambuMatrix, count: int, solver: Solver | None = None, momentum: int = 0
) -> NDArray[np.float64]:
    """The ``count`` energies nearest to zero at one momentum, ascending, in t.

    A solver with eigenvectors is asked; without one, shift-invert Lanczos on the sparse matrix
    (ARPACK; Lehoucq, Sorensen, Yang 1998) does it.
    """
    if isinstance(solver, SolvesStates) and momentum == 0:
        return solver.states(hamiltonian, count)[0]
    if hamiltonian.dimension <= DENSE_ROWS:
        energies = np.linalg.eigvalsh(hamiltonian.dense(momentum))
        return np.sort(energies[np.argsort(np.abs(energies), kind="stable")[:count]])
    # Off zero by a little, because H − 0 is singular when there is a zero mode; the start vector is ours, so
    # that the same matrix gives the same energies. One pair more than asked: ±E come together.
    shift = 1e-10 * hamiltonian.norm_bound()
    start = np.random.default_rng(0).standard_normal(hamiltonian.dimension)
    matrix = scipy.sparse.csc_array(hamiltonian.sparse(momentum))
    with blas_threads(1):  # thousands of products of single vectors: a second thread costs more than it does
        near: NDArray[np.float64] = scipy.sparse.linalg.eigsh(
            matrix, k=count + 1, sigma=shift, v0=start, return_eigenvectors=False
        )
    return np.sort(near[np.argsort(np.abs(near), kind="stable")[:count]])
