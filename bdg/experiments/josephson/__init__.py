"""Junctions between superconductors: their currents at a phase difference, and what interferes in a field."""

from bdg.experiments.josephson.current_phase import current_phase
from bdg.experiments.josephson.fraunhofer import fraunhofer
from bdg.experiments.josephson.squid import squid

__all__ = ["current_phase", "fraunhofer", "squid"]
