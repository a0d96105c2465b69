"""What moments take, and whether that is less than inverses at each energy."""

from __future__ import annotations

import numpy as np

from bdg.nambu import NambuMatrix
from bdg.solvers.chebyshev.bounds import spectral_bound
from bdg.solvers.chebyshev.lines import Line, Lorentz
from bdg.solvers.contract import TOLERANCE, Solver, SolvesStates
from bdg.solvers.selected_inversion.algebra import choose_algebra
from bdg.solvers.selected_inversion.energies import independent_energies, particle_hole

SECONDS_OF_ENTRY = 3e-10
"""Of one entry of H in a multiplication of a vector."""

SECONDS_OF_ROW = 6e-7
"""Of one row of H with 2 dofs in an inverse, at least: of a chain; in a plane it is three times as long."""

ROWS = 2000
"""Rows of H from which moments are worth it."""


def seconds_of(hamiltonian: NambuMatrix, line: Line, sources: int, tolerance: float = TOLERANCE) -> float:
    """Processor time of the moments of so many vectors, roughly."""
    first = hamiltonian.momenta[0].values
    entries = np.count_nonzero(first) * (2 if np.iscomplexobj(first) else 1)
    steps = line.count(spectral_bound(hamiltonian.sparsity, first, passes=1), tolerance) / 2
    return SECONDS_OF_ENTRY * float(entries) * steps * sources * len(hamiltonian.momenta)


def is_cheaper(
    hamiltonian: NambuMatrix, solver: Solver, line: Lorentz, sources: int, tolerance: float = TOLERANCE
) -> bool:
    """Whether moments take less than Green's functions on sites by a solver; no order of elimination is made.

    Where the solver has all levels, or H is small, they are not.
    """
    if isinstance(solver, SolvesStates) or hamiltonian.dimension < ROWS:
        return False
    conjugation = particle_hole(choose_algebra(hamiltonian, hamiltonian.momenta[0]))
    energies, _ = independent_energies(line.z, conjugation is not None)
    momenta = len(hamiltonian.momenta)
    row = SECONDS_OF_ROW * (hamiltonian.dofs / 2) ** 2
    inverses = row * hamiltonian.dimension * len(energies) * momenta
    return seconds_of(hamiltonian, line, sources, tolerance) < inverses
