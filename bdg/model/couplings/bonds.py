"""The interaction between two sites, Σ_bonds (−V n_i n_j + J S_i·S_j) and pair hopping J′, S = ½ c†σc.

Of the t–J model's J (S_i·S_j − n_i n_j/4), V = J/4. Its mean fields are those of
:mod:`bdg.model.interactions`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.gauge import phase_factor
from bdg.lattice import Sample
from bdg.model.pairs import CHANNELS


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
    start: Numbers
    hartree: bool = False
    fock: bool = False
    spin_exchange: NDArray[np.float64] | None = None
    pair_hopping: Numbers | None = None
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
    def most(self) -> float:
        """The largest of :attr:`largest`; 0 where there are no bonds."""
        return float(self.largest.max(initial=0.0))

    @property
    def has_pair_hopping(self) -> bool:
        """Whether pairs hop."""
        return self.pair_hopping is not None

    @property
    def pair_hops(self) -> Numbers:
        """J′ e^{2iφ} of every bond, shape ``(n_bonds,)``."""
        return np.zeros_like(self.strength) if self.pair_hopping is None else self.pair_hopping

    @classmethod
    def none(cls, n_bonds: int) -> BondAttraction:
        """No interaction: nothing acts, and nothing is on."""
        return _none(n_bonds)

    def described(self) -> list[str]:
        """What a model has of it, in a few words each."""
        if not self.largest.any():
            return []
        strength, exchange = self.strength, self.spin_exchange
        found = [f"V from {strength.min():g} to {strength.max():g} t ({', '.join(self.channels)})"]
        if exchange is not None:
            found.append(f"J from {exchange.min():g} to {exchange.max():g} t")
        return found

    def taken(self, bonds: NDArray[np.intp]) -> BondAttraction:
        """The interaction of some bonds, in their order."""
        return replace(
            self,
            strength=self.strength[bonds],
            start=self.start[bonds],
            spin_exchange=None if self.spin_exchange is None else self.spin_exchange[bonds],
            pair_hopping=None if self.pair_hopping is None else self.pair_hopping[bonds],
        )

    def transformed(self, angle: NDArray[np.float64], sample: Sample) -> BondAttraction:
        """The same interaction after c_i → e^{iχ_i} c_i."""
        if self.pair_hopping is None:
            return self
        hops = self.pair_hopping != 0
        gained = (angle[sample.bonds.target] - angle[sample.bonds.source])[hops]
        phase = np.angle(self.pair_hopping[hops]) + 2 * gained
        pair_hopping = np.zeros(sample.n_bonds, np.complex128)
        pair_hopping[hops] = np.abs(self.pair_hopping[hops]) * phase_factor(phase)
        is_real = not pair_hopping.imag.any()
        return replace(self, pair_hopping=pair_hopping.real if is_real else pair_hopping)


@cache
def _none(n_bonds: int) -> BondAttraction:
    nothing = np.broadcast_to(0.0, (n_bonds, 2, 2))
    return BondAttraction(nothing[:, 0, 0], (), nothing)
