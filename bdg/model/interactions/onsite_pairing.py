"""Pairs on sites, of −Σ U_i n_i↑ n_i↓: Δ_i = U_i F_i on c†_i↑ c†_i↓, F_i = ⟨c_i↑ c_i↓⟩.

Wick's theorem gives −U F* F of the pairs, and H_Δ = Σ Δ_i c†_i↑ c†_i↓ + h.c. has ⟨H_Δ⟩ = −2 Re Σ Δ* F: the
constant is +Σ U|F|² = Σ |Δ|²/U, with Δ > 0 for U > 0 in the uniform ground state. (M4) of
docs/theory/mean_field.md.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from bdg.model.interactions.contract import Pairing
from bdg.model.model import Model


class OnsitePairing(Pairing):
    """Pairs that U makes."""

    field = "delta"

    def acts(self, model: Model) -> bool:
        """Whether Δ of the sites is self-consistent."""
        return model.attraction.pairing

    def made(self, model: Model, correlator: Any) -> Any:
        """Δ_i = U_i F_i, shape ``(n_sites,)``."""
        return model.attraction.strength * correlator

    def gain(self, model: Model) -> float:
        """The largest |U|."""
        return float(np.abs(model.attraction.strength).max())

    def weighed(self, model: Model, one: Any, other: Any) -> Any:
        """Δ_i* Δ′_i/U_i; where U = 0 the field vanishes, and so does this."""
        strength = model.attraction.strength
        inverse = np.divide(1.0, strength, out=np.zeros_like(strength), where=strength != 0)
        return np.conj(one) * other * inverse

    def newton(self, model: Model) -> scipy.sparse.csr_array:
        """U_i on the diagonal, of Re F and Im F alike."""
        return scipy.sparse.diags_array(model.attraction.strength, format="csr")

    def attracts(self, model: Model) -> NDArray[np.bool_]:
        """Sites with U > 0."""
        return model.attraction.strength > 0
