"""Exchange fields between the spins: x_i = U_i ⟨c†_i↓ c_i↑⟩ + ½ Σ_j J_ij ⟨c†_j↓ c_j↑⟩."""

from __future__ import annotations

from typing import Any

import numpy as np

from bdg.model.fields import Fields
from bdg.model.interactions.contract import Correlators
from bdg.model.interactions.on_bonds import largest_on_bonds
from bdg.model.model import Model


class Exchange:
    """The mean field of spins that turn."""

    field, part, meaning = "exchange", "exchange", "the exchange field"

    def acts(self, model: Model) -> bool:
        """Whether the mean field of the density has a part between the spins."""
        return model.has_exchange

    def made(self, model: Model, correlators: Correlators) -> Any:
        """x_i on c†_i↑ c_i↓, shape ``(n_sites,)``."""
        return model.exchange_field(correlators["spin_flip"])

    def gain(self, model: Model) -> float:
        """The largest |U| or |V| + ¾|J| + |J′|."""
        return max(float(np.abs(model.attraction.strength).max()), largest_on_bonds(model))

    def constant(self, model: Model, fields: Fields, correlators: Correlators) -> float:
        """Σ U |⟨c†_↓ c_↑⟩|² + Σ_bonds J Re ⟨c†_i↓ c_i↑⟩* ⟨c†_j↓ c_j↑⟩ − 2 Re Σ x* ⟨c†_↓ c_↑⟩."""
        onsite, bonds, flip = model.attraction, model.bond_attraction, correlators["spin_flip"]
        energy = onsite.exchange_energy(flip) if onsite.hartree else 0.0
        if bonds is not None and bonds.hartree:
            energy += bonds.exchange_energy(model.sample, flip)
        assert fields.exchange is not None
        return energy - 2.0 * float(np.sum(np.real(fields.exchange * np.conj(flip))))
