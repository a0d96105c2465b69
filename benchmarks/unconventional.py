"""Whole self-consistency loops of pairing that is not plain s-wave: d-wave, and s-wave where spins mix."""

from __future__ import annotations

import time

from bdg.lattice import build_sample
from bdg.model import Impurity, Model, build_model
from bdg.scf import ScfOptions, self_consistency
from bdg.solvers.selected_inversion import SelectedInversion
from benchmarks.samples import named
from benchmarks.scale import Scale, pick
from benchmarks.table import Goal, Row, Table
from benchmarks.timing import THREADS

GOAL = Goal(300, at_least=False)


def measure(scale: Scale) -> list[Table]:
    """100×100 d-wave with an impurity and 60×60 with Rashba coupling in a field, to 1e-8; compiled before."""
    jobs = {
        "d wave, impurity": (d_wave, pick(scale, (6, 6), (100, 100))),
        "s wave, Rashba, Zeeman": (rashba, pick(scale, (5, 5), (60, 60))),
    }
    rows: list[Row] = []
    for name, (made, shape) in jobs.items():
        _loop(made((8, 8)))
        row: Row = {"sample": name, "sites": named(shape)}
        rows.append(row | _loop(made(shape)))
        if scale != "toy":
            rows[-1] |= GOAL.judged(float(rows[-1]["s"]))
    return [Table(f"SCF to 1e-8 from Δ = 0.5, {THREADS} threads, symbolic phase included", rows)]


def d_wave(shape: tuple[int, ...]) -> Model:
    """A torus with V = 1.2 between neighbours and one strong scatterer."""
    middle = [length // 2 for length in shape]
    return build_model(
        build_sample("square", list(shape), "periodic"),
        chemical_potential=-0.5,
        bond_attraction=1.2,
        channels="d_x2_y2",
        impurities=[Impurity(middle, 10.0)],
        temperature=0.02,
    )


def rashba(shape: tuple[int, ...]) -> Model:
    """A torus with U = 2.5, Rashba coupling 0.3 and a field 0.2 out of the plane: 4 dofs a site, complex."""
    return build_model(
        build_sample("square", list(shape), "periodic"),
        chemical_potential=-0.5,
        attraction=2.5,
        rashba=0.3,
        zeeman=0.2,
        temperature=0.05,
    )


def _loop(model: Model) -> Row:
    start = time.perf_counter()
    outcome = self_consistency(model, SelectedInversion(threads=THREADS), ScfOptions(tolerance=1e-8))
    seconds = time.perf_counter() - start
    last = outcome.history[-1]
    return {
        "ended": outcome.status,
        "iterations": len(outcome.history),
        "residual / t": last.residual,
        "mean Δ / t": last.mean_delta,
        "s": seconds,
    }
