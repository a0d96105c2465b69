"""The order parameter."""

from bdg.observables.quantity import Quantity
from bdg.observables.registry import observable
from bdg.observables.state import State


@observable(title="Order parameter Δ of each site.", group="fields", uses_places=False)
def order_parameter(state: State) -> dict[str, Quantity]:
    """Order parameter Δ_i of H_Δ = Σ Δ_i c†_i↑ c†_i↓ + h.c., in t. Not the spectral gap."""
    return {"order_parameter": Quantity(state.fields.delta, ("site",), "t", "order parameter")}
