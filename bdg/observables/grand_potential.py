"""Grand potential and free energy."""

import numpy as np

from bdg.expectations import anomalous_density, normal, spin_density, spin_flip
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.state import State


@observable(
    title="Grand potential Ω and its parts.",
    group="thermodynamics",
    numbers={
        "grand_potential": "Grand potential",
        "gibbs_potential": "Gibbs potential",
        "free_energy": "Free energy",
        "electrons": "Electrons",
    },
    uses_places=False,
)
def grand_potential(state: State) -> dict[str, Quantity]:
    r"""Ω = ½(tr h_↑ + tr h_↓) − Σ_n T ln 2cosh(E_n/2T) + constants, its parts, and F = Ω + μN.

    In the general Nambu space the sum over levels is halved. The constants take back what the mean fields
    that are on count twice: pairing Σ U|F|² + Σ_bonds |Δ|²/V, Hartree Σ U n_↑ n_↓ + Σ_bonds V n_i n_j,
    exchange −Σ U|⟨c†_↓ c_↑⟩|², Fock −Σ_bonds V |⟨c†_i c_j⟩|², with what J adds to them on bonds (see
    :mod:`bdg.model.bond_interaction`). For pairs the constant is that of the fields, so that ∂Ω/∂Δ* is what
    Δ changes by (but where pairs hop between sites); for the others E_int − ⟨V_mf⟩ in the state the fields
    make, which is the same at self-consistency and stationary there as well. Where currents make a field, its
    energy E = Σ a (B − B_a)²/2μ₀ and G = Ω + E come beside. In t, for the whole sample; of an infinite one,
    for the block that is repeated.
    """
    model, fields, hamiltonian = state.model, state.fields, state.hamiltonian
    quasiparticles = state.solver.grand_potential(hamiltonian, model.temperature, tolerance=state.tolerance)
    blocks = hamiltonian.mean()[hamiltonian.diagonal].real
    down = blocks[:, 1, 1] if hamiltonian.dofs == 4 else -blocks[:, 1, 1]
    trace = 0.5 * float(np.sum(blocks[:, 0, 0] + down))
    constants = _constants(state)
    total = trace + quasiparticles.value + sum(value for value, _ in constants.values())
    electrons = float(spin_density(state.on_sites).sum())
    error, each = float(quasiparticles.error), state.each
    miscounted = 2 * model.sample.n_sites * state.on_sites.error
    levels = "minus the sum of T ln 2cosh(E/2T)"
    return {
        "grand_potential": scalar(total, "t", f"grand potential{each}", error),
        "normal_part": scalar(trace, "t", f"half the trace of the normal Hamiltonian{each}"),
        "quasiparticle_part": scalar(quasiparticles.value, "t", f"{levels}{each}", error),
        **{
            name: scalar(value, "t", f"double counting of {what}{each}")
            for name, (value, what) in constants.items()
        },
        "free_energy": scalar(
            total + fields.mu * electrons,
            "t",
            f"free energy{each}, grand potential + mu N",
            error + abs(fields.mu) * miscounted,
        ),
        "electrons": scalar(electrons, "1", f"number of electrons{each}", miscounted),
        **_with_field(state, total, error),
    }


def _with_field(state: State, total: float, error: float) -> dict[str, Quantity]:
    """What the field of the currents costs, and what states with one compete by: G = Ω + E."""
    energy = field_energy(state)
    if energy is None:
        return {}
    name = f"grand potential + field energy{state.each}"
    return {"field_energy": energy, "gibbs_potential": scalar(total + float(energy), "t", name, error)}


def field_energy(state: State) -> Quantity | None:
    """E = Σ a (B − B_a)²/2μ₀ of the field that the currents make, in t; ``None`` where they make none."""
    screening, induced = state.model.screening, state.fields.vector_potential
    if screening is None or induced is None:
        return None
    name = f"energy of the field that the currents make{state.each}"
    return scalar(screening.energy(induced), "t", name)


def _constants(state: State) -> dict[str, tuple[float, str]]:
    """The constant of every mean field, and the field's name; those of pairs and Hartree fields always."""
    model, fields = state.model, state.fields
    onsite, bonds = model.attraction, model.bond_attraction
    density = spin_density(state.on_sites)
    pairing = _pairs_on_sites(state) if onsite.pairing else 0.0
    hartree = onsite.hartree_energy(density) if onsite.hartree else 0.0
    if bonds is not None and bonds.pairing and fields.bond_delta is not None:
        pairing += bonds.pairing_constant(fields.bond_delta)
    if bonds is not None and bonds.hartree:
        hartree += bonds.hartree_energy(model.sample, density)
    hartree -= float(np.sum(fields.hartree * density))
    found = {
        "pairing_constant": (pairing, "the pairing field"),
        "hartree_constant": (hartree, "the Hartree field"),
    }
    if fields.exchange is not None:
        flip = spin_flip(state.on_sites)
        energy = onsite.exchange_energy(flip) if onsite.hartree else 0.0
        if bonds is not None and bonds.hartree:
            energy += bonds.exchange_energy(model.sample, flip)
        own = 2.0 * float(np.sum(np.real(fields.exchange * np.conj(flip))))
        found["exchange_constant"] = (energy - own, "the exchange field")
    if bonds is not None and fields.fock is not None:
        between = normal(model.sample, state.on_bonds)
        own = 2.0 * float(np.sum(np.real(fields.fock * np.conj(between))))
        found["fock_constant"] = (bonds.fock_energy(between) - own, "the Fock field")
    return found


def _pairs_on_sites(state: State) -> float:
    """Σ U|F|² with F = Δ/U; where pairs hop, E_int − ⟨H_Δ⟩ in the state, since Δ is of several F then."""
    model, delta = state.model, state.fields.delta
    if not model.hops_pairs:
        return model.attraction.pairing_constant(delta)
    pairs = anomalous_density(state.on_sites)
    return float(np.sum(np.real((2.0 * delta - model.delta(pairs)) * np.conj(pairs))))
