"""Vector potentials, Peierls phases and changes of gauge."""

from bdg.gauge.flux import flux, flux_of_phases
from bdg.gauge.pairs import (
    OPPOSITE,
    factor_between,
    field_warnings,
    gauge_warnings,
    opposite_ends,
    pair_factor,
    start_shape,
    twist_phase,
)
from bdg.gauge.peierls import VectorPotentialLike, bond_vector_potential, peierls_phase
from bdg.gauge.quadrature import Dipole, Potential
from bdg.gauge.screening import Screening, physical_mu0, require_geometry, screening_of
from bdg.gauge.source import VectorPotential
from bdg.gauge.transformation import between, phase_between, phase_factor, real_gauge, transformed_phase
from bdg.gauge.tubes import FluxTube, FluxTubes
from bdg.gauge.uniform import UniformField
from bdg.gauge.vortex_lattice import VortexLattice, abrikosov

__all__ = [
    "OPPOSITE",
    "Dipole",
    "FluxTube",
    "FluxTubes",
    "Potential",
    "Screening",
    "UniformField",
    "VectorPotential",
    "VectorPotentialLike",
    "VortexLattice",
    "abrikosov",
    "between",
    "bond_vector_potential",
    "factor_between",
    "field_warnings",
    "flux",
    "flux_of_phases",
    "gauge_warnings",
    "opposite_ends",
    "pair_factor",
    "peierls_phase",
    "phase_between",
    "phase_factor",
    "physical_mu0",
    "real_gauge",
    "require_geometry",
    "screening_of",
    "start_shape",
    "transformed_phase",
    "twist_phase",
]
