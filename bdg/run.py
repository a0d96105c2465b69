"""One simulation from a configuration to a result: the table of contents of the package."""

from __future__ import annotations

import importlib.metadata
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bdg._version import __version__
from bdg.config import Config, ConfigSource, build, dump_resolved, load_config
from bdg.errors import FileRefused, InputError, ResourceError
from bdg.lattice import Sample, SiteValue, values_at
from bdg.model import Fields, Model
from bdg.observables import Quantity, State, measure, name_of, observable
from bdg.result import Provenance, Result, Units
from bdg.scf import InitialKind, Iteration, Outcome, ScfOptions, fields_from, self_consistency
from bdg.scf.loop import Snapshot
from bdg.solvers import Solver, choose
from bdg.store import Checkpoint, load, load_checkpoint, require_writable, save, save_checkpoint

Wanted = str | Callable[..., Any]
"""An observable by name, or a function of one's own."""

DEFAULT_OBSERVABLES = ("order_parameter", "density")
"""What :func:`solve` measures if nothing is said."""

CHECKPOINT_INTERVAL = 60.0
"""Seconds between checkpoints of a running loop."""

CHANGED_IN_PLACE = ("scf", "solver", "observables")
"""Sections of a configuration that a resumed run may change: how it is solved and what is measured."""


@dataclass(frozen=True)
class Hooks:
    """What a caller may do while a simulation runs.

    Parameters
    ----------
    after_turn
        Called with each turn of the loop.
    stop
        Asked after each turn; true ends the loop with a checkpoint.
    stage
        Called with a line on each stage: an observable, for example.
    """

    after_turn: Callable[[Iteration], None] = lambda turn: None
    stop: Callable[[], bool] = lambda: False
    stage: Callable[[str], None] = lambda name: None


def run(
    config: Config,
    source: ConfigSource,
    *,
    checkpoint: Path | None = None,
    resume: Snapshot | None = None,
    hooks: Hooks | None = None,
) -> Result:
    """Run one simulation: sample → model → self-consistency → observables.

    Parameters
    ----------
    config, source
        From :func:`bdg.config.load_config`.
    checkpoint
        File to keep a checkpoint in while the loop runs, and when it is stopped.
    resume
        A snapshot of the same configuration to go on from.
    hooks
        Progress and stop requests.

    Raises
    ------
    InputError, ResourceError, NumericalError
        See :mod:`bdg.errors`.
    """
    hooks = hooks or Hooks()
    sample = build.sample_of(config, source)
    model = build.model_of(config, source, sample)
    wanted = list(build.observable_parameters(config, source, sample))
    solver = build.solver_of(config, model)
    start = build.start_of(config, source, model)
    hooks.stage(f"{sample.n_sites} sites, {sample.n_bonds} bonds, {solver.name.replace('_', ' ')}")
    keeper = _CheckpointKeeper(checkpoint, config, source)

    def after_turn(turn: Iteration, snapshot: Callable[[], Snapshot]) -> bool:
        hooks.after_turn(turn)
        keeper.turn(snapshot)
        return hooks.stop()

    try:
        outcome = self_consistency(
            model,
            solver,
            build.scf_options_of(config),
            initial=start,
            seed=config.scf.seed,
            resume=resume,
            after_turn=after_turn,
        )
    except BaseException:
        keeper.write_latest()
        raise
    measured: dict[str, dict[str, Quantity]] = {}
    is_converged = outcome.status == "converged"
    state = State(model, outcome.fields, outcome.hamiltonian, solver, config.solver.tolerance, is_converged)
    try:
        for name, parameters in wanted if outcome.status in ("converged", "not_converged") else ():
            hooks.stage(f"computing {name.replace('_', ' ')}")
            measured[name] = measure(state, name, parameters)
            if hooks.stop():
                outcome = replace(outcome, status="stopped")
                break
    except BaseException:
        keeper.write(outcome.snapshot)  # the fields are done: what breaks here must not cost them
        raise
    if outcome.status != "converged":
        keeper.write(outcome.snapshot)
    return _result(config, source, sample, outcome, solver, measured)


