"""Kinetic energy of the bonds."""

import numpy as np

from bdg.observables.quantity import Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.state import State


@observable(
    title="Kinetic energy of each bond, and of the sample.",
    group="currents",
    numbers={"total_kinetic_energy": "Kinetic energy"},
)
def kinetic_energy(state: State) -> dict[str, Quantity]:
    """Kinetic energy of each bond, Σ_σσ' 2 Re ⟨tσ|h|sσ'⟩⟨c†_tσ c_sσ'⟩, in t.

    The sum over bonds, ``total_kinetic_energy``, is the expectation value of all that hops, spin–orbit
    hopping included: ∂Ω/∂λ where all hoppings are multiplied by λ and the fields are held. Along an axis it
    is minus the diamagnetic weight of bonds of length 1 (Scalapino, White and Zhang, Phys. Rev. B 47, 7995
    (1993)).
    """
    on_bonds, hopping = state.on_bonds, state.model.spin_amplitude
    values = 2 * np.real(hopping * np.conj(state.hops)).sum(axis=(1, 2))
    largest = 2 * np.abs(hopping).sum(axis=(1, 2)) * on_bonds.error
    name, total = "kinetic energy", float(values.sum())
    return {
        "kinetic_energy": Quantity(values, ("bond",), "t", name, error=float(largest.max(initial=0.0))),
        "total_kinetic_energy": scalar(total, "t", f"{name} of all bonds{state.each}", float(largest.sum())),
    }
