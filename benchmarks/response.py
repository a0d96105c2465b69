"""The exact response of f(H) to changes of H, in evaluations of f(H), by symmetry class and size."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from bdg.nambu import Momentum, NambuMatrix
from bdg.solvers.selected_inversion import SelectedInversion
from bdg.upkeep.speed import best
from benchmarks.samples import Kind, named, open_lattice, whole_pattern
from benchmarks.scale import Scale, pick
from benchmarks.table import Goal, Row, Table

GOAL = Goal(4, at_least=False)

TEMPERATURE, TOLERANCE = 0.05, 1e-10

TOGETHER = 4
"""Changes that are done at once."""


def measure(scale: Scale) -> list[Table]:
    """Disordered open square lattices; one thread, processor time, taking turns."""
    sizes = pick(scale, (4,), (16, 24, 40, 100), (16, 24, 40, 100, 256))
    others = pick(scale, (4,), (16, 40), (16, 40, 100))
    cases: list[tuple[Kind, int]] = [("real", size) for size in sizes]
    cases += [(kind, size) for kind in ("complex", "rashba") for size in others]
    notes = [
        f"δf(H) of a change of Δ on every site, errors ≤ {TOLERANCE:g}·‖δH‖/4T, T = {TEMPERATURE}",
        "a change out of reach of the state's symmetry counts as one to four of them",
        "difference: from (f(H + sδH) − f(H − sδH))/2s, whose own errors are about 1e-10",
    ]
    return [
        Table(
            "Response of f(H), one thread, in evaluations of f(H)",
            [_row(*case, pick(scale, 1, 3)) for case in cases],
            notes,
        )
    ]


def _row(kind: Kind, size: int, rounds: int) -> Row:
    hamiltonian = open_lattice((size, size), kind)
    pattern, solver = whole_pattern(hamiltonian), SelectedInversion(1)
    changes = [_change(hamiltonian, seed) for seed in range(TOGETHER)]

    def correlations(matrix: NambuMatrix = hamiltonian) -> np.ndarray:
        return solver.correlations(matrix, TEMPERATURE, pattern, tolerance=TOLERANCE).blocks

    def response(count: int) -> np.ndarray:
        some = changes[:count]
        return solver.response(hamiltonian, some, TEMPERATURE, pattern, tolerance=TOLERANCE)[0].blocks

    ways: list[Callable[[], object]] = [correlations, lambda: response(1), lambda: response(TOGETHER)]
    seconds = [np.inf] * len(ways)
    for _ in range(rounds):
        for n, way in enumerate(ways):
            seconds[n] = min(seconds[n], best(way, runs=1, spend=0.0, batch=0.05, clock=time.process_time))
    ratio, step = seconds[1] / seconds[0], 1e-4 * TEMPERATURE
    difference = (
        correlations(_moved(hamiltonian, changes[0], step))
        - correlations(_moved(hamiltonian, changes[0], -step))
    ) / (2 * step)
    return {
        "class": kind,
        "sites": named((size, size)),
        "f(H) / ms": 1e3 * seconds[0],
        "one change": ratio,
        **GOAL.judged(ratio),
        f"each of {TOGETHER}": seconds[2] / seconds[0] / TOGETHER,
        "difference": float(np.abs(response(1) - difference).max()),
    }


def _change(hamiltonian: NambuMatrix, seed: int) -> NambuMatrix:
    """A random real change of Δ on every site."""
    half, values = hamiltonian.dofs // 2, np.zeros_like(hamiltonian.momenta[0].values)
    delta = np.random.default_rng(seed).uniform(-1, 1, hamiltonian.n_sites)[:, None, None] * np.eye(half)
    values[hamiltonian.diagonal, :half, half:] = values[hamiltonian.diagonal, half:, :half] = delta
    return replace(hamiltonian, momenta=(Momentum(1.0, np.zeros(0), values),))


def _moved(hamiltonian: NambuMatrix, change: NambuMatrix, step: float) -> NambuMatrix:
    values = hamiltonian.momenta[0].values + step * change.momenta[0].values
    return replace(hamiltonian, momenta=(Momentum(1.0, np.zeros(0), values),))
