"""One simulation from a configuration to a result: the table of contents of the package."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, Literal

from bdg import setup
from bdg._version import __version__
from bdg.config import Config, ConfigSource, dump_resolved
from bdg.errors import InputError, RunInterruptedError, WorkerLostError
from bdg.executors import opened
from bdg.ground_state import GroundState, Progress, Watch, search
from bdg.keywords import named_keywords
from bdg.model import Model
from bdg.observables import State, contracts, name_of, observable_named, usual
from bdg.parameters.wording import key_name
from bdg.result import Provenance, Result, Units
from bdg.scf import Iteration, ScfOptions
from bdg.simulation.checkpointing import (
    CheckpointKeeper,
    set_aside,
)
from bdg.simulation.hooks import Hooks
from bdg.simulation.measuring import FAILURES, Measured, Wanted
from bdg.simulation.progress import in_short, shown
from bdg.simulation.soundness import unsound
from bdg.simulation.starts import Initial, starts_from, starts_of
from bdg.solvers import Solver, choose, watched
from bdg.solvers.contract import TOLERANCE


def run(
    config: Config,
    source: ConfigSource,
    *,
    checkpoint: Path | None = None,
    resume: Progress | None = None,
    started: str | None = None,
    hooks: Hooks | None = None,
    kept: setup.Kept | None = None,
    executor: Executor | None = None,
) -> Result:
    """Run one simulation: sample → model → self-consistency from each start → observables of the best state.

    Parameters
    ----------
    config, source
        From :func:`bdg.config.load_config`.
    checkpoint
        File to keep a checkpoint in while the loop runs, and when it is stopped; that of an earlier run gets
        another name.
    resume, started
        How far a run of the same configuration had come, to continue from there, and when it began.
    hooks
        Progress and stop requests.
    kept
        What the last run of this process left for others.
    executor
        Takes the work of the solver in place of threads, in the loop and in all that is measured.

    Raises
    ------
    InputError, ResourceError, NumericalError
        See :mod:`bdg.errors`.
    """
    hooks, kept = hooks or Hooks(), kept or setup.Kept()
    sample = kept.sample(config, source)
    model = setup.model_of(config, source, sample)
    starts = starts_of(config, source, model)
    wanted = list(setup.observable_parameters(config, source, model))
    solver = kept.solver(config, model)
    solver.monitor, solver.executor = hooks.monitor, executor
    hooks.stage(in_short(model, solver))
    if checkpoint is not None and resume is None and (earlier := set_aside(checkpoint)) is not None:
        hooks.stage(f"an earlier run left a checkpoint, kept as {earlier}")
    keeper = CheckpointKeeper(checkpoint, config, source, started)
    hooks.rescue(partial(keeper.write_latest, mixer_is_whole=True))

    def after_iteration(iteration: Iteration, take: Callable[[], Progress]) -> bool:
        hooks.after_iteration(iteration)
        keeper.iteration(take, now=hooks.keep())
        return hooks.stop()

    try:
        found = search(
            model,
            solver,
            setup.scf_options_of(config),
            starts,
            seed=config.scf.seed,
            tolerance=config.solver.tolerance,
            progress=resume,
            watch=Watch(after_iteration, keeper.start_ended, hooks.stage),
        )
    except (RunInterruptedError, WorkerLostError):
        keeper.write_latest(mixer_is_whole=True)
        raise
    except BaseException:
        keeper.write_latest()
        raise
    is_converged = found.status == "converged"
    state = State(model, found.fields, found.hamiltonian, solver, config.solver.tolerance, is_converged)
    state = replace(state, loops=hooks.loops(setup.scf_options_of(config), keeper.parts.points))
    found, measured = _measured(state, wanted, source, found, keeper, hooks)
    return _result(config, source, model, found, solver, measured)


def _measured(
    state: State,
    wanted: Sequence[tuple[str, Mapping[str, Any]]],
    source: ConfigSource,
    found: GroundState,
    keeper: CheckpointKeeper,
    hooks: Hooks,
) -> tuple[GroundState, Measured]:
    """The observables of the best state; whatever happens to them, the fields are kept."""
    measured = Measured()
    measurable = wanted if found.status in ("converged", "not_converged") else []
    try:
        hooks.rescue(partial(keeper.write, found.progress))
        if measurable:
            keeper.fields_done(found.progress)
            hooks.measuring()
        for name, parameters in measurable:
            hooks.stage(f"computing {name.replace('_', ' ')}")
            place = setup.placed(source, key_name(contracts()[name].path))
            measured.add(state, name, name, parameters, keeps=(Exception,), place=place)
            if hooks.stop() and len(measured) < len(measurable):
                found = replace(found, status="stopped")
                break
    except BaseException:
        keeper.write(found.progress)
        raise
    if found.status != "converged" or measured.failures:
        keeper.write(found.progress)
    return found, measured


@named_keywords
def solve(
    model: Model,
    *,
    observables: Wanted | Sequence[Wanted] | Mapping[Wanted, Mapping[str, Any]] | None = None,
    initial: Initial | Sequence[Initial] = "uniform",
    seed: int = 0,
    scf: ScfOptions | None = None,
    solver: Solver | str = "auto",
    solver_tolerance: float = TOLERANCE,
    threads: int | Literal["auto"] = "auto",
    executor: str | Executor | None = None,
    workers: int | None = None,
    scheduler: str = "",
    hooks: Hooks | None = None,
    title: str = "",
    units: Units | Mapping[str, str] | None = None,
) -> Result:
    """Solve a model built in Python and measure it: what :func:`run` does, without a file.

    Parameters
    ----------
    model
        From :func:`bdg.build_model`.
    observables
        Names, or names with parameters: ``{"ldos": {"energies": …, "broadening": 0.05}}``. One whose numbers
        or memory fail is named in the warnings of the result, which has all the others. Functions of one's
        own, ``f(state, **parameters)``, may stand for names; see :func:`bdg.observables.measure` for the axes
        that numbers they return are given. ``None`` stands for the order parameter and the density, with that
        of bonds where they have pairs.
    initial, seed
        Where the loop starts: a name of :func:`bdg.scf.initial_fields` (with the seed of a random one);
        values, ``{"delta": …}``, each a number, an array, a function of the coordinates or a formula, and
        likewise pairs on bonds by symmetry, ``{"d_x2_y2": …}``, and a magnetisation (see
        :func:`bdg.scf.magnetisation_of`); fields; a result (of another sample too) or its file. Or a list of
        these, of which the best state is measured.
    scf
        How the loop runs.
    solver
        A name of :func:`bdg.solvers.choose`, or a solver.
    solver_tolerance
        Accuracy asked of the solver.
    threads
        Threads that a solver given by name may use; ``"auto"`` for :func:`bdg.resources.default_threads`.
    executor
        Takes the work of a solver given by name in place of these threads, in the loop and in all that is
        measured: any executor of :mod:`concurrent.futures`, such as those of dask and mpi4py, or the name of
        one that is opened for it, see :func:`bdg.executors.executor_named`; a worker opens none.
    workers, scheduler
        Of an executor given by name: how many, by default one for each usable core, and the address of a
        Dask scheduler.
    hooks
        Progress and stop requests; without any, a line in a notebook and a bar on a terminal, while it takes
        longer than an instant. ``bdg.Hooks()`` shows nothing.
    title
        For figures.
    units
        What t and a are, so that files and figures gain SI axes, as in a configuration: ``{"energy":
        "100 meV", "length": "0.4 nm"}``; or ``bdg.Units(energy=…)`` in joules and metres.

    Raises
    ------
    InputError
        If an observable or solver does not exist, or cannot have these threads.
    RunInterruptedError
        If the hooks interrupt what is no iteration of the loop. The loop itself ends as ``stopped``.
    """
    wanted = _wanted(usual(model) if observables is None else observables)
    scale = Units.of(units) if isinstance(units, Mapping) else units
    options, starts, measured = scf or ScfOptions(), starts_from(initial, model), Measured()
    with ExitStack() as stack:
        chosen = _solver(solver, model, threads, stack.enter_context(opened(executor, workers, scheduler)))
        hooks = stack.enter_context(shown(hooks))
        stack.enter_context(watched(chosen, hooks.monitor))
        hooks.stage(in_short(model, chosen))
        found = search(
            model, chosen, options, starts, seed=seed, tolerance=solver_tolerance, watch=hooks.watch
        )
        is_converged = found.status == "converged"
        state = State(model, found.fields, found.hamiltonian, chosen, solver_tolerance, is_converged)
        state = replace(state, loops=hooks.loops(options))
        for name, (which, parameters) in (wanted if found.status != "stopped" else {}).items():
            hooks.stage(f"computing {name.replace('_', ' ')}")
            keeps = FAILURES if isinstance(which, str) else ()
            measured.add(state, name, which, parameters, keeps=keeps)
    return Result(
        title=title,
        sample=model.sample,
        temperature=model.temperature,
        fields=found.fields,
        history=found.history,
        status=found.status,
        tolerance=options.tolerance,
        observables=measured.quantities,
        units=scale,
        provenance=Provenance(
            created=_now(),
            versions=_versions(),
            solver=chosen.name,
            method=solver if isinstance(solver, str) else "",
            solver_tolerance=solver_tolerance,
            scf=options,
        ),
        starts=found.ranking,
        warnings=_warnings(model, found, measured, options.tolerance),
        failures=measured.failures,
        made_from=model,
    )


def _solver(
    solver: Solver | str, model: Model, threads: int | Literal["auto"], executor: Executor | None
) -> Solver:
    """The solver itself, or the one of that name for a model."""
    if isinstance(solver, str):
        rows = model.dofs * model.sample.n_sites
        return choose(solver, rows=rows, temperature=model.temperature, threads=threads, executor=executor)
    if executor is not None:
        raise InputError(f"{solver.name} has its executor already; give the executor to the solver itself")
    if threads != "auto":
        raise InputError(f"{solver.name} has its threads already; give threads to the solver itself")
    return solver


def _wanted(
    observables: Wanted | Sequence[Wanted] | Mapping[Wanted, Mapping[str, Any]],
) -> dict[str, tuple[Wanted, Mapping[str, Any]]]:
    """What to measure, by name; refused before any work if there is no such thing."""
    given = [observables] if isinstance(observables, str) or callable(observables) else observables
    wanted: dict[str, tuple[Wanted, Mapping[str, Any]]] = {}
    for which in given:
        name = name_of(observable_named(which))
        if name in wanted:
            raise InputError(f"the observable {name!r} is given twice; rename or remove one")
        wanted[name] = which, given[which] if isinstance(given, Mapping) else {}
    return wanted


def _result(
    config: Config,
    source: ConfigSource,
    model: Model,
    found: GroundState,
    solver: Solver,
    measured: Measured,
) -> Result:
    disorder = config.hamiltonian.disorder
    return Result(
        title=config.title,
        sample=model.sample,
        temperature=config.temperature,
        fields=found.fields,
        history=found.history,
        status=found.status,
        tolerance=config.scf.tolerance,
        observables=measured.quantities,
        units=Units.of(config.units),
        provenance=Provenance(
            config_source=source.text,
            config_resolved=dump_resolved(config),
            created=_now(),
            versions=_versions(),
            seed=0 if disorder is None else disorder.seed,
            solver=solver.name,
            method=config.solver.method,
            solver_tolerance=config.solver.tolerance,
            scf=setup.scf_options_of(config),
        ),
        starts=found.ranking,
        warnings=_warnings(model, found, measured, config.scf.tolerance),
        failures=measured.failures,
        made_from=model,
    )


def _warnings(model: Model, found: GroundState, measured: Measured, tolerance: float) -> tuple[str, ...]:
    """What a reader must know: of the sample and the model, of the loop, of the state, of the quantities."""
    wrong = unsound(found.hamiltonian, measured.quantities, tolerance) if found.status == "converged" else ()
    return (
        *(*model.sample.cell.warnings, *model.warnings),
        *(*found.warnings, *wrong, *measured.warnings),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@lru_cache(maxsize=1)
def _versions() -> Mapping[str, str]:
    others = ("numpy", "scipy", "numba", "h5py")
    return {"bdg": __version__} | {name: importlib.metadata.version(name) for name in others}


__all__ = ["run", "solve"]
