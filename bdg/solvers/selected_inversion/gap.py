"""The spectral gap, which the expansion of the sign function wants at zero temperature."""

from __future__ import annotations

import numpy as np
import scipy.sparse.linalg

from bdg.errors import InputError
from bdg.nambu import NambuMatrix

_DENSE = 200


def spectral_gap(hamiltonian: NambuMatrix) -> float:
    """Smallest |E_n| over all momenta, by shift-invert Lanczos about zero.

    Raises
    ------
    InputError
        If the spectrum has no gap worth the name: the Fermi function then has no expansion at T = 0.
    """
    bound = hamiltonian.norm_bound()
    gap = min(_smallest(hamiltonian, k) for k in range(len(hamiltonian.momenta)))
    if not gap > 1e-9 * bound:
        raise InputError(
            f"the spectrum has a level at {gap:.1e}: no gap to expand the sign function in at temperature 0; "
            "use a small temperature, or method diagonalization"
        )
    return gap


def _smallest(hamiltonian: NambuMatrix, momentum: int) -> float:
    if hamiltonian.dimension <= _DENSE:
        return float(np.abs(np.linalg.eigvalsh(hamiltonian.dense(momentum))).min())
    # A start vector of ours, so that the same matrix gives the same gap; the shift avoids a singular factor.
    start = np.random.default_rng(0).normal(size=hamiltonian.dimension)
    shift = 1e-10 * hamiltonian.norm_bound()
    matrix = scipy.sparse.csc_array(hamiltonian.sparse(momentum))
    near = scipy.sparse.linalg.eigsh(matrix, k=2, sigma=shift, v0=start, return_eigenvectors=False, tol=1e-8)
    return float(np.abs(near).min())
