"""Selected inversion on the workers of an executor: what they keep, and what they do."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bdg.arrays import Array, Numbers
from bdg.executors import workers_of
from bdg.nambu import NambuMatrix, SparsityPattern
from bdg.solvers.contract import Pattern
from bdg.solvers.matrices import Graph, Matrices, compressed, digest_of, restored
from bdg.solvers.parts import Key, Parcel, Sent
from bdg.solvers.selected_inversion.algebra import Algebra
from bdg.solvers.selected_inversion.dual import DualSum, sum_dual
from bdg.solvers.selected_inversion.energies import Found, greens_at
from bdg.solvers.selected_inversion.memory import require_room
from bdg.solvers.selected_inversion.plan import Plan, make_plan
from bdg.solvers.selected_inversion.poles import PoleSum, Shift, Term, sum_terms
from bdg.solvers.selected_inversion.sums import MomentumSum, sum_momenta

Packed = tuple[bytes, str, tuple[int, ...]]


@dataclass(frozen=True)
class PlanPart:
    """A plan as it is sent: workers make its indices themselves, in the same order of elimination."""

    graph: Graph
    algebra: Algebra
    places: tuple[Packed, ...] = field(repr=False)
    order: tuple[Packed, ...] = field(repr=False)

    @classmethod
    def of(cls, plan: Plan, graph: Graph) -> PlanPart:
        """As it is sent."""
        pattern = plan.pattern
        places = (pattern.rows, pattern.columns, pattern.crossings)
        return cls(
            graph,
            plan.algebra,
            tuple(compressed(each) for each in places if each is not None),
            tuple(compressed(each) for each in plan.order),
        )

    @property
    def needs(self) -> tuple[Graph]:
        """Where the matrix has blocks."""
        return (self.graph,)

    @cached_property
    def key(self) -> Key:
        """By all it holds."""
        return "plan", digest_of(self.graph.key[1], self.algebra, self.places, self.order)

    def build(self, sparsity: SparsityPattern) -> Plan:
        """The plan, if this process has the memory for it."""
        rows, columns, *crossings = map(restored, self.places)
        pattern = Pattern(rows, columns, *crossings)
        permutation, fronts = map(restored, self.order)
        plan = make_plan(sparsity, pattern, self.algebra, lambda *_: (permutation, fronts))
        require_room(plan, 1)
        return plan

    def __getstate__(self) -> dict[str, Any]:  # the graph is sent as a part of its own
        return {**self.__dict__, "graph": None}


class Delivery:
    """What the workers of an executor have of plans and matrices, and what further ones are sent as."""

    MOST = 8
    """Plans that are kept as they are sent."""

    def __init__(self, executor: Executor) -> None:
        self.executor = executor
        self._sent, self._matrices = Sent(), Matrices()
        self._plans: dict[tuple[Algebra, SparsityPattern, Pattern], PlanPart] = {}

    def parcel(self, matrix: NambuMatrix, plans: Sequence[Plan], tasks: int) -> Parcel:
        """A matrix and plans for it, for so many tasks: first arguments of :func:`poles_there` and others."""
        parts = [self._part(plan, matrix.sparsity) for plan in plans]
        copies = min(tasks, workers_of(self.executor))
        return Parcel((self._matrices.sent(matrix), *parts), self._sent, copies)

    def _part(self, plan: Plan, sparsity: SparsityPattern) -> PlanPart:
        key = plan.algebra, sparsity, plan.pattern
        if key not in self._plans:
            self._plans = dict([*self._plans.items()][1 - self.MOST :])
            self._plans[key] = PlanPart.of(plan, self._matrices.graph(sparsity))
        return self._plans[key]


def poles_there(matrix: NambuMatrix, plan: Plan, momentum: int, terms: Sequence[Term]) -> PoleSum:
    """The sum over some poles at one momentum."""
    return sum_terms(plan, plan.load(matrix.momenta[momentum].values), terms)


def dual_there(
    matrix: NambuMatrix, plan: Plan, momentum: int, changes: Array, signs: Array, terms: Sequence[Term]
) -> DualSum:
    """The same of how the inverses change with the matrix."""
    return sum_dual(plan, plan.load(matrix.momenta[momentum].values), changes, signs, terms)


def momenta_there(matrix: NambuMatrix, *others: Any) -> MomentumSum:
    """What some momenta give: called with plans, momenta, which plan each has, expansion and tolerance."""
    *plans, momenta, which, expansion, tolerance = others
    return sum_momenta(matrix, momenta, [plans[index] for index in which], expansion, tolerance)


def greens_there(
    matrix: NambuMatrix,
    plan: Plan,
    momentum: int,
    conjugation: Numbers | None,
    energies: Sequence[tuple[Shift, bool]],
) -> list[Found]:
    """Green's functions at some energies at one momentum."""
    one = matrix.momenta[momentum]
    return greens_at(plan, plan.load(one.values, -1.0), one, conjugation, energies)
