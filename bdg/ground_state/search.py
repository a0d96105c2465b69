"""A search: several starts, each run to self-consistency, from where it was if it had begun."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bdg.errors import InputError
from bdg.ground_state.ranking import Candidate, energy_of, ranked, told
from bdg.model import Fields, Model
from bdg.nambu import NambuAssembler, NambuMatrix
from bdg.observables import State
from bdg.observables.quantity import scalar
from bdg.scf import Iteration, Outcome, ScfOptions, Snapshot, Status, self_consistency
from bdg.scf.initial import InitialKind
from bdg.solvers import Solver


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
    """A search between two turns: all that is needed to go on as if it had never stopped.

    Parameters
    ----------
    running
        The start whose turn it is; empty when all have ended.
    snapshot
        Where its loop is; ``None`` before its first turn.
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
        Where every start led, the best first; empty where there was only one.
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
    after_turn
        Called with each turn and a way to take the progress; true asks the search to stop.
    after_start
        Called with the progress when a start has ended.
    stage
        Called with a line on each start.
    """

    after_turn: Callable[[Iteration, Callable[[], Progress]], bool] = lambda turn, take: False
    after_start: Callable[[Progress], None] = lambda progress: None
    stage: Callable[[str], None] = lambda line: None


def search(
    model: Model,
    solver: Solver,
    options: ScfOptions,
    starts: Sequence[Start],
    *,
    seed: int = 0,
    tolerance: float = 1e-10,
    progress: Progress | None = None,
    watch: Watch | None = None,
) -> GroundState:
    """Run every start to self-consistency and rank what they lead to.

    A single start is not ranked, and its energy not computed.

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
        A search of the same model to go on with: starts that converged are not run again, those that ran out
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
        outcome = task.run(starts[0], _resumed(starts[0], progress), ())
        return _unranked(outcome, Progress(starts[0].name, outcome.snapshot))
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

    def run(self, start: Start, resume: Snapshot | None, ended: tuple[Attempt, ...]) -> Outcome:
        """Run one start, from a snapshot if there is one."""

        def after_turn(turn: Iteration, snapshot: Callable[[], Snapshot]) -> bool:
            return self.watch.after_turn(turn, lambda: Progress(start.name, snapshot(), ended))

        return self_consistency(
            self.model,
            self.solver,
            self.options,
            initial=start.initial,
            seed=self.seed,
            draw=start.draw,
            resume=resume,
            after_turn=after_turn,
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
    waiting = [s.name for s in starts if _has_more_to_do(known.get(s.name), progress, task.options)]
    ended = {name: attempt for name, attempt in known.items() if name not in waiting}
    if not waiting and all(attempt.snapshot is not None for attempt in ended.values()):
        most = task.options.max_iterations
        raise InputError(f"every start has made its {most} iterations; raise scf.max_iterations")
    broken: tuple[str, ...] = ()
    for number, start in enumerate(starts, 1):
        if start.name not in waiting:
            continue
        task.watch.stage(f"start {number} of {len(starts)}: {start.name}")
        outcome = task.run(start, _resumed(start, progress), _in_order(starts, ended))
        if outcome.status == "stopped":
            return _unranked(outcome, Progress(start.name, outcome.snapshot, _in_order(starts, ended)))
        ended[start.name] = task.attempt(start, outcome)
        broken += (f"start {start.name}: {outcome.reason}",) if outcome.reason else ()
        task.watch.stage(told(ended[start.name].candidate))
        left = [name for name in waiting if name not in ended]
        task.watch.after_start(Progress(left[0] if left else "", None, _in_order(starts, ended)))
    done = _in_order(starts, ended)
    ranking = ranked([attempt.candidate for attempt in done])
    best = ranking[0]
    hamiltonian = NambuAssembler(task.model).matrix(best.fields)
    return GroundState(
        best.fields, hamiltonian, best.history, best.status, ranking, Progress("", None, done), broken
    )


def _unranked(outcome: Outcome, progress: Progress) -> GroundState:
    broken = (outcome.reason,) if outcome.reason else ()
    return GroundState(
        outcome.fields, outcome.hamiltonian, outcome.history, outcome.status, (), progress, broken
    )


def _resumed(start: Start, progress: Progress) -> Snapshot | None:
    """Where a start goes on from, if it has begun."""
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


def _in_order(starts: Sequence[Start], ended: Mapping[str, Attempt]) -> tuple[Attempt, ...]:
    return tuple(ended[start.name] for start in starts if start.name in ended)
