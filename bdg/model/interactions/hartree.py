"""Hartree fields: V_iσ = −U_i n_i,−σ − Σ_j V_ij n_j ± ¼ Σ_j J_ij m_jz."""

from __future__ import annotations

from typing import Any

import numpy as np

from bdg.model.fields import Fields
from bdg.model.interactions.contract import Correlators
from bdg.model.interactions.on_bonds import largest_on_bonds
from bdg.model.model import Model


class Hartree:
    """The mean field of the density, of sites and bonds."""

    field, part, meaning = "hartree", "hartree", "the Hartree field"

    def acts(self, model: Model) -> bool:
        """Whether any interaction has its mean field of the density."""
        return model.has_hartree

    def made(self, model: Model, correlators: Correlators) -> Any:
        """V_iσ, shape ``(2, n_sites)``."""
        return model.hartree_potential(correlators["spin_density"])

    def gain(self, model: Model) -> float:
        """The largest |U| or |V| + ¾|J| + |J′|."""
        return max(float(np.abs(model.attraction.strength).max()), largest_on_bonds(model))

    def constant(self, model: Model, fields: Fields, correlators: Correlators) -> float:
        """−Σ U n_↑ n_↓ − Σ_bonds V n_i n_j + ¼ Σ_bonds J m_iz m_jz − Σ V_iσ n_iσ."""
        onsite, bonds, density = model.attraction, model.bond_attraction, correlators["spin_density"]
        energy = onsite.hartree_energy(density) if onsite.hartree else 0.0
        if bonds is not None and bonds.hartree:
            energy += bonds.hartree_energy(model.sample, density)
        return energy - float(np.sum(fields.hartree * density))
