"""Models: terms and interactions on a sample; physics, no numerics."""

from bdg.model.build import build_model
from bdg.model.couplings.bonds import BondAttraction
from bdg.model.couplings.given import Given
from bdg.model.couplings.onsite import OnsiteAttraction
from bdg.model.couplings.orbitals import OrbitalInteraction
from bdg.model.fields import TABLE, Fields, Row
from bdg.model.layout import Free, Layout
from bdg.model.model import Model
from bdg.model.spin import spin_matrices
from bdg.model.terms.disorder import Disorder
from bdg.model.terms.spin_hopping import SpinHopping
from bdg.model.terms.spin_orbit import Dresselhaus, IntrinsicSpinOrbit, Rashba
from bdg.model.terms.term import Impurity, Term

__all__ = [
    "TABLE",
    "BondAttraction",
    "Disorder",
    "Dresselhaus",
    "Fields",
    "Free",
    "Given",
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
