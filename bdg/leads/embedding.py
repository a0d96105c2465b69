r"""How the density matrix of an infinite lattice changes with a part of it.

With M = (H₀ − iγ)⁻¹ between the sites of the part and V what is added to H there,

    δf = −½ [ c V + Σ_p w_p Herm δM_p ],   δM = −M T M,   T = (1 + V M)⁻¹ V,

c, w_p and γ_p those of the expansion of tanh(x/2T) (:mod:`bdg.rational`).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from bdg.arrays import Array, Complexes, Indices
from bdg.leads.infinite import InfiniteLattice
from bdg.leads.t_matrix import between_sites, by_orbitals
from bdg.rational import Expansion, tanh_expansion

MARGIN = 1.25
"""How much larger than the first one the bound on H is taken, so that the poles stay while V changes."""


@dataclass
class Embedding:
    """Some sites of an infinite lattice at a temperature above 0.

    Parameters
    ----------
    lattice
        The bulk.
    cells, orbitals
        The sites, shapes ``(n, n_directions)`` and ``(n,)``; none twice.
    temperature
        T > 0.
    tolerance
        Of the expansion and of the sums over momenta.
    """

    lattice: InfiniteLattice
    cells: Array
    orbitals: Array
    temperature: float
    tolerance: float
    _expansion: Expansion | None = None
    _resolvents: list[Complexes] = field(default_factory=list)
    _errors: list[float] = field(default_factory=list)

    @property
    def dofs(self) -> int:
        """Nambu components of an orbital."""
        return self.lattice.hamiltonian.dofs

    def change(self, potential: Array, rows: Indices, columns: Indices) -> tuple[Array, float]:
        """Blocks of δf at pairs of the sites, shape ``(n_pairs, dofs, dofs)``, and an error estimate.

        Parameters
        ----------
        potential
            V, Hermitian, shape ``(n·dofs, n·dofs)``.
        rows, columns
            Which of the sites, shape ``(n_pairs,)``.
        """
        expansion, size, dofs = self._expanded(potential), len(potential), self.dofs
        n, changed = size // dofs, np.flatnonzero(potential.any(axis=1))
        v = potential[np.ix_(changed, changed)]
        total = expansion.linear * potential.reshape(n, dofs, n, dofs)[rows, :, columns].astype(complex)
        for weight, resolvent in zip(expansion.weights, self._resolvents, strict=True):
            to, fro = resolvent[:, changed], resolvent[changed]
            t = np.linalg.solve(np.eye(len(v)) + v @ fro[:, changed], v)
            left, right = (to @ t).reshape(n, dofs, -1), np.ascontiguousarray(fro.T).reshape(n, dofs, -1)
            for one, other in ((rows, columns), (columns, rows)):
                blocks = np.einsum("eam,ebm->eab", left[one], right[other])
                total -= 0.5 * weight * (blocks if one is rows else np.conj(blocks.swapaxes(1, 2)))
        strength = float(np.abs(potential).max())
        error = 0.5 * expansion.error + strength * float(np.dot(expansion.weights, self._errors))
        return -0.5 * total, error

    def _expanded(self, potential: Array) -> Expansion:
        """The expansion for H₀ + V, its resolvents known."""
        bound = self.lattice.hamiltonian.norm_bound() + float(np.abs(potential).sum(axis=1).max())
        if self._expansion is None or bound > self._expansion.bound:
            self._expansion = tanh_expansion(self.temperature, MARGIN * bound, self.tolerance)
            made = [self._resolvent(gamma) for gamma in self._expansion.gamma]
            self._resolvents, self._errors = [one for one, _ in made], [error for _, error in made]
        return self._expansion

    def _resolvent(self, gamma: float) -> tuple[Complexes, float]:
        """(H₀ − iγ)⁻¹ = −G₀(iγ) between the sites."""
        reach = tuple(int(n) for n in np.ptp(self.cells, axis=0))
        bulk, error = self.lattice.greens(1j * gamma, reach, self.tolerance / gamma)
        return -between_sites(by_orbitals(bulk, self.dofs), reach, self.cells, self.orbitals), error
