"""Grids in one and two dimensions, link phases, and differences that know of them."""

from bdg.theory.macroscopic.grid.differences import (
    covariant_laplacian,
    divergence,
    neighbour,
    on_points,
    winding,
)
from bdg.theory.macroscopic.grid.grid import Grid
from bdg.theory.macroscopic.grid.links import (
    Links,
    gauge_transformed,
    link_phases,
    plaquette_flux,
    uniform_field,
)

__all__ = [
    "Grid",
    "Links",
    "covariant_laplacian",
    "divergence",
    "gauge_transformed",
    "link_phases",
    "neighbour",
    "on_points",
    "plaquette_flux",
    "uniform_field",
    "winding",
]
