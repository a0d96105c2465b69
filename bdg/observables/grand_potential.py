"""Grand potential and free energy."""

import numpy as np

from bdg.expectations import spin_density
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.state import State


def grand_potential(state: State) -> dict[str, Quantity]:
    r"""Ω = ½(tr h_↑ + tr h_↓) − Σ_n T ln 2cosh(E_n/2T) + Σ U|F|² + Σ U n_↑ n_↓, its parts, and F = Ω + μN.

    In the general Nambu space the sum over levels is halved, and the exchange field adds −Σ U|⟨c†_↓ c_↑⟩|².
    The interaction constants are there for the mean fields that are on. In t, for the whole sample.
    """
    model, fields, hamiltonian = state.model, state.fields, state.hamiltonian
    quasiparticles = state.solver.grand_potential(hamiltonian, model.temperature, tolerance=state.tolerance)
    normal = 0.0
    for momentum in hamiltonian.momenta:
        blocks = momentum.values[hamiltonian.diagonal]
        down = blocks[:, 1, 1] if hamiltonian.dofs == 4 else -blocks[:, 1, 1]
        normal += momentum.weight * 0.5 * float(np.sum(blocks[:, 0, 0].real + down.real))
    interaction = model.attraction
    pairing = interaction.pairing_constant(fields.delta) if interaction.pairing else 0.0
    hartree = interaction.hartree_constant(fields.hartree) if interaction.hartree else 0.0
    exchange = None if fields.exchange is None else interaction.exchange_constant(fields.exchange)
    total = normal + quasiparticles.value + pairing + hartree + (exchange or 0.0)
    electrons = float(spin_density(state.on_sites).sum())
    error = float(quasiparticles.error)
    found = {
        "grand_potential": scalar(total, "t", "grand potential", error),
        "normal_part": scalar(normal, "t", "half the trace of the normal Hamiltonian"),
        "quasiparticle_part": scalar(quasiparticles.value, "t", "minus the sum of T ln 2cosh(E/2T)", error),
        "pairing_constant": scalar(pairing, "t", "double counting of the pairing field"),
        "hartree_constant": scalar(hartree, "t", "double counting of the Hartree field"),
        "free_energy": scalar(
            total + fields.mu * electrons, "t", "free energy, grand potential + mu N", error
        ),
        "electrons": scalar(electrons, "1", "number of electrons"),
    }
    if exchange is not None:
        found["exchange_constant"] = scalar(exchange, "t", "double counting of the exchange field")
    return found
