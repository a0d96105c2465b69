"""Runs from a configuration file to a result file: what the commands ``bdg run`` and ``bdg resume`` do."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from bdg.config import ConfigSource, load_config
from bdg.errors import FileRefusedError, ResourceError, RunStoppedError, WorkerLostError
from bdg.executors import opened
from bdg.keywords import named_keywords
from bdg.result import Result
from bdg.setup import Kept
from bdg.simulation.checkpointing import belongs_to_a_later_run, checkpoint_path, read_checkpoint
from bdg.simulation.hooks import Hooks
from bdg.simulation.keeping import parts_path
from bdg.simulation.run import run
from bdg.store import only_run_on, read, remove_leftovers, remove_parts, require_writable, save


@named_keywords
def run_file(
    path: str | Path,
    overrides: Sequence[str] = (),
    *,
    overwrite: bool = False,
    hooks: Hooks | None = None,
    executor: str | Executor | None = None,
    workers: int | None = None,
    scheduler: str = "",
) -> Result:
    """Run a configuration file and write its output, ``Result.path``: what ``bdg run`` does.

    A loop that was stopped leaves OUTPUT.checkpoint and no output; one that did not converge leaves both, and
    so does an observable that failed, from where ``bdg resume`` measures once more.

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
    executor, workers, scheduler
        What takes the work of the solver in place of threads, as for :func:`bdg.solve`.

    Raises
    ------
    ConfigError, FileRefusedError, ResourceError, NumericalError
        See :mod:`bdg.errors`; ``FileRefusedError`` also while another run is at work on the same output.
    """
    source = load_config(path, overrides)[1]
    with opened(executor, workers, scheduler) as made:
        return run_source(source, overwrite=overwrite, hooks=hooks, executor=made)


def run_source(
    source: ConfigSource,
    *,
    overwrite: bool = False,
    hooks: Hooks | None = None,
    kept: Kept | None = None,
    executor: Executor | None = None,
    durable_from: float = 0.0,
) -> Result:
    """Run a configuration that was read already, as :func:`run_file` does.

    Parameters
    ----------
    source
        The configuration.
    overwrite, hooks
        As there.
    kept
        What the last run of this process left for others.
    executor
        What takes the work of the solver in place of threads.
    durable_from
        Seconds of work from which the result is worth waiting for until it is on the disk.

    Raises
    ------
    ConfigError, FileRefusedError, ResourceError, NumericalError
        As there.
    """
    config = source.parse()
    if config.sweep is not None:
        hint = "bdg sweep runs them all; --set sweep=null runs the values that stand outside of it"
        raise source.error("sweep", "a sweep has many runs", hint)
    output = Path(config.output)
    require_writable(output, overwrite=overwrite)
    with _alone_at(output) as checkpoint:
        made = partial(run, config, source, checkpoint=checkpoint, hooks=hooks, kept=kept, executor=executor)
        return _run_and_write(made, output, checkpoint, overwrite=overwrite, durable_from=durable_from)


def resume_file(
    path: str | Path,
    overrides: Sequence[str] = (),
    *,
    hooks: Hooks | None = None,
    executor: str | Executor | None = None,
    workers: int | None = None,
    scheduler: str = "",
) -> Result:
    """Go on from a checkpoint, given its name or that of its output: what ``bdg resume`` does.

    Parameters
    ----------
    path
        OUTPUT or OUTPUT.checkpoint.
    overrides
        ``a.b=value`` texts; useful are those of ``scf``, such as ``scf.max_iterations=500``.
    hooks
        Progress and stop requests.
    executor, workers, scheduler
        What takes the work of the solver in place of threads, as for :func:`bdg.solve`.

    Raises
    ------
    InputError
        If there is no checkpoint.
    FileRefusedError
        If it is damaged, another run is at work on it, or the output has converged already.
    """
    given = Path(path)
    if os.path.isdir(given):  # pathlib's raises for a name of more than 255 letters
        raise FileRefusedError(f"{given}: is a folder; give the name of an output or of its checkpoint")
    file = given if given.suffix == ".checkpoint" else checkpoint_path(given)
    output = file.with_suffix("")
    has_output = os.path.exists(output)
    if has_output:
        before = read(output)
        is_its_own = not (file.exists() and belongs_to_a_later_run(file, before.provenance.created))
        if before.status == "converged" and is_its_own and not before.failed:
            raise FileRefusedError(
                f"{output}: it has converged; there is nothing to continue: bdg measure adds observables, and"
                f" bdg run CONFIG --set scf.initial={output} --set output=… starts another run from it"
            )
    config, source, progress, started = read_checkpoint(file, overrides)
    require_writable(output, overwrite=has_output)
    with _alone_at(output) as checkpoint, opened(executor, workers, scheduler) as taking:
        goes_on = partial(run, resume=progress, started=started, executor=taking)
        made = partial(goes_on, config, source, checkpoint=checkpoint, hooks=hooks)
        return _run_and_write(made, output, checkpoint, overwrite=has_output)


@contextmanager
def _alone_at(output: Path) -> Iterator[Path]:
    """Hold an output, without what a run that was killed left half written; its checkpoint."""
    checkpoint = checkpoint_path(output)
    with only_run_on(output) as was_killed:
        for file in (output, checkpoint) if was_killed else ():
            remove_leftovers(file)
        yield checkpoint


def _run_and_write(
    made: Callable[[], Result],
    output: Path,
    checkpoint: Path,
    *,
    overwrite: bool,
    durable_from: float = 0.0,
) -> Result:
    began = time.monotonic()
    try:
        result = made()
    except (RunStoppedError, WorkerLostError) as stopped:
        if checkpoint.exists():
            stopped.args = (f"{stopped}; continue with: bdg resume {checkpoint}",)
        raise
    result = replace(result, path=output)
    if result.status == "stopped":
        return result
    try:
        save(result, output, overwrite=overwrite, durable=time.monotonic() - began >= durable_from)
    except (ResourceError, FileRefusedError) as error:
        raise type(error)(f"{error}; {_rescue(result, output)}") from error
    if result.status == "converged" and result.failures:
        return result  # what failed is measured again, all else is at hand
    if result.status == "converged":
        checkpoint.unlink(missing_ok=True)
    remove_parts(parts_path(output))
    return result


def _rescue(result: Result, output: Path) -> str:
    """Save a result whose own place will not take it among the temporary files, and tell what came of it."""
    lost = "nor could the result be kept among the temporary files"
    try:
        folder = Path(tempfile.mkdtemp(prefix="bdg-"))
    except OSError:  # none that can be written to
        return lost
    try:
        save(result, folder / output.name)
    except (ResourceError, FileRefusedError):
        with suppress(OSError):
            folder.rmdir()
        return lost
    return f"the result was kept as {folder / output.name}"
