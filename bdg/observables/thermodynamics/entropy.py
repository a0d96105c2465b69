"""Entropy of the quasiparticles."""

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.nambu import BlochMomenta, NambuMatrix
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.rational import WIDEST
from bdg.solvers import Pattern
from bdg.solvers.diagonalization import dense_beside
from bdg.solvers.lowest import lowest_energy

FROZEN = 60.0
"""E/T from which a level has no entropy: below 1e-24 k_B."""


@observable(title="Entropy.", group="thermodynamics", numbers={"entropy": "Entropy"}, uses_places=False)
def entropy(state: State) -> dict[str, Quantity]:
    r"""S = −∂Ω/∂T = [Σ_n T ln 2cosh(E_n/2T) − ½ Σ_n E_n tanh(E_n/2T)]/T, in k_B.

    At T = 0 it is ln 2 for each level at zero, which is half full. Without levels the second sum is
    ½ tr H − tr H f(H), which needs f only where H has entries; the quotient loses about ε‖H‖·dim/T, which the
    error estimate says.
    """
    levels = state.all_levels
    value, error = _from_entries(state) if levels is None else _from_levels(*levels, state)
    return {"entropy": scalar(value, "k_B", f"entropy{state.each}", error)}


def _from_levels(
    energies: NDArray[np.float64], weights: NDArray[np.float64], state: State
) -> tuple[float, float]:
    """Σ_n [ln(1 + e^{−x}) + x/(e^x + 1)] with x = |E_n|/T: no large numbers are subtracted."""
    hamiltonian, temperature = state.hamiltonian, state.model.temperature
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        x = np.where(energies == 0, 0.0, np.minimum(np.abs(energies) / temperature, 700.0))  # then e^−x is 0
    value = float(np.sum(weights * (np.log1p(np.exp(-x)) + x / (np.exp(x) + 1.0))))
    value *= 0.5 if hamiltonian.dofs == 4 else 1.0
    # Each level is off by about ε‖H‖, independently, and a level moves S by x f (1 − f)/T.
    off = float(np.finfo(float).eps) * hamiltonian.norm_bound()
    with np.errstate(divide="ignore"):
        lost = np.minimum(off / temperature, 700.0) if temperature else 0.0
    steepness = x * lost / (4 * np.cosh(x / 2) ** 2)
    return value, float(np.sqrt(np.sum(weights * steepness**2)))


def _from_entries(state: State) -> tuple[float, float]:
    """(Σ_n T ln 2cosh(E_n/2T) − ½ tr H + tr H f(H))/T, and its error; near T = 0 from the levels."""
    hamiltonian, temperature = state.hamiltonian, state.model.temperature
    if temperature <= hamiltonian.norm_bound() / WIDEST:
        gap = min(lowest_energy(hamiltonian, momentum=k) for k in range(len(hamiltonian.momenta)))
        lost = hamiltonian.dimension * np.finfo(float).eps * hamiltonian.norm_bound()
        if gap > max(lost, FROZEN * temperature):
            return 0.0, 0.0
        return _from_levels(*dense_beside(state.solver).levels(hamiltonian), state)
    potential = state.solver.grand_potential(hamiltonian, temperature, tolerance=state.tolerance)
    pattern, values = entries(hamiltonian)
    f = state.solver.correlations(hamiltonian, temperature, pattern, tolerance=state.tolerance)
    apart = pattern.rows != pattern.columns
    if pattern.crossings is not None:
        apart |= pattern.crossings.any(axis=1)
    half = np.where(apart, 0.0, 0.5)[:, None, None] * np.eye(hamiltonian.dofs)
    thermal = float(np.sum(np.conj(values) * (f.blocks - half)).real)
    thermal *= 0.5 if hamiltonian.dofs == 4 else 1.0
    spread = float(np.abs(values).sum())
    rounding = float(np.finfo(float).eps) * spread
    error = (potential.error + rounding + spread * f.error / np.sqrt(len(pattern))) / temperature
    return (-potential.value + thermal) / temperature, float(error)


def entries(hamiltonian: NambuMatrix) -> tuple[Pattern, Numbers]:
    """Where H has blocks, within a repetition and to others, and the blocks: H_k = Σ_c H(c) e^{−ik·c}."""
    rows = np.repeat(np.arange(hamiltonian.n_sites, dtype=np.int32), np.diff(hamiltonian.indptr))
    momenta = hamiltonian.momenta
    if not isinstance(momenta, BlochMomenta):
        return Pattern(rows, hamiltonian.indices), momenta[0].values
    parts = [(np.arange(len(rows)), np.zeros(momenta.momenta.k.shape[1], np.int64), momenta.inside)]
    parts += [(link.slots, link.crossing, link.blocks) for link in momenta.links]
    slots = np.concatenate([slots for slots, _, _ in parts])
    crossings = np.concatenate([np.tile(c, (len(slots), 1)) for slots, c, _ in parts]).astype(np.int16)
    values: Numbers = np.concatenate([blocks for _, _, blocks in parts])
    return Pattern(rows[slots], hamiltonian.indices[slots], crossings), values
