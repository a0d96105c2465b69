"""States that follow a change, point after point: what every experiment stands on.

::

    for point in follow(state, [Temperature(t) for t in temperatures]):
        ...  # point.state, or why there is none

Each point starts from the fields of its neighbour, with the loop options of the run; it is kept in the
checkpoint, counted in the progress, and may be stopped anywhere. Where no state is found the point says why,
and the next starts from the last one there was.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from types import FunctionType
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from bdg.errors import NumericalError
from bdg.experiments.change import Change
from bdg.experiments.loop import converged
from bdg.experiments.progress import UNKNOWN, at_point
from bdg.experiments.schedule import can_schedule, measured_elsewhere, scheduled
from bdg.observables.loops import Loops, Numbers, Watch, fingerprint
from bdg.observables.state import State
from bdg.resources import blas_threads
from bdg.scf import ScfOptions
from bdg.solvers import Solver

PATIENCE = 2
"""Points in a row without a state after which the branch has ended, and no further point is tried."""

ADVICE = "take smaller steps, or set scf.max_iterations higher or scf.damping lower"
"""What may find a state where there was none."""

NOT_TRIED = f"not tried after {PATIENCE} points without a state"


class Followed(Protocol):
    """What a change can be made to: a :class:`bdg.observables.state.State`, or what is made of some."""

    @property
    def fields(self) -> Any:
        """What a neighbour starts from."""
        ...

    @property
    def fingerprint(self) -> str:
        """What distinguishes it from all others."""
        ...

    @property
    def loops(self) -> Loops:
        """How its loops run."""
        ...

    @property
    def solver(self) -> Solver:
        """What its loops are solved with."""
        ...


S = TypeVar("S", bound=Followed)

Measured = Mapping[str, Any]
"""Numbers and arrays by name."""

Measure = Callable[[S], Measured]
"""What is measured at each point."""


@dataclass(frozen=True)
class Point(Generic[S]):
    """What was found at a change.

    Parameters
    ----------
    change
        The change.
    state
        The state there; ``None`` where there is none, and where numbers are measured, so that it can be
        forgotten.
    numbers
        What was measured of it, by name; empty where there is no state.
    why
        Why there is no state; empty where there is one.
    """

    change: Change[S]
    state: S | None = None
    numbers: Numbers = field(default_factory=dict)
    why: str = ""

    def __getitem__(self, name: str) -> float:
        """A number that was measured; NaN where there is no state."""
        return float(self.numbers[name]) if self.numbers else float("nan")

    @property
    def no_state(self) -> str:
        """``φ = 0.43 π: not converged after 200 iterations, residual 1.0e-03 t``."""
        return f"{self.change.place}: {self.why}"

    def required(self) -> Point[S]:
        """The same point.

        Raises
        ------
        NumericalError
            If it has no state.
        """
        if self.why:
            raise NumericalError(f"no state at {self.no_state}; {ADVICE}")
        return self


def follow(
    state: State,
    changes: Sequence[Change[State]],
    *,
    scf: ScfOptions | None = None,
    executor: Executor | None = None,
    watch: Watch | None = None,
    measure: Measure[State] | None = None,
    lost: Callable[[Numbers], str] | None = None,
    is_independent: bool = False,
) -> Iterator[Point[State]]:
    """The states along some changes, each found from its neighbour's fields, in order.

    Parameters
    ----------
    state
        A converged state, from which every change is counted.
    changes
        Values of what changes, from the state's own outwards.
    scf
        Options of the loops; by default those of the run.
    executor
        Takes the work of the solver; by default the solver's own.
    watch
        What the caller has of the loops: points that are kept, stop requests, lines for the log; by default
        that of the run.
    measure
        Numbers of each state, kept in its place; by default the states themselves are in the points.
    lost, is_independent
        See :class:`Branch`.
    """
    start = branch(
        state,
        measure,
        scf=scf,
        executor=executor,
        watch=watch,
        lost=lost,
        is_independent=is_independent,
    )
    return start.along(changes)


def branch(
    state: State,
    measure: Measure[State] | None = None,
    *,
    scf: ScfOptions | None = None,
    executor: Executor | None = None,
    watch: Watch | None = None,
    lost: Callable[[Numbers], str] | None = None,
    is_independent: bool = False,
) -> Branch[State]:
    """The branch of a state: for what is looked for between points, at changes that are not known before.

    Parameters
    ----------
    state, measure, scf, executor, watch
        See :func:`follow`.
    lost, is_independent
        See :class:`Branch`.
    """
    loops = Loops(scf or state.loops.scf, watch or state.loops.watch)
    solver = state.solver
    if executor is not None:
        solver = copy.copy(solver)
        solver.executor = executor
    first = replace(state, loops=loops, solver=solver)
    ahead = partial(scheduled, first) if is_independent and can_schedule(first) else None
    return Branch(first, converged, measure, lost=lost, is_independent=is_independent, ahead=ahead)


class Branch(Generic[S]):
    """What is found from a first one by changes, each from the nearest that is known between both.

    Parameters
    ----------
    first
        Where it begins.
    converge
        Makes the fields of a start self-consistent, or raises ``NumericalError``.
    measure
        Numbers of what was found, by name. Those of a function of a module are kept with the points.
    lost
        Why numbers are not those of the branch any more; nothing where they are.
    is_independent
        Whether each point starts from the first one instead.
    ahead
        Makes what converges the starts of independent points ahead of their turn, see
        :func:`bdg.experiments.schedule.scheduled`.
    alone
        A start as a task of an executor has it; where it is given, independent points are converged and
        measured there as a whole.
    """

    def __init__(
        self,
        first: S,
        converge: Callable[[S], S],
        measure: Measure[S] | None = None,
        *,
        lost: Callable[[Numbers], str] | None = None,
        is_independent: bool = False,
        ahead: Callable[[Iterator[S]], Callable[[S], S]] | None = None,
        alone: Callable[[S], S] | None = None,
    ) -> None:
        self.first = first
        self._converge, self._measure, self._lost = converge, measure, lost
        self._is_independent, self._ahead, self._alone = is_independent, ahead, alone
        self._elsewhere: Callable[[], Numbers] | None = None
        self._known: dict[float, Any] = {}
        self._count = 0

    def along(self, changes: Sequence[Change[S]]) -> Iterator[Point[S]]:
        """The point of each change, in order; the progress shows which of how many.

        Raises
        ------
        RunInterruptedError
            If the work is to end.
        """
        missed, total, converge = 0, len(changes), self._converge
        with ExitStack() as stack:
            if self._ahead is not None or self._alone is not None:
                stack.enter_context(blas_threads(1))
            if self._ahead is not None:
                converge = self._ahead(self._unknown(changes))
            elif self._alone is not None:
                self._elsewhere = measured_elsewhere(self.first, self._tasks(changes, self._alone))
                stack.callback(setattr, self, "_elsewhere", None)
            for n, change in enumerate(changes):
                if missed == PATIENCE and not self._is_independent:
                    yield Point(change, why=NOT_TRIED)
                    continue
                with at_point(self.first.solver, n, total):
                    point = self._found(change, converge)
                missed = missed + 1 if point.why else 0
                yield point
        self._count += total
        with at_point(self.first.solver, total, total):
            pass

    def at(self, change: Change[S], near: float | None = None) -> Point[S]:
        """The point of one more change, of a search that takes nobody knows how many.

        Parameters
        ----------
        change
            The change.
        near
            The known value to start from, as when a branch is gone back; by default the nearest that lies
            between the first one and the change.
        """
        self._count += 1
        with at_point(self.first.solver, self._count, UNKNOWN):
            return self._found(change, self._converge, near)

    def _tasks(
        self, changes: Sequence[Change[S]], alone: Callable[[S], S]
    ) -> Iterator[Callable[[], Numbers]]:
        """Points whose numbers are not known, converged and measured as a whole."""
        under_way = set[str | None]()
        for start in self._unknown(changes):
            name = self._name(start)
            if name is None or name not in under_way:
                under_way.add(name)
                yield partial(_whole, self._converge, self._measure, alone(start))

    def _unknown(self, changes: Sequence[Change[S]]) -> Iterator[S]:
        """The starts of points whose numbers are not known."""
        starts = (self._start(change, None) for change in changes)
        return (start for start in starts if self._name(start) not in self.first.loops.points.known)

    def _start(self, change: Change[S], near: float | None) -> S:
        origin = change.origin(self.first)
        begin = self._nearest(change.value, origin) if near is None else near
        fields = self._known.get(begin, self.first.fields)
        return change.start(self.first, fields, change.value - begin)

    def _found(self, change: Change[S], converge: Callable[[S], S], near: float | None = None) -> Point[S]:
        try:
            found, numbers = self._measured(self._start(change, near), converge)
            why = self._lost(numbers) if self._lost is not None else ""
        except NumericalError as error:
            why = str(error)
        if why:
            point = Point(change, why=why)
            self.first.loops.watch.say(f"no state at {point.no_state}")
            return point
        if near is None and found is not None and not self._is_independent:
            self._known[change.value] = found.fields
        return Point(change, None if self._measure else found, numbers)

    def _measured(self, start: S, converge: Callable[[S], S]) -> tuple[S | None, Numbers]:
        """What was found, and its numbers; of an independent point nobody needs more than the numbers."""
        if self._measure is None:
            return converge(start), {}
        if self._is_independent:
            whole = self._elsewhere or (lambda: self._numbers(converge(start)))
            return None, self._kept(start, whole)
        found = converge(start)
        return found, self._kept(found, lambda: self._numbers(found))

    def _numbers(self, found: S) -> Numbers:
        return _as_arrays(self._measure, found)

    def _kept(self, what: S, compute: Callable[[], Numbers]) -> Numbers:
        name = self._name(what)
        return compute() if name is None else self.first.loops.points.get(name, compute)

    def _name(self, what: S) -> str | None:
        """The name of its numbers among the points that are kept; ``None`` where they are not."""
        if self._measure is None or not (self.first.loops.points.is_kept and _is_plain(self._measure)):
            return None
        return fingerprint("measured", what.fingerprint, self.first.loops.options, self._measure)

    def _nearest(self, value: float, origin: float) -> float:
        """The nearest known value from the origin up to this one; else the origin."""
        between = [one for one in self._known if min(origin, value) <= one <= max(origin, value)]
        return min(between, key=lambda one: abs(value - one), default=origin)


def _as_arrays(measure: Measure[S] | None, found: S) -> Numbers:
    assert measure is not None
    return {name: np.asarray(values) for name, values in measure(found).items()}


def _whole(converge: Callable[[S], S], measure: Measure[S] | None, start: S) -> Numbers:
    """The numbers of a point from its start."""
    return _as_arrays(measure, converge(start))


def _is_plain(function: Callable[..., Any]) -> bool:
    """Whether its name and its parameters tell all of a function, so that what it returns can be kept."""
    if isinstance(function, partial):
        return _is_plain(function.func)
    return isinstance(function, FunctionType) and "<" not in function.__qualname__
