"""NaN and infinity planted anywhere, loops without an end, threads and executors."""

from __future__ import annotations

import itertools
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np

import bdg
from bdg.fixed_point import MIXERS
from bdg.scf.map import FixedPoint
from bdg.store import read
from tests.torture import cases
from tests.torture.child import bdg as command
from tests.torture.child import damaged, folder
from tests.torture.row import Trials, row

PLACES = ("delta", "hartree", "mu", "filling", "first block", "another block", "pair block", "all blocks")


def _planted(place: str, value: float, at: int):
    """A fault in what iteration ``at`` finds, and in all later ones."""

    def before() -> None:
        from bdg.solvers.diagonalization import Diagonalization
        from bdg.solvers.selected_inversion import SelectedInversion

        calls, real_map = [], FixedPoint.__call__

        def planted_map(self, fields):
            out, missing = real_map(self, fields)
            calls.append(1)
            if len(calls) < at or place.endswith(("block", "blocks")):
                return out, missing
            if place == "filling":
                return out, value
            worse = value if place == "mu" else np.array(out[place], copy=True)
            if place != "mu":
                worse.flat[0] = value
            return out.having({place: worse}), missing

        FixedPoint.__call__ = planted_map
        for kind in (Diagonalization, SelectedInversion):
            kind.correlations = _bad_blocks(kind.correlations, place, value, at)

    return before


def _bad_blocks(real, place, value, at):
    calls = []

    def correlations(self, *given, **named):
        found = real(self, *given, **named)
        calls.append(1)
        where = {
            "first block": (0, 0, 0),
            "another block": (5, 1, 1),
            "pair block": (0, 0, 1),
            "all blocks": ...,
        }
        if len(calls) >= at and place in where:
            found.blocks[where[place]] = value
        return found

    return correlations


@row("NaN or inf at 8 places × 3 iterations × solvers × mixers", most=288, share=2)
def not_finite(trials: Trials) -> None:
    methods = ("diagonalization", "selected_inversion")
    every = list(itertools.product(PLACES, (1, 3, 6), methods, MIXERS, (np.nan, np.inf)))
    for n, which in zip(trials, trials.rng.permutation(len(every)), strict=False):
        place, at, method, mixer, value = every[which]
        del n
        with folder() as path:
            cases.write(method, mixer=mixer)
            ended = command("run", "run.yaml", "--quiet", before=_planted(place, value, at))
            what = f"{place} {value} iteration {at} {method} {mixer}"
            trials.expect(ended.code == 4, f"{what}: exit {ended.code}: {ended.stderr[-200:]}")
            trials.expect("iteration" in ended.stderr and ended.is_clean, f"{what}: {ended.stderr[-200:]}")
            trials.expect(not damaged(path), f"{what}: damaged")


HOPELESS = """
lattice: {{kind: square, size: [4, 3], boundary: periodic}}
hamiltonian: {{chemical_potential: {mu}, disorder: {{distribution: uniform, width: 1.0, seed: {seed}}}}}
interaction: {{onsite: {u}, fields: [hartree]}}
temperature: {temperature}
scf: {{mixer: {mixer}, damping: 1.0, max_iterations: {most}, tolerance: {tolerance}}}
output: out.h5
"""


