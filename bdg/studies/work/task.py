"""One point of a study, run by a worker in any process: what it is sent, what it does, what it sends back."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from bdg.config import ConfigSource
from bdg.errors import BdgError, FileBusyError, InputError
from bdg.executors import leave_interrupts_to
from bdg.ground_state.ranking import energy_of
from bdg.model import Model
from bdg.resources import as_worker
from bdg.result import Result
from bdg.setup import Kept
from bdg.simulation.checkpointing import checkpoint_path, read_checkpoint
from bdg.simulation.files import resume_file, run_source
from bdg.simulation.hooks import Hooks
from bdg.simulation.run import solve
from bdg.store import save
from bdg.studies.kept.stamps import Stamp, stamp_of

PATIENCE = 0.5
"""Seconds between two looks at a point that another process is at work on."""


DURABLE_FROM = 1.0
"""Seconds of work from which a result is waited for until it is on the disk. What the power takes away of
others is seen by their stamps, and made again."""


class Work(Protocol):
    """How the result of a point is made."""

    def run(self, output: Path, start: str, hooks: Hooks) -> Result:
        """Make the result and write it, starting from the fields of another one if its file is named."""
        ...


@dataclass(frozen=True)
class FromSettings:
    """A run of a configuration.

    Parameters
    ----------
    source
        The configuration, the values of the point in it.
    """

    source: ConfigSource

    def run(self, output: Path, start: str, hooks: Hooks) -> Result:
        """Run it, or continue it from its checkpoint."""
        own = (("output", str(output)), *((("scf.initial", start),) if start else ()))
        source = replace(self.source, values=(*self.source.values, *own))
        if _is_of(checkpoint_path(output), source):
            return resume_file(output, hooks=hooks)
        kept = _of_this_thread()
        return run_source(source, overwrite=True, hooks=hooks, kept=kept, durable_from=DURABLE_FROM)


@dataclass(frozen=True)
class FromValues:
    """A call of a function.

    Parameters
    ----------
    function
        Makes a model or a result.
    values
        Its arguments by name.
    threads
        Of the solver of a model.
    initial
        Where its loop starts without another result.
    """

    function: Callable[..., Model | Result]
    values: Mapping[str, Any]
    threads: int | None
    initial: Any = "uniform"

    def run(self, output: Path, start: str, hooks: Hooks) -> Result:
        """Call it; solve what it returns if that is a model."""
        began = time.monotonic()
        made = self.function(**self.values)
        if isinstance(made, Model):
            made = solve(made, initial=start or self.initial, threads=self.threads or "auto", hooks=hooks)
        if not isinstance(made, Result):
            raise InputError(f"the function returns {type(made).__name__}; return a model or a result")
        if made.status != "stopped":
            save(made, output, overwrite=True, durable=time.monotonic() - began >= DURABLE_FROM)
        return made


@dataclass(frozen=True)
class Task:
    """What a worker is sent.

    Parameters
    ----------
    work
        How the result is made.
    output
        Where it is written.
    stop
        A file whose existence asks the run to stop.
    folder
        The working directory, to which paths are relative.
    scheduler
        The process that schedules the points.
    start
        A result to start from.
    ranks
        Whether to compute the energy by which states compete.
    threads
        What a worker has, unless it is the process that schedules.
    """

    work: Work = field(repr=False)
    output: str
    stop: str
    folder: str
    scheduler: int
    start: str = ""
    ranks: bool = False
    threads: int = 1


@dataclass(frozen=True)
class Outcome:
    """What became of a task; see :class:`bdg.studies.kept.index.Entry`."""

    status: str
    seconds: float
    iterations: int = 0
    numbers: Mapping[str, float] = field(default_factory=dict)
    error: str = ""
    residual: float | None = None
    stamp: Stamp | None = None


_kept = threading.local()


def _of_this_thread() -> Kept:
    """What its last point left for the next."""
    kept: Kept = _kept.__dict__.setdefault("kept", Kept())
    return kept


def run_task(task: Task) -> Outcome:
    """Make the result of a point; what fails is told, not raised."""
    if os.getpid() == task.scheduler:
        return _run(task)
    os.chdir(task.folder)
    leave_interrupts_to(task.scheduler)  # which asks by the file
    with as_worker(task.threads):
        return _run(task)


def _run(task: Task) -> Outcome:
    began = time.perf_counter()
    hooks = Hooks(stop=lambda: os.path.exists(task.stop))
    start = task.start if task.start and os.path.exists(task.start) else ""
    try:
        result = _patiently(lambda: task.work.run(Path(task.output), start, hooks), hooks)
        numbers = numbers_of(result) | (energy_numbers(result) if task.ranks else {})
    except (BdgError, ArithmeticError, LookupError, TypeError, ValueError, AttributeError) as error:
        kind = "" if isinstance(error, BdgError) else f"{type(error).__name__}: "
        return Outcome("failed", time.perf_counter() - began, error=kind + " ".join(str(error).split()))
    failed = "; ".join(f"{name}: {error}" for name, error in result.failures.items())
    seconds = time.perf_counter() - began
    stamp = stamp_of(Path(task.output)) if result.status != "stopped" else None
    residual = float(result.residual) if result.history else None
    return Outcome(result.status, seconds, len(result.history), numbers, failed, residual, stamp)


def _patiently(run: Callable[[], Result], hooks: Hooks) -> Result:
    """Wait for the end of a worker that has lost its scheduler and is still at work on the point."""
    while True:
        try:
            return run()
        except FileBusyError:
            if hooks.stop():
                raise
            time.sleep(PATIENCE)


def _is_of(checkpoint: Path, source: ConfigSource) -> bool:
    """Whether a checkpoint is whole and of a configuration."""
    if not checkpoint.exists():
        return False
    try:
        return read_checkpoint(checkpoint, ())[0] == source.parse()
    except BdgError:
        return False


def numbers_of(result: Result) -> dict[str, float]:
    """The single real numbers among the quantities of a result, by name, and the largest |Δ| on a site."""
    numbers = {
        name: float(quantity.values)
        for name, quantity in result.quantities().items()
        if quantity.values.shape == () and quantity.values.dtype.kind in "iufb"
    }
    return {**numbers, "largest_delta": float(np.abs(result.fields.delta).max(initial=0.0))}


def energy_numbers(result: Result) -> dict[str, float]:
    """What states compete by, Ω at fixed μ, F at fixed filling, G in an applied field, with its error."""
    if result.status not in ("converged", "not_converged") or not result.history:
        return {}
    residual = result.history[-1].residual
    best = next(iter(result.starts), None)  # below a saddle lies another state, which is what is measured
    energy = energy_of(result.state(), residual) if best is None or best.is_saddle else best.energy
    return {"energy": float(energy.values), "energy_error": energy.error or 0.0, "residual": residual}
