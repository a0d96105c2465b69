"""The ground state among several starts: each is run to self-consistency, then energies decide."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bdg.errors import InputError
from bdg.model import Fields, Model
from bdg.nambu import NambuAssembler, NambuMatrix
from bdg.observables import Quantity, State
from bdg.observables.grand_potential import grand_potential
from bdg.observables.quantity import scalar
from bdg.scf import Iteration, Outcome, ScfOptions, Snapshot, Status, self_consistency
from bdg.scf.initial import InitialKind
from bdg.solvers import Solver

SOFTEST = 0.01
"""The smallest 1 − λ, λ an eigenvalue of the map, for which the error estimates of a state hold."""


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


@dataclass(frozen=True, eq=False)
class Candidate:
    """Where a start led.

    Parameters
    ----------
    name
        The start.
    status
        How its loop ended.
    energy
        Ω at fixed μ, F = Ω + μN at fixed filling, of the whole sample, in t, with its error; NaN where
        numbers broke.
    fields
        The last good fields, in the gauge of the model.
    history
        One entry a turn.
    same_as
        Name of a better ranked start that led to the same state up to a global phase, or empty.
    """

    name: str
    status: Status
    energy: Quantity
    fields: Fields
    history: tuple[Iteration, ...]
    same_as: str = ""

    @property
    def residual(self) -> float:
        """The last residual, in t; 0 where nothing was self-consistent."""
        return self.history[-1].residual if self.history else 0.0

    @property
    def mean_delta(self) -> float:
        """Mean of |Δ_i| over the sample, in t."""
        return float(np.abs(self.fields.delta).mean())


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
    """

    fields: Fields
    hamiltonian: NambuMatrix
    history: tuple[Iteration, ...]
    status: Status
    ranking: tuple[Candidate, ...]
    progress: Progress


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
    for number, start in enumerate(starts, 1):
        if start.name not in waiting:
            continue
        task.watch.stage(f"start {number} of {len(starts)}: {start.name}")
        outcome = task.run(start, _resumed(start, progress), _in_order(starts, ended))
        if outcome.status == "stopped":
            return _unranked(outcome, Progress(start.name, outcome.snapshot, _in_order(starts, ended)))
        ended[start.name] = task.attempt(start, outcome)
        task.watch.stage(told(ended[start.name].candidate))
        left = [name for name in waiting if name not in ended]
        task.watch.after_start(Progress(left[0] if left else "", None, _in_order(starts, ended)))
    done = _in_order(starts, ended)
    ranking = ranked([attempt.candidate for attempt in done])
    best = ranking[0]
    hamiltonian = NambuAssembler(task.model).matrix(best.fields)
    return GroundState(best.fields, hamiltonian, best.history, best.status, ranking, Progress("", None, done))


def _unranked(outcome: Outcome, progress: Progress) -> GroundState:
    return GroundState(outcome.fields, outcome.hamiltonian, outcome.history, outcome.status, (), progress)


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


def told(candidate: Candidate) -> str:
    """A line on how a start ended."""
    turns = len(candidate.history)
    line = f"{candidate.name}: {candidate.status.replace('_', ' ')} after {turns} iterations"
    if not np.isnan(candidate.energy.values):
        line += f", {candidate.energy.long_name} {float(candidate.energy.values):.10g} t"
    return line


def ranked(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The candidates with the best first, and those that are one state told so.

    Whatever converged comes before what did not; then the lower energy. Energies that agree within their
    error estimates don't decide: these states keep their order in the list.
    """
    left = sorted(candidates, key=lambda entry: (_class(entry), _value(entry)))
    order: list[Candidate] = []
    while left:
        tied = [entry for entry in left if _tie(left[0], entry)]
        order += sorted(tied, key=candidates.index)
        left = [entry for entry in left if entry not in tied]
    found: list[Candidate] = []
    for entry in order:
        twins = (other.name for other in found if not other.same_as and same_state(other, entry))
        found.append(replace(entry, same_as=next(twins, "")))
    return tuple(found)


def same_state(one: Candidate, other: Candidate) -> bool:
    """Whether two converged candidates are one state up to a global phase, within what their residuals allow.

    A state is off its fixed point by its residual over 1 − λ, and 1 − λ ≥ 0.01 is assumed.
    """
    if not (one.status == other.status == "converged" and _tie(one, other)):
        return False
    a, b = one.fields, other.fields
    overlap = complex(np.vdot(a.delta, b.delta))
    turn = overlap / abs(overlap) if overlap else 1.0
    apart = max(
        float(np.abs(b.delta - turn * a.delta).max()),
        float(np.abs(b.hartree - a.hartree).max()),
        abs(b.mu - a.mu),
    )
    rounding = 1e-12 * float(np.abs(a.delta).max())
    return apart <= (one.residual + other.residual) / SOFTEST + rounding


def energy_of(state: State, residual: float) -> Quantity:
    """What states compete by: Ω at fixed μ, F = Ω + μN at fixed filling with N what it should be, in t.

    Both are stationary at self-consistency, with N fixed F too: a state off by ε = residual/(1 − λ) costs
    ε R Σ 1/U in Ω and about ε² a site by its filling, which with 1 − λ ≥ 0.01 is in the error estimate.
    """
    model = state.model
    omega = grand_potential(state)["grand_potential"]
    value, error = float(omega.values), float(omega.error or 0.0)
    strength = np.abs(model.attraction.strength)
    soft = float(np.sum(1.0 / strength[strength > 0]))
    if model.filling is not None:
        value += state.fields.mu * model.filling * model.sample.n_sites
        soft += model.sample.n_sites
    error += soft * residual**2 / SOFTEST + float(np.finfo(float).eps) * abs(value)
    name = "grand potential" if model.filling is None else "free energy"
    return scalar(value, "t", name, error)


def _class(candidate: Candidate) -> int:
    return {"converged": 0, "not_converged": 1}.get(candidate.status, 2)


def _value(candidate: Candidate) -> float:
    value = float(candidate.energy.values)
    return float("inf") if np.isnan(value) else value


def _tie(one: Candidate, other: Candidate) -> bool:
    if one is other:
        return True
    if _class(one) != _class(other):
        return False
    margin = (one.energy.error or 0.0) + (other.energy.error or 0.0)
    return abs(float(one.energy.values) - float(other.energy.values)) <= margin
