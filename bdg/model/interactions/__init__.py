"""Mean fields of the interactions, one file a kind.

By Wick's theorem an interaction of four operators becomes H_int → Σ_f H_f + constants, H_f = Σ f A + h.c. for
each of the three ways to pair them, Hartree, Fock (between the spins of a site: exchange) and pairing, with
the constants that take back what ⟨H_f⟩ counts twice. Of

    H_int = −Σ U_i n_i↑ n_i↓ + Σ_bonds (−V n_i n_j + J S_i·S_j) + pair hopping J′,

with S_i·S_j = ½ Σ_σσ' c†_iσ c_iσ' c†_jσ' c_jσ − ¼ n_i n_j, the energy of a bond is a sum of squares, one for
each spin component of its correlators,

    ⟨n_i⟩, m_i = ⟨c†_i σ c_i⟩;   G_σσ' = ⟨c†_iσ' c_jσ⟩ = g_0 1 + g·σ;
    A_σσ' = ⟨c_jσ' c_iσ⟩ = (a_s + a_t·σ) iσ_y:

    E = −V n_i n_j + ¼J m_i·m_j                                         Hartree, exchange
        + 2 (V − ¾J) |g_0|² + 2 (V + ¼J) |g|²                           Fock
        − 2 (V + ¾J) |a_s|² − 2 (V − ¼J) |a_t|²                         pairs.

An antiferromagnetic J > 0 attracts singlets with ¾J and repels triplets; in the t–J model singlets feel J and
triplets nothing. Fields are what E changes by: −V n_j + ¼J m_j·σ on site i, (V − ¾J) g_0 + (V + ¼J) g·σ on
c†_j c_i, and −(V + ¾J) a_s, −(V − ¼J) a_t for Δ_ij.

:data:`MEAN_FIELDS` lists the kinds; the map, its gain, its Newton step, its starts and Ω are loops over those
that act in a model. A new kind is a file with a class of the contract :class:`MeanField` and its place in the
list.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.model.fields import TABLE, Fields, Row
from bdg.model.interactions.bond_exchange import BondExchange
from bdg.model.interactions.bond_hartree import BondHartree
from bdg.model.interactions.contract import Correlators, MeanField, Order, Pairing
from bdg.model.interactions.fock import Fock
from bdg.model.interactions.onsite_exchange import OnsiteExchange
from bdg.model.interactions.onsite_hartree import OnsiteHartree
from bdg.model.interactions.onsite_pairing import OnsitePairing
from bdg.model.interactions.pair_hopping import PairHopping, PairHoppingFock
from bdg.model.interactions.singlet_pairing import SingletPairing
from bdg.model.interactions.triplet_pairing import TripletPairing
from bdg.model.model import Model

MEAN_FIELDS: tuple[MeanField, ...] = (
    OnsitePairing(),
    PairHopping(),
    SingletPairing(),
    TripletPairing(),
    OnsiteHartree(),
    BondHartree(),
    OnsiteExchange(),
    BondExchange(),
    Fock(),
    PairHoppingFock(),
)
"""Every kind, in the order in which what they make of one field is added up."""


def acting(model: Model, name: str | None = None) -> tuple[MeanField, ...]:
    """The kinds that act in a model, or those of them that make one field."""
    return tuple(kind for kind in MEAN_FIELDS if name in (None, kind.field) and kind.acts(model))


def is_free(row: Row, model: Model) -> bool:
    """Whether a field is an unknown of a model: by its row, or else where an interaction makes it."""
    return row.free(model) if row.free is not None else bool(acting(model, row.name))


def free_rows(model: Model) -> tuple[Row, ...]:
    """The rows of a model's unknowns, in the order of the table."""
    return tuple(row for row in TABLE.values() if is_free(row, model))


def given_pairs(model: Model) -> tuple[Any, ...]:
    """The pairs that a model fixes in place of self-consistent ones: on sites, on bonds, or none."""
    values = (getattr(model, row.given) for row in TABLE.values() if row.is_of_pairs and row.given)
    return tuple(value for value in values if value is not None)


def mean_field(model: Model, name: str, correlator: Any) -> Any:
    """A field that the interactions make together of its correlator; zero where none acts."""
    parts = [kind.made(model, correlator) for kind in acting(model, name)]
    return sum(parts[1:], parts[0]) if parts else np.zeros(TABLE[name].shape(model.sample))


def reach(model: Model, name: str) -> NDArray[np.bool_]:
    """Sites, or bonds, where the interactions make a field; shape ``(n_sites,)`` or ``(n_bonds,)``."""
    row = TABLE[name]
    # Of correlators that don't happen to cancel anywhere.
    some = 1.0 + np.random.default_rng(0).random(row.shape(model.sample))
    felt = mean_field(model, name, some) != 0
    found: NDArray[np.bool_] = felt.any(axis=tuple(axis for axis in range(felt.ndim) if axis != row.axis))
    return found


def favoured(model: Model) -> frozenset[Order]:
    """Orders that the interactions of a model may make by themselves."""
    return frozenset[Order]().union(*(kind.favours(model) for kind in acting(model)))


def constant(model: Model, name: str, fields: Fields, correlators: Correlators) -> float:
    """What Ω has besides the quasiparticles for a field, E_int − ⟨H_f⟩, in t; 0 of one that is given."""
    kinds, field = acting(model, name), fields[name]
    if not kinds or field is None:
        return 0.0
    alone = [kind.constant(model, field) for kind in kinds]
    known = [value for value in alone if value is not None]
    if len(known) == len(alone):
        return sum(known)
    correlator = correlators[kinds[0].correlator]
    energy = sum(kind.energy(model, correlator) for kind in kinds)
    return energy - TABLE[name].expectation(field, correlator)


__all__ = [
    "MEAN_FIELDS",
    "Correlators",
    "MeanField",
    "Order",
    "Pairing",
    "acting",
    "constant",
    "favoured",
    "free_rows",
    "given_pairs",
    "is_free",
    "mean_field",
    "reach",
]
