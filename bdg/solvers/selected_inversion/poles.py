"""Selected inverses of one matrix at many shifts, one by one or summed with weights."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Array
from bdg.kernels.fronts.response import add_response
from bdg.kernels.registers.lanes import LANES
from bdg.solvers.pairwise import pairwise
from bdg.solvers.selected_inversion.crowds import fewest, sum_crowd
from bdg.solvers.selected_inversion.factorisation import invert_accurately
from bdg.solvers.selected_inversion.plan import Plan

SMALL = 4000
"""Rows below which several shifts go into one task: handing over a task costs as much as a small inverse.
Below it, where there are many momenta, each is one task."""

TOGETHER = 2000
"""Rows of all inverses that one term of a sum is made of, at least: adding up costs as much as small ones."""

_LARGE = 10_000
"""Rows from which single precision gains a quarter of the time; at 600 rows it is a seventh."""


@dataclass(frozen=True)
class Shift:
    """One inverse (value + A)⁻¹, the error of its entries that is allowed, and its weight in a sum."""

    value: complex
    allowed: float
    single: bool = False
    weight: float = 1.0

    @property
    def cost(self) -> float:
        """Time it takes, in units of that in double precision."""
        return 0.75 if self.single else 1.0


Term = tuple[Shift, ...]
"""Shifts whose inverses are summed one after the other."""


@dataclass
class PoleSum:
    """Σ_p w_p (γ_p + iH)⁻¹ over some poles, and what else is summed over them.

    Parameters
    ----------
    entries
        The planes of the inverses that f(H) needs, shape ``(n_planes, n_entries)``.
    products
        Components of :func:`bdg.kernels.fronts.response.add_response` that are not zero, ``(n, n_entries)``,
        for quaternions.
    log_dets
        ln|det| at each pole.
    error, log_error
        Errors of f(H) and of Σ ln det that the inverses leave.
    """

    entries: Array
    products: NDArray[np.float64] | None
    log_dets: list[float]
    error: float
    log_error: float

    def __iadd__(self, other: PoleSum) -> PoleSum:
        """Add the sum over other poles of the same matrix."""
        self.entries += other.entries
        if self.products is not None and other.products is not None:
            self.products += other.products
        self.log_dets += other.log_dets
        self.error += other.error
        self.log_error += other.log_error
        return self


def terms_of(shifts: Sequence[Shift], plan: Plan) -> list[Term]:
    """The terms of their sum: a shift each or, of small matrices, as many as make a term worth its adding.

    Where shifts are done eight at a time a term is eight of them.
    """
    if fewest(plan) <= LANES and shifts:
        return [tuple(shifts[first : first + LANES]) for first in range(0, len(shifts), LANES)]
    rows = min(plan.elimination.rows_total, TOGETHER)
    count = max(1, -(-len(shifts) * rows // TOGETHER))  # no poles: f is linear
    ends = [len(shifts) * n // count for n in range(count + 1)]
    return [tuple(shifts[first:last]) for first, last in itertools.pairwise(ends)]


def cost_of(term: Term) -> float:
    """Time of a term, in units of an inverse in double precision."""
    return sum(shift.cost for shift in term)


def sum_terms(plan: Plan, values: Array, terms: Sequence[Term]) -> PoleSum:
    """The sum over terms that lie below one node of the tree of all."""
    return pairwise(terms, cost_of, lambda term: _sum(plan, values, term))


def _sum(plan: Plan, values: Array, term: Term) -> PoleSum:
    """The sum over the shifts of one term, together where that is quicker and as exact as they ask for."""
    if fewest(plan) <= len(term) <= LANES and (total := _together(plan, values, term)) is not None:
        return total
    return _one_by_one(plan, values, term)


def _together(plan: Plan, values: Array, term: Term) -> PoleSum | None:
    """The sum over some shifts, ``None`` if one of the inverses has a larger error than it may have."""
    weights = [shift.weight for shift in term]
    entries, products, log_dets, errors, residuals = sum_crowd(
        plan, values, [shift.value.real for shift in term], weights
    )
    if not all(error <= shift.allowed for error, shift in zip(errors, term, strict=True)):
        return None
    return PoleSum(
        entries[plan.planes], products[plan.components], log_dets,
        0.5 * float(np.dot(weights, errors)), _log_error(plan, float(np.dot(weights, residuals))),
    )  # fmt: skip


def _log_error(plan: Plan, residual: float) -> float:
    """δ ln det = tr(A G − 1): as many random terms of that size as there are rows."""
    return 2.0 * residual * float(np.sqrt(plan.elimination.rows_total))


def _one_by_one(plan: Plan, values: Array, term: Term) -> PoleSum:
    """The sum over some shifts, each inverse as exact as it takes."""
    shape = (len(range(plan.algebra.planes)[plan.planes]), values.shape[1])
    total = PoleSum(np.zeros(shape, values.dtype), None, [], 0.0, 0.0)
    products = np.zeros((9, values.shape[1])) if plan.algebra.planes == 4 else None
    for shift in term:
        inverse = invert_accurately(plan, values, shift.value, shift.allowed, shift.single)
        total.entries += np.multiply(shift.weight, inverse.entries[plan.planes], dtype=values.dtype)
        if products is not None:
            add_response(shift.weight, plan.algebra.symmetric, plan.partner, inverse.entries, products)
        total.log_dets.append(inverse.log_det)
        total.error += 0.5 * shift.weight * inverse.error
        total.log_error += _log_error(plan, shift.weight * inverse.residual)
    if products is not None:
        total.products = products[plan.components]
    return total


def worth_single_precision(gamma: float, allowed: float, n_rows: int) -> bool:
    """Whether float32 can be expected to be found as exact as that, and to be faster.

    On small samples it gains too little to be worth compiling the kernels for another type.

    The constants are those of gapped lattices with hopping 1; where they promise too much the residual says
    so, and the inverse is done again in double precision.
    """
    return n_rows >= _LARGE and float(np.finfo(np.float32).eps) * (6.0 + 2.0 / gamma) < allowed
