"""The temperature of Berezinskii, Kosterlitz and Thouless."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import numpy as np

from bdg.errors import InputError, NumericalError
from bdg.experiments.change import Temperature
from bdg.experiments.follow import Measured, branch
from bdg.observables.needs import periodic_plane
from bdg.observables.parameters import Flag, PositiveEnergy
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.response.superfluid_weight import superfluid_weight
from bdg.observables.state import State

LOWEST = 0.05
"""The lowest temperature that is tried, as a share of the one that the stiffness of the state allows."""

NORMAL = 1e-3
"""Largest |Δ| of a normal state, in t: its weight, of a finite number of momenta, is no stiffness."""


@observable(
    title="Temperature at which vortices unbind in a plane (loops at several temperatures).",
    group="response",
    needs=periodic_plane,
    numbers={"bkt_temperature": "BKT temperature"},
)
def bkt_temperature(
    state: State,
    tolerance: Annotated[PositiveEnergy, "Largest error of the temperature."] = 1e-5,
    relax: Annotated[Flag, "With the self-consistent fields following the vector potential."] = False,
) -> dict[str, Quantity]:
    """T at which vortices unbind, T = (π/8) D(T) with the superfluid weight of a unit area.

    Nelson and Kosterlitz, Phys. Rev. Lett. 39, 1201 (1977): the stiffness ħ²D/4e² is 2T/π there. The fields
    are made self-consistent at every T that is tried, from those of the last one.

    Parameters
    ----------
    state
        A converged state; at which temperature does not matter, if it is superconducting.
    tolerance
        Of the temperature, in t.
    relax
        Whether the weight is that with the fields following A, which is never larger and takes longer.

    Raises
    ------
    InputError
        If the sample is not a plane periodic in both directions, or the state has no stiffness.
    NumericalError
        If a loop does not converge.
    """
    warming = branch(state, partial(_stiffness, relax=relax))

    def stiffness(temperature: float) -> float:
        return warming.at(Temperature(temperature)).required()["stiffness"]

    def excess(temperature: float) -> float:
        return temperature - stiffness(temperature)

    highest = stiffness(state.model.temperature)
    if highest <= 0:
        raise InputError("the state has no stiffness; start below T_c")
    lowest = LOWEST * highest
    while excess(highest) < 0:  # the state was warmer than what is sought
        lowest, highest = highest, 2 * highest
    from scipy.optimize import brentq  # rarely needed, imported late

    found = float(brentq(excess, lowest, highest, xtol=tolerance, rtol=4 * np.finfo(float).eps))
    return {"bkt_temperature": scalar(found, "t/k_B", "temperature at which vortices unbind", tolerance)}


def _stiffness(state: State, relax: bool) -> Measured:
    """(π/8) D of a unit area, in t; 0 of a normal state."""
    if state.fields.moduli.max() <= NORMAL:
        return {"stiffness": 0.0}
    weight = superfluid_weight(state, relax=relax)["phase_stiffness_temperature"]
    if "no_state" in weight.attributes:
        raise NumericalError(f"no state {weight.attributes['no_state']}")
    return {"stiffness": float(weight)}
