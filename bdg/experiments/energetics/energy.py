"""What states compete by: Ω at fixed μ, F = Ω + μN at fixed filling, with the energy of a field."""

from __future__ import annotations

from bdg.observables.state import State
from bdg.observables.thermodynamics.grand_potential import grand_potential


def energy_of(state: State) -> float:
    """Ω or G of a state, in t; at a fixed filling with μN, N what it should be, so that it is stationary."""
    found, model = grand_potential(state), state.model
    energy = float(found.get("gibbs_potential", found["grand_potential"]))
    if model.filling is None:
        return energy
    return energy + state.fields.mu * model.filling * model.sample.n_sites