@row(
    "loops that cannot converge: few iterations, a tolerance below rounding, jumps at T = 0",
    most=50,
)
def hopeless(trials: Trials) -> None:
    for n in trials:
        rng = trials.rng
        drawn = {"mu": rng.uniform(-1, 0), "seed": n, "u": 2.0, "temperature": 0.05, "mixer": MIXERS[n % 3]}
        drawn |= {"most": 150, "tolerance": 1e-8}
        drawn |= [{"most": 2}, {"tolerance": 1e-18, "most": 60}, {"temperature": 0, "u": -14}][n // 3 % 3]
        _ends_flagged(trials, drawn, cured=n // 3 % 3 == 2)


@row("loops that run in circles under the full step, restart and damping off", most=20)
def circles(trials: Trials) -> None:
    for n in trials:
        u, t = float(-trials.rng.uniform(7, 14)), (0.02, 0.1, 0.2)[n % 3]
        drawn = {
            "mu": -0.5,
            "seed": n,
            "u": u,
            "temperature": t,
            "mixer": "linear",
            "most": 60,
            "tolerance": 1e-8,
        }
        _ends_flagged(trials, drawn, cured=True)


def _ends_flagged(trials: Trials, drawn: dict, *, cured: bool) -> None:
    with folder():
        Path("run.yaml").write_text(HOPELESS.format(**drawn))
        ended = command(
            "run", "run.yaml", "--quiet", before=_full_step if drawn["most"] == 60 and cured else _nothing
        )
        if ended.code == 0 and cured:
            trials.count("converged all the same")
            return
        trials.expect(
            ended.code == 3 and ended.is_clean, f"{drawn}: exit {ended.code}: {ended.stderr[-200:]}"
        )
        result = read("out.h5")
        trials.expect(result.status == "not_converged", f"{drawn}: {result.status}")
        trials.count("said to cycle", any("limit cycle" in line for line in result.warnings))
        trials.count("said to stagnate", any("stagnate" in line for line in result.warnings))


def _nothing() -> None:
    pass


def _full_step() -> None:
    """Nothing is done about a cycle: it must be told."""
    from bdg.scf import stagnation

    stagnation.HALVINGS = -1


@row(
    "threads 1 and 2, executors of threads and of processes: same bits at equal threads, else 1e-12",
    most=12,
)
def threads(trials: Trials) -> None:
    for n in trials:
        width = float(trials.rng.uniform(0, 2))
        sample = bdg.build_sample("square", (9 + n % 3, 8), ("periodic", "open"))
        common = {"attraction": 2.0, "chemical_potential": -0.4, "temperature": 0.05}
        model = bdg.build_model(sample, **common, disorder=bdg.Disorder(width, n), rashba=0.3 * (n % 2))

        def solved(model=model, **how):
            return bdg.solve(model, solver="selected_inversion", hooks=bdg.Hooks(), **how).fields.delta

        one, again, two, pair = solved(threads=1), solved(threads=1), solved(threads=2), solved(threads=2)
        trials.expect(np.array_equal(one, again) and np.array_equal(two, pair), "other bits at equal threads")
        others = [two]
        for pool in (ThreadPoolExecutor(3), ProcessPoolExecutor(2, mp_context=get_context("spawn"))):
            if isinstance(pool, ProcessPoolExecutor) and n % 6:
                continue
            with pool:
                others.append(solved(executor=pool))
        trials.largest("largest difference", max(float(np.abs(one - other).max()) for other in others))
        trials.expect(trials.figures["largest difference"] < 1e-12, "differs")


@row("bound states of degenerate clean lattices and of walls of 1e5 t against all levels", most=30)
def bound_states(trials: Trials) -> None:
    kinds = ("square", "triangular", "honeycomb", "chain", "cubic")
    for n in trials:
        kind = kinds[n % 5]
        size = {"chain": (40,), "cubic": (4, 4, 3)}.get(kind, (6, 6))
        sample = bdg.build_sample(kind, size, "periodic")
        onsite = np.where(np.arange(sample.n_sites) % 7 == 0, 1e5, 0.0) if n % 3 == 2 else 0.0
        common = {"given_delta": float(trials.rng.uniform(0.1, 0.5)), "fields": (), "temperature": 0.05}
        model = bdg.build_model(
            sample, **common, onsite=onsite, chemical_potential=float(trials.rng.uniform(-1, 1))
        )
        try:
            found = bdg.solve(
                model, observables={"states": {"count": 8}}, solver="selected_inversion", hooks=bdg.Hooks()
            )
        except bdg.errors.NumericalError:
            trials.count("refused")
            continue
        if "states" not in found:
            trials.count("refused")
            continue
        levels = found["states"]
        dense = np.linalg.eigvalsh(found.state().hamiltonian.dense())
        exact, up_to = np.sort(dense[dense > 0]), float(levels.attributes["complete_up_to"])
        exact = np.repeat(exact, 2) if model.dofs == 2 else exact  # both spins
        mine, expected = np.sort(levels.values), exact[exact < up_to - 1e-9]
        trials.expect(len(mine) >= min(len(expected), 1), "none found")
        shared = mine[mine < up_to - 1e-9]
        trials.expect(len(shared) == len(expected), f"{kind}: {len(shared)} of {len(expected)} levels")
        if len(shared) == len(expected) and len(shared):
            trials.largest("largest error / t", float(np.abs(shared - expected).max()))
