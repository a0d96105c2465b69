"""Sums over the inverses of a small matrix at many shifts, eight of them at a time."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np

from bdg.arrays import Array, Floats
from bdg.kernels.dense.separate import prepare
from bdg.kernels.fronts.crowd import sum_inverses
from bdg.kernels.registers.lanes import LANES
from bdg.solvers.selected_inversion.factorisation import measured_error, side_by_side
from bdg.solvers.selected_inversion.plan import Plan

LARGEST = 1.2e6
"""Products of numbers up to which eight shifts together take less time than one after the other: a twelfth
less there (32×32 sites), nearly half at 16×16."""

_held = threading.local()


def fewest(plan: Plan) -> int:
    """Shifts from which a crowd of them takes less time than one after the other (measured)."""
    share = plan.elimination.products / LARGEST
    return 4 + round(4 * share) if plan.is_real_singlet and share <= 1 else LANES + 1


def workspace_of(plan: Plan) -> int:
    """Numbers that the workspaces of a thread hold."""
    e = plan.elimination
    return sum(e.crowd[1]) + 4 * (LANES * e.n_entries + e.rows_total)


def sum_crowd(
    plan: Plan, values: Array, shifts: Sequence[float], weights: Sequence[float]
) -> tuple[Array, Floats, list[float], list[float], list[float]]:
    """Σ_l w_l (A + γ_l)⁻¹ over at most eight shifts.

    Parameters
    ----------
    plan, values
        Of a symmetric quaternion matrix; entries from `Plan.load` in double precision.
    shifts, weights
        γ and w > 0.

    Returns
    -------
    entries
        The sum, shape (4, n_entries).
    products
        See :func:`bdg.kernels.fronts.response.add_response`, shape (9, n_entries).
    log_dets, errors, residuals
        Of each inverse, see :class:`bdg.solvers.selected_inversion.factorisation.SelectedInverse`.
    """
    prepare(values.dtype)
    e, count = plan.elimination, len(shifts)
    *workspaces, inverses, defect = _workspaces(plan, values.dtype)
    number, weight, measured = np.ones(LANES), np.zeros(LANES), np.zeros((4, LANES))
    number[:count], weight[:count] = shifts, weights
    entries, products = np.zeros((4, e.n_entries)), np.zeros((9, e.n_entries))
    sum_inverses(
        e.tree, e.crowd[0], plan.row, plan.column, plan.partner, values, number, weight,
        tuple(workspaces), inverses.reshape(LANES, 4, -1), defect.reshape(4, -1), entries, products, measured,
    )  # fmt: skip
    log_dets = measured[0, :count].tolist()
    found = [
        measured_error(log_det, worst, real, size, values.dtype)
        for log_det, worst, real, size in measured[:, :count].T.tolist()
    ]
    errors, residuals = [error for error, _ in found], [residual for _, residual in found]
    return entries, products, log_dets, errors, residuals


def _workspaces(plan: Plan, dtype: np.dtype) -> list[Array]:
    """Flat buffers of this thread for the last matrix pattern that it has seen."""
    e = plan.elimination
    sizes = (*e.crowd[1], LANES * 4 * e.n_entries, 4 * e.rows_total)
    held: dict[tuple[int, ...], list[Array]] = _held.__dict__.setdefault("buffers", {})
    if sizes not in held:
        held.clear()
        held[sizes] = side_by_side(sizes, dtype)
    return held[sizes]