def solve(
    model: Model,
    *,
    observables: Wanted | Sequence[Wanted] | Mapping[Wanted, Mapping[str, Any]] = DEFAULT_OBSERVABLES,
    initial: InitialKind | Mapping[str, SiteValue] | Fields | Result = "uniform",
    seed: int = 0,
    scf: ScfOptions | None = None,
    solver: Solver | str = "auto",
    title: str = "",
) -> Result:
    """Solve a model built in Python and measure it: what :func:`run` does, without a file.

    Parameters
    ----------
    model
        From :func:`bdg.build_model`.
    observables
        Names, or names with parameters: ``{"ldos": {"energies": …, "broadening": 0.05}}``. Functions of one's
        own, ``f(state, **parameters)``, may stand for names; see :mod:`bdg.observables`.
    initial, seed
        Where the loop starts: ``"uniform"``, ``"random"`` (with its seed), ``"normal"``; ``{"delta": …}``, a
        number, an array, a function of the coordinates or a formula; fields; or an earlier result.
    scf
        How the loop runs.
    solver
        A name of :func:`bdg.solvers.choose`, or a solver.
    title
        For figures.

    Raises
    ------
    InputError
        If an observable or solver does not exist.
    """
    wanted = _wanted(observables)
    options, n_sites = scf or ScfOptions(), model.sample.n_sites
    chosen = (
        choose(solver, n_sites=n_sites, temperature=model.temperature) if isinstance(solver, str) else solver
    )
    outcome = self_consistency(model, chosen, options, initial=_start(initial, model), seed=seed)
    is_converged = outcome.status == "converged"
    state = State(model, outcome.fields, outcome.hamiltonian, chosen, is_converged=is_converged)
    measured = {name: measure(state, which, parameters) for name, (which, parameters) in wanted.items()}
    return Result(
        title=title,
        sample=model.sample,
        temperature=model.temperature,
        fields=outcome.fields,
        history=outcome.history,
        status=outcome.status,
        tolerance=options.tolerance,
        observables=measured,
        provenance=Provenance(created=_now(), versions=_versions(), solver=chosen.name),
    )


def _wanted(
    observables: Wanted | Sequence[Wanted] | Mapping[Wanted, Mapping[str, Any]],
) -> dict[str, tuple[Wanted, Mapping[str, Any]]]:
    """What to measure, by name; refused before any work if there is no such thing."""
    given = [observables] if isinstance(observables, str) or callable(observables) else observables
    wanted: dict[str, tuple[Wanted, Mapping[str, Any]]] = {}
    for which in given:
        name = name_of(observable(which))
        if name in wanted:
            raise InputError(f"the observable {name!r} is given twice; rename or remove one")
        wanted[name] = which, given[which] if isinstance(given, Mapping) else {}
    return wanted


def _start(
    initial: InitialKind | Mapping[str, SiteValue] | Fields | Result, model: Model
) -> InitialKind | Fields:
    if isinstance(initial, Result):
        return initial.fields
    if not isinstance(initial, Mapping):
        return initial
    if set(initial) != {"delta"}:
        raise InputError(f"a start of values has the key delta, not {', '.join(map(str, initial)) or 'none'}")
    return fields_from(model, values_at(model.sample.positions, initial["delta"], "initial delta"))


def run_file(
    path: str | Path, overrides: Sequence[str] = (), *, overwrite: bool = False, hooks: Hooks | None = None
) -> tuple[Result, Path]:
    """Run a configuration file and write its output: what ``bdg run`` does. Returns the result and the file.

    A loop that was stopped leaves OUTPUT.checkpoint and no output; one that did not converge leaves both.

    Parameters
    ----------
    path
        The configuration.
    overrides
        ``a.b=value`` texts that replace values of the file.
    overwrite
        Whether an existing output may be replaced.
    hooks
        Progress and stop requests.

    Raises
    ------
    ConfigError, FileRefused, ResourceError, NumericalError
        See :mod:`bdg.errors`.
    """
    config, source = load_config(path, overrides)
    output = Path(config.output)
    require_writable(output, overwrite=overwrite)
    return _run_and_write(config, source, output, overwrite=overwrite, resume=None, hooks=hooks), output


