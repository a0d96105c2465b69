"""The lowest quasiparticle energy, from whatever solver there is."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse
import scipy.sparse.linalg

from bdg.arrays import Array
from bdg.errors import NumericalError
from bdg.nambu import NambuMatrix
from bdg.resources import blas_threads
from bdg.solvers.contract import Solver, SolvesStates

DENSE_ROWS = 200
"""Rows up to which all eigenvalues are as quick as one."""


def lowest_energy(
    hamiltonian: NambuMatrix, solver: Solver | None = None, momentum: int = 0, *, tolerance: float = 1e-8
) -> float:
    """Smallest |E_n| at one momentum, in t.

    A solver with eigenvectors is asked. Without one, Lanczos (ARPACK; Lehoucq, Sorensen, Yang 1998) finds the
    largest eigenvalue of H⁻², which is 1/E²: the two signs of E, which H⁻¹ would tell apart only by their
    sign, count as one there, and levels may be degenerate.

    Parameters
    ----------
    hamiltonian, solver, momentum
        The matrix; a solver that may have eigenvectors; which of the matrix's momenta.
    tolerance
        Residual of the eigenvector, in units of the eigenvalue 1/E², at which Lanczos ends: no error of 1/E²
        is larger, and its size is the square of that over the distance of the next level.

    Raises
    ------
    NumericalError
        If Lanczos does not converge.
    """
    if isinstance(solver, SolvesStates):
        return float(np.abs(solver.states(hamiltonian, 1, momentum=momentum)[0][0]))
    if hamiltonian.dimension <= DENSE_ROWS:
        return float(np.abs(np.linalg.eigvalsh(hamiltonian.dense(momentum))).min())
    half = _singlet_half(hamiltonian, momentum)
    matrix = scipy.sparse.csc_array(hamiltonian.sparse(momentum) if half is None else half)
    try:
        factors = scipy.sparse.linalg.splu(matrix)
    except RuntimeError:  # exactly singular: a zero mode
        return 0.0

    def inverse_twice(vector: Array) -> Array:
        found: Array = factors.solve(factors.solve(vector, "H"))
        return found

    operator = scipy.sparse.linalg.LinearOperator(matrix.shape, matvec=inverse_twice, dtype=matrix.dtype)
    # A start of ours: the same matrix must give the same energy.
    start = np.random.default_rng(0).standard_normal(matrix.shape[0])
    try:
        with blas_threads(1):  # its vectors are too short for more
            (largest,) = scipy.sparse.linalg.eigsh(
                operator, k=1, which="LA", v0=start, tol=tolerance, return_eigenvectors=False
            )
    except scipy.sparse.linalg.ArpackError as error:
        raise NumericalError(f"Lanczos did not find the lowest energy ({error})") from error
    return float(1.0 / np.sqrt(largest))


def _singlet_half(hamiltonian: NambuMatrix, momentum: int) -> Any:
    """H + iΔ, whose singular values are the energies of a real H = h τ_z + Δ τ_x, each once; else ``None``.

    H² is (h + iΔ)(h + iΔ)† in the basis of τ_y, where H has no diagonal blocks.
    """
    values = hamiltonian.momenta[momentum].values
    if hamiltonian.dofs != 2 or np.iscomplexobj(values):
        return None
    h, delta = values[:, 0, 0], values[:, 0, 1]
    if not (np.array_equal(h, -values[:, 1, 1]) and np.array_equal(delta, values[:, 1, 0])):
        return None
    n = hamiltonian.n_sites
    return scipy.sparse.csr_array((h + 1j * delta, hamiltonian.indices, hamiltonian.indptr), shape=(n, n))
