"""The response to a small uniform vector potential, with the fields held."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.expectations import bond_current
from bdg.lattice import Sample
from bdg.model import Model
from bdg.observables.state import State

SAME = 1e-9
"""How far a unit vector may stick out of the directions that repeat themselves."""


def joined_axes(sample: Sample) -> list[int]:
    """Coordinates along which the sample repeats itself: elsewhere a uniform A is a pure gauge.

    Raises
    ------
    InputError
        If there are none.
    """
    lengths = [
        vector for vector, ends in zip(sample.cell.vectors, sample.boundary, strict=True) if ends.is_periodic
    ]
    axes = []
    if lengths:
        span = np.array(lengths)
        within = np.linalg.pinv(span) @ span  # projects on what the lengths span
        axes = [
            n for n in range(sample.dimension) if np.linalg.norm(within[n] - np.eye(len(within))[n]) < SAME
        ]
    if not axes:
        raise InputError(
            "no coordinate has ends that are joined, so that a uniform vector potential is a pure gauge;"
            " make a boundary periodic or bloch"
        )
    return axes


def require_axis(sample: Sample, axis: int) -> None:
    """Refuse a coordinate whose ends are not joined.

    Raises
    ------
    InputError
        With one whose ends are.
    """
    axes = joined_axes(sample)
    if axis not in axes:
        raise InputError(f"the ends along axis {axis} are not joined; use axis {axes[0]}")


def require_plane(sample: Sample) -> None:
    """Refuse what is no plane that repeats itself along two directions.

    Raises
    ------
    InputError
        If it is not.
    """
    if sample.dimension != 2 or len(joined_axes(sample)) != 2:
        raise InputError("vortices unbind in a plane periodic in both directions; drop bkt_temperature")


def in_uniform(state: State, shift: NDArray[np.float64]) -> State:
    """The state with a uniform A added, the fields held; shape of ``shift`` ``(dimension,)``."""
    return in_potential(state, state.model.sample.bonds.displacement @ shift)


def in_potential(state: State, along: NDArray[np.float64]) -> State:
    """The state with line integrals added on its bonds, shape ``(n_bonds,)``, the fields held."""
    fields = replace(state.fields, vector_potential=None)
    return state.elsewhere(model_in_potential(state.model, along), fields)


def model_in_potential(model: Model, along: NDArray[np.float64]) -> Model:
    """The model of a state with line integrals added on its bonds, shape ``(n_bonds,)``.

    Where currents make a field, what they make is held, as a given part of A: it would else take the place of
    the shift.
    """
    before = 0.0 if model.vector_potential is None else model.vector_potential
    return replace(model.in_potential(before + along), screening=None)


def total_current(state: State) -> NDArray[np.float64]:
    """Σ_bonds J d, shape ``(dimension,)``, in e t a/ħ."""
    current = bond_current(state.model, state.on_bonds)
    total: NDArray[np.float64] = current @ state.model.sample.bonds.displacement
    return total
