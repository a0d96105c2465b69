"""Uniform superflow: the current that a uniform vector potential drives, up to the largest there is."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated

import numpy as np

from bdg.experiments.change import UniformPotential
from bdg.experiments.curve import Line, curves
from bdg.experiments.follow import Branch, Measured, Point, branch
from bdg.experiments.josephson.largest import largest, neighbours
from bdg.observables.loops import Numbers
from bdg.observables.needs import periodic_axis
from bdg.observables.parameters import Axis, PositivePotential, Steps
from bdg.observables.quantity import Notes, Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.response.vector_potential import total_current
from bdg.observables.state import State
from bdg.observables.thermodynamics.grand_potential import grand_potential

SHARE = 1e-4
"""Error of the largest current, as a share of it, that is small enough."""

GONE = 1e-4
"""Share of the |Δ| at rest below which pairs count as broken."""

LINES = {
    "superflow_current": Line("current", "e t/hbar", "current per site"),
    "superflow_delta": Line("delta", "t", "mean |Δ|"),
    "superflow_potential": Line("potential", "t", "grand potential"),
}


@observable(
    title="Current, Δ and Ω while a uniform vector potential grows.",
    group="response",
    needs=periodic_axis,
    example="{stop: 0.3, num: 16, axis: 0}",
    numbers={"critical_current": "Critical current"},
)
def superflow(
    state: State,
    stop: Annotated[PositivePotential, "The last vector potential, in ħ/(e a)."],
    num: Annotated[Steps, "How many, 0 included."] = 21,
    axis: Annotated[Axis, "Coordinate it is along."] = 0,
) -> dict[str, Quantity]:
    """Current per site j(A), the mean |Δ| and Ω(A) while A grows from 0, every state from the one before.

    Of pairs at rest A does what a phase gradient 2A does without it: q = 2A is their momentum. On a ring of
    length L the flux is Φ = A L. The loop follows the state with the winding that it has, beyond the flux
    where another one would be lower.

    Parameters
    ----------
    state
        A converged state.
    stop
        The last A, in ħ/(e a).
    num
        How many, 0 and ``stop`` included.
    axis
        Coordinate A is along; its ends must be joined.

    Returns
    -------
    dict
        ``superflow_current``, ``superflow_delta``, ``superflow_potential`` over ``vector_potential``, see
        :func:`bdg.experiments.curve.curves`: pairs may break, or the fields find no state. And
        ``critical_current``, the largest current, looked for between the A of the list too, with its error
        and its A.

    Raises
    ------
    InputError
        If the coordinate is not periodic, or the numbers are out of range.
    """
    at_rest = float(state.fields.moduli.mean())

    def broken(numbers: Numbers) -> str:
        return "the pairs are broken" if float(numbers["delta"]) < GONE * at_rest else ""

    flowing = branch(state, partial(_measured, axis=axis), lost=broken)
    values = np.linspace(0.0, stop, num)
    points = list(flowing.along([UniformPotential(a, axis) for a in values.tolist()]))
    along = Quantity(values, ("vector_potential",), "hbar/(e a)", "vector potential")
    return curves(points, along, LINES) | {"critical_current": _largest(flowing, points, axis)}


def _measured(state: State, axis: int) -> Measured:
    """J per site, the mean |Δ| and Ω."""
    return {
        "current": total_current(state)[axis] / state.model.sample.n_sites,
        "delta": state.fields.moduli.mean(),
        "potential": float(grand_potential(state)["grand_potential"]),
    }


def _largest(flowing: Branch[State], points: Sequence[Point[State]], axis: int) -> Quantity:
    """The largest |j|, looked for between the points too; without a state there is none."""
    places, values = [point.change.value for point in points], [_size(point) for point in points]
    best, name = int(np.argmax(values)), "largest current per site"
    top = values[best]
    if best == 0:
        return scalar(top, "e t/hbar", name, 0.0, {"vector_potential": 0.0})
    if best == len(places) - 1:
        line = "the current still grows at the last vector potential; raise stop"
        notes: Notes = {"vector_potential": places[best], "warning": line}
        return scalar(top, "e t/hbar", name, None, notes)

    def curve(a: float) -> float:
        return _size(flowing.at(UniformPotential(a, axis)))

    near, seen, n = neighbours(places, values, best)
    peak = largest(curve, near, seen, SHARE * top, n)
    return scalar(peak.value, "e t/hbar", name, peak.error, {"vector_potential": peak.place})


def _size(point: Point[State]) -> float:
    """|j| at a point."""
    return 0.0 if point.why else abs(point["current"])
