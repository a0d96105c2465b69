r"""How entries of an inverse change with its matrix, in the algebra of that matrix.

Of A = γ + iH in an algebra every change iδH is a sum of parts c·D, D in the algebra and c = 1 or i:
quaternions, or real matrices, with complex coefficients are all matrices. With particle-hole conjugation,
H → −V H* V†, which leaves iH in the algebra,

    H₁ = ½ (δH − V δH* V†),   H₂ = (δH + V δH* V†)/2i,   iδH = iH₁ + i·iH₂ .

Where A equals its transpose the real part of δH makes a D that does too, and the imaginary part one that
changes its sign. δ(A⁻¹) = −A⁻¹ iδH A⁻¹ is linear, so that each part may be done by itself.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from bdg.arrays import Array
from bdg.kernels.dense.separate import prepare
from bdg.kernels.fronts.dual import eliminate_dual, select_dual
from bdg.kernels.fronts.fronts import eliminate
from bdg.solvers.pairwise import pairwise
from bdg.solvers.selected_inversion.algebra import Algebra
from bdg.solvers.selected_inversion.elimination import Elimination
from bdg.solvers.selected_inversion.energies import particle_hole
from bdg.solvers.selected_inversion.factorisation import STREAM_FROM, judged, workspaces
from bdg.solvers.selected_inversion.fallback import LARGEST, dense_dual, dense_rows
from bdg.solvers.selected_inversion.plan import Plan
from bdg.solvers.selected_inversion.poles import Term, cost_of

ROUNDING = 1e-13
"""Share of a change that rounding alone makes."""

_held = threading.local()


@dataclass(frozen=True)
class Part:
    """A part c·D of a change iδH.

    Parameters
    ----------
    change
        Which one.
    factor
        c, 1 or i.
    sign
        σ, of D that is σ times its transpose in a symmetric algebra.
    """

    change: int
    factor: complex
    sign: int


@dataclass
class DualSum:
    """Σ_p w_p δ(γ_p + iH)⁻¹ over some poles.

    Parameters
    ----------
    entries
        Of each part D, shape ``(n_parts, planes, n_entries)``.
    error
        The largest that the inverses leave, for a D of norm 1.
    """

    entries: Array
    error: float

    def __iadd__(self, other: DualSum) -> DualSum:
        """Add the sum over other poles of the same matrix."""
        self.entries += other.entries
        self.error += other.error
        return self


def parts_of(algebra: Algebra, changes: Sequence[Array]) -> list[tuple[Part, Array]]:
    """The parts of some changes δH that are not zero, with their H₁ or H₂, all given by their blocks."""
    found = []
    for index, change in enumerate(changes):
        for sign, values in _by_transposition(algebra, change):
            for factor, own in _in_algebra(algebra, values):
                if own.any():
                    found.append((Part(index, factor, sign), own))
    return found


def _by_transposition(algebra: Algebra, change: Array) -> Iterator[tuple[int, Array]]:
    if not algebra.symmetric:
        yield 1, change
        return
    yield 1, np.real(change)
    if np.iscomplexobj(change):
        yield -1, 1j * np.imag(change)


def _in_algebra(algebra: Algebra, change: Array) -> Iterator[tuple[complex, Array]]:
    conjugation = particle_hole(algebra)
    if conjugation is None:
        yield 1, change
        return
    mirrored = -(conjugation @ change.conj() @ conjugation.conj().T)
    least = ROUNDING * np.abs(change).max(initial=0.0)
    for factor, own in ((1, 0.5 * (change + mirrored)), (1j, -0.5j * (change - mirrored))):
        if np.abs(own).max(initial=0.0) > least:
            yield factor, own


def sum_dual(plan: Plan, values: Array, changes: Array, signs: Array, terms: Sequence[Term]) -> DualSum:
    """The sum over terms that lie below one node of the tree of all.

    Parameters
    ----------
    plan, values
        As for :func:`bdg.solvers.selected_inversion.poles.sum_terms`.
    changes
        Entries of each D, shape ``(n_parts, planes, n_entries)``.
    signs
        σ of each, shape ``(n_parts,)``.
    """

    def made(term: Term) -> DualSum:
        total = DualSum(np.zeros_like(changes), 0.0)
        for shift in term:
            entries, error = differentiate(plan, values, shift.value, changes, signs, shift.allowed)
            total.entries += shift.weight * entries
            # δG = −G D G with ‖G‖ ≤ 1/γ
            total.error += 2.0 * shift.weight * error / abs(shift.value)
        return total

    return pairwise(terms, cost_of, made)


def differentiate(
    plan: Plan, values: Array, shift: complex, changes: Array, signs: Array, allowed: float
) -> tuple[Array, float]:
    """Entries of −A⁻¹ D A⁻¹, and the error of those of A⁻¹, the cheapest way in which it is allowed.

    In double precision; row exchanges inside fronts, or for small samples dense inverses, where it is not.
    """
    best: tuple[Array, float] | None = None
    for pivoting in (False, True):
        found = _differentiated(plan, values, shift, changes, signs, pivoting)
        if best is None or not best[1] <= found[1]:
            best = found
        if best[1] <= allowed:
            return best
    if dense_rows(plan) <= LARGEST:
        return dense_dual(plan, values, shift, changes, signs)
    assert best is not None
    return best


def _differentiated(
    plan: Plan, values: Array, shift: complex, changes: Array, signs: Array, pivoting: bool
) -> tuple[Array, float]:
    e, dtype = plan.elimination.alone, values.dtype
    prepare(dtype)
    storage, up, down, scratch, tiles, defect = workspaces(e, dtype)
    kept, ups, downs, work = _dual_workspaces(e, dtype, len(changes))
    swaps = np.empty(e.largest_front[0] if pivoting else 0, np.int64)
    number = dtype.type(shift)
    log_det = eliminate(
        e.planes, e.symmetric, e.storage * dtype.itemsize > STREAM_FROM,
        e.tree, values, number, storage, up, scratch, tiles, swaps,
    )  # fmt: skip
    eliminate_dual(e.planes, e.symmetric, signs, e.tree, changes, storage, kept, ups, work, tiles)
    inverse, out = np.empty_like(values), np.empty_like(changes)
    select_dual(e.planes, e.symmetric, signs, e.tree, storage, kept, down, downs, tiles, inverse, out)
    result = judged(plan, values, number, log_det, inverse, defect)
    return out, result.error


def _dual_workspaces(e: Elimination, dtype: np.dtype, count: int) -> tuple[Array, Array, Array, Array]:
    """δ of ``storage``, ``up`` and ``down`` for so many changes, and scratch, of this thread."""
    sizes = (e.storage, e.up, e.down, e.dual_scratch)
    key = dtype.str, count, sizes
    if _held.__dict__.get("key") != key:
        _held.__dict__.clear()  # frees the last ones first
        shapes = [*((count, size) for size in sizes[:3]), sizes[3:]]
        _held.__dict__.update(key=key, buffers=[np.empty(shape, dtype) for shape in shapes])
    kept, ups, downs, work = _held.__dict__["buffers"]
    return kept, ups, downs, work


def dual_bytes(plan: Plan, threads: int, count: int) -> float:
    """Bytes of the workspaces for so many changes."""
    e = plan.elimination
    return float(
        threads * count * (e.storage + e.up + e.down) * (16 if plan.algebra.name == "complex" else 8)
    )
