"""The internal energy."""

from bdg.observables.quantity import Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.observables.thermodynamics.entropy import entropy
from bdg.observables.thermodynamics.grand_potential import grand_potential


@observable(
    title="Internal energy U = F + TS.",
    group="thermodynamics",
    numbers={"internal_energy": "Internal energy"},
    uses_places=False,
)
def internal_energy(state: State) -> dict[str, Quantity]:
    """U = Ω + μN + TS = ⟨H⟩, in t, of the whole sample: interactions with every mean field that is on."""
    free, temperature = grand_potential(state)["free_energy"], state.model.temperature
    warm = entropy(state)["entropy"]
    error = (free.error or 0.0) + temperature * (warm.error or 0.0)
    value = float(free) + temperature * float(warm)
    return {"internal_energy": scalar(value, "t", f"internal energy{state.each}", error)}
