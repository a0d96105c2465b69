"""The attraction on sites, −Σ U_i n_i↑ n_i↓, and which of its mean fields are on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class OnsiteAttraction:
    """Attraction U_i (positive attracts) and which of its mean fields are on.

    Parameters
    ----------
    strength
        U_i, shape ``(n_sites,)``, in t.
    pairing, hartree
        Which fields are self-consistent.
    """

    strength: NDArray[np.float64]
    pairing: bool = True
    hartree: bool = False

    def described(self) -> list[str]:
        """What a model has of it, in a few words each."""
        on = [name for name in ("pairing", "hartree") if getattr(self, name)]
        return [f"U from {self.strength.min():g} to {self.strength.max():g} t", *on]
