"""Ginzburg and Landau: a superconductor near T_c, an order parameter that varies in space."""

from bdg.theory.macroscopic.ginzburg_landau.abrikosov import (
    SQUARE,
    TRIANGULAR,
    abrikosov_cell,
    abrikosov_parameter,
    abrikosov_state,
    magnetisation_near_upper_field,
)
from bdg.theory.macroscopic.ginzburg_landau.coefficients import (
    GinzburgLandau,
    free_energy_density,
    gorkov,
    gorkov_function,
    lattice_coefficients,
    phenomenological,
)
from bdg.theory.macroscopic.ginzburg_landau.functional import Film
from bdg.theory.macroscopic.ginzburg_landau.nucleation import growth_rate, upper_critical_field
from bdg.theory.macroscopic.ginzburg_landau.relaxation import FilmState, minimise, relax, start
from bdg.theory.macroscopic.ginzburg_landau.slab import Slab, slab
from bdg.theory.macroscopic.ginzburg_landau.vortex import Vortex, lower_critical_field, vortex
from bdg.theory.macroscopic.ginzburg_landau.walls import (
    film_critical_field,
    healing_profile,
    surface_critical_ratio,
    wall_energy,
)

__all__ = [
    "SQUARE",
    "TRIANGULAR",
    "Film",
    "FilmState",
    "GinzburgLandau",
    "Slab",
    "Vortex",
    "abrikosov_cell",
    "abrikosov_parameter",
    "abrikosov_state",
    "film_critical_field",
    "free_energy_density",
    "gorkov",
    "gorkov_function",
    "growth_rate",
    "healing_profile",
    "lattice_coefficients",
    "lower_critical_field",
    "magnetisation_near_upper_field",
    "minimise",
    "phenomenological",
    "relax",
    "slab",
    "start",
    "surface_critical_ratio",
    "upper_critical_field",
    "vortex",
    "wall_energy",
]
