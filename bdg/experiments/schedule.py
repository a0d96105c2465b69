"""Loops and points that are independent of each other, side by side on an executor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Protocol, TypeVar

from bdg.executors import shares_memory, workers_of
from bdg.experiments.loop import converged, name_of, run_loop, told, understood
from bdg.observables.loops import Loops, Numbers, Watch
from bdg.observables.state import State
from bdg.solvers import Monitor, Solver, executor_of
from bdg.solvers.contract import Divides
from bdg.solvers.tasks import in_order


class Followed(Protocol):
    """What points are made of."""

    @property
    def solver(self) -> Solver:
        """What its loops are solved with."""
        ...


S = TypeVar("S", bound=Followed)


def can_schedule(state: Followed) -> bool:
    """Whether its solver has an executor with several workers, and can do without it."""
    return workers_of(executor_of(state.solver)) > 1 and isinstance(state.solver, Divides)


def alone(state: State) -> State:
    """The state for a task: with a solver of its own, and loops that keep nothing.

    On threads of this process it is stopped as the run is; other processes are ended by who gave the task.
    """
    solver = state.solver
    assert isinstance(solver, Divides)
    own, watch = solver.alone(), Watch()
    if shares_memory(executor_of(solver)):
        own.monitor, watch = Monitor(solver.monitor.interrupt), Watch(stop=state.loops.watch.stop)
    return replace(state, solver=own, loops=Loops(state.loops.scf, watch))


def measured_elsewhere(first: S, tasks: Iterator[Callable[[], Numbers]]) -> Callable[[], Numbers]:
    """What gives the numbers of whole points, each a task of the executor, when called in their order.

    Raises
    ------
    NumericalError
        In a call, if the point has no state.
    """
    outcomes = in_order(
        (partial(told, task) for task in tasks), executor_of(first.solver), first.solver.monitor
    )
    return lambda: understood(next(outcomes))


def scheduled(first: State, starts: Iterator[State]) -> Callable[[State], State]:
    """What makes each of the starts self-consistent, when called with them in their order.

    Loops that are not known yet are tasks of the executor, each with a solver of its own, a few more than
    there are workers ahead of the one that is asked for. The caller caps BLAS at one thread.
    """
    outcomes = in_order(_tasks(first, starts), executor_of(first.solver), first.solver.monitor)
    return lambda start: converged(start, run=lambda: next(outcomes))


def _tasks(first: State, starts: Iterator[State]) -> Iterator[Callable[[], Numbers]]:
    points = first.loops.points
    under_way = set[str]()
    for start in starts:
        name = name_of(start)
        if name in points.known or name in under_way:
            continue
        if points.is_kept:  # who asks for it a second time finds it
            under_way.add(name)
        yield partial(run_loop, alone(start))
