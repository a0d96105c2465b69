"""Run a study, from Python or the command line."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bdg.config.schema.sweep import Sweep
from bdg.errors import InputError
from bdg.executors import executor_named, require_executor
from bdg.parameters.translate import problems_of
from bdg.parameters.wording import key_name
from bdg.resources import usable_cores
from bdg.studies.plan.planning import grows
from bdg.studies.plan.points import points_of
from bdg.studies.schedule import Made, Progress, run_points
from bdg.studies.study import Study, study_of
from bdg.studies.work.recipes import FromFunction, Function
from bdg.studies.work.shares import Share


def sweep(
    what: str | os.PathLike[str] | Function,
    values: Mapping[str, Any] | None = None,
    *,
    folder: str | os.PathLike[str] | None = None,
    overrides: Sequence[str] = (),
    executor: str | Executor = "local",
    workers: int | None = None,
    scheduler: str = "",
    threads: int | None = None,
    share: str | None = None,
    watch: Callable[[Progress], None] = lambda progress: None,
    stop: Callable[[], bool] = lambda: False,
) -> Study:
    """Run a simulation for every combination of values, and keep what is done: a second call runs the rest.

    Parameters
    ----------
    what
        A configuration, or a function that makes a model or a result from the values, given by the last
        parts of the keys: ``def point(temperature, onsite)``.
    values
        What a section ``sweep`` holds: keys with lists, ``{"start": …, "stop": …, "num": …}`` or
        ``{"count": …}``, and ``zip``, ``where``, ``derived``, ``follow``, ``direction``. ``None`` for that
        of the configuration.
    folder
        Where the study lies; needed for a function.
    overrides
        ``a.b=value`` texts that replace values of a configuration.
    executor
        ``local``, ``serial``, ``dask`` or ``mpi``, see :func:`bdg.executors.executor_named`; or any
        executor of :mod:`concurrent.futures`.
    workers
        Points that run at once; by default one for each usable core.
    scheduler
        Address of a Dask scheduler.
    threads
        Of each solver, where the configuration leaves them open; by default the cores shared among workers.
    share
        ``"2/8"`` runs the second of eight shares of the points only: eight such calls, on any machines that
        see the folder, run them all, at the same time or not.
    watch, stop
        Called after each point; asked several times a second whether to stop.

    Returns
    -------
    Study
        With all that is known.

    Raises
    ------
    InputError
        If the values make no sweep, a function has no folder, or there is no such executor.
    FileRefusedError
        If another sweep is at work in the folder.
    """
    study = _study(what, values, folder, overrides)
    if share is not None:
        if grows(study.recipe.sweep):
            raise InputError("points are added as others end: run this sweep as a whole, without --share")
        study = replace(study, share=Share.read(share))
    count = workers or usable_cores()
    if count < 1:
        raise InputError(f"a sweep needs at least one worker, not {workers}")
    each = threads or max(1, usable_cores() // count)
    made: Made
    if isinstance(executor, str):
        require_executor(executor)
        made = partial(executor_named, executor, count, scheduler)
    else:
        made = partial(_as_is, executor)
    with study.only_sweep():
        run_points(study, made, count, threads=each, watch=watch, stop=stop)
    return study


def _study(
    what: str | os.PathLike[str] | Function,
    values: Mapping[str, Any] | None,
    folder: str | os.PathLike[str] | None,
    overrides: Sequence[str],
) -> Study:
    if callable(what):
        if folder is None or values is None:
            raise InputError("a function needs values and a folder: sweep(f, {…}, folder='results/f')")
        section = _section(values)
        return Study(Path(folder), FromFunction.of(what, section), points_of(section))
    given = () if values is None else (f"sweep={_section(values).model_dump_json(exclude_defaults=True)}",)
    return study_of(what, (*overrides, *given), folder)


def _section(values: Mapping[str, Any]) -> Sweep:
    plain = {key: _plain(value) for key, value in values.items()}
    try:
        return Sweep.model_validate(plain)
    except ValidationError as error:
        first = problems_of(error, Sweep)[0]
        hint = f"; {first.hint}" if first.hint else ""
        raise InputError(f"{key_name(('sweep', *first.path))}: {first.text}{hint}") from None


def _plain(value: Any) -> Any:
    """Values of arrays as numbers of Python."""
    listed = value.tolist() if hasattr(value, "tolist") else value
    return list(listed) if isinstance(listed, tuple | range) else listed


@contextmanager
def _as_is(executor: Executor) -> Iterator[Executor]:
    """An executor that is its owner's to end."""
    yield executor
