"""Entropy of the quasiparticles."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bdg.nambu import Momentum, NambuMatrix
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.state import State
from bdg.solvers import Pattern, SolvesStates


def entropy(state: State) -> dict[str, Quantity]:
    r"""S = −∂Ω/∂T = [Σ_n T ln 2cosh(E_n/2T) − ½ Σ_n E_n tanh(E_n/2T)]/T, in k_B; zero at T = 0.

    Without levels the second sum is ½ tr H − tr H f(H), which needs f only where H has entries; the quotient
    loses about ε‖H‖·dim/T, which the error estimate says. In an infinite sample the sums run over the momenta
    too, each by itself.
    """
    temperature, momenta = state.model.temperature, state.hamiltonian.momenta
    value, error = 0.0, 0.0
    for index in range(len(momenta) if temperature > 0 else 0):
        if isinstance(state.solver, SolvesStates):
            energies = state.solver.states(state.hamiltonian, momentum=index)[0]
            own, its_error = _from_levels(energies, temperature, state.hamiltonian)
        else:
            own, its_error = _from_entries(state, momenta[index])
        value, error = value + momenta[index].weight * own, error + momenta[index].weight * its_error
    return {"entropy": scalar(value, "k_B", f"entropy{state.each}", error)}


def _from_entries(state: State, momentum: Momentum) -> tuple[float, float]:
    """(Σ_n T ln 2cosh(E_n/2T) − ½ tr H + tr H f(H))/T of one momentum, and its error."""
    alone = replace(momentum, weight=1.0, is_paired=False)
    hamiltonian, temperature = replace(state.hamiltonian, momenta=(alone,)), state.model.temperature
    potential = state.solver.grand_potential(hamiltonian, temperature, tolerance=state.tolerance)
    rows = np.repeat(np.arange(hamiltonian.n_sites, dtype=np.int32), np.diff(hamiltonian.indptr))
    upper = rows <= hamiltonian.indices
    pattern = Pattern(rows[upper], hamiltonian.indices[upper])
    f = state.solver.correlations(hamiltonian, temperature, pattern, tolerance=state.tolerance)
    twice = np.where(pattern.rows == pattern.columns, 1.0, 2.0)
    values = momentum.values[upper]
    thermal = float(
        np.einsum(
            "e,eab,eab->", twice, np.conj(values), f.blocks - 0.5 * _identity(pattern, hamiltonian.dofs)
        ).real
    )
    thermal *= 0.5 if hamiltonian.dofs == 4 else 1.0
    spread = float(np.abs(values).sum())
    rounding = float(np.finfo(float).eps) * spread
    error = (potential.error + rounding + spread * f.error / np.sqrt(len(pattern))) / temperature
    return (-potential.value + thermal) / temperature, float(error)


def _from_levels(
    energies: NDArray[np.float64], temperature: float, hamiltonian: NambuMatrix
) -> tuple[float, float]:
    """Σ_n [ln(1 + e^{−x}) + x/(e^x + 1)] with x = |E_n|/T: no large numbers are subtracted."""
    x = np.minimum(np.abs(energies) / temperature, 700.0)  # beyond, e^−x is nothing
    value = float(np.sum(np.log1p(np.exp(-x)) + x / (np.exp(x) + 1.0)))
    value *= 0.5 if hamiltonian.dofs == 4 else 1.0
    error = float(np.finfo(float).eps) * hamiltonian.norm_bound() / temperature * np.sqrt(len(energies))
    return value, min(float(error), 2.0 * len(energies))


def _identity(pattern: Pattern, dofs: int) -> np.ndarray:
    """The identity matrix on a pattern."""
    same = (pattern.rows == pattern.columns).astype(float)
    identity: np.ndarray = same[:, None, None] * np.eye(dofs)
    return identity
