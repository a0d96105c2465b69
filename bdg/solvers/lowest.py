"""The quasiparticle energies nearest to zero, from whatever solver there is."""

from __future__ import annotations

import numpy as np
import scipy.sparse.linalg
from numpy.typing import NDArray

from bdg.nambu import NambuMatrix
from bdg.solvers.contract import Solver, SolvesStates


def lowest_energies(hamiltonian: NambuMatrix, solver: Solver, count: int) -> NDArray[np.float64]:
    """The ``count`` energies nearest to zero, ascending, in t.

    A solver with eigenvectors is asked; without one, shift-invert Lanczos on the sparse matrix
    (ARPACK; Lehoucq, Sorensen, Yang 1998) does it.
    """
    if isinstance(solver, SolvesStates):
        return solver.states(hamiltonian, count)[0]
    # Off zero by a little, because H − 0 is singular when there is a zero mode.
    shift = 1e-9 * hamiltonian.norm_bound()
    energies: NDArray[np.float64] = scipy.sparse.linalg.eigsh(
        hamiltonian.sparse().tocsc(),
        k=count,
        sigma=shift,
        which="LM",
        return_eigenvectors=False,
        v0=_start(hamiltonian),
    )
    return np.sort(energies)


def _start(hamiltonian: NambuMatrix) -> NDArray[np.float64]:
    """A fixed generic start vector: results must not depend on a hidden random state."""
    return np.random.default_rng(0).standard_normal(hamiltonian.dimension)
