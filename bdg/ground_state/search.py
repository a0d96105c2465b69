"""A search: several starts, each run to self-consistency, from where it was if it had begun."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

from bdg.errors import InputError
from bdg.ground_state.below import below, marked, may_be_held, may_order
from bdg.ground_state.ranking import Candidate, energy_of, ranked, told
from bdg.model import Fields, Model
from bdg.nambu import NambuAssembler, NambuMatrix
from bdg.observables import State
from bdg.observables.quantity import scalar
from bdg.scf import Iteration, Outcome, ScfOptions, Snapshot, Status, self_consistency
from bdg.scf.remarks import warnings_of
from bdg.scf.starts.initial import InitialKind
from bdg.solvers import Solver
from bdg.solvers.contract import TOLERANCE

DESCENTS = 3
"""Saddles that a search continues from."""


@dataclass(frozen=True, eq=False)  # arrays inside: nothing to compare with ==
class Start:
    """Where a loop starts.

    Parameters
    ----------
    name
        What it is called in results; unlike the other starts' names.
    initial
        Name of a start, or fields in the model's gauge.
    draw
        Which draw of the seed, if it is random.
    """

    name: str
    initial: InitialKind | Fields
    draw: int = 0


@dataclass(frozen=True)
class Attempt:
    """A start whose loop has ended.

    Parameters
    ----------
    candidate
        Where it led.
    snapshot
        Where more iterations would go on from; ``None`` if it converged.
    """

    candidate: Candidate
    snapshot: Snapshot | None


@dataclass(frozen=True)
class Progress:
    """A search between two iterations: all that is needed to continue as if it had never stopped.

    Parameters
    ----------
    running
        The start that is being run; empty when all have ended.
    snapshot
        Where its loop is; ``None`` before its first iteration.
    finished
        The starts that have ended, in the order of the list.
    """

    running: str
    snapshot: Snapshot | None
    finished: tuple[Attempt, ...] = ()


@dataclass(frozen=True)
class GroundState:
    """What a search found: the best state, and all the others.

    Parameters
    ----------
    fields, hamiltonian
        The best state, in the gauge of the model.
    history, status
        Of its loop; ``stopped`` if the search was.
    ranking
        Where every start led, the best first; empty where there was only one. If the first is a saddle, the
        state is what lies below it.
    progress
        What a checkpoint must hold.
    warnings
        What a reader of the best state must know, a line each.
    """

    fields: Fields
    hamiltonian: NambuMatrix
    history: tuple[Iteration, ...]
    status: Status
    ranking: tuple[Candidate, ...]
    progress: Progress
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Watch:
    """What a caller does while a search runs.

    Parameters
    ----------
    after_iteration
        Called with each iteration and a way to take the progress; true asks the search to stop.
    after_start
        Called with the progress when a start has ended.
    stage
        Called with a line on each start.
    """

    after_iteration: Callable[[Iteration, Callable[[], Progress]], bool] = lambda iteration, take: False
    after_start: Callable[[Progress], None] = lambda progress: None
    stage: Callable[[str], None] = lambda line: None


def search(
    model: Model,
    solver: Solver,
    options: ScfOptions,
    starts: Sequence[Start],
    *,
    seed: int = 0,
    tolerance: float = TOLERANCE,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> GroundState:
    """Run every start to self-consistency and rank what they lead to.

    A single start is not ranked, and its energy not computed. Of several each keeps its symmetry to the end;
    if the best state is a saddle, it is called so, and the search continues from it along the growing mode.

    Parameters
    ----------
    model, solver, options
        See :func:`bdg.scf.self_consistency`.
    starts
        One or more, with different names.
    seed
        Of random starts.
    tolerance
        Accuracy of the energies that is asked of the solver.
    progress
        A search of the same model to continue: starts that converged are not run again, those that ran out
        of iterations go on if there are more now.
    watch
        Progress and stop requests.

    Raises
    ------
    InputError
        If there is no start, or nothing is left to do for a search that did not converge.
    """
    if not starts:
        raise InputError("there is no start; give uniform, for example")
    task = _Task(model, solver, options, seed, tolerance, watch or Watch())
    if progress is None or not (progress.running or progress.finished):
        progress = Progress(starts[0].name, None if progress is None else progress.snapshot)
    if len(starts) == 1:
        outcome = task.run(starts[0], _resumed(starts[0], progress), (), options)
        outcome = task.looked_below(starts[0], outcome)
        return _unranked(outcome, Progress(starts[0].name, outcome.snapshot), options.tolerance)
    return _several(task, starts, progress)


@dataclass(frozen=True)
class _Task:
    """What all starts have in common."""

    model: Model
    solver: Solver
    options: ScfOptions
    seed: int
    tolerance: float
    watch: Watch

    def run(
        self,
        start: Start,
        resume: Snapshot | None,
        ended: tuple[Attempt, ...],
        options: ScfOptions | None = None,
    ) -> Outcome:
        """Run one start, from a snapshot if there is one; of several, each to the state it leads to."""

        def after_iteration(iteration: Iteration, snapshot: Callable[[], Snapshot]) -> bool:
            return self.watch.after_iteration(iteration, lambda: Progress(start.name, snapshot(), ended))

        return self_consistency(
            self.model,
            self.solver,
            options or replace(self.options, leave_saddles=False),
            initial=start.initial,
            seed=self.seed,
            draw=start.draw,
            resume=resume,
            after_iteration=after_iteration,
        )

    def looked_below(self, start: Start, outcome: Outcome) -> Outcome:
        """The outcome, called a saddle where neighbours that repel would order, or its start holds it."""
        is_normal = isinstance(start.initial, str) and start.initial == "normal"
        is_open = outcome.status == "converged" and not outcome.history[-1].saddle
        looks = may_order(self.model) or may_be_held(self.model, outcome.fields)
        if not (self.options.leave_saddles and looks and is_open) or is_normal:
            return outcome
        lower = below(self.model, self.solver, outcome.fields)
        return (
            outcome if lower is None else replace(outcome, history=marked(outcome.history, lower.eigenvalue))
        )

    def attempt(self, start: Start, outcome: Outcome) -> Attempt:
        """What the end of a loop is kept as, with its energy."""
        if outcome.status == "broken":
            name = "grand potential" if self.model.filling is None else "free energy"
            energy = scalar(float("nan"), "t", name)
        else:
            state = State(self.model, outcome.fields, outcome.hamiltonian, self.solver, self.tolerance)
            energy = energy_of(state, outcome.history[-1].residual)
        candidate = Candidate(start.name, outcome.status, energy, outcome.fields, outcome.history)
        return Attempt(candidate, None if outcome.status == "converged" else outcome.snapshot)


def _several(task: _Task, starts: Sequence[Start], progress: Progress) -> GroundState:
    known = {attempt.candidate.name: attempt for attempt in progress.finished}
    waiting = [s for s in starts if _has_more_to_do(known.get(s.name), progress, task.options)]
    ended = {name: attempt for name, attempt in known.items() if name not in {s.name for s in waiting}}
    if not waiting and all(ended[start.name].snapshot is not None for start in starts):
        most = task.options.max_iterations
        raise InputError(f"every start has made its {most} iterations; raise scf.max_iterations")
    runs = _Runs(task, list(starts), ended, progress)
    for start in waiting:
        stopped = runs.run(start, waiting)
        if stopped is not None:
            return stopped
    best = _descended(runs, {start.name for start in starts})
    if isinstance(best, GroundState):
        return best
    hamiltonian = NambuAssembler(task.model).matrix(best.fields)
    ranking = runs.ranking({start.name for start in starts})
    warnings = (*runs.broken, *warnings_of(best.history, best.status, task.options.tolerance))
    done = Progress("", None, runs.done())
    return GroundState(best.fields, hamiltonian, best.history, best.status, ranking, done, warnings)


def _descended(runs: _Runs, names: Collection[str]) -> Candidate | GroundState:
    """The best state of some starts and, as long as it is a saddle, what is below; or a search that stopped.

    The normal state that was asked for is called a saddle where it is one, and kept.
    """
    best, *others = runs.ranking(names)
    alike = {best.name, *(other.name for other in others if other.same_as == best.name)}
    normal = {
        start.name for start in runs.starts if isinstance(start.initial, str) and start.initial == "normal"
    }
    for _ in range(DESCENTS if runs.task.options.leave_saddles else 0):
        lower = None
        if best.status == "converged":
            lower = below(runs.task.model, runs.task.solver, best.fields)
        if lower is None:
            return best
        attempt, history = runs.ended[best.name], marked(best.history, lower.eigenvalue)
        best = replace(best, history=history)
        runs.ended[best.name] = replace(attempt, candidate=replace(attempt.candidate, history=history))
        if alike <= normal or lower.fields is None:
            return best
        start = Start(f"below {best.name}", lower.fields)
        runs.task.watch.stage(f"{best.name} is a saddle, λ = {lower.eigenvalue:.6g}: going on along its mode")
        runs.starts.append(start)
        stopped = None if start.name in runs.ended else runs.run(start, [start])
        if stopped is not None:
            return stopped
        found = runs.ranking({best.name, start.name})[0]
        if found.name == best.name:
            return best
        best = found
    return best


@dataclass
class _Runs:
    """The starts of a search and those that have ended."""

    task: _Task
    starts: list[Start]
    ended: dict[str, Attempt]
    progress: Progress
    broken: list[str] = field(default_factory=list)

    def run(self, start: Start, waiting: Sequence[Start]) -> GroundState | None:
        """Run a start; what a search that was stopped is, else ``None``."""
        watch, number = self.task.watch, self.starts.index(start) + 1
        watch.stage(f"start {number} of {len(self.starts)}: {start.name}")
        outcome = self.task.run(start, _resumed(start, self.progress), self.done())
        if outcome.status == "stopped":
            tolerance = self.task.options.tolerance
            return _unranked(outcome, Progress(start.name, outcome.snapshot, self.done()), tolerance)
        self.ended[start.name] = self.task.attempt(start, outcome)
        self.broken += [f"start {start.name}: {outcome.reason}"] if outcome.reason else []
        watch.stage(told(self.ended[start.name].candidate))
        left = [other.name for other in waiting if other.name not in self.ended]
        watch.after_start(Progress(left[0] if left else "", None, self.done()))
        return None

    def done(self) -> tuple[Attempt, ...]:
        """What has ended, in the order of the list."""
        return tuple(self.ended[start.name] for start in self.starts if start.name in self.ended)

    def ranking(self, names: Collection[str]) -> tuple[Candidate, ...]:
        """What starts of these names led to, the best first."""
        return ranked([attempt.candidate for attempt in self.done() if attempt.candidate.name in names])


def _unranked(outcome: Outcome, progress: Progress, tolerance: float) -> GroundState:
    broken = (outcome.reason,) if outcome.reason else ()
    warnings = broken + warnings_of(outcome.history, outcome.status, tolerance)
    found = outcome.fields, outcome.hamiltonian, outcome.history, outcome.status
    return GroundState(*found, (), progress, warnings)


def _resumed(start: Start, progress: Progress) -> Snapshot | None:
    """Where a start continues from, if it has begun."""
    if start.name == progress.running:
        return progress.snapshot
    found = (entry.snapshot for entry in progress.finished if entry.candidate.name == start.name)
    return next(found, None)


def _has_more_to_do(attempt: Attempt | None, progress: Progress, options: ScfOptions) -> bool:
    if attempt is None:
        return True
    status = attempt.candidate.status
    if status == "broken":  # tried again on request only: a search that goes on must end as if uninterrupted
        return not progress.running
    return status != "converged" and len(attempt.candidate.history) < options.max_iterations
