"""Unit cells and samples: sites, oriented bonds, regions and boundaries."""

from bdg.lattice.bonds import Bonds
from bdg.lattice.boundary import Boundary, Momenta
from bdg.lattice.build import build_sample, repeated
from bdg.lattice.cell import UnitCell, preset, presets
from bdg.lattice.free import sample_of_positions
from bdg.lattice.hoppings import Hopping
from bdg.lattice.kinds import BondKinds
from bdg.lattice.matrices import sample_of_matrix, sample_of_system
from bdg.lattice.plaquettes.plaquettes import Plaquettes
from bdg.lattice.regions import (
    Region,
    difference,
    disk,
    half_plane,
    intersection,
    picture,
    polygon,
    rectangle,
    ring,
    union,
)
from bdg.lattice.sample import Sample
from bdg.lattice.shells import bond_kinds
from bdg.lattice.values import (
    SiteValue,
    VectorValue,
    real_values,
    site_values,
    values_at,
    vector_values,
)

__all__ = [
    "BondKinds",
    "Bonds",
    "Boundary",
    "Hopping",
    "Momenta",
    "Plaquettes",
    "Region",
    "Sample",
    "SiteValue",
    "UnitCell",
    "VectorValue",
    "bond_kinds",
    "build_sample",
    "difference",
    "disk",
    "half_plane",
    "intersection",
    "picture",
    "polygon",
    "preset",
    "presets",
    "real_values",
    "rectangle",
    "repeated",
    "ring",
    "sample_of_matrix",
    "sample_of_positions",
    "sample_of_system",
    "site_values",
    "union",
    "values_at",
    "vector_values",
]
