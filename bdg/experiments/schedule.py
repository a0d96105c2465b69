"""Loops that are independent of each other, side by side on an executor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from bdg.executors import shares_memory, workers_of
from bdg.experiments.loop import converged, name_of, run_loop
from bdg.observables.loops import Loops, Numbers, Watch
from bdg.observables.state import State
from bdg.solvers import Monitor, executor_of
from bdg.solvers.contract import Divides
from bdg.solvers.tasks import in_order


def can_schedule(state: State) -> bool:
    """Whether its solver has an executor with several workers, and can do without it."""
    return workers_of(executor_of(state.solver)) > 1 and isinstance(state.solver, Divides)


def scheduled(first: State, starts: Iterator[State]) -> Callable[[State], State]:
    """What makes each of the starts self-consistent, when called with them in their order.

    Loops that are not known yet are tasks of the executor, each with a solver of its own, a few more than
    there are workers ahead of the one that is asked for. The caller caps BLAS at one thread.
    """
    outcomes = in_order(_tasks(first, starts), executor_of(first.solver), first.solver.monitor)
    return lambda start: converged(start, run=lambda: next(outcomes))


def _tasks(first: State, starts: Iterator[State]) -> Iterator[Callable[[], Numbers]]:
    points, solver = first.loops.points, first.solver
    assert isinstance(solver, Divides)
    in_threads = shares_memory(executor_of(solver))
    watch = Watch(stop=first.loops.watch.stop) if in_threads else Watch()
    under_way = set[str]()
    for start in starts:
        name = name_of(start)
        if name in points.known or name in under_way:
            continue
        if points.is_kept:  # who asks for it a second time finds it
            under_way.add(name)
        alone = solver.alone()
        if in_threads:
            alone.monitor = Monitor(solver.monitor.interrupt)
        task = partial(run_loop, replace(start, solver=alone, loops=Loops(start.loops.scf, watch)))
        yield task
