"""Entropy of the quasiparticles."""

import numpy as np

from bdg.observables.quantity import Quantity, scalar
from bdg.observables.state import State
from bdg.solvers import Pattern


def entropy(state: State) -> dict[str, Quantity]:
    r"""S = −∂Ω/∂T = [Σ_n T ln 2cosh(E_n/2T) − ½ Σ_n E_n tanh(E_n/2T)]/T, in k_B; zero at T = 0.

    The second sum is ½ tr H − tr H f(H), which needs f only where H has entries. The quotient loses about
    ε‖H‖·dim/T, which the error estimate says.
    """
    hamiltonian, temperature = state.hamiltonian, state.model.temperature
    name = "entropy"
    if temperature == 0:
        return {"entropy": scalar(0.0, "k_B", name, 0.0)}
    potential = state.solver.grand_potential(hamiltonian, temperature, tolerance=state.tolerance)
    rows = np.repeat(np.arange(hamiltonian.n_sites, dtype=np.int32), np.diff(hamiltonian.indptr))
    upper = rows <= hamiltonian.indices
    pattern = Pattern(rows[upper], hamiltonian.indices[upper])
    f = state.solver.correlations(hamiltonian, temperature, pattern, tolerance=state.tolerance)
    twice = np.where(pattern.rows == pattern.columns, 1.0, 2.0)
    values = hamiltonian.momenta[0].values[upper]
    thermal = float(
        np.einsum("e,eab,eab->", twice, np.conj(values), f.blocks - 0.5 * _identity(pattern, 2)).real
    )
    spread = float(np.abs(values).sum())
    value = (-potential.value + thermal) / temperature
    rounding = float(np.finfo(float).eps) * spread
    error = (potential.error + rounding + spread * f.error / np.sqrt(len(pattern))) / temperature
    return {"entropy": scalar(value, "k_B", name, float(error))}


def _identity(pattern: Pattern, dofs: int) -> np.ndarray:
    """The identity matrix on a pattern."""
    same = (pattern.rows == pattern.columns).astype(float)
    identity: np.ndarray = same[:, None, None] * np.eye(dofs)
    return identity
