"""Uniform superflow: the current that a uniform vector potential drives, up to the largest there is."""

from __future__ import annotations

from typing import Annotated

import numpy as np

from bdg.errors import NumericalError
from bdg.experiments.josephson.largest import largest
from bdg.observables.loops import counted
from bdg.observables.needs import periodic_axis
from bdg.observables.parameters import Axis, PositivePotential, Steps
from bdg.observables.quantity import Notes, Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.response.vector_potential import in_uniform, relaxed, total_current
from bdg.observables.state import State
from bdg.observables.thermodynamics.grand_potential import grand_potential

SHARE = 1e-4
"""Error of the largest current, as a share of it, that is small enough."""

GONE = 1e-4
"""Share of the |Δ| at rest below which pairs count as broken."""


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
        ``superflow_current``, ``superflow_delta``, ``superflow_potential`` over ``vector_potential``, and
        ``critical_current``, the largest current, looked for between the A of the list too, with its error
        and its A. Where pairs break, or the fields find no state, the list ends,
        and ``no_state`` of the current says where and why.

    Raises
    ------
    InputError
        If the coordinate has no joined ends, or the numbers are out of range.
    """
    path = _Path(state, axis)
    for a in counted(state.solver, np.linspace(0.0, stop, num).tolist()):
        path.value(a)
        if not np.isfinite(path.rows[-1][3]):
            path.no_state = f"at A = {a:.6g} ħ/(e a): {path.why}"
            break
    rows = np.array([row for row in path.rows if np.isfinite(row[3])])
    a, current, size, omega = rows.T
    coords = {"vector_potential": Quantity(a, ("vector_potential",), "hbar/(e a)", "vector potential")}
    dims, ends = ("vector_potential",), {"no_state": path.no_state} if path.no_state else {}
    return {
        "superflow_current": Quantity(current, dims, "e t/hbar", "current per site", coords, attributes=ends),
        "superflow_delta": Quantity(size, dims, "t", "mean |Δ|", coords),
        "superflow_potential": Quantity(omega, dims, "t", "grand potential", coords),
        "critical_current": path.largest(),
    }


class _Path:
    """The states along a growing A, each found from the nearest one below it.

    Parameters
    ----------
    state
        The one at A = 0.
    axis
        Coordinate A is along.

    Attributes
    ----------
    rows
        A, j, the mean |Δ| and Ω of the points so far; j = 0 and no Ω where pairs break, or no state is found.
    why
        Why there was none, the last time.
    no_state
        Where the list ends, and why; empty where it does not.
    """

    def __init__(self, state: State, axis: int) -> None:
        self.axis, self.sites = axis, state.model.sample.n_sites
        self.unit = np.eye(state.model.sample.dimension)[axis]
        self.rows: list[tuple[float, float, float, float]] = []
        self._states = {0.0: state}
        self.no_state = self.why = ""

    def value(self, a: float) -> float:
        """|j| at an A."""
        self.rows.append(self._row(a))
        return abs(self.rows[-1][1])

    def _row(self, a: float) -> tuple[float, float, float, float]:
        below = max(known for known in self._states if known <= a)
        try:
            now = relaxed(in_uniform(self._states[below], (a - below) * self.unit))
        except NumericalError as error:
            self.why = str(error)
            return a, 0.0, 0.0, np.nan
        size = float(now.fields.moduli.mean())
        if a > 0 and size < GONE * self.rows[0][2]:
            self.why = "the pairs are broken"
            return a, 0.0, 0.0, np.nan
        self._states[a] = now
        current = float(total_current(now)[self.axis]) / self.sites
        return a, current, size, float(grand_potential(now)["grand_potential"])

    def largest(self) -> Quantity:
        """The largest |j|, looked for between the points too."""
        places = [row[0] for row in self.rows]
        values = [abs(row[1]) for row in self.rows]
        best, name = int(np.argmax(values)), "largest current per site"
        top = values[best]
        if best == 0:
            return scalar(top, "e t/hbar", name, 0.0, {"vector_potential": 0.0})
        if best == len(places) - 1:
            line = "the current still grows at the last vector potential; raise stop"
            notes: Notes = {"vector_potential": places[best], "warning": line}
            return scalar(top, "e t/hbar", name, None, notes)
        where = places[best - 1], places[best], places[best + 1]
        peak = largest(self.value, where, (values[best - 1], top, values[best + 1]), SHARE * top)
        return scalar(peak.value, "e t/hbar", name, peak.error, {"vector_potential": peak.place})