def resume_file(
    path: str | Path, overrides: Sequence[str] = (), *, hooks: Hooks | None = None
) -> tuple[Result, Path]:
    """Go on from a checkpoint, given its name or that of its output: what ``bdg resume`` does.

    Parameters
    ----------
    path
        OUTPUT or OUTPUT.checkpoint.
    overrides
        ``a.b=value`` texts; useful are those of ``scf``, such as ``scf.max_iterations=500``.
    hooks
        Progress and stop requests.

    Raises
    ------
    InputError
        If there is no checkpoint.
    FileRefused
        If it is damaged, or the output is finished already.
    """
    given = Path(path)
    file = given if given.suffix == ".checkpoint" else checkpoint_path(given)
    if not file.exists():
        raise InputError(f"{file}: there is no checkpoint to go on from; run the configuration again")
    kept = load_checkpoint(file)
    before = ConfigSource(kept.config_resolved, str(file)).parse()
    source = ConfigSource(kept.config_resolved, str(file), tuple(overrides))
    config, output = source.parse(), file.with_suffix("")
    for section in type(config).model_fields:
        if section not in CHANGED_IN_PLACE and getattr(config, section) != getattr(before, section):
            allowed = ", ".join(CHANGED_IN_PLACE)
            raise InputError(f"resume cannot change {section}, only {allowed}; for the rest, run it anew")
    unfinished = output.exists() and load(output).status != "converged"
    require_writable(output, overwrite=unfinished)
    same_mixer = config.scf.mixer == before.scf.mixer
    snapshot = Snapshot(kept.vector, kept.history, kept.mixer_state if same_mixer else {})
    return _run_and_write(config, source, output, overwrite=unfinished, resume=snapshot, hooks=hooks), output


def _run_and_write(
    config: Config,
    source: ConfigSource,
    output: Path,
    *,
    overwrite: bool,
    resume: Snapshot | None,
    hooks: Hooks | None,
) -> Result:
    checkpoint = checkpoint_path(output)
    result = run(config, source, checkpoint=checkpoint, resume=resume, hooks=hooks)
    if result.status == "stopped":
        return result
    try:
        save(result, output, overwrite=overwrite)
    except (ResourceError, FileRefused) as error:
        rescued = _rescue(result, output)
        raise type(error)(f"{error}; the result was kept as {rescued}") from error
    if result.status == "converged":
        checkpoint.unlink(missing_ok=True)
    return result


def _rescue(result: Result, output: Path) -> Path:
    """Save a result whose own place will not take it in the folder for temporary files."""
    folder = Path(tempfile.mkdtemp(prefix="bdg-"))
    save(result, folder / output.name)
    return folder / output.name


def checkpoint_path(output: Path) -> Path:
    """OUTPUT.checkpoint beside the output."""
    return output.with_name(output.name + ".checkpoint")


class _CheckpointKeeper:
    """Writes a checkpoint now and then, and whenever it is told to."""

    def __init__(self, path: Path | None, config: Config, source: ConfigSource) -> None:
        self._path, self._config, self._source = path, config, source
        self._latest: Callable[[], Snapshot] | None = None
        self._written = time.monotonic()

    def turn(self, snapshot: Callable[[], Snapshot]) -> None:
        """Take note of a turn; write if the last checkpoint is old."""
        self._latest = snapshot
        if time.monotonic() - self._written > CHECKPOINT_INTERVAL:
            self.write(snapshot())

    def write_latest(self) -> None:
        """Write the last turn there was, without the mixer, which may have been cut off in a step."""
        if self._latest is not None:
            self.write(replace(self._latest(), mixer_state={}))

    def write(self, taken: Snapshot) -> None:
        """Write a snapshot, if there is a file to write to."""
        if self._path is None:
            return
        resolved = dump_resolved(self._config)
        kept = Checkpoint(self._source.text, resolved, taken.vector, taken.history, taken.mixer_state)
        save_checkpoint(self._path, kept)
        self._written = time.monotonic()


def _result(
    config: Config,
    source: ConfigSource,
    sample: Sample,
    outcome: Outcome,
    solver: Solver,
    measured: dict[str, dict[str, Quantity]],
) -> Result:
    disorder, units = config.hamiltonian.disorder, config.units
    return Result(
        title=config.title,
        sample=sample,
        temperature=config.temperature,
        fields=outcome.fields,
        history=outcome.history,
        status=outcome.status,
        tolerance=config.scf.tolerance,
        observables=measured,
        units=None
        if units.energy is None
        else Units(
            units.energy.si,
            None if units.length is None else units.length.si,
            None if units.layer is None else units.layer.si,
        ),
        provenance=Provenance(
            config_source=source.text,
            config_resolved=dump_resolved(config),
            created=_now(),
            versions=_versions(),
            seed=0 if disorder is None else disorder.seed,
            solver=solver.name,
        ),
    )


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _versions() -> dict[str, str]:
    others = ("numpy", "scipy", "numba", "h5py")
    return {"bdg": __version__} | {name: importlib.metadata.version(name) for name in others}


__all__ = ["Hooks", "checkpoint_path", "resume_file", "run", "run_file", "solve"]
