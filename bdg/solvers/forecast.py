"""What a solver will take for a matrix, before any work, from its sizes and its order of elimination."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bdg.nambu import NambuMatrix
from bdg.rational import sign_expansion, tanh_expansion
from bdg.solvers.contract import Pattern, Solver
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion import SelectedInversion
from bdg.solvers.selected_inversion.algebra import choose_algebra
from bdg.solvers.selected_inversion.memory import bytes_of_inverses
from bdg.solvers.selected_inversion.plan import Plan

GAP_ASSUMED = 1e-2
"""Gap at T = 0, in t, for the number of poles: the true one takes solving to find."""

DENSE_FLOPS = 9.0
"""Of all eigenvectors of a real symmetric matrix, in units of the cube of its dimension."""


REAL_PRODUCTS = {"real": 1, "majorana": 1, "complex": 4, "quaternion": 8}
"""Real products in one of the numbers of an algebra."""


def greens_forecast(
    solver: Solver, hamiltonian: NambuMatrix, energies: int, threads: int | None = None
) -> Forecast:
    """What Green's functions on the sites take beside what f(H) did; their order is made, and kept.

    Parameters
    ----------
    solver, hamiltonian, threads
        See :func:`forecast`.
    energies
        How many.

    Raises
    ------
    ResourceError
        If they do not fit into memory.
    """
    if not isinstance(solver, SelectedInversion):
        entries = hamiltonian.n_sites * hamiltonian.dofs**2
        products = 8.0 * entries * hamiltonian.dimension * energies  # of the vectors, which are at hand
        return Forecast(16.0 * entries * energies, products * len(hamiltonian.momenta), 1)
    sites = np.arange(hamiltonian.n_sites, dtype=np.int32)
    plan = solver.plan(hamiltonian, Pattern(sites, sites), at_energies=True)
    parts = energies * len(hamiltonian.momenta)
    memory = bytes_of_inverses(plan, solver.threads if threads is None else threads)
    return Forecast(memory, flops_of_inverse(plan) * parts, parts)


def flops_of_inverse(plan: Plan) -> float:
    """Floating-point operations of one selected inverse; additions beside the products are free."""
    return 2.0 * REAL_PRODUCTS[plan.algebra.name] * plan.elimination.products


@dataclass(frozen=True)
class Forecast:
    """What one evaluation takes.

    Parameters
    ----------
    memory
        Bytes at its peak, beside those that are allocated before.
    flops
        Floating-point operations.
    parts
        Poles and momenta, or 1: what threads share.
    """

    memory: float
    flops: float
    parts: int


def forecast(
    solver: Solver,
    hamiltonian: NambuMatrix,
    temperature: float,
    pattern: Pattern,
    tolerance: float,
    threads: int | None = None,
) -> Forecast:
    """What an evaluation of f(H) on a pattern will take; the order of elimination is made for it, and kept.

    Parameters
    ----------
    solver, hamiltonian, temperature, pattern, tolerance
        The evaluation.
    threads
        Whose workspaces count: 0 where workers have them; ``None`` for those of the solver.

    Raises
    ------
    ResourceError
        If it does not fit into memory.
    """
    momenta = len(hamiltonian.momenta)
    if isinstance(solver, SelectedInversion):
        bound = max(hamiltonian.norm_bound(), 1e-300)
        expansion = (
            tanh_expansion(temperature, bound, tolerance)
            if temperature > 1e-6 * bound
            else sign_expansion(GAP_ASSUMED, bound, tolerance)
        )
        parts = momenta * len(expansion.gamma)
        local = solver.by_patches(hamiltonian, pattern, expansion, tolerance) if threads is None else None
        if local is not None:
            numbers = REAL_PRODUCTS[choose_algebra(hamiltonian).name]
            return Forecast(local[1], 2.0 * numbers * local[0], parts)
        plan = solver.plan(hamiltonian, pattern)
        memory = bytes_of_inverses(plan, solver.threads if threads is None else threads)
        return Forecast(memory, flops_of_inverse(plan) * parts, parts)
    if isinstance(solver, Diagonalization):
        times = 1.0 if hamiltonian.is_real else 4.0
        flops = DENSE_FLOPS * times * float(hamiltonian.dimension) ** 3 * momenta
        return Forecast(solver.bytes_of(hamiltonian), flops, momenta)
    raise TypeError(f"{solver.name} cannot be forecast")
