"""Pair hopping, J′ (c†_a↑ c†_a↓ c_b↓ c_b↑ + h.c.): −J′ F_b in Δ_a, and J′ σ_y G* σ_y on bonds.

With F = ⟨c_↑ c_↓⟩ and G_σσ' = ⟨c†_aσ' c_bσ⟩ Wick's theorem gives 2J′ (Re F_a* F_b + Re det G) of a bond. J′
carries e^{2iφ} where hops a → b have a Peierls phase φ.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse
from numpy.typing import NDArray

from bdg.model.interactions.contract import MeanField, Pairing
from bdg.model.interactions.neighbours import between_sites, over_neighbours
from bdg.model.model import Model

I_SIGMA_Y = np.array([[0.0, 1.0], [-1.0, 0.0]])
"""iσ_y: σ_y G* σ_y = (iσ_y) G* (iσ_y)ᵀ."""


class PairHopping(Pairing):
    """Pairs of a site that hop there from others."""

    field = "delta"

    def acts(self, model: Model) -> bool:
        """Whether pairs hop, and Δ of the sites is self-consistent."""
        return model.attraction.pairing and model.on_bonds.has_pair_hopping

    def made(self, model: Model, correlator: Any) -> Any:
        """−Σ_j J′_ij e^{2iφ_ij} F_j in Δ_i; both shapes ``(n_sites,)``."""
        return over_neighbours(model.sample, -model.on_bonds.pair_hops, correlator)

    def gain(self, model: Model) -> float:
        """The largest |J′|."""
        return float(np.abs(model.on_bonds.pair_hops).max(initial=0.0))

    def newton(self, model: Model) -> scipy.sparse.csr_array | None:
        """−J′_ij, of Re F and Im F alike where it is real."""
        hops = model.on_bonds.pair_hops
        return None if np.iscomplexobj(hops) else between_sites(model.sample, -np.real(hops))

    def attracts(self, model: Model) -> NDArray[np.bool_]:
        """Sites that pairs hop to: either sign of J′ favours Δ of some sign there."""
        hops, bonds = model.on_bonds.pair_hops != 0, model.sample.bonds
        return np.isin(
            np.arange(model.sample.n_sites), np.concatenate([bonds.source[hops], bonds.target[hops]])
        )


class PairHoppingFock(MeanField):
    """The Fock field of pair hopping."""

    field = "fock"

    def acts(self, model: Model) -> bool:
        """Whether pairs hop, and the interaction on bonds has its Fock field."""
        return model.on_bonds.fock and model.on_bonds.has_pair_hopping

    def made(self, model: Model, correlator: Any) -> Any:
        """J′ σ_y G* σ_y on c†_target,σ c_source,σ', of G; both of shape ``(n_bonds, 2, 2)``."""
        return model.on_bonds.pair_hops[:, None, None] * (I_SIGMA_Y @ np.conj(correlator) @ I_SIGMA_Y.T)

    def gain(self, model: Model) -> float:
        """The largest |J′|."""
        return float(np.abs(model.on_bonds.pair_hops).max(initial=0.0))
