"""Signs of Pfaffians at the momenta that are their own opposites."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product

import numpy as np
from numpy.typing import NDArray

from bdg.nambu import BlochMomenta, NambuMatrix
from bdg.nambu.bloch import Momentum
from bdg.resources import blas_threads
from bdg.solvers.lowest import lowest_energy
from bdg.topology.closed import matrices_at
from bdg.topology.majorana import majorana_matrix, sparse_majorana_matrix
from bdg.topology.pfaffian import log_pfaffian
from bdg.topology.sparse_pfaffian import sign_of_pfaffian

DENSE_ROWS = 400
"""Rows up to which the dense Pfaffian and all energies are as quick."""


@dataclass(frozen=True)
class PfaffianSigns:
    """The signs of Pf A_k at the invariant momenta, 0 where a level cannot be told from zero.

    Parameters
    ----------
    k
        k_d ∈ {0, π} along closed directions and 0 along others, shape ``(n_momenta, n_directions)``.
    signs
        +1, −1 or 0, shape ``(n_momenta,)``; +1 is an even ground state there.
    gaps
        Smallest |E| at each, in t.
    """

    k: NDArray[np.float64]
    signs: NDArray[np.int8]
    gaps: NDArray[np.float64]

    @property
    def product(self) -> int:
        """The Z₂ invariant of class D: −1 of a chain with a Majorana mode at each end; (−1)^C of a plane.

        Kitaev, Phys. Usp. 44, 131 (2001); of more dimensions, Ghosh, Sau, Tewari, Das Sarma, Phys. Rev. B 82,
        184525 (2010).
        """
        return int(np.prod(self.signs.astype(np.int64)))


def pfaffian_signs(
    hamiltonian: NambuMatrix, closed: list[int], block: NambuMatrix | None = None
) -> PfaffianSigns:
    """Sign of Pf A_k, A_k = −iH_k in the Majorana basis, at every k of {0, π} along the closed directions.

    H_k* is the partner of H_{−k}, so A_k is real just where k and −k are one.

    Parameters
    ----------
    hamiltonian
        Of :func:`bdg.topology.closed_matrix`: 4 dofs, or 2 that are their own conjugate.
    closed
        The closed directions.
    block
        A smaller one with the same |E|, where spin along z is conserved; by default there is none.
    """
    n_directions = hamiltonian.momenta[0].k.size
    k = np.zeros((2 ** len(closed), n_directions))
    k[:, closed] = np.pi * np.array(list(product((0, 1), repeat=len(closed))), dtype=np.float64)
    signs, gaps = np.zeros(len(k), np.int8), np.zeros(len(k))
    rounding = 10 * float(np.finfo(float).eps) * hamiltonian.norm_bound() * np.sqrt(hamiltonian.dimension)
    for index, momentum in enumerate(k):
        if hamiltonian.dimension <= DENSE_ROWS:
            gaps[index], sign, distance = _dense(hamiltonian, momentum)
        else:
            at = _at(hamiltonian, momentum)
            sign, distance = sign_of_pfaffian(at, sparse_majorana_matrix(at.sparse(), at.dofs))
            gaps[index] = lowest_energy(at if block is None else _at(block, momentum))
        signs[index] = 0 if gaps[index] <= max(rounding, distance) else sign
    return PfaffianSigns(k, signs, gaps)


def _dense(hamiltonian: NambuMatrix, momentum: NDArray[np.float64]) -> tuple[float, int, float]:
    """Smallest |E| at a momentum, sign of Pf A, and how far A may be from the matrix that was reduced."""
    h = matrices_at(hamiltonian, momentum[None])[0]
    with blas_threads(None if len(h) > 256 else 1):
        gap = float(np.abs(np.linalg.eigvalsh(h)).min())
        sign, _ = log_pfaffian(majorana_matrix(h, hamiltonian.dofs))
    return gap, int(np.sign(sign)), 0.0


def _at(hamiltonian: NambuMatrix, momentum: NDArray[np.float64]) -> NambuMatrix:
    """The matrix at one momentum alone."""
    momenta = hamiltonian.momenta
    values = momenta.values_at(momentum[None])[0] if isinstance(momenta, BlochMomenta) else momenta[0].values
    return replace(hamiltonian, momenta=(Momentum(1.0, momentum, values),))
