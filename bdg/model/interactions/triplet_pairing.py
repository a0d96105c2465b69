"""Triplets on bonds: −V n_i n_j + J S_i·S_j attracts them with K = V − ¼J."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.model.interactions.bond_pairing import BondPairing
from bdg.model.model import Model


class TripletPairing(BondPairing):
    """Pairs of parallel spins, (d·σ) iσ_y, or d along z alone: Hund's J < 0 binds them."""

    channels = ("triplet_z", "triplet")

    def strength(self, model: Model) -> NDArray[np.float64]:
        """V − ¼J."""
        return model.on_bonds.strength - 0.25 * model.on_bonds.exchange
