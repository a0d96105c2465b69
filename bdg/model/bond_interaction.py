"""The attraction on bonds, −Σ V_ij n_i n_j, and its mean fields."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.lattice import Sample
from bdg.model.pairs import CHANNELS, components, matrices

Array = NDArray[np.float64] | NDArray[np.complex128]


@dataclass(frozen=True)
class BondAttraction:
    """Attraction V of each bond (positive attracts) and which of its mean fields are on.

    Parameters
    ----------
    strength
        V, shape ``(n_bonds,)``, in t.
    channels
        Spin channels of the pairing, of :data:`bdg.model.pairs.CHANNELS`; empty for none.
    start
        Pairs of size 1 that a loop may start from, Δ_{source σ, target σ'}, shape ``(n_bonds, 2, 2)``.
    hartree, fock
        Which fields of the density are self-consistent.
    """

    strength: NDArray[np.float64]
    channels: tuple[str, ...]
    start: Array
    hartree: bool = False
    fock: bool = False

    @property
    def pairing(self) -> bool:
        """Whether pairs are self-consistent."""
        return bool(self.channels)

    @property
    def basis(self) -> NDArray[np.float64]:
        """Spin matrices of the pairs, shape ``(n_components, 2, 2)``."""
        return np.array([matrix for channel in self.channels for matrix in CHANNELS[channel]]).reshape(
            -1, 2, 2
        )

    @property
    def acting(self) -> NDArray[np.int64]:
        """Bonds with V ≠ 0."""
        return np.flatnonzero(self.strength)

    def delta(self, anomalous: Array) -> Array:
        """Δ_{source σ, target σ'} = −V⟨c_target,σ' c_source,σ⟩ of the channels that are on.

        Of ⟨c_source,σ' c_target,σ⟩ at (row target, column source), shape ``(n_bonds, 2, 2)``, as that is.
        """
        pairs = self.strength[:, None, None] * anomalous.swapaxes(1, 2)
        return matrices(components(pairs, self.basis), self.basis)

    def fock_field(self, normal: Array) -> Array:
        """+V ⟨c†_source,σ' c_target,σ⟩ on c†_target,σ c_source,σ', both of shape ``(n_bonds, 2, 2)``."""
        field: Array = self.strength[:, None, None] * normal
        return field

    def hartree_potential(self, sample: Sample, density: NDArray[np.float64]) -> NDArray[np.float64]:
        """−Σ_j V_ij ⟨n_j⟩ on n_iσ, both of shape ``(2, n_sites)``."""
        bonds, electrons = sample.bonds, density.sum(axis=0)
        felt = np.zeros(sample.n_sites)
        np.add.at(felt, bonds.source, self.strength * electrons[bonds.target])
        np.add.at(felt, bonds.target, self.strength * electrons[bonds.source])
        return -np.stack([felt, felt])

    def pairing_constant(self, delta: Array) -> float:
        """Σ_bonds Σ_σσ' |Δ_{iσ,jσ'}|²/V."""
        return float(np.sum(np.abs(delta) ** 2 * self._inverse[:, None, None]))

    def hartree_energy(self, sample: Sample, density: NDArray[np.float64]) -> float:
        """−Σ_bonds V ⟨n_i⟩⟨n_j⟩."""
        electrons = density.sum(axis=0)
        return -float(np.sum(self.strength * electrons[sample.bonds.source] * electrons[sample.bonds.target]))

    def fock_energy(self, normal: Array) -> float:
        """+Σ_bonds V Σ_σσ' |⟨c†_iσ c_jσ'⟩|²."""
        return float(np.sum(self.strength * np.sum(np.abs(normal) ** 2, axis=(1, 2))))

    @property
    def _inverse(self) -> NDArray[np.float64]:
        """1/V, and 0 where V = 0: there are no fields there."""
        return np.divide(1.0, self.strength, out=np.zeros_like(self.strength), where=self.strength != 0)
