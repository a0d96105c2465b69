"""Hartree fields of −V n_i n_j + J S_i·S_j: V_iσ = −Σ_j V_ij ⟨n_j⟩ ± ¼ Σ_j J_ij m_jz on n_iσ.

Wick's theorem gives −V ⟨n_i⟩⟨n_j⟩ + ¼J m_iz m_jz of a bond, m_z = ⟨n_↑⟩ − ⟨n_↓⟩, and the constant is its
negative. (M8) of docs/theory/mean_field.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse

from bdg.model.interactions.contract import MeanField, Order
from bdg.model.interactions.neighbours import between_sites, over_neighbours
from bdg.model.model import Model


class BondHartree(MeanField):
    """The potential that the density of the neighbours makes."""

    field = "hartree"

    def acts(self, model: Model) -> bool:
        """Whether the interaction on bonds has its mean field of the density."""
        return model.on_bonds.hartree

    def made(self, model: Model, correlator: Any) -> Any:
        """V_iσ of spin densities, both of shape ``(2, n_sites)``."""
        sample, bonds = model.sample, model.on_bonds
        charge = over_neighbours(sample, -bonds.strength, correlator.sum(axis=0))
        spin = over_neighbours(sample, 0.25 * bonds.exchange, correlator[0] - correlator[1])
        return np.stack([charge + spin, charge - spin])

    def gain(self, model: Model) -> float:
        """The largest |V| + ¾|J| + |J′|."""
        return model.on_bonds.most

    def newton(self, model: Model) -> scipy.sparse.csr_array:
        """−2 V_ij, of both spins; J makes nothing of spins that are alike."""
        return between_sites(model.sample, -2.0 * model.on_bonds.strength)

    def favours(self, model: Model) -> frozenset[Order]:
        """Moments where there is a J, an order of the charge where V < 0 repels."""
        bonds = model.on_bonds
        found: dict[Order, bool] = {
            "magnetism": bool(bonds.exchange.any()),
            "charge": bool(np.any(bonds.strength < 0)),
        }
        return frozenset(order for order, is_favoured in found.items() if is_favoured)
