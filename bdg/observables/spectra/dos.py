"""Density of states per site."""

import numpy as np

from bdg.observables.parameters import Broadening, Energies
from bdg.observables.quantity import Quantity, energy_axis
from bdg.observables.registry import observable
from bdg.observables.spectra.ldos import spin_ldos
from bdg.observables.state import State


@observable(title="Density of states per site, of both spins.", group="spectra", uses_places=False)
def dos(state: State, energies: Energies, broadening: Broadening = 0.05) -> dict[str, Quantity]:
    """Density of states per site, N(ω) = (1/n_sites) Σ_iσ N_iσ(ω), in 1/t; ∫N dω = 2.

    Parameters
    ----------
    state
        The state to measure.
    energies
        ω from the chemical potential, shape ``(n_energies,)``, in t.
    broadening
        η, the half width of the Lorentzian each level becomes, in t.

    Raises
    ------
    InputError
        If the broadening is not positive or an energy not finite.
    """
    everywhere = np.arange(state.model.sample.n_sites)
    by_spin, error = spin_ldos(state, energies, broadening, everywhere)
    values = by_spin.sum(axis=0).mean(axis=1)
    return {
        "dos": Quantity(
            values,
            ("energy",),
            "1/t",
            "density of states per site, both spins",
            {"energy": energy_axis(energies)},
            error=2 * error,
            attributes={"broadening": float(broadening)},
        )
    }
