r"""Interactions between two sites, and their mean fields.

Each bond i → j has H_ij = −V n_i n_j + J S_i·S_j, S = ½ c†σc; of the t–J model's J (S_i·S_j − n_i n_j/4), V =
J/4. With S_i·S_j = ½ Σ_σσ' c†_iσ c_iσ' c†_jσ' c_jσ − ¼ n_i n_j Wick's theorem leaves three kinds of
correlators,

    ⟨n_i⟩, m_i = ⟨c†_i σ c_i⟩;   G_σσ' = ⟨c†_iσ' c_jσ⟩ = g_0 1 + g·σ;
    A_σσ' = ⟨c_jσ' c_iσ⟩ = (a_s + a_t·σ) iσ_y,

and the energy of a bond is a sum of squares, one for each of their spin components:

    E = −V n_i n_j + ¼J m_i·m_j                                         Hartree
        + 2 (V − ¾J) |g_0|² + 2 (V + ¼J) |g|²                           Fock
        − 2 (V + ¾J) |a_s|² − 2 (V − ¼J) |a_t|²                         pairs.

An antiferromagnetic J > 0 attracts singlets with ¾J and repels triplets; in the t–J model singlets feel J and
triplets nothing. Fields are what E changes by: −V n_j + ¼J m_j·σ on site i, (V − ¾J) g_0 + (V + ¼J) g·σ on
c†_j c_i, and −(V + ¾J) a_s, −(V − ¼J) a_t for Δ_ij.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.gauge import turn
from bdg.lattice import Sample
from bdg.model.couplings.orbitals import pair_hopping_energy, pair_hopping_fock
from bdg.model.pairs import CHANNELS, SINGLET, components, matrices
from bdg.model.spin import HOPS

Array = NDArray[np.float64] | NDArray[np.complex128]


@dataclass(frozen=True)
class BondAttraction:
    """Attraction V and exchange J of each bond, and which of their mean fields are on.

    Parameters
    ----------
    strength
        V, positive attracts, shape ``(n_bonds,)``, in t.
    channels
        Spin channels of the pairing, of :data:`bdg.model.pairs.CHANNELS`; empty for none.
    start
        Pairs of size 1 that a loop may start from, Δ_{source σ, target σ'}, shape ``(n_bonds, 2, 2)``.
    hartree, fock
        Which fields of the density are self-consistent.
    spin_exchange
        J of J S·S, positive for antiparallel spins, shape ``(n_bonds,)``, in t; ``None`` for 0.
    pair_hopping
        J′ e^{2iφ} of :mod:`bdg.model.couplings.orbitals`, φ the Peierls phase, shape
        ``(n_bonds,)``, in t; ``None`` for 0.
    start_is_named
        Whether ``start`` has a symmetry that was asked for by name.
    """

    strength: NDArray[np.float64]
    channels: tuple[str, ...]
    start: Array
    hartree: bool = False
    fock: bool = False
    spin_exchange: NDArray[np.float64] | None = None
    pair_hopping: Array | None = None
    start_is_named: bool = False

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
    def exchange(self) -> NDArray[np.float64]:
        """J of every bond, shape ``(n_bonds,)``."""
        return np.zeros_like(self.strength) if self.spin_exchange is None else self.spin_exchange

    @property
    def acting(self) -> NDArray[np.int64]:
        """Bonds with V ≠ 0, J ≠ 0 or J′ ≠ 0."""
        return np.flatnonzero(self.largest)

    @property
    def largest(self) -> NDArray[np.float64]:
        """The most that any field changes by with its correlator, |V| + ¾|J| + |J′|, ``(n_bonds,)``."""
        pairs = 0.0 if self.pair_hopping is None else np.abs(self.pair_hopping)
        return np.abs(self.strength) + 0.75 * np.abs(self.exchange) + pairs

    @property
    def pair_strength(self) -> NDArray[np.float64]:
        """V + ¾J of singlets, V − ¼J of triplets: of every component, shape ``(n_components, n_bonds)``."""
        share = [0.75 if np.array_equal(spin, SINGLET) else -0.25 for spin in self.basis]
        return self.strength + np.outer(share, self.exchange)

    @property
    def hop_strength(self) -> NDArray[np.float64]:
        """V − ¾J of the hop without spin, V + ¼J of those with: of :data:`HOPS`, shape ``(4, n_bonds)``."""
        return self.strength + np.outer([-0.75, 0.25, 0.25, 0.25], self.exchange)

    def delta(self, anomalous: Array) -> Array:
        """Δ_{source σ, target σ'} of the channels that are on: −(V + ¾J) a_s, −(V − ¼J) a_t.

        Of ⟨c_source,σ' c_target,σ⟩ at (row target, column source), shape ``(n_bonds, 2, 2)``, as that is.
        """
        pairs = components(anomalous.swapaxes(1, 2), self.basis)
        return matrices(self.pair_strength * pairs, self.basis)

    def fock_field(self, normal: Array) -> Array:
        """(V − ¾J) g_0 + (V + ¼J) g·σ on c†_target,σ c_source,σ', of ⟨c†_source,σ' c_target,σ⟩.

        Both of shape ``(n_bonds, 2, 2)``; and what pair hopping adds.
        """
        field = matrices(self.hop_strength * components(normal, HOPS), HOPS)
        return field if self.pair_hopping is None else field + pair_hopping_fock(self.pair_hopping, normal)

    def hartree_potential(self, sample: Sample, density: NDArray[np.float64]) -> NDArray[np.float64]:
        """−Σ_j V_ij ⟨n_j⟩ ± ¼ Σ_j J_ij m_jz on n_iσ, both of shape ``(2, n_sites)``."""
        charge = _over_neighbours(sample, -self.strength, density.sum(axis=0))
        spin = _over_neighbours(sample, 0.25 * self.exchange, density[0] - density[1])
        return np.stack([charge + spin, charge - spin])

    def exchange_field(self, sample: Sample, spin_flip: Array) -> Array:
        """½ Σ_j J_ij ⟨c†_j↓ c_j↑⟩ on c†_i↑ c_i↓, the spin flip's shape ``(n_sites,)``: ¼J (m_x − i m_y)."""
        return _over_neighbours(sample, 0.5 * self.exchange, spin_flip)

    def hopped_pairs(self, sample: Sample, anomalous_density: Array) -> Array:
        """−Σ_j J′_ij e^{2iφ_ij} F_j in Δ_i, F = ⟨c_↑ c_↓⟩; both shapes ``(n_sites,)``."""
        if self.pair_hopping is None:
            return np.zeros_like(anomalous_density)
        return _over_neighbours(sample, -self.pair_hopping, anomalous_density)

    def transformed(self, angle: NDArray[np.float64], sample: Sample) -> BondAttraction:
        """The same interaction after c_i → e^{iχ_i} c_i."""
        if self.pair_hopping is None:
            return self
        hops = self.pair_hopping != 0
        gained = (angle[sample.bonds.target] - angle[sample.bonds.source])[hops]
        phase = np.angle(self.pair_hopping[hops]) + 2 * gained
        pair_hopping = np.zeros(sample.n_bonds, np.complex128)
        pair_hopping[hops] = np.abs(self.pair_hopping[hops]) * turn(phase)
        is_real = not pair_hopping.imag.any()
        return replace(self, pair_hopping=pair_hopping.real if is_real else pair_hopping)

    def pairing_constant(self, delta: Array) -> float:
        """2 Σ_bonds |Δ_s|²/(V + ¾J) + |Δ_t|²/(V − ¼J); without J, Σ_σσ' |Δ_{iσ,jσ'}|²/V."""
        size, strength = np.abs(components(delta, self.basis)) ** 2, self.pair_strength
        acts = strength != 0  # elsewhere there are no fields
        return 2.0 * float(np.sum(size[acts] / strength[acts]))

    def hartree_energy(self, sample: Sample, density: NDArray[np.float64]) -> float:
        """Σ_bonds −V ⟨n_i⟩⟨n_j⟩ + ¼J m_iz m_jz."""
        ends = sample.bonds.source, sample.bonds.target
        (n_i, n_j), (m_i, m_j) = (
            [part[end] for end in ends] for part in (density.sum(axis=0), density[0] - density[1])
        )
        return float(np.sum(-self.strength * n_i * n_j + 0.25 * self.exchange * m_i * m_j))

    def exchange_energy(self, sample: Sample, spin_flip: Array) -> float:
        """Σ_bonds J Re ⟨c†_i↓ c_i↑⟩* ⟨c†_j↓ c_j↑⟩: ¼J (m_x m_x + m_y m_y)."""
        source, target = spin_flip[sample.bonds.source], spin_flip[sample.bonds.target]
        return float(np.sum(self.exchange * np.real(np.conj(source) * target)))

    def fock_energy(self, normal: Array) -> float:
        """2 Σ_bonds (V − ¾J) |g_0|² + (V + ¼J) |g|²; without J, V Σ_σσ' |⟨c†_iσ c_jσ'⟩|²."""
        energy = 2.0 * float(np.sum(self.hop_strength * np.abs(components(normal, HOPS)) ** 2))
        return (
            energy if self.pair_hopping is None else energy + pair_hopping_energy(self.pair_hopping, normal)
        )


def _over_neighbours(sample: Sample, strength: Array, values: Array) -> Array:
    """Σ_j strength_ij values_j of every site, shape ``(n_sites,)``; strength_ts of bonds, strength_st its
    conjugate.
    """
    felt: NDArray[Any] = np.zeros(sample.n_sites, np.result_type(strength, values))
    source, target = sample.bonds.source, sample.bonds.target
    np.add.at(felt, source, np.conj(strength) * values[target])
    np.add.at(felt, target, strength * values[source])
    return felt
