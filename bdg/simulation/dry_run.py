"""What a run would take: the sample and the order of elimination are made, nothing is solved."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from inspect import signature
from typing import Any

import numpy as np

from bdg import setup
from bdg.config import ConfigSource, load_config
from bdg.expectations import site_and_bond_pattern
from bdg.gauge import real_gauge
from bdg.lattice import build_sample
from bdg.model import Fields, Layout, Model, build_model
from bdg.model.reality import allows_real_delta
from bdg.nambu import NambuAssembler, NambuMatrix
from bdg.observables import observable_named
from bdg.observables.spectra.few_sites import expected_seconds
from bdg.observables.tunnelling.spectra import expected_energies
from bdg.resources import default_threads, memory_in_use
from bdg.scf.starts.start import start_fields
from bdg.solvers import Solver, choose
from bdg.solvers.forecast import Forecast, forecast, greens_forecast

LOOP_BYTES = 1500.0
"""Bytes of a site that the loop takes beside the solver: the local Newton step, expectation values."""

FILE_BYTES, BOND_BYTES = 120.0, 40.0
"""Bytes of a site and of a bond in a result: the sample, the model and the fields."""

INVERSE_ROWS, DENSE_ROWS = 20_000, 600
"""Largest matrix that is evaluated to find the speed of the machine."""

EXPERIMENTS = "bdg.experiments"


@dataclass(frozen=True)
class Stage:
    """One stage of a run.

    Parameters
    ----------
    name
        What is done.
    memory
        Bytes of the process at its peak.
    seconds
        How long; NaN where that depends on what is found.
    is_measured
        Whether it was done.
    """

    name: str
    memory: float
    seconds: float
    is_measured: bool = False


@dataclass(frozen=True)
class DryRun:
    """What a run takes.

    Parameters
    ----------
    stages
        Of the run, in the process that is started.
    result_bytes, checkpoint_bytes
        On the disk: the result, and the checkpoint beside it while it runs.
    worker_memory
        Bytes of each of the workers at its peak, if there are any.
    """

    stages: tuple[Stage, ...]
    result_bytes: float
    checkpoint_bytes: float
    worker_memory: float = 0.0

    @property
    def memory(self) -> float:
        """Bytes of the process at the peak of the whole run."""
        return max(stage.memory for stage in self.stages)


def dry_run(path: str | os.PathLike[str], overrides: tuple[str, ...] = (), *, workers: int = 0) -> DryRun:
    """What a configuration would take, by stage.

    Memory is good to a quarter, time to a factor of two.

    Parameters
    ----------
    path, overrides
        As for :func:`bdg.run_file`.
    workers
        How many processes take the work of the solver; 0 for threads of this one.

    Raises
    ------
    ConfigError, ResourceError
        As a run would before its first iteration.
    """
    return dry_run_of(load_config(path, overrides)[1], workers)


def dry_run_of(source: ConfigSource, workers: int = 0) -> DryRun:
    """What a configuration that was read already would take; see :func:`dry_run`.

    Raises
    ------
    ConfigError, ResourceError
        As there.
    """
    began = time.perf_counter()
    config = source.parse()
    sample = setup.sample_of(config, source)
    model = setup.model_of(config, source, sample)
    wanted = dict(setup.observable_parameters(config, source, model))
    solver = setup.solver_of(config, model)
    fields, matrix = _start(model)
    ready = time.perf_counter()
    stages = [Stage("setup", memory_in_use(), ready - began, is_measured=True)]
    pattern = site_and_bond_pattern(sample)
    evaluation = (solver, matrix, model.temperature, pattern, 0.1 * config.scf.tolerance)
    at_worker = forecast(*evaluation, 1)
    one = forecast(*evaluation, 0) if workers else forecast(*evaluation)
    stages.append(Stage("ordering", memory_in_use(), time.perf_counter() - ready, is_measured=True))
    base = memory_in_use()
    seconds = one.flops / _flops_per_second(solver, matrix, one.parts, workers)
    unknowns = len(Layout.of(model, is_complex=fields.is_complex).pack(fields))
    vectors = 8.0 * unknowns * (2 * config.scf.history + 6)
    peak = base + one.memory + LOOP_BYTES * sample.n_sites + vectors
    loop = _Loop(solver, matrix, one, seconds, base, peak, 0 if workers else None, config.solver.tolerance)
    stages.append(Stage("one iteration", loop.memory, seconds))
    measured = list(_observables(model, wanted, loop))
    kept = FILE_BYTES * sample.n_sites + BOND_BYTES * sample.n_bonds + 8.0 * unknowns
    kept += sum(_bytes_of(model, parameters) for parameters in wanted.values())
    return DryRun((*stages, *measured), kept, vectors, base + at_worker.memory if workers else 0.0)


def _start(model: Model) -> tuple[Fields, NambuMatrix]:
    """Uniform fields and H at them, in the gauge that the loop works in."""
    angle = real_gauge(model.sample, model.phase) if allows_real_delta(model) else None
    work = model if angle is None else model.transformed(angle)
    fields = start_fields(work, "uniform", (0, 0), angle)
    return fields, NambuAssembler(work).matrix(fields)


@dataclass(frozen=True)
class _Loop:
    """What an evaluation of f(H) of the loop takes, and by whom."""

    solver: Solver
    matrix: NambuMatrix
    one: Forecast
    seconds: float
    base: float
    memory: float
    threads: int | None
    tolerance: float


def _observables(model: Model, wanted: Mapping[str, Mapping[str, Any]], loop: _Loop) -> Iterator[Stage]:
    """What is measured: a spectrum takes an inverse for each energy, most else an evaluation of f(H).

    The workspaces of the loop are kept meanwhile.
    """
    for name, parameters in wanted.items():
        needed, seconds = 0.0, loop.seconds
        energies = _energies_of(model, parameters)
        by_moments = None
        if "method" in parameters:
            by_moments = expected_seconds(loop.matrix, loop.solver, parameters, loop.tolerance)
        if by_moments is not None:
            seconds = by_moments
        elif energies:
            greens = greens_forecast(loop.solver, loop.matrix, energies, loop.threads)
            needed, seconds = greens.memory, seconds * greens.flops / loop.one.flops
        if observable_named(name).__module__.startswith(EXPERIMENTS):
            seconds = np.nan
        memory = loop.base + loop.one.memory + needed + 2 * _bytes_of(model, parameters)
        yield Stage(name.replace("_", " "), memory, seconds)


def _bytes_of(model: Model, parameters: Mapping[str, Any]) -> float:
    """Bytes of the numbers that an observable makes: on sites, at each of its energies."""
    sites = parameters.get("sites")
    places = model.sample.n_sites if sites is None or isinstance(sites, str) else len(sites)
    return 8.0 * places * max(1, _energies_of(model, parameters)) * (1 if model.dofs == 2 else 6)


def _energies_of(model: Model, parameters: Mapping[str, Any]) -> int:
    """Energies at which an observable takes Green's functions; 0 of others."""
    if "biases" in parameters:
        takes = signature(expected_energies).parameters
        given = {name: value for name, value in parameters.items() if name in takes}
        return expected_energies(model.temperature, **given)
    return len(parameters.get("energies", ()))


def _flops_per_second(solver: Solver, matrix: NambuMatrix, parts: int, workers: int) -> float:
    """Speed of this machine at this kind of work, from one evaluation for a square of no more rows."""
    is_dense = solver.name == "diagonalization"
    threads = workers or getattr(solver, "threads", None) or default_threads()
    used = threads if is_dense and not workers else min(threads, parts)
    return used * _speed(solver.name, min(matrix.dimension, DENSE_ROWS if is_dense else INVERSE_ROWS))


@cache
def _speed(method: str, rows: int) -> float:
    """Floating-point operations that one thread makes in a second of processor time."""
    side = max(4, int(np.sqrt(rows / 2)))
    model = build_model(build_sample("square", (side, side)), attraction=2.0, temperature=0.1)
    (fields, matrix), pattern = _start(model), site_and_bond_pattern(model.sample)
    solver = choose(method, rows=matrix.dimension, temperature=0.1, threads=1)
    made = forecast(solver, matrix, 0.1, pattern, 1e-9)
    for _ in range(2):  # the first one loads compiled code
        again = NambuAssembler(model).matrix(fields)
        began = time.process_time()
        solver.correlations(again, 0.1, pattern, tolerance=1e-9)
        taken = time.process_time() - began
    return made.flops / taken
