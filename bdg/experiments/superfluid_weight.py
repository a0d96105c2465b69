"""The superfluid weight, with the fields held and with the fields following a vector potential."""

from __future__ import annotations

from typing import Annotated, Literal

import numpy as np

from bdg.arrays import Floats
from bdg.experiments.change import UniformPotential
from bdg.experiments.curve import without_state
from bdg.experiments.follow import branch
from bdg.observables.needs import periodic_directions
from bdg.observables.parameters import Flag
from bdg.observables.quantity import Notes, Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.response.superfluid_weight import (
    PLACES,
    Response,
    area_of_a_site,
    flow,
    held_weight,
    response,
)
from bdg.observables.response.vector_potential import joined_axes
from bdg.observables.state import State

SMALL_RELAXED = 5e-3
"""Step of A of the differences with the fields following, in ħ/(e a)."""

UNIT = "e^2 t a^2/hbar^2"


@observable(
    title="Superfluid weight, its diamagnetic and paramagnetic parts, and its map.",
    group="response",
    needs=periodic_directions,
    numbers={"phase_stiffness_temperature": "π/8 of the stiffness"},
)
def superfluid_weight(
    state: State,
    method: Annotated[
        Literal["auto", "exact", "difference"],
        "exact: eigenvectors; difference: of currents, for large samples; auto chooses.",
    ] = "auto",
    relax: Annotated[Flag, "Also with the self-consistent fields following."] = False,
) -> dict[str, Quantity]:
    """Superfluid weight D_ab per site, in e² t a²/ħ², along the coordinates whose ends are joined.

    Parameters
    ----------
    state
        The state.
    method
        ``exact``: Kubo's formula with all eigenvectors. ``difference``: fourth-order differences of the
        current, with any solver. ``auto`` takes eigenvectors where there are few.
    relax
        Whether to find the weight with self-consistent fields following A as well, and the map of it.

    Returns
    -------
    dict
        ``superfluid_weight`` with the fields held, and its ``diamagnetic`` and ``paramagnetic`` parts, shapes
        ``(n_axes, n_axes)``; ``local_stiffness``, each site's part of the diagonal, ``(n_axes, n_sites)``,
        whose mean it is; with ``relax`` also ``relaxed_weight`` and ``relaxed_stiffness``, NaN where fields
        do not follow. In two dimensions
        ``phase_stiffness_temperature`` = (π/8)√det D·N/area: where it falls below T, vortices unbind.

    Raises
    ------
    InputError
        If no ends are joined, or the method has no such name.
    """
    axes = joined_axes(state.model.sample)
    held = held_weight(state, axes, method)
    weight, error = held.diamagnetic + held.paramagnetic, held.error
    lacking: Notes = {}
    notes: Notes = {
        "method": "exact" if held.is_exact else "difference",
        "self_consistent": state.is_converged,
        "axes": ", ".join("xyz"[axis] for axis in axes),
    }
    dia, para = (f"{part} part of the superfluid weight" for part in ("diamagnetic", "paramagnetic"))
    found = {
        "superfluid_weight": _tensor(weight, "superfluid weight, fields held", error, notes),
        "diamagnetic": _tensor(held.diamagnetic, dia, held.diamagnetic_error, notes),
        "paramagnetic": _tensor(held.paramagnetic, para, held.paramagnetic_error, notes),
        "local_stiffness": _local(held.response, "stiffness of the site, fields held"),
    }
    if relax:
        following, lacking = _following(state, axes)
        weight, error = following.total, following.total_error
        name, step = "superfluid weight, fields following", {"step": SMALL_RELAXED}
        found["relaxed_weight"] = _tensor(weight, name, error, {**step, **lacking})
        found["relaxed_stiffness"] = _local(following, "stiffness of the site, fields following", lacking)
    if len(axes) == 2 and state.model.sample.dimension == 2:
        scale, name = np.pi / 8 / area_of_a_site(state.model), "π/8 of the stiffness, below which T must be"
        found["phase_stiffness_temperature"] = scalar(
            scale * _mean_weight(weight), "t", name, scale * _error_of_mean(weight, error), lacking
        )
    return found


def _following(state: State, axes: list[int]) -> tuple[Response, Notes]:
    """The response with the fields following, NaN where they do not, and what is to be said of that."""
    places = (SMALL_RELAXED * PLACES).tolist()
    moved = branch(state, flow, scf=state.loops.for_differences.scf, is_independent=True)
    points = list(moved.along([UniformPotential(place, axis) for axis in axes for place in places]))
    lacking = without_state(points)
    if lacking:
        n_sites, n_axes = state.model.sample.n_sites, len(axes)
        nothing = np.full((n_axes, n_sites), np.nan), np.full((n_axes, n_axes), np.nan)
        return Response(*nothing, np.nan, np.nan), lacking
    flows = [
        [point.numbers for point in points[n * len(places) : (n + 1) * len(places)]] for n in range(len(axes))
    ]
    residual = moved.first.loops.scf.tolerance
    return response(state.model, axes, SMALL_RELAXED, flows, residual), lacking


def _mean_weight(weight: Floats) -> float:
    """√det D of a plane; 0 where it is not positive."""
    if np.isnan(weight).any():
        return float("nan")
    return float(np.sqrt(max(float(np.linalg.det(weight)), 0.0)))


def _error_of_mean(weight: Floats, error: float) -> float:
    """Change of √det D when all entries of D are off by an error, the worst way round."""
    shifts = ([[1, 0], [0, 1]], [[-1, 0], [0, -1]], [[1, 1], [1, 1]], [[1, -1], [-1, 1]])
    changed = (_mean_weight(weight + error * np.array(shift)) for shift in shifts)
    return 2 * max(abs(value - _mean_weight(weight)) for value in changed)


def _tensor(values: Floats, name: str, error: float, notes: Notes) -> Quantity:
    return Quantity(values, ("along", "across"), UNIT, name, error=error, attributes=notes)


def _local(found: Response, name: str, notes: Notes | None = None) -> Quantity:
    dims, error = ("component", "site"), found.local_error
    return Quantity(found.local, dims, UNIT, name, error=error, attributes=notes or {})
