r"""The matrix every solver works on: H of ½ Ψ† H Ψ (general) or Ψ† H Ψ (spin-collinear), in blocks of sites.

Storage is block CSR over sites, on a :class:`bdg.nambu.SparsityPattern` that all matrices of a sample share.
``values[b]`` is a ``dofs × dofs`` block in the Nambu order of :mod:`bdg.conventions`. Directions that are
infinite leave one set of values for each momentum, with the weight it carries in the sum over k.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from bdg.errors import NumericalError
from bdg.nambu.bloch import BlochMomenta, Momentum
from bdg.nambu.sparsity import SparsityPattern

Symmetry = Literal["singlet", "collinear", "general"]
"""What the blocks are known to obey.

``singlet``: 2 dofs, spin-symmetric (class C): every block of −iH is a real quaternion.
``collinear``: 2 dofs, spin along z conserved, a Zeeman term or spin-dependent Hartree field present.
``general``: 4 dofs (class D).
"""


WALL = 1e4
"""An energy this many times the scale of the low part of the spectrum is that of a wall."""


@dataclass(frozen=True)
class NambuMatrix:
    """A Hermitian block matrix over sites; see the module for the storage.

    Parameters
    ----------
    sparsity
        Where it has blocks.
    dofs
        Nambu components of a site: 2 or 4.
    momenta
        One entry for a finite sample; one per k point where a direction is infinite, each made anew when it
        is asked for.
    symmetry
        See :data:`Symmetry`.
    """

    sparsity: SparsityPattern
    dofs: int
    momenta: Sequence[Momentum]
    symmetry: Symmetry

    @property
    def indptr(self) -> NDArray[np.int64]:
        """Where the blocks of each row begin, shape ``(n_sites + 1,)``."""
        return self.sparsity.indptr

    @property
    def indices(self) -> NDArray[np.int32]:
        """Column of each block, shape ``(n_blocks,)``."""
        return self.sparsity.indices

    @property
    def positions(self) -> NDArray[np.float64]:
        """Site positions, shape ``(n_sites, dimension)``, in lattice constants."""
        return self.sparsity.positions

    @property
    def n_sites(self) -> int:
        """Number of sites (orbitals)."""
        return self.sparsity.n_sites

    @property
    def diagonal(self) -> NDArray[np.int64]:
        """Place of each site's own block in the storage, shape ``(n_sites,)``."""
        return self.sparsity.diagonal

    @property
    def dimension(self) -> int:
        """Rows of H: ``dofs * n_sites``."""
        return self.dofs * self.n_sites

    @property
    def is_real(self) -> bool:
        """Whether every block of every momentum is stored real."""
        if isinstance(self.momenta, BlochMomenta):
            return self.momenta.is_real
        return all(np.isrealobj(momentum.values) for momentum in self.momenta)

    def mean(self) -> NDArray[np.float64] | NDArray[np.complex128]:
        """Blocks summed over the momenta with their weights, shape ``(n_blocks, dofs, dofs)``."""
        if isinstance(self.momenta, BlochMomenta):
            return self.momenta.mean()
        total: NDArray[np.float64] = np.sum([each.weight * each.values for each in self.momenta], axis=0)
        return total

    def sparse(self, momentum: int = 0) -> scipy.sparse.bsr_array:
        """H at one momentum as a SciPy block sparse array (no copy of the values)."""
        return scipy.sparse.bsr_array(
            (self.momenta[momentum].values, self.indices, self.indptr), shape=(self.dimension,) * 2
        )

    def dense(self, momentum: int = 0) -> NDArray[np.float64] | NDArray[np.complex128]:
        """H at one momentum as a dense array, shape ``(dimension, dimension)``."""
        return self.to_dense(self.momenta[momentum].values)

    def to_dense(
        self, values: NDArray[np.float64] | NDArray[np.complex128]
    ) -> NDArray[np.float64] | NDArray[np.complex128]:
        """Dense, ``(…, dimension, dimension)``, of blocks ``(…, n_blocks, dofs, dofs)`` on this pattern."""
        n, dofs, outer = self.n_sites, self.dofs, values.shape[:-3]
        full = np.zeros((*outer, n, n, dofs, dofs), values.dtype)
        full[..., self.sparsity.rows, self.indices, :, :] = values
        dense: NDArray[np.float64] | NDArray[np.complex128] = full.swapaxes(-3, -2).reshape(
            *outer, self.dimension, self.dimension
        )
        return dense

    def norm_bound(self) -> float:
        """Bound on every |E_n|: the largest row sum of absolute values, whatever the momentum."""
        by_row = np.add.reduceat(self._sizes.sum(axis=2), self.indptr[:-1], axis=0)
        return float(by_row.max())

    @cached_property
    def low_scale(self) -> float:
        """Scale of the low part of the spectrum, in t: the median row sum of hops and pairs.

        Unlike :meth:`norm_bound` it knows nothing of walls and strong impurities, whose levels are far away.
        """
        sizes = self._sizes.copy()
        sizes[self.sparsity.diagonal] *= 1.0 - np.eye(self.dofs)
        for each in (sizes, self._sizes):
            by_row = np.add.reduceat(each.sum(axis=2), self.indptr[:-1], axis=0)
            if (middle := float(np.median(by_row))) > 0:
                return middle
        return self.norm_bound() or 1.0

    @property
    def advice_on_walls(self) -> str:
        """What to add to an error that energies far beyond the low part of the spectrum may have caused."""
        if self.norm_bound() < WALL * self.low_scale:
            return ""
        return f"; a potential of {self.norm_bound():.0e} t is a hard wall: leave its sites out, as vacancies"

    @cached_property
    def _sizes(self) -> NDArray[np.float64]:
        """Bound on the absolute value of every entry at every momentum, shape ``(n_blocks, dofs, dofs)``."""
        if isinstance(self.momenta, BlochMomenta):
            return self.momenta.sizes()
        sizes: NDArray[np.float64] = np.max([np.abs(momentum.values) for momentum in self.momenta], axis=0)
        return sizes

    def require_finite(self) -> None:
        """Refuse NaN and infinity before they reach a factorisation.

        Raises
        ------
        NumericalError
            If any value is not finite; the message names a site.
        """
        finite = np.isfinite(self._sizes)
        if not finite.all():
            block = int(np.argwhere(~finite)[0][0])
            site = int(np.searchsorted(self.indptr, block, side="right")) - 1
            raise NumericalError(
                f"the Hamiltonian is not finite (first at site {site}); check the input values"
            )


def on_common_momenta(
    matrix: NambuMatrix, others: Sequence[NambuMatrix]
) -> tuple[NambuMatrix, list[NambuMatrix]]:
    """Matrices of one sample at the same momenta: at all of the grid where one of them needs k and −k."""
    together = [matrix, *others]
    grids = [each.momenta for each in together if isinstance(each.momenta, BlochMomenta)]
    whole = next((grid.momenta.k for grid in grids if not grid.is_paired), None)

    def moved(each: NambuMatrix) -> NambuMatrix:
        if whole is None or not isinstance(each.momenta, BlochMomenta) or not each.momenta.is_paired:
            return each
        return replace(each, momenta=each.momenta.at(whole))

    return moved(matrix), [moved(each) for each in others]
