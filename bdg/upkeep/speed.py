"""How fast an installation is: one iteration and a whole loop, beside the times of the README."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import count
from typing import TypedDict

import numpy as np

from bdg.expectations import site_and_bond_pattern
from bdg.lattice import build_sample
from bdg.model import Disorder, Fields, Model, build_model
from bdg.scf import Outcome, ScfOptions, self_consistency
from bdg.scf.map import FixedPoint
from bdg.solvers import choose
from bdg.solvers.selected_inversion import SelectedInversion

PRESETS = {1: "chain", 2: "square", 3: "cubic"}

TOLERANCE = 1e-8
"""Error of the entries of f(H) that is asked for, and residual at which a loop ends."""

ITERATIONS = {(24, 24): 2.3e-3, (40, 40): 6.4e-3, (100, 100): 60e-3}
"""Seconds of one iteration in the README, on two cores, by the shape of the sample."""

LOOPS = {(100, 100): 0.6}
"""Seconds of a whole loop in the README."""

RUNS, SPEND = 5, 2.0
"""How often an iteration is timed at least, and seconds that takes at least: the shortest time counts."""


@dataclass(frozen=True)
class Timing:
    """What was timed, its seconds here, and those of the README."""

    what: str
    seconds: float
    readme: float


def timings(
    iterations: Mapping[tuple[int, int], float] = ITERATIONS,
    loops: Mapping[tuple[int, int], float] = LOOPS,
    spend: float = SPEND,
) -> Iterator[Timing]:
    """Time selected inversion on all threads, kernels compiled; well below a minute."""
    for shape, readme in iterations.items():
        found = timed_iteration("selected_inversion", shape, runs=RUNS, spend=spend)
        yield Timing(f"iteration, {named(shape)}", found["seconds"], readme)
    for shape, readme in loops.items():
        seconds = min(timed_loop(shape)[1] for _ in range(2))
        yield Timing(f"loop to {TOLERANCE:g}, {named(shape)}", seconds, readme)


def named(shape: Sequence[int]) -> str:
    """A shape as tables show it."""
    return "×".join(map(str, shape))


def disordered(shape: Sequence[int], temperature: float = 0.05, boundary: str = "open") -> Model:
    """The sample of the tables: disorder of width 2, U = 2.5, μ = −0.5."""
    sample = build_sample(PRESETS[len(shape)], list(shape), boundary)
    return build_model(
        sample,
        chemical_potential=-0.5,
        attraction=2.5,
        temperature=temperature,
        disorder=Disorder(2.0),
    )


def uniform_fields(model: Model, delta: float = 0.5) -> Fields:
    """Δ the same on all sites, no Hartree potential."""
    n_sites = model.sample.n_sites
    return Fields(np.full(n_sites, delta), np.zeros((2, n_sites)), -0.5)


def best(
    function: Callable[[], object],
    *,
    runs: int = 3,
    spend: float = 0.5,
    batch: float = 0.0,
    clock: Callable[[], float] = time.perf_counter,
) -> float:
    """Shortest of at least so many runs that take at least so long together, in seconds.

    Parameters
    ----------
    function
        What to do.
    runs, spend
        Smallest number of runs, and seconds they take together.
    batch
        Runs are timed by as many as take so long: a clock of processor time ticks coarsely.
    clock
        Wall time by default.
    """
    length = 1
    while True:
        start = clock()
        for _ in range(length):
            function()
        seconds = clock() - start
        if seconds >= batch:
            break
        length *= 2
    shortest, spent, done = seconds, seconds, 1
    while done < runs or spent < spend:
        start = clock()
        for _ in range(length):
            function()
        seconds = clock() - start
        shortest, spent, done = min(shortest, seconds), spent + seconds, done + 1
    return shortest / length


class Iterated(TypedDict):
    """Seconds, the solver's estimate of its error, and Δ after the iteration."""

    seconds: float
    error: float
    delta: list[float]


def timed_iteration(
    method: str,
    shape: Sequence[int],
    temperature: float = 0.05,
    runs: int = 3,
    threads: int | None = None,
    spend: float = 0.5,
) -> Iterated:
    """Shortest time of H, f(H) on sites and bonds and the new Δ, from Δ = 0.5.

    The symbolic phase is done and everything compiled before; see :func:`best` for ``runs`` and ``spend``.
    """
    small = disordered([4] * len(shape), temperature)
    FixedPoint(small, choose(method, rows=1, temperature=1.0), uniform_fields(small), TOLERANCE)(
        uniform_fields(small)
    )
    model = disordered(shape, temperature)
    solver = choose(
        method, rows=model.dofs * model.sample.n_sites, temperature=temperature, threads=threads or "auto"
    )
    fields = uniform_fields(model)
    fixed_point = FixedPoint(model, solver, fields, TOLERANCE)
    fixed_point.accuracy = TOLERANCE
    if method == "selected_inversion":
        fixed_point(fields)
    steps = count(1)

    def once() -> None:
        # Never twice the same fields: a solver keeps what it made for the last ones.
        fixed_point(replace(fields, delta=fields.delta + 1e-9 * next(steps)))

    seconds = best(once, runs=runs, spend=spend)
    out, _ = fixed_point(fields)
    hamiltonian, pattern = fixed_point.hamiltonian(fields), site_and_bond_pattern(model.sample)
    error = solver.correlations(hamiltonian, temperature, pattern, tolerance=TOLERANCE).error
    return {"seconds": seconds, "error": error, "delta": np.real(out.delta).tolist()}


def timed_loop(shape: Sequence[int], threads: int | None = None) -> tuple[Outcome, float]:
    """A whole loop from Δ = 0.5, symbolic phase included, and its seconds."""
    model = disordered(shape)
    start = time.perf_counter()
    options, initial = ScfOptions(tolerance=TOLERANCE), uniform_fields(model)
    outcome = self_consistency(model, SelectedInversion(threads), options, initial=initial)
    return outcome, time.perf_counter() - start
