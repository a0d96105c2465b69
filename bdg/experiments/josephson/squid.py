"""The critical current of junctions side by side against the flux through the hole between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError, NumericalError
from bdg.experiments.josephson.biased import Biased
from bdg.experiments.josephson.critical import around, highest
from bdg.experiments.josephson.interference import Along, Around, Fluxes, LastFlux, pattern, places_across
from bdg.experiments.josephson.junction import Junction
from bdg.experiments.josephson.leads import biased_junction, require_junction
from bdg.lattice import Sample
from bdg.model import Model
from bdg.observables.parameters import LeadsOfJunction, Place
from bdg.observables.quantity import Notes, Quantity
from bdg.observables.registry import observable
from bdg.observables.state import State


def several_arms(model: Model, axis: int, at: float | None, leads: LeadsOfJunction) -> None:
    """Junctions side by side, with holes between them."""
    arms_of(model.sample, require_junction(model, axis, at, leads), axis)


@observable(
    title="Critical current of junctions side by side by the flux through the hole between them.",
    group="junctions",
    needs=several_arms,
    example="{stop: 2, num: 25, phases: 12, axis: 0}",
)
def squid(
    state: State,
    stop: LastFlux = 2.0,
    num: Fluxes = 25,
    phases: Around = 12,
    axis: Along = 0,
    at: Place = None,
    leads: LeadsOfJunction = None,
) -> dict[str, Quantity]:
    """Largest |I(φ)| of two junctions side by side for fluxes Φ through the hole between them, from 0 up.

    The cut passes both arms of a loop. The flux is in the hole and nowhere else, so that φ is the same on all
    bonds of one arm, and differs by 2πΦ/Φ₀, Φ₀ = h/2e, from one arm to the next. Two currents ∝ sin φ add up
    to I_c² = I_1² + I_2² + 2 I_1 I_2 cos(2πΦ/Φ₀) (Jaklevic, Lambe, Silver, Mercereau, Phys. Rev. Lett. 12,
    159 (1964)). Where there are more holes, each has the flux Φ. What the current adds to the flux, by the
    loop's geometric inductance, is left out; its kinetic inductance is in, where the phase of Δ in the loop
    is free to follow.

    Parameters
    ----------
    state
        A converged state.
    stop
        The last flux, in h/2e.
    num
        How many, 0 and ``stop`` included.
    phases
        How many φ, equally far apart from 0 to 2π, the largest current is looked for about.
    axis, at, leads
        Of the cut, as in :func:`bdg.experiments.josephson.current_phase.current_phase`.

    Returns
    -------
    dict
        ``squid``, the critical current over ``loop_flux``, and ``squid_arms``, shape ``(n_arms,)``, the
        largest current through each arm where Φ = 0; in e t/ħ.

    Raises
    ------
    InputError
        If the cut passes no hole, the sample is not a plane whose ends across the axis are open, or the
        numbers are out of range; or see :func:`bdg.experiments.josephson.leads.biased_junction`.
    NumericalError
        If no flux has a state at all φ.
    """
    junction, start = biased_junction(state, axis, at, leads)
    arm = arms_of(state.model.sample, junction, axis)
    arms = _arms(start, arm[junction.crossing != 0], phases)  # its states are those without flux, found once
    axis_name = "loop_flux", "flux through the hole"
    return {"squid": pattern(start, stop, num, phases, arm - 0.5 * arm.max(), axis_name), "squid_arms": arms}


def _arms(start: Biased, arm: NDArray[np.int64], phases: int) -> Quantity:
    """The largest current through each arm, from the arm of each bond that crosses; NaN without a state."""
    numbers, dims = np.arange(arm.max() + 1), ("arm",)
    notes: Notes = {}
    try:
        branch, points = around(start, phases)
        largest = [highest(branch, points, 1.0, arm == n).value for n in numbers]
    except NumericalError as error:
        largest, notes = [np.nan] * len(numbers), {"no_state": str(error), "warning": str(error)}
    coords = {"arm": Quantity(numbers, dims, "1", "arm")}
    name = "critical current of each arm"
    return Quantity(np.array(largest), dims, "e t/hbar", name, coords, attributes=notes)


def arms_of(sample: Sample, junction: Junction, axis: int) -> NDArray[np.int64]:
    """Which arm each bond of the cut is in, from 0, in the order of their places; shape ``(n_bonds,)``.

    Between two arms no plaquette holds bonds of the cut on both sides.

    Raises
    ------
    InputError
        If there is one arm only, or see
        :func:`bdg.experiments.josephson.interference.places_across`.
    """
    place = places_across(sample, junction, axis)
    plaquettes, crosses = sample.plaquettes, junction.crossing != 0
    of = np.repeat(np.arange(len(plaquettes)), np.diff(plaquettes.indptr))
    held = crosses[plaquettes.bonds]
    low, high = np.full(len(plaquettes), np.inf), np.full(len(plaquettes), -np.inf)
    np.minimum.at(low, of[held], place[plaquettes.bonds[held]])
    np.maximum.at(high, of[held], place[plaquettes.bonds[held]])
    rows = np.unique(np.round(place[crosses], 9))
    between = 0.5 * (rows[1:] + rows[:-1])
    is_hole = ~np.any((low[:, None] < between) & (between < high[:, None]), axis=0)
    if not is_hole.any():
        raise InputError("the cut passes no hole, and a squid has one; leave out sites, or use fraunhofer")
    arm: NDArray[np.int64] = np.searchsorted(between[is_hole], place)
    return arm
