"""Vector potentials, Peierls phases and changes of gauge."""

from bdg.gauge.flux import flux
from bdg.gauge.peierls import bond_vector_potential, peierls_phase
from bdg.gauge.transformation import real_gauge, transformed_phase

__all__ = ["bond_vector_potential", "flux", "peierls_phase", "real_gauge", "transformed_phase"]
