"""Madelung's form: Ψ = √n_s e^{iθ}, its velocity and its current.

|Ψ| is √n_s, not n_s: with |Ψ| = n_s the current (q n_s/m)(ħ∇θ − qA) would not be Ψ's, and nothing conserved
would be the number of superelectrons.

E. Madelung, Z. Phys. 40, 322 (1927). Velocities and currents are in the units of the carriers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.arrays import Complexes, Floats
from bdg.errors import InputError
from bdg.theory.macroscopic.carriers import PAIRS, Carriers
from bdg.theory.macroscopic.grid import Grid, Links, neighbour


def wave_function(density: ArrayLike, phase: ArrayLike) -> Complexes:
    """Ψ = √n_s e^{iθ}.

    Parameters
    ----------
    density
        n_s ≥ 0.
    phase
        θ in radians, a shape that broadcasts with that of the density.

    Raises
    ------
    InputError
        If a density is negative.
    """
    n = np.asarray(density, np.float64)
    if np.any(n < 0):
        raise InputError(f"a density of {n.min()} is negative; give n_s ≥ 0")
    psi: Complexes = np.sqrt(n) * np.exp(1j * np.asarray(phase))
    return psi


def density(psi: NDArray[np.generic]) -> Floats:
    """n_s = Ψ*Ψ, carriers a volume (of the grid's dimension)."""
    return np.asarray(np.abs(psi) ** 2, np.float64)


def phase(psi: Complexes) -> Floats:
    """θ = arg Ψ, between −π and π."""
    return np.angle(psi)


def velocity(grid: Grid, psi: Complexes, phases: Links, carriers: Carriers = PAIRS) -> list[Floats]:
    """v_s = (ħ∇θ − qA)/m on the links: (ħ/mh) arg(Ψ* e^{−iφ} Ψ_next), gauge-invariant.

    Returns
    -------
    list of ndarray
        For each direction, shape of the grid; zero on links past an end that is not periodic.
    """
    return [
        np.where(
            grid.links(direction),
            carriers.hbar / (carriers.mass * step) * np.angle(_product(psi, direction, phases)),
            0.0,
        )
        for direction, step in enumerate(grid.spacing)
    ]


def supercurrent(grid: Grid, psi: Complexes, phases: Links, carriers: Carriers = PAIRS) -> list[Floats]:
    """J = (qħ/m) Im(Ψ* (∇ − iqA/ħ) Ψ) = (q n_s/m)(ħ∇θ − qA) on the links: (qħ/mh) Im(Ψ* e^{−iφ} Ψ_next).

    What flows out of a point this way is exactly what its charge q|Ψ|² loses under the grid's Hamiltonian.
    Returns as :func:`velocity`; charge an area and time.
    """
    return [
        np.where(
            grid.links(direction),
            carriers.charge
            * carriers.hbar
            / (carriers.mass * step)
            * np.imag(_product(psi, direction, phases)),
            0.0,
        )
        for direction, step in enumerate(grid.spacing)
    ]


def london_current(grid: Grid, psi: Complexes, phases: Links, carriers: Carriers = PAIRS) -> list[Floats]:
    """J = q n_s v_s on the links, n_s the mean of both ends: equation and :func:`supercurrent` differ by
    O(h²).
    """
    n = density(psi)
    return [
        carriers.charge * 0.5 * (n + np.roll(n, -1, direction)) * v
        for direction, v in enumerate(velocity(grid, psi, phases, carriers))
    ]


def _product(psi: Complexes, direction: int, phases: Links) -> Complexes:
    product: Complexes = psi.conj() * neighbour(psi, direction, phases[direction])
    return product
