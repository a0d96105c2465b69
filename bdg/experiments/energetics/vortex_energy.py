"""What a vortex costs in each place of a sample: pinning, images at edges, barriers, other vortices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from bdg.errors import InputError
from bdg.experiments.curve import Line, curves
from bdg.experiments.energetics.energy import energy_of
from bdg.experiments.energetics.vortex import Pinned, VortexIn, at_vortices, settled
from bdg.experiments.follow import Branch, Measured, Point
from bdg.experiments.schedule import alone, can_schedule
from bdg.lattice import Sample
from bdg.model import Model
from bdg.observables.contract import Form
from bdg.observables.needs import free_winding, plaquettes
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.state import State
from bdg.parameters.base import Number

NAME = "energy of the vortex"


def open_ends(model: Model) -> None:
    """A plane whose ends are all open: around a periodic one a single vortex has no angle."""
    if model.sample.dimension != 2 or any(ends.kind != "open" for ends in model.sample.boundary):
        raise InputError("a vortex is placed in a plane whose ends are open; make the boundary open")


_Place = tuple[Number, Number]


def _plaquettes(along: Any, sample: Sample) -> NDArray[np.int64] | None:
    """The plaquettes that a line from the first to the last place meets, in order."""
    if along is None:
        return None
    first, last = np.array(along, dtype=np.float64)
    steps = max(1, int(np.ceil(2 * np.linalg.norm(last - first))))
    points = first + np.linspace(0, 1, steps + 1)[:, None] * (last - first)
    apart = np.linalg.norm(points[:, None] - sample.plaquettes.center, axis=2)
    met = apart.argmin(axis=1)
    inside = apart.min(axis=1) <= np.sqrt(sample.plaquettes.area[met])
    return np.array(list(dict.fromkeys(met[inside].tolist())), dtype=np.int64)


AlongLine = Annotated[
    Any,
    Form(Annotated[tuple[_Place, ...], Field(min_length=2, max_length=2)] | None, _plaquettes),
    "Two ends of a line, [[x, y], [x, y]], whose plaquettes are visited; by default all plaquettes.",
]
"""A line; the function receives the plaquettes that it meets, ``None`` for all."""


@observable(
    title="Energy of a vortex more against its place: map, or along a line with the force on it.",
    group="thermodynamics",
    needs=(plaquettes, open_ends, free_winding),
    example="{along: [[2, 6], [6, 6]]}",
    numbers={"entry_barrier": "Barrier of entry"},
)
def vortex_energy(
    state: State,
    along: AlongLine = None,
    winding: Annotated[int, Field(strict=True, ge=-9, le=9), "Of the vortex; −1 of a field along +z."] = -1,
) -> dict[str, Quantity]:
    """Ω (G where currents make a field) of the state with one vortex more, less that without, over its place.

    The vortex is held in the middle of a plaquette, see :mod:`bdg.experiments.energetics.vortex`, with those
    that the state has; fields, and the field of the currents, are self-consistent for each place.

    Parameters
    ----------
    state
        A converged state.
    along
        Plaquettes; ``None`` for all.
    winding
        Of the vortex.

    Returns
    -------
    dict
        ``vortex_energy`` in t, of each ``plaquette``; along a line of each ``vortex_place``, its distance
        from the first one, with ``vortex_force`` −∂Ω/∂R along it, the places ``vortex_track``, and
        ``entry_barrier``, the largest energy of the line above 0: of a line that begins at an edge that is
        the barrier of Bean and Livingston, Phys. Rev. Lett. 12, 14 (1964), in steps of the lattice.
        ``vortex_energy`` is below 0 where the vortex pays.

    Raises
    ------
    InputError
        If ends are not open, or the line meets no plaquette.
    NumericalError
        If no place has a state.
    """
    places = np.arange(len(state.model.sample.plaquettes)) if along is None else along
    if not len(places):
        raise InputError("the line meets no plaquette of the sample; give places within it")
    if winding == 0:
        raise InputError("a vortex has a winding other than 0; give -1 or 1")
    without = energy_of(state)
    points = _points(state, places, winding)
    energies = np.array([point["energy"] for point in points]) - without
    if along is None:
        return _map(points, energies)
    return _line(state.model.sample, places, points, energies)


def _points(state: State, places: NDArray[np.int64], winding: int) -> list[Point[Pinned]]:
    first = Pinned(state, at_vortices(state))
    many = (lambda pinned: Pinned(alone(pinned.state), pinned.held)) if can_schedule(state) else None
    visits = Branch(first, settled, _measured, is_independent=True, alone=many)
    return list(visits.along([VortexIn(float(place), winding) for place in places]))


def _measured(pinned: Pinned) -> Measured:
    return {"energy": energy_of(pinned.state)}


def _map(points: Sequence[Point[Pinned]], energies: NDArray[np.float64]) -> dict[str, Quantity]:
    line = {"vortex_energy": Line("energy", "t", NAME)}
    numbers = Quantity(np.arange(len(points)), ("plaquette",), "1", "plaquette")
    (found,) = curves(points, numbers, line).values()
    return {"vortex_energy": Quantity(energies, ("plaquette",), "t", NAME, attributes=found.attributes)}


def _line(
    sample: Sample, places: NDArray[np.int64], points: Sequence[Point[Pinned]], energies: NDArray[np.float64]
) -> dict[str, Quantity]:
    track = sample.plaquettes.center[places]
    distance = np.linalg.norm(track - track[0], axis=1)
    axis = Quantity(distance, ("vortex_place",), "a", "distance of the vortex from its first place")
    found = curves(points, axis, {"energy": Line("energy", "t", NAME)})["energy"]
    dims, notes, axes = found.dims, found.attributes, {"vortex_place": axis}
    force = -np.gradient(energies, distance) if len(places) > 1 else np.full(1, np.nan)
    return {
        "vortex_energy": Quantity(energies, dims, "t", NAME, axes, attributes=notes),
        "vortex_force": Quantity(force, dims, "t/a", "force on the vortex along its way", axes),
        "vortex_track": Quantity(track, (*dims, "component"), "a", "places of the vortex", axes),
        "entry_barrier": scalar(
            max(0.0, float(np.nanmax(energies))), "t", "largest energy of the vortex on its way"
        ),
    }
