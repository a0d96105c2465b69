"""Fock fields of −V n_i n_j + J S_i·S_j: (V − ¾J) g_0 + (V + ¼J) g·σ on c†_target c_source.

With G_σσ' = ⟨c†_source,σ' c_target,σ⟩ = g_0 1 + g·σ, Wick's theorem gives 2 (V − ¾J) |g_0|² + 2 (V + ¼J) |g|²
of a bond, V Σ_σσ' |G_σσ'|² of V alone, and the constant is its negative. (M9) of docs/theory/mean_field.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bdg.model.interactions.contract import MeanField, Order
from bdg.model.model import Model
from bdg.model.pairs import components, matrices
from bdg.model.spin import HOPS

SHARES = np.array([-0.75, 0.25, 0.25, 0.25])
"""Of J in the field of each spin component of :data:`bdg.model.spin.HOPS`."""


class Fock(MeanField):
    """The mean field of what hops along a bond."""

    field = "fock"

    def acts(self, model: Model) -> bool:
        """Whether the interaction on bonds has its Fock field."""
        return model.on_bonds.fock

    def made(self, model: Model, correlator: Any) -> Any:
        """The field on c†_target,σ c_source,σ', of G; both of shape ``(n_bonds, 2, 2)``."""
        strength = model.on_bonds.strength + np.outer(SHARES, model.on_bonds.exchange)
        return matrices(strength * components(correlator, HOPS), HOPS)

    def gain(self, model: Model) -> float:
        """The largest |V| + ¾|J| + |J′|."""
        return model.on_bonds.most

    def favours(self, model: Model) -> frozenset[Order]:
        """Bonds that differ, or currents, where V < 0 repels."""
        return frozenset({"charge"} if np.any(model.on_bonds.strength < 0) else ())
