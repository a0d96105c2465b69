"""Models: terms and interactions on a sample; physics, no numerics."""

from bdg.model.bond_interaction import BondAttraction
from bdg.model.build import build_model
from bdg.model.disorder import Disorder
from bdg.model.fields import BondLayout, Fields, Layout
from bdg.model.interaction import OnsiteAttraction
from bdg.model.model import Model
from bdg.model.orbitals import OrbitalInteraction
from bdg.model.spin import spin_matrices
from bdg.model.spin_hopping import SpinHopping
from bdg.model.spin_orbit import Dresselhaus, IntrinsicSpinOrbit, Rashba
from bdg.model.terms import Impurity, Term

__all__ = [
    "BondAttraction",
    "BondLayout",
    "Disorder",
    "Dresselhaus",
    "Fields",
    "Impurity",
    "IntrinsicSpinOrbit",
    "Layout",
    "Model",
    "OnsiteAttraction",
    "OrbitalInteraction",
    "Rashba",
    "SpinHopping",
    "Term",
    "build_model",
    "spin_matrices",
]
