"""Collective modes: phase, amplitude, relative phase of two bands, plasmon."""

from bdg.theory.uniform.modes.continuum import amplitude_denominator, higgs_energy, phase_mode, phase_velocity
from bdg.theory.uniform.modes.lattice import (
    Fluctuations,
    fluctuation_matrix,
    fluctuations,
    longitudinal_response,
    mode_energies,
    pair_breaking_edge,
)
from bdg.theory.uniform.modes.leggett import leggett_estimate, leggett_frequency
from bdg.theory.uniform.modes.plasmon import lattice_plasma_frequency, meissner_depth_si, plasma_frequency_si

__all__ = [
    "Fluctuations",
    "amplitude_denominator",
    "fluctuation_matrix",
    "fluctuations",
    "higgs_energy",
    "lattice_plasma_frequency",
    "leggett_estimate",
    "leggett_frequency",
    "longitudinal_response",
    "meissner_depth_si",
    "mode_energies",
    "pair_breaking_edge",
    "phase_mode",
    "phase_velocity",
    "plasma_frequency_si",
]
