"""The critical current of a junction against the flux through it: the diffraction pattern of its current."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.observables.junction import Junction, biased, current_across, junction_of
from bdg.observables.quantity import Quantity
from bdg.observables.response import relaxed
from bdg.observables.state import State

FOLLOWS_TO = 1e-8
"""Residual of the fields."""


def fraunhofer(
    state: State,
    stop: float = 3.0,
    num: int = 25,
    phases: int = 12,
    axis: int = 0,
    at: float | None = None,
    leads: float | None = None,
) -> dict[str, Quantity]:
    """Largest |I(φ)| of a junction in two dimensions for fluxes Φ through its cut, from 0 up.

    The flux lies between the bonds that cross, and nowhere else: the phase difference grows along the cut,
    φ(y) = φ + 2π (Φ/Φ₀)(y − ȳ)/w, with Φ₀ = h/2e and w the width, as many rows as there are. A uniform sheet
    of current ∝ sin φ(y) has the critical current I_c(0) |sin(πΦ/Φ₀)/(πΦ/Φ₀)| (Rowell, Phys. Rev. Lett. 11,
    200 (1963)). The fields follow, but for the phase of Δ in the leads.

    Parameters
    ----------
    state
        A converged state.
    stop
        The last flux, in h/2e.
    num
        How many, 0 and ``stop`` included.
    phases
        How many φ, equally far apart from 0 to 2π, the largest current is looked for at.
    axis, at, leads
        Of the cut, as in :func:`bdg.observables.current_phase.current_phase`.

    Returns
    -------
    dict
        ``fraunhofer``, the critical current over ``junction_flux``, in e t/ħ.

    Raises
    ------
    InputError
        If the sample is not a plane whose ends across the axis are open, or the numbers are out of range; or
        see :func:`bdg.observables.junction.junction_of`.
    NumericalError
        If the fields do not follow.
    """
    if not (np.isfinite(stop) and stop > 0) or num < 2 or phases < 2:
        raise InputError(
            f"{num} fluxes up to {stop} at {phases} phases are impossible; give a positive stop, and two"
        )
    junction = junction_of(state.model, axis, at, leads)
    along = _along(state, junction, axis)
    steps, largest = 2 * np.pi * np.arange(phases) / phases, []
    fluxes = stop * np.arange(num) / (num - 1)
    for flux in fluxes:
        now = relaxed(biased(state, junction, 2 * np.pi * flux * along), FOLLOWS_TO, junction.held)
        currents = []
        for n in range(phases):
            turned = biased(now, junction, steps[1]) if n else now
            now = relaxed(turned, FOLLOWS_TO, junction.held)
            currents.append(abs(current_across(now, junction)))
        largest.append(max(currents))
    dims = ("junction_flux",)
    coords = {"junction_flux": Quantity(fluxes, dims, "h/2e", "flux through the junction")}
    notes = {"self_consistent": state.model.given_delta is None and state.is_converged}
    name = "critical current"
    return {"fraunhofer": Quantity(np.array(largest), dims, "e t/hbar", name, coords, attributes=notes)}


def _along(state: State, junction: Junction, axis: int) -> NDArray[np.float64]:
    """(y − ȳ)/w of every bond, shape ``(n_bonds,)``.

    Raises
    ------
    InputError
        If there is no such place.
    """
    sample = state.model.sample
    if sample.dimension != 2 or sample.boundary[1 - axis].is_periodic:
        raise InputError(
            f"a flux through a junction needs a plane whose ends along {'yx'[axis]} are open; make them so,"
            " or use current_phase"
        )
    bonds = sample.bonds
    place = sample.positions[bonds.source, 1 - axis] + 0.5 * bonds.displacement[:, 1 - axis]
    rows = np.unique(np.round(place[junction.crossing != 0], 9))
    if len(rows) < 2:
        raise InputError("a flux through a junction needs at least 2 bonds that cross; make it wider")
    width = float(np.ptp(rows)) * len(rows) / (len(rows) - 1)
    found: NDArray[np.float64] = (place - rows.mean()) / width
    return found
