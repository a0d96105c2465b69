"""Electron density."""

from bdg.expectations import spin_density
from bdg.observables.quantity import Quantity
from bdg.observables.registry import observable
from bdg.observables.state import State


@observable(title="Electrons on each site.", group="fields", uses_places=False)
def density(state: State) -> dict[str, Quantity]:
    """Electrons per site ⟨n_i⟩ = Σ_σ ⟨n_iσ⟩, and the spin densities ⟨n_iσ⟩."""
    on_sites = state.on_sites
    by_spin = spin_density(on_sites)
    return {
        "density": Quantity(
            by_spin.sum(axis=0), ("site",), "1", "electrons per site", error=2 * on_sites.error
        ),
        "spin_density": Quantity(
            by_spin, ("spin", "site"), "1", "electrons per site and spin", error=on_sites.error
        ),
    }
