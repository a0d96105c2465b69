"""The last resort of small samples: a pivoted dense inverse of one shift.

Exact zero modes of a part of the sample, met by a small γ, cost the elimination (max E/γ)² in digits;
exchanging rows inside a front can't mend that when the whole front is nearly singular. LAPACK loses
max E/γ only.
"""

from __future__ import annotations

import numpy as np

from bdg.arrays import Array
from bdg.solvers.selected_inversion.plan import Plan

LARGEST = 3000
"""Rows of the complex matrix up to which this is done: a few seconds a shift."""

# 1, iτ_z, iτ_y, iτ_x
_UNITS = np.array([[[1, 0], [0, 1]], [[1j, 0], [0, -1j]], [[0, 1], [-1, 0]], [[0, 1j], [1j, 0]]])


def dense_rows(plan: Plan) -> int:
    """Rows of the matrix that `dense_inverse` would invert."""
    return plan.elimination.rows_total * (2 if plan.algebra.planes == 4 else 1)


def dense_inverse(plan: Plan, values: Array, shift: complex) -> tuple[float, Array, float]:
    """ln|det| and the entries of (shift + A)⁻¹, as from the two sweeps; and their largest error."""
    n, planes = plan.elimination.rows_total, plan.algebra.planes
    full = np.zeros((planes, n, n), values.dtype)
    full[:, plan.row, plan.column] = values
    if plan.algebra.symmetric:
        sign = np.array([1, 1, -1, 1])[:planes, None]
        full[:, plan.column, plan.row] = sign * values
        full[:, plan.row, plan.column] = values
    full[0, np.arange(n), np.arange(n)] += shift
    matrix = full[0] if planes == 1 else np.einsum("pij,pab->iajb", full, _UNITS).reshape(2 * n, 2 * n)
    inverse, log_det = np.linalg.inv(matrix), float(np.linalg.slogdet(matrix)[1])
    # All of A G − 1 is at hand here: G (A G − 1) is the error, up to the rounding of that bracket.
    error = 2.0 * float(np.abs(inverse @ (matrix @ inverse - np.eye(len(matrix)))).max())
    if planes == 1:
        return log_det, inverse[plan.row, plan.column][None], error
    a, b = inverse[2 * plan.row, 2 * plan.column], inverse[2 * plan.row, 2 * plan.column + 1]
    return log_det, np.stack([a.real, a.imag, b.real, b.imag]), error
