"""The Majorana basis, in which particle–hole symmetry makes −iH real and antisymmetric."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from bdg.errors import NumericalError

_ROOT = np.sqrt(0.5)

FOUR = _ROOT * np.array([[1, 1j, 0, 0], [0, 0, 1, 1j], [0, 0, 1, -1j], [-1, 1j, 0, 0]])
"""(c_↑, c_↓, c†_↓, −c†_↑) of (a_↑, b_↑, a_↓, b_↓), c = (a + ib)/√2."""

TWO = _ROOT * np.array([[1, 1j], [1, -1j]])
"""(c, c†) of (a, b)."""

_BASES = {2: TWO, 4: FOUR}

NOT_REAL = 1e-9
"""Share of the largest entry that rounding may leave where particle–hole symmetry has zero."""


def majorana_matrix(h: NDArray[Any], dofs: int) -> NDArray[np.float64]:
    r"""A = −i W†HW, real and antisymmetric: H = ½ Σ iA_lm γ_l γ_m with γ_l² = ½.

    For one level, ε c†c − ε/2 = iε a b, A = [[0, ε], [−ε, 0]] with Pf A = ε: the sign of the Pfaffian is the
    parity of the ground state, +1 where it is that of the vacuum.

    Parameters
    ----------
    h
        H with rows site by site, at a momentum that is its own opposite, shape ``(n, n)``.
    dofs
        4; or 2 where H is of electrons without spin, Ψ = (c, c†).

    Raises
    ------
    NumericalError
        If A is not real: H has no particle–hole symmetry of its own.
    """
    basis = _BASES[dofs]
    sites = len(h) // dofs
    blocks = h.reshape(sites, dofs, sites, dofs)
    rotated = -1j * np.einsum("ba,ibjc,cd->iajd", basis.conj(), blocks, basis, optimize=True).reshape(h.shape)
    if np.abs(rotated.imag).max(initial=0.0) > NOT_REAL * np.abs(rotated).max(initial=0.0):
        raise NumericalError("the Nambu matrix has lost its particle–hole symmetry; report this as a bug")
    real = rotated.real
    return np.ascontiguousarray(0.5 * (real - real.T))


def sparse_majorana_matrix(matrix: scipy.sparse.sparray, dofs: int) -> scipy.sparse.csr_array:
    """A of :func:`majorana_matrix` of a sparse H.

    Raises
    ------
    NumericalError
        If A is not real.
    """
    sites = matrix.shape[0] // dofs
    basis = scipy.sparse.kron(scipy.sparse.eye_array(sites), _BASES[dofs], format="csr")
    rotated = scipy.sparse.csr_array(-1j * (basis.conj().T @ matrix @ basis))
    if abs(rotated.imag).max() > NOT_REAL * abs(rotated).max():
        raise NumericalError("the Nambu matrix has lost its particle–hole symmetry; report this as a bug")
    real = rotated.real
    return scipy.sparse.csr_array(0.5 * (real - real.T))
