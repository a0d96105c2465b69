"""A solver: f(H) from dense inverses at the poles of its rational expansion."""

import numpy as np

from bdg.rational import tanh_expansion
from bdg.solvers.contract import TOLERANCE, Correlations
from bdg.solvers.diagonalization import Diagonalization


class DensePoles(Diagonalization):
    """f(H) = ½ − ½ [c H + Σ_p w_p Herm (H − iγ_p)⁻¹], each inverse by LAPACK; the rest as its parent."""

    name = "dense_poles"

    def correlations(self, hamiltonian, temperature, pattern, *, tolerance=TOLERANCE, executor=None):
        """Entries of f(H), summed over the momenta; see ``bdg.solvers.contract``."""
        bound = hamiltonian.norm_bound()
        expansion = tanh_expansion(temperature, bound, tolerance)
        n, dofs = hamiltonian.n_sites, hamiltonian.dofs
        entries = np.zeros((len(pattern), dofs, dofs), complex)
        unit = np.eye(hamiltonian.dimension)
        for index, momentum in enumerate(hamiltonian.momenta):
            h = hamiltonian.dense(index)
            f = 0.5 * unit - 0.5 * expansion.linear * h
            for gamma, weight in zip(expansion.gamma, expansion.weights, strict=True):
                inverse = np.linalg.inv(h - 1j * gamma * unit)
                f = f - 0.25 * weight * (inverse + inverse.conj().T)
            blocks = f.reshape(n, dofs, n, dofs).swapaxes(1, 2)[pattern.rows, pattern.columns]
            phases = 1.0 if pattern.crossings is None else np.exp(1j * pattern.crossings @ momentum.k)
            part = blocks * np.reshape(phases, (-1, 1, 1))
            entries += momentum.weight * (part.real if momentum.is_paired else part)  # it stands for −k too
        real = entries.real.copy() if hamiltonian.is_real else entries
        return Correlations(pattern, real, expansion.error + np.finfo(float).eps * bound / temperature)
