"""Hartree fields of −Σ U_i n_i↑ n_i↓: V_iσ = −U_i ⟨n_i,−σ⟩ on n_iσ.

Wick's theorem gives −U ⟨n_↑⟩⟨n_↓⟩ of the densities, and ⟨H_V⟩ = Σ V_σ ⟨n_σ⟩ = −2 U ⟨n_↑⟩⟨n_↓⟩: the constant
is +U ⟨n_↑⟩⟨n_↓⟩. (M5) of docs/theory/mean_field.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse

from bdg.model.interactions.contract import MeanField, Order
from bdg.model.model import Model


class OnsiteHartree(MeanField):
    """The potential that the other spin's density on the same site makes."""

    field = "hartree"

    def acts(self, model: Model) -> bool:
        """Whether U has its mean field of the density."""
        return model.attraction.hartree

    def made(self, model: Model, correlator: Any) -> Any:
        """V_iσ = −U_i n_i,−σ, both of shape ``(2, n_sites)``."""
        return -model.attraction.strength * correlator[::-1]

    def gain(self, model: Model) -> float:
        """The largest |U|."""
        return float(np.abs(model.attraction.strength).max())

    def newton(self, model: Model) -> scipy.sparse.csr_array:
        """−U_i on the diagonal."""
        return scipy.sparse.diags_array(-model.attraction.strength, format="csr")

    def favours(self, model: Model) -> frozenset[Order]:
        """Moments, where U < 0 repels."""
        return frozenset({"magnetism"} if np.any(model.attraction.strength < 0) else ())
