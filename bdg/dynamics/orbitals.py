r"""The density matrix of a state as a few orbitals with weights.

With 4 dofs, and with 2 where the spins are alike, H has the symmetry 𝒞 H 𝒞⁻¹ = −H, 𝒞 = U K, which holds at
every instant: the partner 𝒞|n⟩ of an orbital moves as the orbital does, and

    ρ = ½ + ½ Σ_n tanh(|E_n|/2T) (|n⟩⟨n| − 𝒞|n⟩⟨n|𝒞⁻¹)

over the levels below zero: half of all, whatever T. Where there is no such symmetry, ρ = Σ_n f(E_n) |n⟩⟨n|.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.kernels.sums import occupied_blocks
from bdg.lattice.boundary import Momenta
from bdg.nambu import BlochMomenta, NambuMatrix
from bdg.resources import require_memory
from bdg.solvers import Correlations, Pattern
from bdg.solvers.diagonalization.eigensystem import Eigensystem, diagonalize
from bdg.solvers.thermal import fermi

EMPTY = 1e-17
"""Occupations below this are none."""

PARTNER = {
    2: np.array([[0.0, 1.0], [-1.0, 0.0]]),
    4: np.array([[0, 0, 0, -1.0], [0, 0, 1.0, 0], [0, 1.0, 0, 0], [-1.0, 0, 0, 0]]),
}
"""U of 𝒞 = U K by the number of dofs."""


@dataclass(frozen=True)
class Orbitals:
    """Orbitals of all momenta, side by side.

    Parameters
    ----------
    vectors
        In columns, shape ``(dimension, n_orbitals)``, complex.
    weight
        Of each in ρ, times that of its momentum in the sum over k, shape ``(n_orbitals,)``.
    k
        Its Bloch phases, shape ``(n_orbitals, n_directions)``.
    momenta
        All momenta and their weights.
    dofs
        Nambu components of a site.
    has_partners
        Whether 𝒞|n⟩ of each counts too; see the module.
    """

    vectors: NDArray[np.complex128]
    weight: NDArray[np.float64]
    k: NDArray[np.float64]
    momenta: Momenta
    dofs: int
    has_partners: bool
    _phases: dict[bytes, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def n_orbitals(self) -> int:
        """How many there are."""
        return len(self.weight)

    def phase(self, crossing: NDArray[np.int64]) -> NDArray[np.complex128]:
        """e^{+ik·crossing} of each, shape ``(n_orbitals,)``."""
        key = np.asarray(crossing, np.int64).tobytes()
        if key not in self._phases:
            self._phases[key] = np.exp(1j * (self.k @ crossing))
        found: NDArray[np.complex128] = self._phases[key]
        return found

    def moved(self, vectors: NDArray[np.complex128]) -> Orbitals:
        """The same with other vectors."""
        return replace(self, vectors=vectors)

    def taken(self, columns: NDArray[np.intp]) -> Orbitals:
        """Some of them."""
        chosen = np.ascontiguousarray(self.vectors[:, columns])
        return replace(self, vectors=chosen, weight=self.weight[columns], k=self.k[columns], _phases={})

    def correlations(self, pattern: Pattern) -> Correlations:
        """Entries of ρ, ⟨Ψ†_(column, b) Ψ_(row, a)⟩, as a solver gives those of f(H)."""
        blocks = self._blocks(pattern)
        if self.has_partners:
            u = PARTNER[self.dofs]
            blocks = 0.5 * (blocks - u @ np.conj(blocks) @ u.T)
            blocks = blocks + 0.5 * self._overlap(pattern)[:, None, None] * np.eye(self.dofs)
        return Correlations(pattern, blocks, 0.0)

    def _overlap(self, pattern: Pattern) -> NDArray[np.float64]:
        """δ of row and column as the sum over k makes it, shape ``(n_entries,)``."""
        same: NDArray[np.float64] = (pattern.rows == pattern.columns).astype(np.float64)
        if pattern.crossings is not None:
            same *= (np.cos(pattern.crossings @ self.momenta.k.T) @ self.momenta.weight).round(12)
        return same

    def _blocks(self, pattern: Pattern) -> NDArray[np.complex128]:
        """Σ_n weight_n e^{ik·crossing} |n⟩⟨n| on the pattern."""
        rows, columns, vectors = pattern.rows, pattern.columns, self.vectors
        if not self.n_orbitals:
            return np.zeros((len(pattern), self.dofs, self.dofs), np.complex128)
        if pattern.crossings is None:
            whole: NDArray[np.complex128] = occupied_blocks(vectors, self.weight, rows, columns, self.dofs)
            return whole
        out = np.zeros((len(pattern), self.dofs, self.dofs), np.complex128)
        reaches, which = np.unique(pattern.crossings, axis=0, return_inverse=True)
        for index, reach in enumerate(reaches):
            own = np.flatnonzero(which.ravel() == index)
            weight = self.weight * self.phase(reach)
            out[own] = occupied_blocks(vectors, weight, rows[own], columns[own], self.dofs)
        return out


def initial_orbitals(
    hamiltonian: NambuMatrix, momenta: Momenta, temperature: float, threads: int | None = None
) -> Orbitals:
    """Those of ρ = f(H).

    Parameters
    ----------
    hamiltonian
        H of the state.
    momenta
        All momenta of its sample.
    temperature
        k_B T in t.
    threads
        BLAS threads; ``None`` for those of :func:`bdg.resources.blas_threads`.

    Raises
    ------
    ResourceError
        If the orbitals do not fit into the memory.
    """
    matrix = _at_all_momenta(hamiltonian, momenta)
    n_momenta, rows = len(matrix.momenta), matrix.dimension
    needed = 16.0 * rows**2 * (4.0 * n_momenta if n_momenta > 1 else 6.0)
    require_memory(needed, f"{rows} rows at {n_momenta} momenta in time", "make the sample smaller")
    has_partners = matrix.symmetry != "collinear"
    parts = [_occupied(system, temperature, has_partners) for system in diagonalize(matrix, threads)]
    vectors, weight, k = (np.concatenate(some, axis=-1) for some in zip(*parts, strict=True))
    return Orbitals(np.ascontiguousarray(vectors), weight, k.T.copy(), momenta, matrix.dofs, has_partners)


def _at_all_momenta(hamiltonian: NambuMatrix, momenta: Momenta) -> NambuMatrix:
    """H at k and −k: those of a state that moves are no complex conjugates of each other."""
    if not isinstance(hamiltonian.momenta, BlochMomenta):
        return hamiltonian
    return replace(hamiltonian, momenta=hamiltonian.momenta.at(momenta.k))


def _occupied(
    system: Eigensystem, temperature: float, has_partners: bool
) -> tuple[NDArray[np.complex128], NDArray[np.float64], NDArray[np.float64]]:
    """Vectors, weights and momenta, ``(n_directions, n)``, of what a part of the levels gives to ρ."""
    occupation = fermi(system.energies, temperature, system.rounding)
    if has_partners:
        occupation = np.where(system.energies < 0, 2.0 * occupation - 1.0, 0.0)
    kept = np.flatnonzero(occupation > EMPTY)
    vectors = system.vectors[:, kept].astype(np.complex128)
    return vectors, (system.weight * occupation)[kept], system.k[kept].T
