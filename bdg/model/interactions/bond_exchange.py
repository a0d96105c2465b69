"""Exchange fields of J S_i·S_j: x_i = ½ Σ_j J_ij ⟨c†_j↓ c_j↑⟩ on c†_i↑ c_i↓, that is ¼J (m_x − i m_y).

Wick's theorem gives ¼J (m_ix m_jx + m_iy m_jy) of a bond, and the constant is its negative.
"""

from __future__ import annotations

from typing import Any

from bdg.model.interactions.contract import MeanField
from bdg.model.interactions.neighbours import over_neighbours
from bdg.model.interactions.onsite_exchange import spins_may_mix
from bdg.model.model import Model


class BondExchange(MeanField):
    """The field that turns the spin of a site with, or against, those of its neighbours."""

    field = "exchange"

    def acts(self, model: Model) -> bool:
        """Whether there is a J, its mean field is on, and the spins may mix."""
        bonds = model.on_bonds
        return bonds.hartree and bool(bonds.exchange.any()) and spins_may_mix(model)

    def made(self, model: Model, correlator: Any) -> Any:
        """x_i on c†_i↑ c_i↓, of ⟨c†_i↓ c_i↑⟩; both of shape ``(n_sites,)``."""
        return over_neighbours(model.sample, 0.5 * model.on_bonds.exchange, correlator)

    def gain(self, model: Model) -> float:
        """The largest |V| + ¾|J| + |J′|."""
        return model.on_bonds.most
