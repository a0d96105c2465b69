"""The current–phase relation of a junction, and its levels."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from bdg.errors import NumericalError
from bdg.experiments.curve import Line, curves
from bdg.experiments.follow import Branch, Measured, Point
from bdg.experiments.josephson.biased import Biased, PhaseDifference, branch_of
from bdg.experiments.josephson.critical import NO_CURRENT, currents_of, highest
from bdg.experiments.josephson.largest import Peak
from bdg.experiments.josephson.leads import biased_junction, require_junction
from bdg.observables.parameters import Axis, LeadsOfJunction, Levels, Place, Positive, Steps
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.response.conductance import normal_resistance
from bdg.observables.state import State

ROUNDING = 1e-9
"""Two numbers that should be equal differ by this share."""

SAME = 1e-4
"""Two currents are the same, as a share of the largest."""


@observable(
    title="Current, Ω and lowest levels of a junction while a phase difference grows.",
    group="junctions",
    needs=require_junction,
    example="{num: 25, axis: 0, at: 8.5, leads: 4, levels: 4}",
    numbers={
        "junction_critical_current": "Critical current",
        "junction_diode_efficiency": "Diode efficiency",
        "normal_resistance": "Normal resistance",
        "junction_voltage": "I_c R_N",
    },
)
def current_phase(
    state: State,
    stop: Annotated[Positive, "The last phase difference, in radians."] = 2 * np.pi,
    num: Annotated[Steps, "How many, 0 included."] = 25,
    axis: Annotated[Axis, "Coordinate that the current is along."] = 0,
    at: Place = None,
    leads: LeadsOfJunction = None,
    levels: Annotated[
        Levels, "How many of the lowest quasiparticle energies to find at each phase difference."
    ] = 0,
) -> dict[str, Quantity]:
    """Current I(φ) = (2e/ħ) ∂Ω/∂φ and Ω(φ) of a junction while φ grows from 0.

    φ = θ_before − θ_beyond is the phase difference added to that of the state: a vector potential on the
    bonds of a cut; see :mod:`bdg.experiments.josephson.junction`. All fields follow, each state from the one
    before, except for the phase of Δ in the leads. Where there are several states at one φ, as in long weak
    links and in rings, the loop follows the first (``hysteretic``), and the critical current backward is that
    of φ falling from 0, as the one forward is that of φ growing. Between leads without end no field follows
    but pairs on the bonds of the cut; see :mod:`bdg.leads.cut`. Given pairs there lie midway between both
    sides by the shorter way; see :mod:`bdg.experiments.josephson.facing`.

    Parameters
    ----------
    state
        A converged state.
    stop
        The last φ.
    num
        How many, 0 and ``stop`` included.
    axis
        Coordinate that the current is along.
    at
        Where on it the cut is; by default in the middle. Between leads the current is the same at every cut.
    leads
        Depth from either end, in lattice constants, to which the phase of Δ is held; its size follows.
        ``"semi_infinite"`` makes both ends semi-infinite, as their outermost layers are, with the fields of
        the state. ``None`` holds nothing: of a ring, where φ = 2Φ, Φ the flux, or of a given Δ.
    levels
        How many of the lowest quasiparticle energies to find at each φ; between leads without end of those
        in their gap, NaN where there are fewer.

    Returns
    -------
    dict
        ``junction_current`` along the axis, in e t/ħ, ``junction_potential``, and with ``levels``
        ``junction_levels``, shape ``(num, levels)``, over ``phase_difference``; the largest |I|,
        ``junction_critical_current``, and those along the axis and against it, ``junction_critical_forward``
        and ``junction_critical_backward``, looked for between the φ of the list too, each with its error and
        its φ. Where φ goes around, ``junction_diode_efficiency`` (I_c+ − I_c−)/(I_c+ + I_c−), 0 unless time
        reversal and inversion are broken. Between leads without end ``normal_resistance`` R_N, see
        :func:`bdg.observables.response.conductance.normal_resistance`, and ``junction_voltage`` I_c R_N, in
        t/e. See :func:`bdg.experiments.curve.curves`.

    Raises
    ------
    InputError
        If the numbers are out of range, or see :func:`bdg.experiments.josephson.leads.biased_junction`.
    NumericalError
        If the fields do not converge where φ = 0.
    """
    start = biased_junction(state, axis, at, leads)[1]
    branch = branch_of(start, partial(_measured, levels=levels))
    phases = stop * np.arange(num) / (num - 1)
    points = list(branch.along([PhaseDifference(phase) for phase in phases.tolist()]))
    dims, is_hysteretic = ("phase_difference",), start.is_self_consistent and _is_hysteretic(branch, points)
    lines = _lines(state, start, is_hysteretic)
    if levels:
        lines["junction_levels"] = _levels(points)
    found = curves(points, Quantity(phases, dims, "rad", "phase difference"), lines)
    forward = highest(branch, points, 1.0)
    backward = _falling(start, phases) if is_hysteretic else highest(branch, points, -1.0)
    goes_around = not points[-1].why and phases[-1] > 2 * np.pi - ROUNDING
    found |= _critical(forward, backward, goes_around=goes_around)
    if start.has_leads:
        found |= _resistance(state, axis, found["junction_critical_current"])
    return found


def _measured(point: Biased, levels: int) -> Measured:
    """I, Ω and the lowest levels, whose loss costs no current."""
    currents = point.currents()
    found = {"currents": currents, "current": currents.sum(), "potential": point.potential()}
    if not levels:
        return found
    try:
        return {**found, "levels": point.levels(levels), "has_levels": True}
    except NumericalError:
        return {**found, "levels": np.full(levels, np.nan), "has_levels": False}


def _lines(state: State, start: Biased, is_hysteretic: bool) -> dict[str, Line]:
    notes = {"self_consistent": start.is_self_consistent, "hysteretic": is_hysteretic}
    name, potential = f"junction current{state.each}", f"{start.potential_name}{state.each}"
    return {
        "junction_current": Line("current", "e t/hbar", name, start.error, notes=notes),
        "junction_potential": Line("potential", "t", potential),
    }


def _levels(points: Sequence[Point[Biased]]) -> Line:
    lost = sum(not point.why and not point["has_levels"] for point in points)
    line = f"no levels are found at {lost} of {len(points)} phase differences"
    notes = {"warning": line} if lost else {}
    return Line("levels", "t", "quasiparticle energy", dims=("state",), notes=notes)


def _is_hysteretic(branch: Branch[Biased], points: Sequence[Point[Biased]]) -> bool:
    """Whether a step back over the largest jump of the current comes to another state than it came from."""
    current = np.array([point["current"] for point in points])
    jumps = np.abs(np.diff(current))
    if np.isnan(jumps).all():
        return False
    n = int(np.nanargmax(jumps))
    back = branch.at(points[n].change, near=points[n + 1].change.value)
    return bool(back.why) or abs(back["current"] - current[n]) > SAME * np.nanmax(np.abs(current))


def _falling(start: Biased, phases: NDArray[np.float64]) -> Peak:
    """The largest current against the axis while φ falls."""
    branch = branch_of(start, currents_of)
    return highest(
        branch,
        list(branch.along([PhaseDifference(-phase) for phase in phases.tolist()])),
        -1.0,
        orientation=-1.0,
    )


def _critical(forward: Peak, backward: Peak, *, goes_around: bool) -> dict[str, Quantity]:
    """The critical currents, and how much they differ."""

    def current(peak: Peak, which: str) -> Quantity:
        name, place = f"critical current of the junction{which}", {"phase_difference": peak.place}
        return Quantity(np.array(peak.value), (), "e t/hbar", name, error=peak.error, attributes=place)

    # Of two that are equal to what is known of them, as at φ and −φ, the one along the axis.
    known_to = (forward.error or 0.0) + (backward.error or 0.0)
    is_forward = forward.value >= backward.value * (1 - ROUNDING) - known_to
    largest = forward if is_forward else backward
    found = {
        "junction_critical_current": current(largest, ""),
        "junction_critical_forward": current(forward, ", forward"),
        "junction_critical_backward": current(backward, ", backward"),
    }
    total = forward.value + backward.value
    if goes_around and min(forward.value, backward.value) > NO_CURRENT:
        share, error = (forward.value - backward.value) / total, known_to / total
        found["junction_diode_efficiency"] = scalar(share, "1", "diode efficiency of the junction", error)
    return found


def _resistance(state: State, axis: int, current: Quantity) -> dict[str, Quantity]:
    """R_N, and I_c R_N = 2π (I_c ħ/e t)(R_N e²/h) t/e; nothing where no channel is open."""
    found = normal_resistance(state, axis)
    if "normal_resistance" in found:
        resistance = found["normal_resistance"]
        voltage = 2 * np.pi * float(current) * float(resistance)
        error = (
            2
            * np.pi
            * ((current.error or 0.0) * float(resistance) + float(current) * (resistance.error or 0.0))
        )
        found["junction_voltage"] = scalar(voltage, "t/e", "critical current × normal resistance", error)
    return found
