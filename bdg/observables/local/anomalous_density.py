"""The anomalous density."""

from bdg.expectations import anomalous_density as expectation
from bdg.observables.quantity import Quantity
from bdg.observables.registry import observable
from bdg.observables.state import State


@observable(title="⟨c↑ c↓⟩ of each site.", group="fields", uses_places=False)
def anomalous_density(state: State) -> dict[str, Quantity]:
    """Anomalous density ⟨c_i↑ c_i↓⟩ = Δ_i/U_i where U_i acts; a normal metal nearby has it too."""
    on_sites = state.on_sites
    values = expectation(on_sites)
    return {
        "anomalous_density": Quantity(values, ("site",), "1", "anomalous density", error=on_sites.error),
    }
