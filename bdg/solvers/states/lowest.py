"""The lowest states over all momenta: dense where H is small, certified Lanczos where it is not."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Array
from bdg.errors import InputError
from bdg.nambu import NambuMatrix
from bdg.solvers.contract import Solver, SolvesStates, executor_of
from bdg.solvers.diagonalization import diagonalize
from bdg.solvers.states.certified import certified_states
from bdg.solvers.states.eigenstates import States, joined, nearest_states, rounding_of

DENSE_ROWS = 400
"""Rows up to which all states are as quick as a few."""


def lowest_states(
    hamiltonian: NambuMatrix, count: int, near: float = 0.0, solver: Solver | None = None
) -> States:
    """The states nearest to an energy, over all momenta of H, certified to be all there are.

    Parameters
    ----------
    hamiltonian
        The matrix.
    count
        How many at least; the last level is returned with all of its states.
    near
        The energy, in t.
    solver
        A solver that may have the eigenvectors already, and whose executor takes small momenta.

    Raises
    ------
    InputError
        If the count is not positive.
    NumericalError
        If Lanczos does not converge, or the count cannot be certified.
    ResourceError
        If the factors do not fit into memory.
    """
    if count < 1:
        raise InputError(f"count {count} is impossible; give at least 1")
    hamiltonian.require_finite()
    best: States | None = None
    for found in _by_momentum(hamiltonian, count, near, solver):
        best = nearest_states(found if best is None else joined(best, found), count, near, hamiltonian)
    assert best is not None
    return best


def _by_momentum(
    hamiltonian: NambuMatrix, count: int, near: float, solver: Solver | None
) -> Iterator[States]:
    """The nearest states of each momentum, or of some momenta together."""
    is_small = hamiltonian.dimension <= max(DENSE_ROWS, 6 * count)
    momenta = range(len(hamiltonian.momenta))
    if isinstance(solver, SolvesStates) and not (is_small and len(momenta) > 1):
        for momentum in momenta:
            energies, vectors = solver.states(hamiltonian, momentum=momentum)
            which = np.full(len(energies), momentum)
            yield nearest_states(_dense(hamiltonian, energies, vectors, which), count, near, hamiltonian)
    elif is_small:
        first = 0
        for system in diagonalize(hamiltonian, None, executor_of(solver)):
            which = first + np.repeat(np.arange(system.n_momenta), hamiltonian.dimension)
            whole = _dense(hamiltonian, system.energies, system.vectors, which)
            yield nearest_states(whole, count, near, hamiltonian)
            first += system.n_momenta
    else:
        for momentum in momenta:
            yield certified_states(hamiltonian, count, near, momentum)


def _dense(
    hamiltonian: NambuMatrix, energies: NDArray[np.float64], vectors: Array, momenta: NDArray[np.intp]
) -> States:
    return States(energies, vectors, np.full(len(energies), rounding_of(hamiltonian)), momenta, float("inf"))
