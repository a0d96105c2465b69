"""Junctions between superconductors: their currents at a phase difference, and what interferes in a field."""

from bdg.observables.josephson.current_phase import current_phase
from bdg.observables.josephson.fraunhofer import fraunhofer
from bdg.observables.josephson.squid import squid

__all__ = ["current_phase", "fraunhofer", "squid"]
