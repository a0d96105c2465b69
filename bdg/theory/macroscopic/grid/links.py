"""Link phases (q/ħ) ∫A·dl: the vector potential as a grid sees it, so that gauge covariance is exact.

A and B are in the units of the carriers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.theory.macroscopic.carriers import PAIRS, Carriers
from bdg.theory.macroscopic.grid.grid import Grid

Links = Sequence[Floats]
"""A number for the link from every point to the next one, an array of the grid's shape for each direction."""
VectorPotential = Callable[..., Sequence[ArrayLike]]
"""A(x) → (A_x,) or A(x, y) → (A_x, A_y)."""

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(4)


def link_phases(grid: Grid, vector_potential: VectorPotential, carriers: Carriers = PAIRS) -> list[Floats]:
    """φ = (q/ħ) ∫A·dl along the link from every point to the next, shape of the grid for each direction.

    Integrated with four Gauss points, exact for A up to the seventh power of the coordinates. Links that go
    past free or hard ends are zero; past periodic ones the potential is taken as it continues, so it must be
    periodic.

    Parameters
    ----------
    grid
        The grid.
    vector_potential
        A of the coordinates.
    carriers
        Their charge.
    """
    places = grid.coordinates()
    phases = []
    for direction, step in enumerate(grid.spacing):
        total = np.zeros(grid.shape)
        for node, weight in zip(_NODES, _WEIGHTS, strict=True):
            on_link = [
                place + (0.5 * (1 + node) * step if axis == direction else 0.0)
                for axis, place in enumerate(places)
            ]
            along = np.asarray(vector_potential(*on_link)[direction], np.float64)
            total += 0.5 * weight * step * along
        phases.append(carriers.charge / carriers.hbar * np.where(grid.links(direction), total, 0.0))
    return phases


def uniform_field(grid: Grid, field: float, carriers: Carriers = PAIRS) -> list[Floats]:
    """Link phases of a uniform B_z in Landau's gauge A = (0, Bx), x from the middle of the grid.

    On a torus the links that leave it along x bring back what A lost, so that every plaquette has the same
    flux.

    Raises
    ------
    InputError
        If the grid is not two-dimensional, or periodic with a flux that is not a multiple of Φ₀.
    """
    if grid.dimension != 2:
        raise InputError(f"a field along z needs two directions, not {grid.dimension}")
    x, y = grid.coordinates()
    bend = carriers.charge * field / carriers.hbar
    phases = [np.zeros(grid.shape), bend * x * grid.spacing[1]]
    if grid.ends[0] == "periodic":
        width = grid.shape[0] * grid.spacing[0]
        phases[0][-1, :] = -bend * width * y[-1, :]
        windings = bend * width * grid.shape[1] * grid.spacing[1] / (2 * np.pi)
        if grid.ends[1] == "periodic" and abs(windings - round(windings)) > 1e-9 * max(1.0, abs(windings)):
            raise InputError(
                f"a field of {field} makes {windings:.6g} flux quanta through the torus; give a whole number"
            )
    return [np.where(grid.links(direction), phases[direction], 0.0) for direction in (0, 1)]


def gauge_transformed(grid: Grid, phases: Links, angle: ArrayLike) -> list[Floats]:
    """Phases after Ψ → e^{iχ}Ψ, A → A + (ħ/q)∇χ: φ + χ_next − χ.

    Parameters
    ----------
    grid
        The grid.
    phases
        Link phases.
    angle
        χ of each point, the grid's shape.
    """
    chi = np.asarray(angle, np.float64)
    return [
        np.where(grid.links(direction), phases[direction] + np.roll(chi, -1, direction) - chi, 0.0)
        for direction in range(grid.dimension)
    ]


def plaquette_flux(grid: Grid, phases: Links) -> Floats:
    """(q/ħ)Φ through the square between each point and its neighbours further along, counter-clockwise.

    Shape of the grid; zero where free or hard ends leave no square. On a torus the phases of the last square
    sum to its flux less all others', which differ by 2π times the number of flux quanta: it is given between
    −π and π.
    """
    along, up = phases
    around = along + np.roll(up, -1, 0) - np.roll(along, -1, 1) - up
    if grid.ends == ("periodic", "periodic"):
        around[-1, -1] -= 2 * np.pi * np.round(around[-1, -1] / (2 * np.pi))
    return np.where(grid.links(0) & grid.links(1), around, 0.0)
