"""Observables of a finished run: its model and fields are known, so the loop is not run again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bdg import setup
from bdg.config import ConfigSource, dump_resolved
from bdg.errors import ConfigError, FileRefusedError, InputError
from bdg.executors import opened
from bdg.observables import Quantity, contracts, name_of, observable_named
from bdg.observables import measure as measure_state
from bdg.observables.loops import Loops
from bdg.observables.quantity import warnings_in
from bdg.parameters.dimensions import UNITS
from bdg.parameters.quantities import Units as Laboratory
from bdg.parameters.translate import problems_of
from bdg.parameters.wording import key_name
from bdg.result import Result
from bdg.scf import ScfOptions
from bdg.simulation.checkpointing import checkpoint_path
from bdg.simulation.hooks import Hooks
from bdg.simulation.keeping import WORTH_KEEPING, PartsKeeper, parts_path
from bdg.simulation.measuring import FAILURES, Measured, Wanted
from bdg.solvers import watched
from bdg.store import only_run_on, read, remove_leftovers, remove_parts, require_writable, save

Asked = dict[str, dict[str, Any]]
"""What an observable's function takes, by the name of the observable."""


def measure(
    result: Result, which: Wanted, /, *, executor: str | Executor | None = None, **parameters: Any
) -> dict[str, Quantity]:
    """Measure one more observable of a result, and add it: ``bdg.measure(result, "ldos", energies=…)``.

    Parameters
    ----------
    result
        Computed or loaded. One that did not converge is measured as it is.
    which, parameters, executor
        As for :func:`bdg.solve`; what the result had of this observable is replaced. The loops of an
        experiment have the options of the run where the result has its configuration.

    Raises
    ------
    InputError
        If there is no such observable, it does not take these parameters, or the result has no model or no
        state to be measured.
    """
    name = name_of(observable_named(which))
    _require_state(result)
    state = replace(result.state(), loops=Hooks().loops(_options_of(result)))
    with opened(executor) as made:
        state.solver.executor = made
        quantities = measure_state(state, which, parameters)
    result.add(name, quantities, warnings_in({name: quantities}))
    return quantities


def measure_file(
    path: str | Path,
    names: Sequence[str],
    settings: Sequence[str] = (),
    *,
    overwrite: bool = False,
    hooks: Hooks | None = None,
    executor: str | Executor | None = None,
    workers: int | None = None,
    scheduler: str = "",
) -> dict[str, dict[str, Quantity]]:
    """Add observables to the file of a finished run: what ``bdg measure`` does. Returns what was added.

    The new file takes the place of the old one when it is complete; its configuration names what was
    measured. An observable that the file has with the same parameters is left. What was found before the
    command was stopped or killed is in PATH.parts, and the same command continues from there.

    Parameters
    ----------
    path
        The file.
    names
        Observables.
    settings
        ``name.key=value`` texts, in the form of a configuration: the parameters that differ from those in
        the file's configuration or, where this has none of the observable, from the defaults.
    overwrite
        Whether one that the file has with other parameters may be replaced.
    hooks
        Progress and stop requests.
    executor, workers, scheduler
        What takes the work of the solver in place of threads, as for :func:`bdg.solve`.

    Raises
    ------
    InputError
        If there is no such file or observable, or a parameter cannot be used.
    FileRefusedError
        If the file is no result, a run is at work on it, or it has the observable with other parameters.
    NumericalError, ResourceError
        Of the first observable that failed, when the others have been written.
    """
    for name in names:
        observable_named(name)
    settings = [setting.removeprefix("observables.") for setting in settings]
    _require_named(settings, names)
    with _only_writer(Path(path)), opened(executor, workers, scheduler) as made:
        result = read(path)
        _require_state(result)
        result, asked = _asked(result, dict.fromkeys(names), settings, overwrite=overwrite)
        hooks = hooks or Hooks()
        keeper = PartsKeeper(parts_path(Path(path)), WORTH_KEEPING)
        loops = hooks.loops(_options_of(result), keeper.points)
        measured = _measured(result, asked, loops, hooks, made)
        for name, quantities in measured.quantities.items():
            result.add(name, quantities, warnings_in({name: quantities}))
        if measured.quantities:
            save(replace(result, made_from=result.model), path, overwrite=True)
        if not (measured.failures or checkpoint_path(Path(path)).exists()):
            remove_parts(parts_path(Path(path)))
    for error in measured.failures.values():
        raise error
    return measured.quantities


@contextmanager
def _only_writer(path: Path) -> Iterator[None]:
    """Hold the lock of a file that is there and can be replaced."""
    if not path.is_file():
        read(path)  # says why not
    require_writable(path, overwrite=True)
    with only_run_on(path) as was_killed:
        if was_killed:
            remove_leftovers(path)
        yield


