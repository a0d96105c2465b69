r"""Interactions between the orbitals of a place: Kanamori's, as an interaction on bonds of no length.

Two orbitals a, b at one place have, beside U n_↑ n_↓ of each,

    H_ab = −U′ n_a n_b − J_H (2 S_a·S_b + ½ n_a n_b) + J′ (c†_a↑ c†_a↓ c_b↓ c_b↑ + h.c.),

U′ attracting as U does: of the repulsions of Kanamori, Prog. Theor. Phys. 30, 275 (1963), U and U′ are the
negatives. Hund's J_H > 0 aligns the spins, J′ hops pairs. H_ab is the −V n_a n_b + J S_a·S_b of
:mod:`bdg.model.couplings.bonds` with V = U′ + ½J_H and J = −2J_H, and pair hopping, of which
:mod:`bdg.model.interactions.pair_hopping` has the mean fields. Where hops a → b have a Peierls phase φ,
as those across a twist have, c†_b↑ c†_b↓ c_a↓ c_a↑ has J′ e^{2iφ}.

H is the same in every basis of the orbitals if U = U′ − 2J_H (repulsions: U = U′ + 2J_H) and J′ = J_H.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.lattice import Sample, SiteValue
from bdg.model.terms.spin_orbit import bond_values


@dataclass(frozen=True)
class OrbitalInteraction:
    """U′, J_H and J′ of the module, between all pairs of orbitals that share a place.

    Parameters
    ----------
    attraction
        U′ in −U′ n_a n_b, in t: a value over sites.
    hund
        J_H, positive for parallel spins, likewise.
    pair_hopping
        J′ in J′ (c†_a↑ c†_a↓ c_b↓ c_b↑ + h.c.), likewise. Its energy is 2J′ Re F_a* F_b with F = ⟨c_↑ c_↓⟩:
        J′ > 0 favours Δ of opposite signs on the two orbitals (s±), J′ < 0 of equal ones (s++).
    """

    attraction: SiteValue = 0.0
    hund: SiteValue = 0.0
    pair_hopping: SiteValue = 0.0

    def on_bonds(
        self, sample: Sample
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """V, J and J′ of every bond, 0 on those with a length; each of shape ``(n_bonds,)``, in t.

        Raises
        ------
        InputError
            If no bond joins two orbitals at one place, or a value is none.
        """
        here = sample.bonds.shell == 0
        if not here.any():
            raise InputError(
                "no bond joins two orbitals that share a place; build the sample with"
                " bonds=cell.pairs_within()"
            )
        attraction, hund, pairs = (
            np.where(here, bond_values(sample, value, name), 0.0)
            for value, name in (
                (self.attraction, "attraction of orbitals"),
                (self.hund, "hund"),
                (self.pair_hopping, "pair_hopping"),
            )
        )
        return attraction + 0.5 * hund, -2.0 * hund, pairs
