"""The critical current of a junction against the flux through it: the diffraction pattern of its current."""

from __future__ import annotations

import numpy as np

from bdg.experiments.josephson.interference import Along, Around, Fluxes, LastFlux, pattern, places_across
from bdg.experiments.josephson.leads import biased_junction, require_junction
from bdg.model import Model
from bdg.observables.parameters import LeadsOfJunction, Place
from bdg.observables.quantity import Quantity
from bdg.observables.registry import observable
from bdg.observables.state import State


def across_a_plane(model: Model, axis: int, at: float | None, leads: LeadsOfJunction) -> None:
    """A junction in a plane whose ends along the cut are open."""
    places_across(model.sample, require_junction(model, axis, at, leads), axis)


@observable(
    title="Critical current of a junction in a plane while the flux through it grows.",
    group="junctions",
    needs=across_a_plane,
    example="{stop: 3, num: 25, phases: 12, axis: 0}",
)
def fraunhofer(
    state: State,
    stop: LastFlux = 3.0,
    num: Fluxes = 25,
    phases: Around = 12,
    axis: Along = 0,
    at: Place = None,
    leads: LeadsOfJunction = None,
) -> dict[str, Quantity]:
    """Largest |I(φ)| of a junction in two dimensions for fluxes Φ through its cut, from 0 up.

    The flux lies between the bonds that cross, evenly, and nowhere else: the phase difference grows along the
    cut, φ(y) = φ + 2π (Φ/Φ₀)(y − ȳ)/w, with Φ₀ = h/2e and w the width from the first row to the last, holes
    between them included. A uniform sheet of current ∝ sin φ(y) has the critical current
    I_c(0) |sin(πΦ/Φ₀)/(πΦ/Φ₀)| (Rowell, Phys. Rev. Lett. 11, 200 (1963)). The fields follow, except for the
    phase of Δ in the leads. For a flux through a hole between two junctions see
    :func:`bdg.experiments.josephson.squid.squid`.

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
        ``fraunhofer``, the critical current over ``junction_flux``, in e t/ħ, see
        :func:`bdg.experiments.curve.curves`.

    Raises
    ------
    InputError
        If the sample is not a plane whose ends across the axis are open, or the numbers are out of range; or
        see :func:`bdg.experiments.josephson.leads.biased_junction`.
    NumericalError
        If no flux has a state at all φ.
    """
    junction, start = biased_junction(state, axis, at, leads)
    place = places_across(state.model.sample, junction, axis)
    rows = place[junction.crossing != 0]
    across = np.unique(np.round(state.model.sample.positions[:, 1 - axis], 9))
    width = np.ptp(rows) + np.diff(across).min()  # half a row beyond the outermost on either side
    along = (place - 0.5 * (rows.min() + rows.max())) / width
    axis_name = "junction_flux", "flux through the junction"
    return {"fraunhofer": pattern(start, stop, num, phases, along, axis_name)}
