r"""The response of f(H) to changes of H: entries of δf on a pattern, the poles' inverses differentiated.

δf = −½ [ c·δH + Σ_p w_p δHerm (H − iγ_p)⁻¹ ],   δ(γ + iH)⁻¹ = −(γ + iH)⁻¹ iδH (γ + iH)⁻¹
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from bdg.arrays import Array
from bdg.executors import shares_memory, workers_of
from bdg.nambu import Momentum, NambuMatrix
from bdg.rational import Expansion
from bdg.resources import require_memory
from bdg.solvers.contract import Correlations
from bdg.solvers.monitor import Monitor
from bdg.solvers.pairwise import added, shares
from bdg.solvers.selected_inversion.dual import DualSum, Part, dual_bytes, parts_of, sum_dual
from bdg.solvers.selected_inversion.memory import HINT
from bdg.solvers.selected_inversion.plan import Plan
from bdg.solvers.selected_inversion.poles import Term, cost_of
from bdg.solvers.selected_inversion.shared import Delivery, dual_there
from bdg.solvers.selected_inversion.sums import bloch_phase, terms_at
from bdg.solvers.selected_inversion.work import Work
from bdg.solvers.tasks import EMPTY, in_order

TOGETHER = 4
"""Parts of changes that share one factorisation: their workspaces are as large as its own, each."""

SHARPER, SHARPEST = 0.1, 1e-13
"""By what an expansion is asked to be better until its slope is good enough, and at most."""


def expansion_of_slope(expansion: Callable[[float], Expansion], tolerance: float) -> Expansion:
    """The shortest expansion whose slope is right to a tolerance, a share of the steepest, or the best one.

    ``expansion`` makes that of a tolerance.
    """
    asked = tolerance
    while (found := expansion(asked)).slope_error > tolerance * found.steepest and asked > SHARPEST:
        asked = max(SHARPER * asked, SHARPEST)
    return found


@dataclass(frozen=True)
class Engine:
    """What the response needs of a solver.

    Parameters
    ----------
    plan_at
        The symbolic phase at a momentum.
    delivery
        What the workers of an executor have.
    monitor
        Asked whether to go on.
    """

    plan_at: Callable[[Work, Momentum], Plan]
    delivery: Callable[[Executor], Delivery]
    monitor: Monitor


def response(work: Work, changes: Sequence[NambuMatrix], engine: Engine) -> list[Correlations]:
    """Entries of δf(H) of each change, with the errors that expansion and inverses leave."""
    dofs, momenta = work.hamiltonian.dofs, len(work.hamiltonian.momenta)
    total: list[Array] = [np.zeros((len(work.pattern), dofs, dofs)) for _ in changes]
    left, executor, inner = 0.0, None, work
    if momenta > 1 and work.executor is not None and shares_memory(work.executor):
        executor, inner = work.executor, replace(work, executor=None)  # a task for each momentum, as a whole
    tasks = (_task(inner, changes, engine, k) for k in range(momenta))
    found = in_order(tasks, executor, engine.monitor)
    for k, (blocks, error) in enumerate(found):
        total = [one + part for one, part in zip(total, blocks, strict=True)]
        left = max(left, error)
        engine.monitor.report("momenta", k + 1, momenta)
    error = 0.5 * (work.expansion.slope_error + left)
    return [
        Correlations(work.pattern, blocks, error * change.norm_bound())
        for blocks, change in zip(total, changes, strict=True)
    ]


def _task(
    work: Work, changes: Sequence[NambuMatrix], engine: Engine, k: int
) -> Callable[[], tuple[list[Array], float]]:
    """What one momentum gives to δf of each change, and the error that its inverses leave for a norm of 1."""
    momentum, moved = work.hamiltonian.momenta[k], [change.momenta[k].values for change in changes]
    return partial(_at_momentum, work, engine.plan_at(work, momentum), k, momentum, moved, engine)


def _at_momentum(
    work: Work, plan: Plan, k: int, momentum: Momentum, changes: Sequence[Array], engine: Engine
) -> tuple[list[Array], float]:
    parts, entries, left = parts_of(plan.algebra, changes), list[Array](), 0.0
    for first in range(0, len(parts), TOGETHER):
        found = _summed(work, plan, k, parts[first : first + TOGETHER], engine)
        entries.extend(found.entries)
        left = max(left, found.error)
    made = []
    for index, change in enumerate(changes):
        own = [(part, one) for (part, _), one in zip(parts, entries, strict=True) if part.change == index]
        made.append(_blocks(plan, momentum, work.expansion, change, own))
    return made, left


def _summed(work: Work, plan: Plan, k: int, parts: Sequence[tuple[Part, Array]], engine: Engine) -> DualSum:
    """The sum over the poles at one momentum, of some parts of changes."""
    executor, terms = work.executor, terms_at(plan, work.expansion, work.tolerance)
    costs = tuple(map(cost_of, terms))
    own = [*shares(costs, workers_of(executor))] if executor is not None else [range(len(terms))]
    changes = np.stack([plan.load(values) for _, values in parts])
    signs = np.array([part.sign for part, _ in parts])
    threads = workers_of(executor) if executor is not None and shares_memory(executor) else 1
    require_memory(dual_bytes(plan, threads, len(parts)), f"the response of {len(plan.diagonal)} rows", HINT)
    parcel = EMPTY
    task: Callable[[Sequence[Term]], Callable[[], DualSum]]
    if executor is None or shares_memory(executor):
        values = plan.load(work.hamiltonian.momenta[k].values)
        task = partial(partial, sum_dual, plan, values, changes, signs)
    else:
        parcel = engine.delivery(executor).parcel(work.hamiltonian, [plan], len(own))
        task = partial(parcel.job, dual_there, k, changes, signs)
    tasks = (task(terms[part.start : part.stop]) for part in own)
    found: Iterator[DualSum] = in_order(tasks, executor, engine.monitor, parcel)
    total: DualSum = added(costs, own, found)
    return total


def _blocks(
    plan: Plan,
    momentum: Momentum,
    expansion: Expansion,
    change: Array,
    parts: Sequence[tuple[Part, Array]],
) -> Array:
    """−½[c·δH + i(δK − δK†)/2] on the pattern with the weight of a momentum, K = Σ_p w_p (γ_p + iH)⁻¹."""
    blocks: Array = expansion.linear * plan.matrix_blocks(change)
    for part, entries in parts:
        forward = part.factor * plan.algebra.blocks(plan.read(entries, part.sign))
        backward = part.factor * plan.algebra.blocks(plan.read_transposed(entries, part.sign))
        blocks = blocks + 0.5j * (forward - backward.conj().swapaxes(1, 2))
    if np.isrealobj(momentum.values) and np.isrealobj(change):
        blocks = np.real(blocks)
    phase = bloch_phase(plan.pattern, momentum.k)
    blocks = -0.5 * momentum.weight * (blocks if phase is None else phase[:, None, None] * blocks)
    return np.real(blocks) if momentum.is_paired else blocks
