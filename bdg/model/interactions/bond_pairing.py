"""Pairs on bonds, singlets and triplets: −(V + ¾J) a_s, −(V − ¼J) a_t."""

from __future__ import annotations

from typing import Any

from bdg.model.fields import Fields
from bdg.model.interactions.contract import Correlators
from bdg.model.interactions.on_bonds import largest_on_bonds, on_bonds
from bdg.model.model import Model


class BondPairing:
    """Pairs on bonds."""

    field, part, meaning = "bond_delta", "pairing", "the pairing field"

    def acts(self, model: Model) -> bool:
        """Whether pairs on bonds are self-consistent."""
        return model.bond_pairs_are_free

    def made(self, model: Model, correlators: Correlators) -> Any:
        """Δ_{source σ, target σ'} of the channels that are on, shape ``(n_bonds, 2, 2)``."""
        return on_bonds(model).delta(correlators["anomalous"].swapaxes(1, 2))

    def gain(self, model: Model) -> float:
        """The largest |V| + ¾|J| + |J′|."""
        return largest_on_bonds(model)

    def constant(self, model: Model, fields: Fields, correlators: Correlators) -> float:
        """2 Σ_bonds |Δ_s|²/(V + ¾J) + |Δ_t|²/(V − ¼J)."""
        if not self.acts(model) or fields.bond_delta is None:
            return 0.0
        return on_bonds(model).pairing_constant(fields.bond_delta)
