"""Pairs on sites: Δ_i = U_i ⟨c_i↑ c_i↓⟩, and what hops there from other orbitals."""

from __future__ import annotations

from typing import Any

import numpy as np

from bdg.model.fields import Fields
from bdg.model.interactions.contract import Correlators
from bdg.model.model import Model


class OnsitePairing:
    """On-site pairs."""

    field, part, meaning = "delta", "pairing", "the pairing field"

    def acts(self, model: Model) -> bool:
        """Whether Δ of the sites is self-consistent."""
        return model.attraction.pairing

    def made(self, model: Model, correlators: Correlators) -> Any:
        """Δ_i = U_i F_i − Σ_j J′_ij e^{2iφ_ij} F_j, F = ⟨c_↑ c_↓⟩, shape ``(n_sites,)``."""
        return model.delta(correlators["anomalous_density"])

    def gain(self, model: Model) -> float:
        """The largest |U|."""
        return float(np.abs(model.attraction.strength).max())

    def constant(self, model: Model, fields: Fields, correlators: Correlators) -> float:
        """Σ U|F|² with F = Δ/U; where pairs hop, E_int − ⟨H_Δ⟩ in the state, since Δ is of several F then."""
        if not self.acts(model):
            return 0.0
        delta = fields.delta
        if not model.hops_pairs:
            return model.attraction.pairing_constant(delta)
        pairs = correlators["anomalous_density"]
        return float(np.sum(np.real((2.0 * delta - model.delta(pairs)) * np.conj(pairs))))
