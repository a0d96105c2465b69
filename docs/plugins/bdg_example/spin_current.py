"""An observable: the current that spins carry along each bond."""

from typing import Annotated, Literal

import numpy as np

import bdg


@bdg.register(
    title="Spin current of each bond.",
    group="currents",
    numbers={"largest_spin_current": "Largest spin current"},
)
def spin_current(
    state, spin: Annotated[Literal["up", "down", "difference"], "Whose current."] = "difference"
):
    """Current source → target of electrons of one spin along z, or of up less down, in e t/ħ."""
    each = -2 * np.imag(state.model.spin_amplitude * np.conj(state.hops))
    up, down = each[:, 0, 0], each[:, 1, 1]
    values = {"up": up, "down": down, "difference": up - down}[spin]
    return {
        "spin_current": bdg.Quantity(values, ("bond",), "e t/hbar", "spin current"),
        "largest_spin_current": np.abs(values).max(),
    }