def _require_state(result: Result) -> None:
    if result.status not in ("converged", "not_converged"):
        told = "was stopped" if result.status == "stopped" else "broke down"
        raise InputError(f"the loop {told} and left no state to measure; run it to its end first")


def _require_named(settings: Sequence[str], names: Sequence[str]) -> None:
    for setting in settings:
        name = setting.partition(".")[0].strip()
        if name not in names:
            raise InputError(
                f"--set {setting}: begins with none of the observables to measure; write"
                f" {names[0]}.KEY=VALUE for example"
            )


def _measured(
    result: Result, asked: Asked, loops: Loops, hooks: Hooks, executor: Executor | None
) -> Measured:
    """The observables; what fails in numbers or memory costs none of the others."""
    measured = Measured()
    if asked:
        state = replace(result.state(), loops=loops)
        state.solver.executor = executor
        hooks.measuring()
        with watched(state.solver, hooks.monitor):
            for name, parameters in asked.items():
                hooks.stage(f"computing {name.replace('_', ' ')}")
                measured.add(state, name, name, parameters, keeps=FAILURES)
    return measured


def _options_of(result: Result) -> ScfOptions:
    """The options of the run, for the loops of experiments; of an older file those of its configuration."""
    known, text = result.provenance.scf, result.provenance.config_resolved
    if known is not None or not text:
        return known or ScfOptions(tolerance=result.tolerance)
    return setup.scf_options_of(ConfigSource(text, str(result.path)).parse())


def _asked(
    result: Result, names: dict[str, None], settings: Sequence[str], *, overwrite: bool
) -> tuple[Result, Asked]:
    """The result with a configuration that names what is to be measured, and the parameters of this."""
    if not result.provenance.config_resolved:
        return result, _asked_of_python(result, names, settings, overwrite=overwrite)
    file = str(result.path)
    before = ConfigSource(result.provenance.config_resolved, file).parse().requested()
    bare = [f"{_key(name)}={{}}" for name in names if name not in before]
    own = (setting.partition(".") for setting in settings)
    texts = (*bare, *(f"{_key(name.strip())}.{rest}" for name, _, rest in own))
    source = ConfigSource(result.provenance.config_resolved, file, texts)
    try:
        config = source.parse()
    except ConfigError as error:
        raise _as_written(error, bare) from None
    after, asked = config.requested(), {}
    for name, parameters in setup.observable_parameters(config, source, result.model):
        if name not in names:
            continue
        if name in result.observables and not overwrite:
            if after[name] == before.get(name):
                continue
            raise FileRefusedError(_has(result, name))
        asked[name] = parameters
    origin = replace(result.provenance, config_resolved=dump_resolved(config))
    return replace(result, provenance=origin), asked


def _as_written(error: ConfigError, bare: Sequence[str]) -> InputError:
    """The error without the texts that nobody wrote, and how a parameter is given."""
    if error.key is None or error.file not in [f"--set {text}" for text in bare]:
        return error
    key, about = error.key.removeprefix("observables."), (error.hint or "").partition(" (")[2]
    return InputError(f"{key}: {error.problem}; write --set '{key}=VALUE'" + (f" ({about}" if about else ""))


def _key(name: str) -> str:
    """The place of an observable in a configuration."""
    return key_name(contracts()[name].path)


def _asked_of_python(
    result: Result, names: dict[str, None], settings: Sequence[str], *, overwrite: bool
) -> Asked:
    """The parameters of a result without a configuration, made from Python."""
    texts = tuple(f"{name}={{}}" for name in names)
    tree = ConfigSource("{}", str(result.path), (*texts, *settings)).tree.plain()
    asked: Asked = {}
    for name in names:
        if name in result.observables and not overwrite:
            raise FileRefusedError(_has(result, name))
        contract = contracts()[name]
        try:
            section = contract.section.model_validate(tree[name], context={UNITS: _laboratory(result)})
        except ValidationError as error:
            first = problems_of(error, contract.section)[0]
            where = key_name((name, *first.path))
            raise InputError(f"{where}: {first.text}" + (f"; {first.hint}" if first.hint else "")) from None
        asked[name] = contract.check(result.model, section)
    return asked


def _laboratory(result: Result) -> Laboratory:
    """The units of a result, as those of a configuration."""
    given, units = {}, result.units
    if units is not None:
        lengths = {"length": units.length, "layer": units.layer}
        given = {name: f"{value!r} m" for name, value in lengths.items() if value is not None}
        given["energy"] = f"{units.energy!r} J"
    return Laboratory.model_validate(given)


def _has(result: Result, name: str) -> str:
    return (
        f"{result.path}: has {name} already, with other parameters or unknown ones; allow it to be replaced"
        " (--overwrite, from Python overwrite=True)"
    )
