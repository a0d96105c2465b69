"""Fock fields on bonds: (V − ¾J) g_0 + (V + ¼J) g·σ, and what pair hopping adds."""

from __future__ import annotations

from typing import Any

import numpy as np

from bdg.model.fields import Fields
from bdg.model.interactions.contract import Correlators
from bdg.model.interactions.on_bonds import largest_on_bonds, on_bonds
from bdg.model.model import Model


class Fock:
    """The mean field of what hops along a bond."""

    field, part, meaning = "fock", "fock", "the Fock field"

    def acts(self, model: Model) -> bool:
        """Whether the interaction on bonds has its Fock field."""
        return model.has_fock

    def made(self, model: Model, correlators: Correlators) -> Any:
        """The field on c†_target,σ c_source,σ', shape ``(n_bonds, 2, 2)``."""
        return on_bonds(model).fock_field(correlators["normal"])

    def gain(self, model: Model) -> float:
        """The largest |V| + ¾|J| + |J′|."""
        return largest_on_bonds(model)

    def constant(self, model: Model, fields: Fields, correlators: Correlators) -> float:
        """E_int of ⟨c†_i c_j⟩ less 2 Re Σ_bonds F* ⟨c†_i c_j⟩."""
        assert fields.fock is not None
        between = correlators["normal"]
        own = 2.0 * float(np.sum(np.real(fields.fock * np.conj(between))))
        return (on_bonds(model).fock_energy(between) if self.acts(model) else 0.0) - own
