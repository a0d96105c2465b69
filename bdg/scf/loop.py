"""The self-consistency loop: fields → H → entries of f(H) → fields, until nothing changes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError, NumericalError
from bdg.expectations import anomalous_density, part, site_and_bond_pattern, spin_density
from bdg.fixed_point import Anderson, Mixer, make_mixer
from bdg.gauge import real_gauge
from bdg.model import Fields, Layout, Model
from bdg.nambu import NambuAssembler, NambuMatrix
from bdg.scf.history import Iteration, Status
from bdg.scf.initial import InitialKind, initial_fields
from bdg.scf.newton import newton_step
from bdg.solvers import Correlations, Solver


@dataclass(frozen=True)
class ScfOptions:
    """How the loop runs.

    Parameters
    ----------
    tolerance
        The un-mixed residual (see :class:`Iteration`) at which it has converged, in t.
    max_iterations
        Turns before it gives up.
    mixer, damping, history
        Which accelerator, its step length, and how many past turns it remembers.

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

    def __post_init__(self) -> None:
        if not (np.isfinite(self.tolerance) and self.tolerance > 0):
            raise InputError(f"tolerance {self.tolerance} is impossible; give a positive number")
        if self.max_iterations < 1:
            raise InputError(f"max_iterations {self.max_iterations} is impossible; give at least 1")
        make_mixer(self.mixer, self.damping, self.history)  # refuses what it cannot do


@dataclass(frozen=True)
class Snapshot:
    """A loop between two turns: all that is needed to go on as if it had never stopped.

    Parameters
    ----------
    vector
        The packed fields the next turn starts from.
    history
        The turns so far.
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
        One entry a turn.
    status
        See :data:`bdg.scf.history.Status`.
    snapshot
        Where to go on from. Of a loop that converged or broke: its last good turn, to be made again.
    """

    fields: Fields
    hamiltonian: NambuMatrix
    history: tuple[Iteration, ...]
    status: Status
    snapshot: Snapshot


Vector = NDArray[np.float64]

AfterTurn = Callable[[Iteration, Callable[[], Snapshot]], bool]
"""Called after each turn with its record and a way to take a snapshot; true asks the loop to stop."""


