"""One turn of the self-consistency loop's map: H, f(H) on sites and bonds, the new Δ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count
from typing import TypedDict

import numpy as np

from bdg.bench.samples import disordered, uniform_fields
from bdg.bench.timing import THREADS, best
from bdg.expectations import site_and_bond_pattern
from bdg.scf.map import FixedPoint
from bdg.solvers.choose import choose

TOLERANCE = 1e-8
"""Error of the entries of f(H) that is asked for."""


class Turn(TypedDict):
    """Seconds, the solver's estimate of its error, and Δ after the turn."""

    seconds: float
    error: float
    delta: list[float]


def turn(method: str, shape: Sequence[int], temperature: float = 0.05, runs: int = 3) -> Turn:
    """Shortest time of a turn from Δ = 0.5, the symbolic phase done and everything compiled."""
    small = disordered([4] * len(shape), temperature)
    FixedPoint(small, choose(method, rows=1, temperature=1.0), uniform_fields(small), TOLERANCE)(
        uniform_fields(small)
    )
    model = disordered(shape, temperature)
    solver = choose(method, rows=model.dofs * model.sample.n_sites, temperature=temperature, threads=THREADS)
    fields = uniform_fields(model)
    fixed_point = FixedPoint(model, solver, fields, TOLERANCE)
    fixed_point.accuracy = TOLERANCE
    if method == "selected_inversion":
        fixed_point(fields)
    steps = count(1)

    def once() -> None:
        # Never twice the same fields: a solver keeps what it made for the last ones.
        fixed_point(replace(fields, delta=fields.delta + 1e-9 * next(steps)))

    seconds = best(once, runs=runs)
    out, _ = fixed_point(fields)
    hamiltonian, pattern = fixed_point.hamiltonian(fields), site_and_bond_pattern(model.sample)
    error = solver.correlations(hamiltonian, temperature, pattern, tolerance=TOLERANCE).error
    return {"seconds": seconds, "error": error, "delta": np.real(out.delta).tolist()}
