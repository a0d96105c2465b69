"""The condensation energy: what the normal state of the same temperature has more."""

from __future__ import annotations

import numpy as np

from bdg.experiments.change import Temperature
from bdg.experiments.critical.instability import without_pairs
from bdg.experiments.follow import branch
from bdg.observables.needs import free_pairs
from bdg.observables.quantity import Notes, Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.response.superfluid_weight import area_of_a_site
from bdg.observables.state import State
from bdg.observables.thermodynamics.entropy import entropy
from bdg.observables.thermodynamics.grand_potential import field_energy, grand_potential


@observable(
    title="Condensation energy: how far the normal state of the same temperature is above (a loop).",
    group="thermodynamics",
    needs=free_pairs,
    numbers={"condensation_energy": "Condensation energy", "critical_field": "Critical field"},
    uses_places=False,
)
def condensation_energy(state: State) -> dict[str, Quantity]:
    """Ω_n − Ω_s at fixed μ, F_n − F_s at fixed filling, in t, of the whole sample at the T of the run.

    The normal state has its own self-consistent Hartree, exchange and Fock fields and, at fixed filling, its
    own μ. Where currents make a field, its energy counts as well.

    Returns
    -------
    dict
        ``condensation_energy``; ``entropy_of_condensation``, S_n − S_s, minus its slope in T; of a sample in
        two dimensions that screens, without an applied field, ``critical_field``
        B_c = √(2μ₀ (Ω_n − Ω_s)/area), in ħ/(e a²).

    Raises
    ------
    InputError
        If no pairs are self-consistent.
    NumericalError
        If the normal state is not found.
    """
    normal_branch = branch(without_pairs(state), scf=state.loops.for_differences.scf)
    normal = normal_branch.at(Temperature(state.model.temperature)).required().state
    assert normal is not None
    (here, error), (there, other) = _energy(state), _energy(normal)
    fixed = "chemical potential" if state.model.filling is None else "filling"
    notes: Notes = {"fixed": fixed, "self_consistent": state.is_converged}
    gained, unsure = there - here, error + other
    cold, warm = entropy(state)["entropy"], entropy(normal)["entropy"]
    return {
        "condensation_energy": scalar(
            gained, "t", f"condensation energy at fixed {fixed}{state.each}", unsure, notes
        ),
        "entropy_of_condensation": scalar(
            float(warm) - float(cold),
            "k_B",
            f"entropy of the normal state less that of this one{state.each}",
            (cold.error or 0.0) + (warm.error or 0.0),
        ),
        **_critical_field(state, gained, unsure),
    }


def _energy(state: State) -> tuple[float, float]:
    """What states compete by, with the energy of the field of the currents, and its error."""
    potential = grand_potential(state)
    found = potential["grand_potential" if state.model.filling is None else "free_energy"]
    of_field = field_energy(state)
    return float(found) + (0.0 if of_field is None else float(of_field)), found.error or 0.0


def _critical_field(state: State, gained: float, unsure: float) -> dict[str, Quantity]:
    """B_c of a plane whose μ₀ is known, where no field is applied."""
    screening, sample = state.model.screening, state.model.sample
    if screening is None or sample.dimension != 2 or screening.applied.any():
        return {}
    area = area_of_a_site(state.model) * sample.n_sites
    field, off = (float(np.sqrt(2 * screening.mu0 * max(e, 0.0) / area)) for e in (gained, gained + unsure))
    name = "thermodynamic critical field"
    return {"critical_field": scalar(field, "hbar/(e a^2)", name, off - field)}
