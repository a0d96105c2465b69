"""Flux through the plaquettes."""

from bdg.gauge import flux_of_phases
from bdg.observables.needs import plaquettes
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.state import State


@observable(title="Magnetic flux through every plaquette.", group="currents", needs=plaquettes)
def flux(state: State) -> dict[str, Quantity]:
    """Flux Φ = ∮ A·dl through every plaquette, in ħ/e and in (−π, π]: electrons see it modulo h/e = 2π.

    ``field`` is Φ over the area, in ħ/(e a²), ``total_flux`` the sum over all plaquettes. Twists have no part
    in it.

    Raises
    ------
    InputError
        If the sample has no plaquettes.
    """
    sample = state.model.sample
    through = flux_of_phases(sample, state.model.peierls_phase)
    return {
        "flux": Quantity(through, ("plaquette",), "hbar/e", "flux"),
        "field": Quantity(through / sample.plaquettes.area, ("plaquette",), "hbar/(e a^2)", "magnetic field"),
        "total_flux": scalar(float(through.sum()), "hbar/e", f"flux through all plaquettes{state.each}"),
    }
