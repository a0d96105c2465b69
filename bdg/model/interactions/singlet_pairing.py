"""Singlets on bonds: −V n_i n_j + J S_i·S_j attracts them with K = V + ¾J."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.model.interactions.bond_pairing import BondPairing
from bdg.model.model import Model


class SingletPairing(BondPairing):
    """Pairs of opposite spins, Δ iσ_y: an antiferromagnetic J > 0 binds them."""

    channels = ("singlet",)

    def strength(self, model: Model) -> NDArray[np.float64]:
        """V + ¾J."""
        return model.on_bonds.strength + 0.75 * model.on_bonds.exchange
