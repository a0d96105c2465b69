"""Grand potential and free energy."""

from typing import Any

import numpy as np

from bdg.expectations import CORRELATORS, spin_density
from bdg.model import TABLE
from bdg.model.interactions import constant
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
    :mod:`bdg.model.interactions`). For pairs the constant is that of the fields, so that ∂Ω/∂Δ* is what
    Δ changes by (but where pairs hop between sites); for the others E_int − ⟨V_mf⟩ in the state the fields
    make, which is the same at self-consistency and stationary there as well. Where currents make a field, its
    energy E = Σ a (B − B_a)²/2μ₀ and G = Ω + E come beside. In t, for the whole sample; of an infinite one,
    for the block that is repeated. (M10), (M16) of docs/theory/mean_field.md.
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


class _Correlators:
    """Correlators of a state by name."""

    def __init__(self, state: State) -> None:
        self._state = state

    def __getitem__(self, name: str) -> Any:
        place, value = CORRELATORS[name]
        f = self._state.on_sites if place == "site" else self._state.on_bonds
        return value(self._state.model.sample, f)


def _constants(state: State) -> dict[str, tuple[float, str]]:
    """The constant of every mean field, and the field's name; those of pairs and Hartree fields always."""
    found = {
        "pairing_constant": (0.0, "the pairing field"),
        "hartree_constant": (0.0, "the Hartree field"),
    }
    correlators = _Correlators(state)
    for row in TABLE.values():
        if row.double_counting is None or state.fields[row.name] is None:
            continue
        part, meaning = row.double_counting
        before, _ = found.get(f"{part}_constant", (0.0, ""))
        own = constant(state.model, row.name, state.fields, correlators)
        found[f"{part}_constant"] = before + own, meaning
    return found
