"""The self-consistency loop: fields → H → entries of f(H) → fields, until nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats
from bdg.errors import InputError, NumericalError, RunInterruptedError
from bdg.fixed_point import Anderson, Mixer, make_mixer
from bdg.model import Fields, Model
from bdg.nambu import NambuAssembler, NambuMatrix
from bdg.scf.evaluation import evaluation, why_no_mu
from bdg.scf.history import Iteration, Status
from bdg.scf.map import FixedPoint
from bdg.scf.stability.lookout import Lookout
from bdg.scf.stagnation import Stagnation
from bdg.scf.starts.initial import InitialKind
from bdg.scf.starts.start import in_working_gauge, start_fields
from bdg.solvers import Solver


@dataclass(frozen=True)
class ScfOptions:
    """How the loop runs.

    Parameters
    ----------
    tolerance
        The un-mixed residual (see :class:`Iteration`) at which it has converged, in t.
    max_iterations
        Iterations before it gives up.
    mixer, damping, history
        Which accelerator, its step length, and how many past iterations it remembers.
    leave_saddles
        Whether to look for saddles at the end and to leave them; see :mod:`bdg.scf.stability.saddle`.

    Raises
    ------
    InputError
        If a value is out of range.
    """

    tolerance: float = 1e-8
    max_iterations: int = 200
    mixer: str = "anderson"
    damping: float = 1.0
    history: int = 10
    leave_saddles: bool = True

    def __post_init__(self) -> None:
        if not (np.isfinite(self.tolerance) and self.tolerance > 0):
            raise InputError(f"tolerance {self.tolerance} is impossible; give a positive number")
        if self.max_iterations < 1:
            raise InputError(f"max_iterations {self.max_iterations} is impossible; give at least 1")
        make_mixer(self.mixer, self.damping, self.history)  # refuses what it cannot do


@dataclass(frozen=True)
class Snapshot:
    """A loop between two iterations: all that is needed to continue as if it had never stopped.

    Parameters
    ----------
    vector
        The packed fields the next iteration starts from.
    history
        The iterations so far.
    mixer_state
        From :meth:`bdg.fixed_point.Mixer.state`.
    """

    vector: NDArray[np.float64]
    history: tuple[Iteration, ...]
    mixer_state: dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Outcome:
    """How a loop ended.

    Parameters
    ----------
    fields
        The last good fields, in the gauge of the model.
    hamiltonian
        H at these fields, in the gauge of the model.
    history
        One entry an iteration.
    status
        See :data:`bdg.scf.history.Status`.
    snapshot
        Where to continue from. Of a loop that converged or broke: its last good iteration, to be made again.
    reason
        Why it broke: what is not finite, and in which iteration.
    """

    fields: Fields
    hamiltonian: NambuMatrix
    history: tuple[Iteration, ...]
    status: Status
    snapshot: Snapshot
    reason: str = ""


AfterIteration = Callable[[Iteration, Callable[[], Snapshot]], bool]
"""Called after each iteration with its record and a way to take a snapshot; true asks the loop to stop."""


def self_consistency(
    model: Model,
    solver: Solver,
    options: ScfOptions | None = None,
    *,
    initial: InitialKind | Fields = "uniform",
    seed: int = 0,
    draw: int = 0,
    held: NDArray[np.bool_] | None = None,
    resume: Snapshot | None = None,
    after_iteration: AfterIteration | None = None,
) -> Outcome:
    """Find fields that reproduce themselves.

    The loop runs in a gauge where H is real, if there is one; the fields are returned in the model's own.
    Nothing is lost when it fails: the outcome holds the last good fields and says how it ended.

    Parameters
    ----------
    model, solver
        What to solve, and with what.
    options
        See :class:`ScfOptions`.
    initial, seed, draw
        Name of a start, with the seed of a random one and which of its draws; or fields in the model's gauge.
    held
        Sites, shape ``(n_sites,)``, where Δ keeps the phase it starts with while its size is found: the
        leads of a junction, between which there is a phase difference that no state has by itself.
    resume
        A snapshot to continue from, of the same model and options.
    after_iteration
        Progress, checkpoints and stop requests.
    """
    options = options or ScfOptions()
    work, angle = in_working_gauge(model)
    start = start_fields(work, initial, (seed, draw), angle)
    fixed_point = FixedPoint(work, solver, start, options.tolerance, held)
    # ∂Ω/∂Δ* = (Δ_in − Δ_out)/U: the residual points down in Ω. A mixer never steps against it, or a loop that
    # starts where the residual still grows with Δ would end in the normal state, a maximum. μ is no such
    # unknown: at a given filling Ω is at its largest along μ, not at its least.
    stable = slice(0, -1) if "mu" in fixed_point.layout else slice(None)
    mixer = make_mixer(options.mixer, options.damping, options.history, stable=stable)
    vector = fixed_point.confined(fixed_point.layout.pack(start))
    history: tuple[Iteration, ...] = ()
    if resume is not None:
        vector, history = resume.vector, resume.history
        fixed_point = fixed_point.of_length(len(vector))
        mixer.restore(resume.mixer_state)
    if len(history) >= options.max_iterations:
        raise InputError(
            f"{len(history)} iterations are made, max_iterations is {options.max_iterations}; raise it"
        )
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is looked for, iteration by iteration
        expected = np.inf if isinstance(initial, str) else 0.0
        lookout = Lookout(
            options.tolerance,
            options.leave_saddles and not (isinstance(initial, str) and initial == "normal"),
            not isinstance(initial, str) or model.on_bonds.start_is_named,
        )
        stagnation = Stagnation(mixer, history)
        end = _iterate(
            fixed_point, mixer, vector, history, expected, options, lookout, stagnation, after_iteration
        )
    fields = _signed_like(start, end.fixed_point.layout.unpack(end.vector, end.fixed_point.start))
    if angle is None or not angle.any():
        hamiltonian = end.fixed_point.hamiltonian(fields)
    else:
        fields = fields.transformed(-angle, model.sample.bonds)
        hamiltonian = NambuAssembler(model).matrix(fields)
    return Outcome(fields, hamiltonian, end.history, end.status, end.snapshot, end.reason)


NEWTON_FROM = 0.3
"""Residual, in t, from which on the local Newton step is a better one."""

TURNING = 30
"""Iterations at most that forget the ones before while the phase of Δ has far to turn."""


@dataclass(frozen=True)
class _End:
    """How the iterations ended: the map, the last good vector, and what :class:`Outcome` says of them."""

    fixed_point: FixedPoint
    vector: Floats
    history: tuple[Iteration, ...]
    status: Status
    snapshot: Snapshot
    reason: str = ""


def _iterate(
    fixed_point: FixedPoint,
    mixer: Mixer,
    vector: Floats,
    history: tuple[Iteration, ...],
    expected: float,
    options: ScfOptions,
    lookout: Lookout,
    stagnation: Stagnation,
    after_iteration: AfterIteration | None,
) -> _End:
    """Iteration after iteration from ``vector``, until it converges or something ends it.

    ``expected`` is the residual of the first iteration as far as one can tell: given fields may be the answer
    already, and a first iteration made carelessly would lead away from it.
    """
    good = vector
    while True:
        before, began = history, vector
        fixed_point.set_accuracy(history[-1].residual if history else expected, _last_change(history))
        try:
            vector, iteration, out = evaluation(fixed_point, vector, history)
            if iteration.residual <= options.tolerance and not fixed_point.is_final:
                fixed_point.set_accuracy(0.0)
                vector, iteration, out = evaluation(fixed_point, vector, history)
            iteration, onward = lookout.judged(fixed_point, vector, history, iteration)
            good, history = vector, (*history, iteration)
            is_last = len(history) >= options.max_iterations and not iteration.saddle  # as near as it gets
            if iteration.residual <= options.tolerance and (onward is None or is_last):
                again = Snapshot(good, before, mixer.state())
                if after_iteration is not None:
                    after_iteration(iteration, lambda: again)  # noqa: B023  (the loop ends here)
                return _End(fixed_point, good, history, "converged", again)
            stagnation.watch(iteration)
            if onward is None:
                vector = _stepped(fixed_point, mixer, vector, out, iteration)
            else:
                fixed_point, vector, good = onward.fixed_point, onward.vector, onward.left
                mixer.reset()
        except NumericalError as error:
            reason = f"iteration {len(before) + 1}: {error}"
            return _End(fixed_point, good, history, "broken", Snapshot(good, history[:-1], {}), reason)
        except (
            RunInterruptedError
        ):  # by the solver, before the mixer's step: all is as the last iteration left it
            return _End(fixed_point, good, before, "stopped", Snapshot(began, before, mixer.state()))
        take = _snapshot_of(vector, history, mixer)
        if after_iteration is not None and after_iteration(iteration, take):
            return _End(fixed_point, good, history, "stopped", take())
        reason = why_no_mu(history)
        if reason or len(history) >= options.max_iterations:
            return _End(fixed_point, good, history, "not_converged", take(), reason)


def _stepped(
    fixed_point: FixedPoint, mixer: Mixer, vector: Floats, out: Fields, iteration: Iteration
) -> Floats:
    """The next packed fields; μ stays where it is found at the others."""
    residual = fixed_point.layout.pack(out) - vector
    if isinstance(mixer, Anderson):
        _prepare(mixer, fixed_point, residual, iteration)
    error = fixed_point.gain * fixed_point.error
    following = fixed_point.confined(mixer.step(vector, residual, error))
    return np.append(following[:-1], iteration.mu) if iteration.compressibility else following


def _prepare(mixer: Anderson, fixed_point: FixedPoint, residual: Floats, iteration: Iteration) -> None:
    """Give the mixer what it needs to know of the map at this iteration.

    While the phase of Δ has far to turn, and that is most of what is left, the iterations before tell nothing
    of what follows: they are forgotten, and the phase is turned downhill first.
    """
    newton = fixed_point.preconditioner() if iteration.residual < NEWTON_FROM else None
    turns = fixed_point.turns()
    mixer.preconditioner, mixer.downhill = newton, None
    if turns is None:
        return
    mixer.downhill = lambda given: given + turns.step(given)
    mixer.preconditioner = lambda given: (
        (given if newton is None else newton(given.copy())) + turns.step(given)
    )
    if iteration.iteration <= TURNING and turns.are_far(residual):
        mixer.reset()


def _last_change(history: tuple[Iteration, ...]) -> float:
    """How much the last iteration changed the residual."""
    return abs(history[-1].residual - history[-2].residual) if len(history) > 1 else np.inf


def _signed_like(start: Fields, fields: Fields) -> Fields:
    """The fields, with the sign of Δ that the loop started from: a long step may have carried it across 0.

    −Δ is as good a solution as Δ: the sign is the global phase that real fields leave free.
    """
    if fields.is_complex:
        return fields
    return fields if start.overlap(fields) >= 0 else fields.with_pairs(-1)


def _snapshot_of(
    vector: NDArray[np.float64], history: tuple[Iteration, ...], mixer: Mixer
) -> Callable[[], Snapshot]:
    """A way to take the snapshot until the mixer moves on: taking one copies the mixer's memory."""
    return lambda: Snapshot(vector, history, mixer.state())
