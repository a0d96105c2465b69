"""Uniform superflow: the current that a uniform vector potential drives, up to the largest there is."""

from __future__ import annotations

import numpy as np

from bdg.errors import InputError, NumericalError
from bdg.observables.grand_potential import grand_potential
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.response import in_uniform, relaxed, require_axis, total_current
from bdg.observables.state import State

FOLLOWS_TO = 1e-9
"""Residual of the fields at every step."""

GONE = 1e-4
"""Share of the |Δ| at rest below which pairs count as broken."""


def superflow(state: State, stop: float, num: int = 21, axis: int = 0) -> dict[str, Quantity]:
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
        ``critical_current``, the largest current found. Where pairs break, or the fields find no state, the
        list ends.

    Raises
    ------
    InputError
        If the coordinate has no joined ends, or the numbers are out of range.
    """
    require_axis(state.model.sample, axis)
    if not (np.isfinite(stop) and stop > 0) or num < 2:
        raise InputError(
            f"{num} steps up to {stop} are impossible; give a positive stop and num of at least 2"
        )
    sample = state.model.sample
    unit = np.eye(sample.dimension)[axis]
    step, rows, now = stop / (num - 1), list[tuple[float, ...]](), state
    for n in range(num):
        try:
            now = relaxed(in_uniform(now, step * unit) if n else now, FOLLOWS_TO)
        except NumericalError:
            break
        size = float(now.fields.moduli.mean())
        if n and size < GONE * rows[0][2]:
            break
        omega = float(grand_potential(now)["grand_potential"])
        rows.append((n * step, float(total_current(now)[axis]) / sample.n_sites, size, omega))
    a, current, size_, omega_ = np.array(rows).T
    coords = {"vector_potential": Quantity(a, ("vector_potential",), "hbar/(e a)", "vector potential")}
    dims = ("vector_potential",)
    return {
        "superflow_current": Quantity(current, dims, "e t/hbar", "current per site", coords),
        "superflow_delta": Quantity(size_, dims, "t", "mean |Δ|", coords),
        "superflow_potential": Quantity(omega_, dims, "t", "grand potential", coords),
        "critical_current": scalar(float(np.abs(current).max()), "e t/hbar", "largest current per site"),
    }
