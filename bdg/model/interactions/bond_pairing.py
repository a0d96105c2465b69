"""Pairs on bonds i → j, component by component: Δ_{iσ,jσ'} = −K ⟨c_jσ' c_iσ⟩ of each spin channel.

With ⟨c_iσ c_jσ'⟩ = Σ_c b_c S_c over the spin matrices of :mod:`bdg.model.pairs`, tr S_c S_cᵀ = 2, the energy
of a bond is −2 Σ_c K_c |b_c|², K the attraction of the channel. So Δ = Σ_c g_c S_c with g_c = K_c b_c,
⟨H_Δ⟩ = −4 Re Σ_c g*_c b_c, and the constant is +2 Σ_c |g_c|²/K_c; of V alone Σ_σσ' |Δ_{iσ,jσ'}|²/V. (M7) of
docs/theory/mean_field.md.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from bdg.model.interactions.contract import Pairing
from bdg.model.model import Model
from bdg.model.pairs import CHANNELS, components, matrices


class BondPairing(Pairing):
    """Pairs on bonds in one spin channel.

    Attributes
    ----------
    channels
        Names of :data:`bdg.model.pairs.CHANNELS` that it makes, where the model has one of them.
    """

    field = "bond_delta"
    channels: ClassVar[tuple[str, ...]]

    @abstractmethod
    def strength(self, model: Model) -> NDArray[np.float64]:
        """The attraction K of the channel, shape ``(n_bonds,)``, in t."""

    def basis(self, model: Model) -> NDArray[np.float64]:
        """Spin matrices of its components that are on, shape ``(n_components, 2, 2)``."""
        chosen = [name for name in self.channels if name in model.on_bonds.channels]
        return np.array([matrix for name in chosen for matrix in CHANNELS[name]]).reshape(-1, 2, 2)

    def acts(self, model: Model) -> bool:
        """Whether pairs of the channel are self-consistent."""
        return any(name in model.on_bonds.channels for name in self.channels)

    def made(self, model: Model, correlator: Any) -> Any:
        """Δ_{source σ, target σ'}, of ⟨c_source,σ c_target,σ'⟩; both of shape ``(n_bonds, 2, 2)``."""
        basis = self.basis(model)
        return matrices(self.strength(model) * components(correlator, basis), basis)

    def gain(self, model: Model) -> float:
        """The largest |V| + ¾|J| + |J′|."""
        return model.on_bonds.most

    def weighed(self, model: Model, one: Any, other: Any) -> Any:
        """2 Σ_c g_c* g′_c/K of each bond; where K = 0 there are no fields."""
        strength, basis = self.strength(model), self.basis(model)
        inverse = np.divide(2.0, strength, out=np.zeros_like(strength), where=strength != 0)
        return inverse * np.sum(np.conj(components(one, basis)) * components(other, basis), axis=0)

    def attracts(self, model: Model) -> NDArray[np.bool_]:
        """Bonds with K > 0."""
        return self.strength(model) > 0