def self_consistency(
    model: Model,
    solver: Solver,
    options: ScfOptions | None = None,
    *,
    initial: InitialKind | Fields = "uniform",
    seed: int = 0,
    resume: Snapshot | None = None,
    after_turn: AfterTurn | None = None,
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
    initial, seed
        Name of a start, with the seed of a random one; or fields in the model's gauge.
    resume
        A snapshot to go on from, of the same model and options.
    after_turn
        Progress, checkpoints and stop requests.
    """
    options = options or ScfOptions()
    angle = real_gauge(model.sample, model.phase)
    work = model if angle is None else model.transformed(angle)
    start = _start(work, initial, seed, angle)
    fixed_point = FixedPoint(work, solver, start, options.tolerance)
    mixer = make_mixer(options.mixer, options.damping, options.history)
    vector = fixed_point.confined(fixed_point.layout.pack(start))
    history: tuple[Iteration, ...] = ()
    if resume is not None:
        vector, history = resume.vector, resume.history
        mixer.restore(resume.mixer_state)
    if len(history) >= options.max_iterations:
        raise InputError(
            f"{len(history)} iterations are made, max_iterations is {options.max_iterations}; raise it"
        )
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is looked for, turn by turn
        vector, history, status, snapshot = _iterate(fixed_point, mixer, vector, history, options, after_turn)
    fields = fixed_point.layout.unpack(vector, start)
    if angle is None or not angle.any():
        return Outcome(fields, fixed_point.hamiltonian(fields), history, status, snapshot)
    fields = fields.transformed(-angle)
    return Outcome(fields, NambuAssembler(model).matrix(fields), history, status, snapshot)


COARSEST = 1e-3
"""Error of f(H) that is good enough while the fields are far from self-consistent."""

ACCURACY_SHARE = 0.01
"""Error of f(H) asked of the solver, as a share of the last residual in t."""

FINAL_SHARE = 0.1
"""Error of Δ at the end, as a share of the wanted residual."""

NEWTON_FROM = 0.3
"""Residual, in t, from which on the local Newton step is a better one."""


class FixedPoint:
    """The map whose fixed point is sought, Fields → Fields, on a model in its best gauge.

    Parameters
    ----------
    model
        The model.
    solver
        Gives f(H) on the sites.
    start
        Fixes what is not free, and whether Δ is complex.
    tolerance
        Wanted residual; at the end the solver is asked for ten times better.
    """

    def __init__(self, model: Model, solver: Solver, start: Fields, tolerance: float) -> None:
        self.model, self.solver, self.start = model, solver, start
        self._final_accuracy = (
            FINAL_SHARE * tolerance / max(1.0, float(np.abs(model.attraction.strength).max()))
        )
        self.layout = Layout(
            n_sites=model.sample.n_sites,
            delta=model.attraction.pairing,
            hartree=model.attraction.hartree,
            mu=model.chemical_potential is None,
            is_complex=np.iscomplexobj(start.delta),
            spin_resolved=not model.is_spin_symmetric,
        )
        self._assembler = NambuAssembler(model)
        self._pattern = site_and_bond_pattern(model.sample)
        self.accuracy, self.is_final = self._final_accuracy, True
        self._f: Correlations | None = None
        self._last: tuple[Fields, NambuMatrix] | None = None
        bonds, strength = model.sample.bonds, np.abs(model.amplitude)
        ends = np.concatenate([bonds.source, bonds.target])
        self._hopping_reach = float(np.bincount(ends, np.tile(strength, 2), model.sample.n_sites).max())
        # Half the band width: density goes from 0 to 2 over twice this, so it turns a filling error into
        # a shift of μ of the right size.
        self._mu_per_filling = self._hopping_reach or 1.0

    def be_as_accurate_as(self, residual: float) -> None:
        """Ask the solver for what the next turn needs: a share of the residual there was, and no more."""
        wanted = min(COARSEST, max(ACCURACY_SHARE * residual, self._final_accuracy))
        # Powers of ten, so that a solver meets few different accuracies and can keep what it made for each.
        wanted = 10.0 ** np.floor(np.log10(wanted))
        self.is_final = bool(wanted <= self._final_accuracy)
        self.accuracy = self._final_accuracy if self.is_final else float(wanted)

    def preconditioner(self) -> Callable[[NDArray[np.float64]], NDArray[np.float64]] | None:
        """A Newton step from what the last turn computed, where that is known and good."""
        free = self.layout
        if self._f is None or not free.delta or free.hartree or free.is_complex:
            return None
        return newton_step(self._f, self.model.attraction.strength, free.slices()["delta"])

    def confined(self, vector: NDArray[np.float64]) -> NDArray[np.float64]:
        """The vector with μ kept where the density can depend on it.

        Below every level the density is 0 and above every level 2, whatever μ is: a step that lands there
        tells an accelerator nothing, and it can run away. Gershgorin's theorem bounds the levels.
        """
        if self.layout.mu:
            fields, model = self.layout.unpack(vector, self.start), self.model
            level = model.onsite + fields.hartree
            reach = self._hopping_reach + np.abs(model.zeeman).max() + np.abs(fields.delta).max()
            mu = np.clip(fields.mu, level.min() - reach, level.max() + reach)
            vector[self.layout.slices()["mu"]] = mu
        return vector

    def hamiltonian(self, fields: Fields) -> NambuMatrix:
        """H at the fields; the last one is kept, so that asking again finds the solver's work done."""
        if self._last is None or not _same(self._last[0], fields):
            self._last = (fields, self._assembler.matrix(fields))
        return self._last[1]

    def __call__(self, fields: Fields) -> tuple[Fields, float]:
        """The fields that f(H[fields]) makes, and the filling error.

        μ_out = μ + (half band width) · (filling − electrons per site).
        """
        model = self.model
        self._f = self.solver.correlations(
            self.hamiltonian(fields), model.temperature, self._pattern, tolerance=self.accuracy
        )
        f = part(self._f, slice(0, model.sample.n_sites))
        density = spin_density(f)
        delta, hartree, mu, filling_error = fields.delta, fields.hartree, fields.mu, 0.0
        if self.layout.delta:
            delta = model.attraction.delta(anomalous_density(f))
        if self.layout.hartree:
            hartree = model.attraction.hartree_potential(density)
        if self.layout.mu and model.filling is not None:
            missing = model.filling - float(density.sum()) / model.sample.n_sites
            mu, filling_error = mu + self._mu_per_filling * missing, abs(missing)
        return Fields(delta, hartree, mu), filling_error


def _iterate(
    fixed_point: FixedPoint,
    mixer: Mixer,
    vector: Vector,
    history: tuple[Iteration, ...],
    options: ScfOptions,
    after_turn: AfterTurn | None,
) -> tuple[Vector, tuple[Iteration, ...], Status, Snapshot]:
    """Turn after turn from ``vector``: the last good one, the history, how it ended, where to go on."""
    layout, good = fixed_point.layout, vector
    while True:
        before = history
        fixed_point.be_as_accurate_as(history[-1].residual if history else np.inf)
        try:
            turn, out = _turn(fixed_point, vector, len(history) + 1)
            if turn.residual <= options.tolerance and not fixed_point.is_final:
                fixed_point.be_as_accurate_as(0.0)
                turn, out = _turn(fixed_point, vector, len(history) + 1)
            good, history = vector, (*history, turn)
            if turn.residual <= options.tolerance:
                again = Snapshot(good, before, mixer.state())
                if after_turn is not None:
                    after_turn(turn, lambda: again)  # noqa: B023  (the loop ends here)
                return good, history, "converged", again
            if isinstance(mixer, Anderson):
                mixer.preconditioner = fixed_point.preconditioner() if turn.residual < NEWTON_FROM else None
            # ∂Ω/∂Δ* = (Δ_in − Δ_out)/U: the residual points down in Ω. A mixer never steps against it, or a
            # loop that starts where the residual still grows with Δ would end in the normal state, a maximum.
            vector = fixed_point.confined(mixer.step(vector, layout.pack(out) - vector))
        except NumericalError:
            return good, history, "broken", Snapshot(good, history[:-1], {})
        take = _snapshot_of(vector, history, mixer)
        if after_turn is not None and after_turn(turn, take):
            return good, history, "stopped", take()
        if len(history) >= options.max_iterations:
            return good, history, "not_converged", take()


def _snapshot_of(
    vector: NDArray[np.float64], history: tuple[Iteration, ...], mixer: Mixer
) -> Callable[[], Snapshot]:
    """A way to take the snapshot until the mixer moves on: taking one copies the mixer's memory."""
    return lambda: Snapshot(vector, history, mixer.state())


def _turn(fixed_point: FixedPoint, vector: NDArray[np.float64], number: int) -> tuple[Iteration, Fields]:
    """Evaluate the map once: the record, and the fields that came out.

    Raises
    ------
    NumericalError
        If something that came out is not finite.
    """
    fields = fixed_point.layout.unpack(vector, fixed_point.start)
    out, filling_error = fixed_point(fields)
    turn = Iteration(
        iteration=number,
        residual_delta=float(np.abs(out.delta - fields.delta).max()),
        residual_hartree=float(np.abs(out.hartree - fields.hartree).max()),
        filling_error=filling_error,
        mean_delta=float(np.abs(fields.delta).mean()),
        mu=fields.mu,
    )
    if not np.isfinite(turn.residual):
        raise NumericalError(f"NaN or infinity in iteration {number}")
    return turn, out


def _start(
    work: Model, initial: InitialKind | Fields, seed: int, angle: NDArray[np.float64] | None
) -> Fields:
    """Start fields in the working gauge, Δ real where it and H can be."""
    if isinstance(initial, str):
        complex_given = work.given_delta is not None and np.iscomplexobj(work.given_delta)
        return initial_fields(work, initial, seed, is_complex=angle is None or complex_given)
    n_sites = work.sample.n_sites
    if initial.delta.shape != (n_sites,) or initial.hartree.shape != (2, n_sites):
        raise InputError(
            f"the fields to start from are of {len(initial.delta)} sites, the sample has {n_sites}"
        )
    start = initial if angle is None else initial.transformed(angle)
    if angle is not None and np.iscomplexobj(start.delta):
        largest = float(np.abs(start.delta).max())
        if np.abs(start.delta.imag).max() <= 1e-12 * largest:
            return Fields(np.ascontiguousarray(start.delta.real), start.hartree, start.mu)
    if angle is None:
        return Fields(start.delta.astype(np.complex128), start.hartree, start.mu)
    return start


def _same(a: Fields, b: Fields) -> bool:
    return a.mu == b.mu and np.array_equal(a.delta, b.delta) and np.array_equal(a.hartree, b.hartree)
