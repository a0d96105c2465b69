"""Answers to a small uniform vector potential, with the fields held or following."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError, NumericalError
from bdg.expectations import bond_current
from bdg.lattice import Sample
from bdg.model import Fields
from bdg.nambu import NambuAssembler
from bdg.observables.loops import FOLLOWS_TO, Numbers, fingerprint, interrupted
from bdg.observables.state import State
from bdg.scf import ScfOptions, self_consistency
from bdg.solvers import SILENT, Monitor

SAME = 1e-9
"""How far a unit vector may stick out of the directions that repeat themselves."""


def joined_axes(sample: Sample) -> list[int]:
    """Coordinates along which the sample repeats itself: elsewhere a uniform A is but a gauge.

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
            "no coordinate has ends that are joined, so that a uniform vector potential is but a gauge;"
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
        raise InputError(
            "vortices unbind in a plane that repeats itself along two directions; drop bkt_temperature"
        )


def in_uniform(state: State, shift: NDArray[np.float64]) -> State:
    """The state with a uniform A added, the fields held; shape of ``shift`` ``(dimension,)``."""
    return in_potential(state, state.model.sample.bonds.displacement @ shift)


def in_potential(state: State, along: NDArray[np.float64]) -> State:
    """The state with line integrals added on its bonds, shape ``(n_bonds,)``, the fields held.

    Where currents make a field, what they make is held too, as a given part of A: it would else take the
    place of the shift.
    """
    model = state.model.at(state.fields)
    before = 0.0 if model.vector_potential is None else model.vector_potential
    moved = replace(model.in_potential(before + along), screening=None)
    fields = replace(state.fields, vector_potential=None)
    return state.elsewhere(moved, fields)


def relaxed(state: State, held: NDArray[np.bool_] | None = None, *, at_most: float = FOLLOWS_TO) -> State:
    """The state with its fields made self-consistent, from where they are; Δ keeps its phase where held.

    The loop has the options of the run, and a residual of ``at_most``; one that a run before this one has
    made is not made again.

    Raises
    ------
    NumericalError
        If the loop does not converge.
    Interrupted
        If it is asked to stop.
    """
    loops, options = state.loops, state.loops.options(at_most)
    name = fingerprint("loop", state.fingerprint, held, options)
    found = loops.points.get(name, lambda: _loop(state, options, held))
    if "residual" in found:
        raise NumericalError(
            f"the fields did not follow the vector potential (residual {float(found['residual']):.1e} t);"
            " take smaller steps, or hold them"
        )
    fields = Fields.of({**found, "mu": float(found["mu"])})
    return replace(state, fields=fields, hamiltonian=NambuAssembler(state.model).matrix(fields))


def _loop(state: State, options: ScfOptions, held: NDArray[np.bool_] | None) -> Numbers:
    """The fields that a loop finds, by name; its last residual where it finds none."""
    monitor: Monitor = getattr(state.solver, "monitor", SILENT)
    outcome = self_consistency(
        state.model,
        state.solver,
        options,
        initial=state.fields,
        held=held,
        after_turn=lambda turn, take: bool(state.loops.stop() or monitor.interrupt()),
    )
    if outcome.status == "stopped":
        monitor.check()  # which knows the signal
        raise interrupted()
    if outcome.status != "converged":
        last = outcome.history[-1].residual if outcome.history else np.nan
        return {"residual": np.array(last)}
    return {row.name: np.asarray(values) for row, values in outcome.fields.present()}


def total_current(state: State) -> NDArray[np.float64]:
    """Σ_bonds J d, shape ``(dimension,)``, in e t a/ħ."""
    current = bond_current(state.model, state.on_bonds)
    total: NDArray[np.float64] = current @ state.model.sample.bonds.displacement
    return total
