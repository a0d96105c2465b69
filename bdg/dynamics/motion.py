"""A state in motion: the observable ``dynamics``, which has a section of its own in a configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from bdg.dynamics.drives import Drives
from bdg.dynamics.mean_fields import MeanFields
from bdg.dynamics.orbitals import initial_orbitals
from bdg.dynamics.parameters import OfPlaceAndTime, OfTime, PulseOfTime, VectorOfTime, VoltageOfTime
from bdg.dynamics.propagation import Moment, propagate
from bdg.dynamics.records import Record, quantities_of, record_of
from bdg.errors import InputError
from bdg.model import Model
from bdg.observables.loops import Points, fingerprint
from bdg.observables.parameters import Positive
from bdg.observables.quantity import Quantity
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.solvers import SILENT, Monitor

PART = "times"
"""Name of the parts of a motion, for its progress."""

MOST_TIMES = 1_000_000
"""Times that may be kept."""

MOMENT = ("vectors", "times", "past")
"""What of a moment is large: kept of the latest alone."""


def fixed_potential(model: Model) -> None:
    """A vector potential that the currents do not make."""
    if model.screening is not None:
        raise InputError("the field of the currents does not follow in time; remove field.screening")


@observable(
    title="The state in time, after a quench, in a pulse or at a voltage.",
    group="dynamics",
    needs=fixed_potential,
    example="{until: 100, every: 0.5, interaction: 2/3}",
    numbers={"energy_drift": "Drift of the energy per site", "electrons_drift": "Drift of the electrons"},
    has_own_section=True,
)
def dynamics(
    state: State,
    until: Annotated[Positive, "The last time, in ħ/t; the first is 0."],
    every: Annotated[Positive, "Time between two records, in ħ/t."] = 0.5,
    tolerance: Annotated[Positive, "Error of the orbitals per unit of time."] = 1e-6,
    interaction: Annotated[OfTime, "Factor of all interactions in time, such as 2/3 after a quench."] = "1",
    potential: Annotated[OfPlaceAndTime, "Energy on each site in time, in t, besides the model's."] = "0",
    vector_potential: Annotated[
        VectorOfTime, "A(t) of each direction, in ħ/(e a), besides the model's."
    ] = (),
    pulse: PulseOfTime = None,
    voltage: VoltageOfTime = None,
) -> dict[str, Quantity]:
    """The self-consistent state in time: iħ ∂ρ/∂t = [H(ρ, t), ρ], ρ(0) = f(H).

    All mean fields of the interactions follow at every instant; μ and what is given stay. Steps and errors:
    :mod:`bdg.dynamics.propagation`.

    Parameters
    ----------
    state
        A state, converged or not.
    until, every
        The last time and the time between two records, in ħ/t.
    tolerance
        Error of the orbitals that a unit of time may add.
    interaction
        Factor of the strengths of all interactions, a formula in t.
    potential
        Energy of an electron on each site, a formula in x, y, z and t.
    vector_potential
        A(t), a formula for each direction.
    pulse, voltage
        See :class:`bdg.dynamics.drives.Pulse` and :class:`bdg.dynamics.drives.Voltage`.

    Returns
    -------
    dict
        Over ``time``: ``delta_in_time``, ``bond_delta_in_time``, ``density_in_time``,
        ``bond_current_in_time``, ``mean_delta_in_time``, ``mean_current_in_time``, ``energy_in_time``,
        ``electrons_in_time``; over ``frequency`` ``mean_delta_spectrum`` and ``mean_current_spectrum``; and
        ``energy_drift`` while no drive changes, ``electrons_drift``, ``dynamics_error``.

    Raises
    ------
    InputError
        If there are too many times, or a drive does not suit the sample.
    """
    count = until / every
    if count > MOST_TIMES:
        raise InputError(f"{count:.3g} times are too many; raise every")
    times = np.linspace(0.0, until, max(1, round(count)) + 1)
    drives = Drives(interaction, potential, vector_potential, pulse, voltage)
    mean_fields = MeanFields(state.model, state.fields, drives)
    motion = _Motion(state, mean_fields, tolerance)
    records, moment = motion.along(times)
    limit = max(1e-9, tolerance * until)
    return quantities_of(mean_fields, times, records, moment.error, limit)


class _Motion:
    """A motion whose times are points of the run, so that a resumed one goes on where it was.

    Parameters
    ----------
    state
        Where it starts.
    mean_fields
        What moves it.
    tolerance
        See :func:`dynamics`.
    """

    def __init__(self, state: State, mean_fields: MeanFields, tolerance: float) -> None:
        self._state, self._mean_fields, self._tolerance = state, mean_fields, tolerance
        self._points = state.loops.points if state.loops.points.is_kept else Points()
        self._monitor: Monitor = getattr(state.solver, "monitor", SILENT)
        self._name = fingerprint("dynamics", state.fingerprint, mean_fields.drives, tolerance)

    def along(self, times: NDArray[np.float64]) -> tuple[list[Record], Moment]:
        """The records at all times, and the last moment."""
        names = [fingerprint(self._name, float(time)) for time in times]
        orbitals = initial_orbitals(
            self._state.hamiltonian, self._state.model.sample.momenta, self._state.model.temperature
        )
        moment = Moment.at_rest(self._mean_fields, orbitals)
        records: list[Record] = []
        for name in self._latest(names):
            found = self._points.known[name]
            records.append(_record_in(found))
            if all(key in found for key in MOMENT):
                moment = _moment_in(found, moment)
        for index in range(len(records), len(times)):
            self._monitor.report(PART, index, len(times))
            time = float(times[index])
            found = self._points.get(names[index], self._advance(moment, time))
            moment = _moment_in(found, moment)
            records.append(_record_in(found))
            self._forget(names[index - 1 : index])
        return records, moment

    def _latest(self, names: list[str]) -> list[str]:
        """The times that are known, up to the last of which the whole moment is."""
        known = 0
        for index, name in enumerate(names):
            if name not in self._points.known:
                break
            if all(key in self._points.known[name] for key in MOMENT):
                known = index + 1
        for name in names[known:]:
            self._points.known.pop(name, None)
        return names[:known]

    def _advance(self, moment: Moment, time: float) -> Callable[[], dict[str, NDArray[Any]]]:
        """What brings a moment to a later time, and keeps it."""

        def advance() -> dict[str, NDArray[Any]]:
            later = propagate(
                self._mean_fields, moment, time, self._tolerance, lambda moment: self._monitor.check()
            )
            record = record_of(self._mean_fields, later.orbitals, time)
            return _written(later) | {f"record_{name}": values for name, values in record.items()}

        return advance

    def _forget(self, names: list[str]) -> None:
        """Keep the records alone of times that are behind."""
        for name in names:
            for place in (self._points.known, self._points.fresh):
                if name in place:
                    place[name] = {key: one for key, one in place[name].items() if key not in MOMENT}


def _written(moment: Moment) -> dict[str, NDArray[Any]]:
    """A moment as arrays."""
    numbers = np.array([moment.time, moment.length, moment.error, moment.steps])
    return {
        "vectors": moment.orbitals.vectors,
        "times": moment.times,
        "past": moment.past,
        "numbers": numbers,
    }


def _moment_in(found: Mapping[str, Any], first: Moment) -> Moment:
    """The moment that arrays hold, of the orbitals of the first one."""
    time, length, error, steps = (float(number) for number in found["numbers"])
    orbitals = first.orbitals.moved(np.ascontiguousarray(found["vectors"]))
    return replace(
        first,
        time=time,
        orbitals=orbitals,
        times=np.asarray(found["times"]),
        past=np.asarray(found["past"]),
        length=length,
        error=error,
        steps=int(steps),
    )


def _record_in(found: Mapping[str, Any]) -> Record:
    """The record that arrays hold."""
    begin = "record_"
    return {key.removeprefix(begin): values for key, values in found.items() if key.startswith(begin)}
