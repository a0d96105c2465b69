r"""From sums over the poles of an expansion to f(H), ln det and the response of f.

f(H) = ½ − ½ [ c·H + Σ_p w_p Herm (H − iγ_p)⁻¹ ],   (H − iγ)⁻¹ = i (γ + iH)⁻¹

(M20), (M21) of docs/theory/mean_field.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Array
from bdg.nambu import Momentum, NambuMatrix
from bdg.rational import Expansion, log_trace_from_determinants
from bdg.solvers.contract import Pattern
from bdg.solvers.pairwise import pairwise
from bdg.solvers.selected_inversion.plan import Plan
from bdg.solvers.selected_inversion.poles import (
    PoleSum,
    Shift,
    Term,
    sum_terms,
    terms_of,
    worth_single_precision,
)
from bdg.solvers.selected_inversion.work import Lacking


@dataclass
class MomentumSum:
    """What some momenta give to f(H) and to Σ ln 2cosh.

    Parameters
    ----------
    blocks
        Σ_k weight · e^{+ik·crossing} f_k on the pattern, shape ``(n_entries, dofs, dofs)``.
    error
        That the inverses leave in them.
    value, value_error
        Σ_k weight · Σ_n T ln 2cosh(E_n/2T).
    response
        See :class:`bdg.solvers.Correlations`; of one momentum.
    lacks
        Which of them, ``blocks`` or ``value``, was left out.
    """

    blocks: Array
    error: float
    value: float
    value_error: float
    response: NDArray[np.float64] | None
    lacks: Lacking = None

    def __iadd__(self, other: MomentumSum) -> MomentumSum:
        """Add the sum over other momenta."""
        self.blocks = self.blocks + other.blocks  # one may be real where the other is complex
        self.error += other.error
        self.value += other.value
        self.value_error += other.value_error
        return self


def shifts_at(rows: int, expansion: Expansion, tolerance: float) -> list[Shift]:
    """The poles of an expansion, each with the error that it may leave in a matrix of so many rows."""
    shifts = []
    for gamma, weight in zip(expansion.gamma, expansion.weights, strict=True):
        allowed = tolerance / (expansion.n_poles * weight)
        single = worth_single_precision(gamma, allowed, rows)
        shifts.append(Shift(float(gamma), float(allowed), single, float(weight)))
    return shifts


def terms_at(plan: Plan, expansion: Expansion, tolerance: float) -> list[Term]:
    """The poles of an expansion as terms of a sum."""
    return terms_of(shifts_at(plan.elimination.rows_total, expansion, tolerance), plan)


def sum_momenta(
    hamiltonian: NambuMatrix,
    momenta: Sequence[int],
    plans: Sequence[Plan],
    expansion: Expansion,
    tolerance: float,
) -> MomentumSum:
    """What some momenta give, one after the other, each with its plan; they lie below a node of the tree."""

    def made(index: int) -> MomentumSum:
        plan, momentum = plans[index], hamiltonian.momenta[momenta[index]]
        total = sum_terms(plan, plan.load(momentum.values), terms_at(plan, expansion, tolerance))
        return of_momentum(plan, hamiltonian, momentum, expansion, total)

    return pairwise(range(len(momenta)), lambda index: 1.0, made)


def of_momentum(
    plan: Plan, hamiltonian: NambuMatrix, momentum: Momentum, expansion: Expansion, total: PoleSum
) -> MomentumSum:
    """What one momentum gives, from the sum over its poles."""
    blocks = fermi_blocks(plan, momentum.values, expansion, total.entries)
    phase = bloch_phase(plan.pattern, momentum.k)
    blocks = momentum.weight * (blocks if phase is None else phase[:, None, None] * blocks)
    square = float(np.sum(np.abs(momentum.values) ** 2))
    value = log_trace_from_determinants(expansion, hamiltonian.dimension, square, total.log_dets)
    is_alone = total.products is not None and len(hamiltonian.momenta) == 1
    return MomentumSum(
        blocks.real if momentum.is_paired else blocks,  # −k brings the complex conjugate
        momentum.weight * total.error,
        momentum.weight * value,
        momentum.weight * total.log_error,
        pair_response(plan, expansion, total.products) if is_alone else None,
    )


def linear_sum(
    hamiltonian: NambuMatrix,
    pattern: Pattern,
    momentum: Momentum,
    expansion: Expansion,
    *,
    responds: bool,
) -> MomentumSum:
    """½ − ½ c·H on entries that all have a block in H, without poles, and what that gives to the others."""
    blocks = (
        -0.5 * expansion.linear * momentum.values[hamiltonian.sparsity.slots(pattern.rows, pattern.columns)]
    )
    own = pattern.rows == pattern.columns
    blocks[own] += 0.5 * np.eye(hamiltonian.dofs)
    square = float(np.sum(np.abs(momentum.values) ** 2))
    value = log_trace_from_determinants(expansion, hamiltonian.dimension, square, [])
    response = None
    if responds:
        response = np.zeros((len(pattern), 3, 3))
        response[own] = 0.5 * expansion.linear * np.diag([1.0, 1.0, -1.0])
    return MomentumSum(blocks, 0.0, value, 0.0, response)


def pair_response(
    plan: Plan, expansion: Expansion, products: NDArray[np.float64] | None
) -> NDArray[np.float64]:
    r"""∂(Re F_i, Im F_i, n_i)/∂(Re Δ_j, Im Δ_j, V_j) on the pattern, shape (n, 3, 3).

    H changes by D = τ_x, −τ_y, τ_z = −i (e₃, −e₂, e₁) and with M_ab = Σ_p w_p [K_ij e_b K_ji]_a
    δf_ii = −½ [c D δ_ij + τ_z M_1b + τ_y M_2b + τ_x M_3b], F = −f₀₁, n = f₀₀.
    """
    assert products is not None
    m = pair_products(plan, products)
    m[plan.own] += 0.5 * expansion.linear * np.diag([1.0, 1.0, -1.0])
    return m


def pair_products(plan: Plan, products: NDArray[np.float64]) -> NDArray[np.float64]:
    """What the poles give to :func:`pair_response`."""
    signs = 0.5 * np.array([1.0, -1.0, -1.0])[:, None] * np.array([1.0, -1.0, 1.0])
    m: NDArray[np.float64] = np.zeros((len(plan.pattern), 9))
    # Along rows: whole cache lines, also where the order of the pattern is another.
    m[:, plan.components] = np.ascontiguousarray(products.T)[plan.forward[:, 0, 0]]
    m = m.reshape(-1, 3, 3)
    if plan.algebra.symmetric:
        transposed = plan.transposed[:, 0, 0]
        m[transposed] = m[transposed].swapaxes(1, 2)
    return np.asarray(m[:, ::-1, ::-1] * signs)


def fermi_blocks(plan: Plan, matrix: Array, expansion: Expansion, entries: Array) -> Array:
    """½ − ½[c·H + i(K − K†)/2] on the pattern, K = Σ_p w_p (γ_p + iH)⁻¹."""
    hermitian = hermitian_blocks(plan, entries)
    if np.isrealobj(matrix):
        hermitian = hermitian.real
    blocks: Array = -0.5 * (expansion.linear * plan.matrix_blocks(matrix) + hermitian)
    blocks[plan.own] += 0.5 * np.eye(blocks.shape[1])
    return blocks


def hermitian_blocks(plan: Plan, entries: Array) -> Array:
    """i(K − K†)/2 at the wanted places."""
    if plan.algebra.planes == 4 and plan.algebra.symmetric:
        # K_ji† is K_ij with the other sign of q₁ and q₃: i(q₁ iτ_z + q₃ iτ_x) is left.
        q1, q3 = entries[0, plan.forward[:, 0, 0]], entries[1, plan.forward[:, 0, 0]]
        return np.stack([-q1, -q3, -q3, q1], axis=1).reshape(-1, 2, 2)
    forward = plan.algebra.blocks(plan.read(entries))
    backward = plan.algebra.blocks(plan.read_transposed(entries))
    mean: Array = 0.5j * (forward - backward.conj().swapaxes(1, 2))
    return mean


def bloch_phase(pattern: Pattern, k: NDArray[np.float64]) -> NDArray[np.complex128] | None:
    """e^{+ik·crossing} of each entry; ``None`` where all are 1."""
    if pattern.crossings is None or not pattern.crossings.any():
        return None
    return np.asarray(np.exp(1j * (pattern.crossings @ k)))
