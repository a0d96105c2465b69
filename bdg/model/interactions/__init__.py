"""Mean fields of the interactions, one file a kind.

:data:`MEAN_FIELDS` lists them; the map, its gain and the grand potential are loops over those that act in a
model. A new kind is a file with a class of the contract :class:`MeanField` and its place in the list.
"""

from bdg.model.interactions.bond_pairing import BondPairing
from bdg.model.interactions.contract import Correlators, MeanField
from bdg.model.interactions.exchange import Exchange
from bdg.model.interactions.fock import Fock
from bdg.model.interactions.hartree import Hartree
from bdg.model.interactions.onsite_pairing import OnsitePairing
from bdg.model.model import Model

MEAN_FIELDS: tuple[MeanField, ...] = (OnsitePairing(), BondPairing(), Hartree(), Exchange(), Fock())
"""Every kind, in the order in which its constants are added up."""


def acting(model: Model) -> tuple[MeanField, ...]:
    """The kinds that act in a model."""
    return tuple(kind for kind in MEAN_FIELDS if kind.acts(model))


__all__ = ["MEAN_FIELDS", "Correlators", "MeanField", "acting"]
