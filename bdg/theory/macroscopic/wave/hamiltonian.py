"""The Hamiltonian of the macroscopic wave function on a grid.

R. P. Feynman, R. B. Leighton and M. Sands, *The Feynman Lectures on Physics* III (1965), chapter 21. Energies
are in the units of the carriers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from bdg.errors import InputError
from bdg.theory.macroscopic.carriers import PAIRS, Carriers
from bdg.theory.macroscopic.grid import Grid, Links, covariant_laplacian


def hamiltonian(
    grid: Grid,
    phases: Links | None = None,
    potential: ArrayLike = 0.0,
    carriers: Carriers = PAIRS,
) -> sparse.csr_matrix:
    """H = (1/2m)(−iħ∇ − qA)² + qφ with Peierls' links; Hermitian, of second order in the spacing.

    Parameters
    ----------
    grid
        With periodic or hard ends.
    phases
        Link phases (q/ħ)∫A·dl, from :func:`bdg.theory.macroscopic.grid.link_phases`; ``None`` for none.
    potential
        qφ, an energy: a number or one for each point.
    carriers
        Their mass and ħ.

    Raises
    ------
    InputError
        If an end is free: such points count by half, so H would not be Hermitian as a matrix.
    """
    if "free" in grid.ends:
        raise InputError("the wave function's norm is not kept at free ends; give periodic or hard ones")
    links = phases if phases is not None else [np.zeros(grid.shape)] * grid.dimension
    energy = np.broadcast_to(np.asarray(potential, np.float64), grid.shape).ravel()
    kinetic = -(carriers.hbar**2) / (2 * carriers.mass) * covariant_laplacian(grid, links)
    return sparse.csr_matrix(kinetic + sparse.diags(energy))
