"""Exchange fields of −Σ U_i n_i↑ n_i↓: x_i = U_i ⟨c†_i↓ c_i↑⟩ on c†_i↑ c_i↓, spins that turn freely.

Wick's theorem gives +U |⟨c†_↓ c_↑⟩|², and ⟨H_x⟩ = 2 Re Σ x* ⟨c†_↓ c_↑⟩: the constant is −U |⟨c†_↓ c_↑⟩|².
With the Hartree field it makes the energy the same for every direction of the spins. (M6) of
docs/theory/mean_field.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from bdg.model.interactions.contract import MeanField
from bdg.model.model import Model


class OnsiteExchange(MeanField):
    """The field that turns the spin of a site along with its moment."""

    field = "exchange"

    def acts(self, model: Model) -> bool:
        """Whether U has its mean field of the density, and the spins may mix."""
        return model.attraction.hartree and spins_may_mix(model)

    def made(self, model: Model, correlator: Any) -> Any:
        """x_i on c†_i↑ c_i↓, of ⟨c†_i↓ c_i↑⟩; both of shape ``(n_sites,)``."""
        return model.attraction.strength * correlator

    def gain(self, model: Model) -> float:
        """The largest |U|."""
        return float(np.abs(model.attraction.strength).max())


def spins_may_mix(model: Model) -> bool:
    """Whether spin along z is not conserved, and the spins are not alike."""
    return model.dofs == 4 and not model.is_spin_symmetric
