"""The interaction on bonds of a model that has one."""

from __future__ import annotations

from bdg.model.couplings.bonds import BondAttraction
from bdg.model.model import Model


def on_bonds(model: Model) -> BondAttraction:
    """The interaction on bonds; a mean field that acts there asks for it."""
    assert model.bond_attraction is not None
    return model.bond_attraction


def largest_on_bonds(model: Model) -> float:
    """The largest |V| + ¾|J| + |J′| of any bond; 0 where there are none."""
    return 0.0 if model.bond_attraction is None else float(model.bond_attraction.largest.max())
