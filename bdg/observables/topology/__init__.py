"""Topological invariants and Majorana modes of a state; what they mean stands in :mod:`bdg.topology`."""

from bdg.observables.topology.bott import bott
from bdg.observables.topology.chern import chern
from bdg.observables.topology.local_chern_marker import local_chern_marker
from bdg.observables.topology.majorana_polarisation import majorana_polarisation
from bdg.observables.topology.pfaffian import pfaffian
from bdg.observables.topology.spectral_localizer import spectral_localizer
from bdg.observables.topology.zero_modes import zero_modes

__all__ = [
    "bott",
    "chern",
    "local_chern_marker",
    "majorana_polarisation",
    "pfaffian",
    "spectral_localizer",
    "zero_modes",
]
