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
    matrix = _full(plan, values, 1)
    matrix += shift * np.eye(len(matrix))
    inverse, log_det = np.linalg.inv(matrix), float(np.linalg.slogdet(matrix)[1])
    return log_det, _entries(plan, inverse), _error(matrix, inverse)


def dense_dual(
    plan: Plan, values: Array, shift: complex, changes: Array, signs: Array
) -> tuple[Array, float]:
    """The entries of −(shift + A)⁻¹ D (shift + A)⁻¹ of each D, and the largest error of those of the inverse.

    For the parameters see :func:`bdg.solvers.selected_inversion.dual.sum_dual`.
    """
    matrix = _full(plan, values, 1)
    matrix += shift * np.eye(len(matrix))
    inverse = np.linalg.inv(matrix)
    changed = (
        -inverse @ _full(plan, change, sign) @ inverse for change, sign in zip(changes, signs, strict=True)
    )
    return np.array([_entries(plan, one) for one in changed]), _error(matrix, inverse)


def _full(plan: Plan, values: Array, sign: int) -> Array:
    """The whole matrix of its entries, ``sign`` times its transpose in a symmetric algebra."""
    n, planes = plan.elimination.rows_total, plan.algebra.planes
    full = np.zeros((planes, n, n), values.dtype)
    if plan.algebra.symmetric:
        full[:, plan.column, plan.row] = sign * np.array([1, 1, -1, 1])[:planes, None] * values
    full[:, plan.row, plan.column] = values
    whole: Array = full[0]
    if planes == 4:
        whole = np.einsum("pij,pab->iajb", full, _UNITS).reshape(2 * n, 2 * n)
    return whole


def _entries(plan: Plan, matrix: Array) -> Array:
    """The entries of a whole matrix, in planes."""
    if plan.algebra.planes == 1:
        return matrix[plan.row, plan.column][None]
    a, b = matrix[2 * plan.row, 2 * plan.column], matrix[2 * plan.row, 2 * plan.column + 1]
    return np.stack([a.real, a.imag, b.real, b.imag])


def _error(matrix: Array, inverse: Array) -> float:
    """G (A G − 1), of which all is at hand here, up to the rounding of that bracket."""
    return 2.0 * float(np.abs(inverse @ (matrix @ inverse - np.eye(len(matrix)))).max())
