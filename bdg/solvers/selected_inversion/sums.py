r"""Sums over the poles of an expansion, and what they are worth: f(H), ln det, and the response of f.

f(H) = ½ − ½ [ c·H + Σ_p w_p Herm (H − iγ_p)⁻¹ ],   (H − iγ)⁻¹ = i (γ + iH)⁻¹
"""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Array
from bdg.kernels.fronts.response import add_response
from bdg.nambu import NambuMatrix
from bdg.rational import Expansion, log_trace_from_determinants
from bdg.solvers.contract import Pattern
from bdg.solvers.monitor import SILENT, Monitor
from bdg.solvers.selected_inversion.plan import Plan
from bdg.solvers.selected_inversion.poles import Shift, inverses, worth_single_precision


@dataclass
class PoleSum:
    """Σ_p w_p (γ_p + iH)⁻¹ and what else is summed over poles."""

    entries: Array
    products: NDArray[np.float64] | None
    log_dets: list[float]
    error: float
    log_error: float


def sum_poles(
    plan: Plan,
    matrix: Array,
    expansion: Expansion,
    tolerance: float,
    executor: Executor | None,
    monitor: Monitor = SILENT,
) -> PoleSum:
    """The sums at one momentum, with the errors of f(H) and of Σ ln det that the inverses leave."""
    values, n_rows = plan.load(matrix), plan.elimination.rows_total
    shifts = []
    for gamma, weight in zip(expansion.gamma, expansion.weights, strict=True):
        allowed = tolerance / (expansion.n_poles * weight)
        single = worth_single_precision(gamma, allowed, n_rows)
        shifts.append(Shift(float(gamma), float(allowed), single))
    quaternion = plan.algebra.planes == 4
    products = np.zeros((9, values.shape[1])) if quaternion else None
    total = PoleSum(np.zeros(values.shape, values.dtype), products, [], 0.0, 0.0)
    found = inverses(plan, values, shifts, executor, monitor)
    for weight, inverse in zip(expansion.weights, found, strict=True):
        q = inverse.entries
        total.entries += weight * q
        if products is not None:
            add_response(weight, plan.algebra.symmetric, plan.partner, q, products)
        total.log_dets.append(inverse.log_det)
        total.error += 0.5 * float(weight) * inverse.error
        # δ ln det = tr(A G − 1): as many random terms of that size as there are rows.
        total.log_error += 2.0 * float(weight) * inverse.residual * np.sqrt(plan.elimination.rows_total)
    return total


def pair_response(
    plan: Plan, pattern: Pattern, expansion: Expansion, products: NDArray[np.float64]
) -> NDArray[np.float64]:
    r"""∂(Re F_i, Im F_i, n_i)/∂(Re Δ_j, Im Δ_j, V_j) on the pattern, shape (n, 3, 3).

    H changes by D = τ_x, −τ_y, τ_z = −i (e₃, −e₂, e₁) and with M_ab = Σ_p w_p [K_ij e_b K_ji]_a
    δf_ii = −½ [c D δ_ij + τ_z M_1b + τ_y M_2b + τ_x M_3b], F = −f₀₁, n = f₀₀.
    """
    signs = 0.5 * np.array([1.0, -1.0, -1.0])[:, None] * np.array([1.0, -1.0, 1.0])
    # Along rows of nine: whole cache lines, also where the order of the pattern is another.
    m: NDArray[np.float64] = np.ascontiguousarray(products.T)[plan.forward[:, 0, 0]].reshape(-1, 3, 3)
    if plan.algebra.symmetric:
        transposed = plan.transposed[:, 0, 0]
        m[transposed] = m[transposed].swapaxes(1, 2)
    m = m[:, ::-1, ::-1] * signs
    own = pattern.rows == pattern.columns
    m[own] += 0.5 * expansion.linear * np.diag([1.0, 1.0, -1.0])
    return m


def fermi_blocks(plan: Plan, matrix: Array, pattern: Pattern, expansion: Expansion, entries: Array) -> Array:
    """½ − ½[c·H + i(K − K†)/2] on the pattern, K = Σ_p w_p (γ_p + iH)⁻¹."""
    hermitian = _hermitian_blocks(plan, entries)
    if np.isrealobj(matrix):
        hermitian = hermitian.real
    blocks: Array = -0.5 * (expansion.linear * plan.matrix_blocks(matrix) + hermitian)
    blocks[pattern.rows == pattern.columns] += 0.5 * np.eye(blocks.shape[1])
    return blocks


def _hermitian_blocks(plan: Plan, entries: Array) -> Array:
    """i(K − K†)/2 at the wanted places."""
    if plan.algebra.planes == 4 and plan.algebra.symmetric:
        # K_ji† is K_ij with the other sign of q₁ and q₃: i(q₁ iτ_z + q₃ iτ_x) is left.
        q1, q3 = entries[1, plan.forward[:, 0, 0]], entries[3, plan.forward[:, 0, 0]]
        return np.stack([-q1, -q3, -q3, q1], axis=1).reshape(-1, 2, 2)
    forward = plan.algebra.blocks(plan.read(entries))
    backward = plan.algebra.blocks(plan.read_transposed(entries))
    mean: Array = 0.5j * (forward - backward.conj().swapaxes(1, 2))
    return mean


def log_trace(hamiltonian: NambuMatrix, matrix: Array, expansion: Expansion, log_dets: list[float]) -> float:
    """Σ_n T ln 2cosh(E_n/2T) at one momentum from the determinants at the poles."""
    square = float(np.sum(np.abs(matrix) ** 2))
    return log_trace_from_determinants(expansion, hamiltonian.dimension, square, log_dets)
