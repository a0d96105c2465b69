"""Models: terms and interactions on a sample; physics, no numerics."""

from bdg.model.bond_interaction import BondAttraction
from bdg.model.build import build_model
from bdg.model.disorder import Disorder
from bdg.model.fields import Fields
from bdg.model.interaction import OnsiteAttraction
from bdg.model.layout import Free, Layout
from bdg.model.model import Model
from bdg.model.orbitals import OrbitalInteraction
from bdg.model.spin import spin_matrices
from bdg.model.spin_hopping import SpinHopping
from bdg.model.spin_orbit import Dresselhaus, IntrinsicSpinOrbit, Rashba
from bdg.model.table import TABLE, Row
from bdg.model.terms import Impurity, Term

__all__ = [
    "TABLE",
    "BondAttraction",
    "Disorder",
    "Dresselhaus",
    "Fields",
    "Free",
    "Impurity",
    "IntrinsicSpinOrbit",
    "Layout",
    "Model",
    "OnsiteAttraction",
    "OrbitalInteraction",
    "Rashba",
    "Row",
    "SpinHopping",
    "Term",
    "build_model",
    "spin_matrices",
]
