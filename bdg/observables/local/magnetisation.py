"""Magnetisation: the expectation value of the spin."""

from bdg.expectations import magnetisation as expectation
from bdg.observables.quantity import Quantity
from bdg.observables.registry import observable
from bdg.observables.state import State


@observable(title="Spin of each site along x, y and z.", group="fields", uses_places=False)
def magnetisation(state: State) -> dict[str, Quantity]:
    """Spin of each site, ⟨c†_i σ c_i⟩ along x, y and z, in units of ħ/2."""
    on_sites = state.on_sites
    return {
        f"magnetisation_{axis}": Quantity(
            values, ("site",), "1", f"magnetisation along {axis}", error=2 * on_sites.error
        )
        for axis, values in zip("xyz", expectation(on_sites), strict=True)
    }
