"""Studies: what a second worker gains, samples a second, and what a cheap point costs beside its run."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

import bdg
from benchmarks.scale import Scale, pick
from benchmarks.table import Goal, Table, measured

SAMPLE = """
lattice: {{kind: square, size: [{side}, {side}], boundary: periodic}}
hamiltonian: {{chemical_potential: -0.5, disorder: {{width: 2.0, seed: 0}}}}
interaction: {{onsite: 2.5}}
temperature: 0.05
solver: {{method: {method}}}
scf: {{tolerance: 1e-8}}
observables: {{order_parameter: {{}}, spectral_gap: {{}}}}
sweep: {{hamiltonian.disorder.seed: {{count: {count}}}}}
output: {folder}/{name}.h5
"""
CHEAP = """
lattice: {{kind: chain, size: [2]}}
hamiltonian: {{chemical_potential: 0.1}}
temperature: 0.1
observables: {{density: {{}}}}
sweep: {{hamiltonian.chemical_potential: {{start: 0, stop: 1, num: {count}}}}}
output: {folder}/{name}.h5
"""
SECOND, RATE = Goal(1.85), Goal(60.0)
COST, COLLECTED = Goal(10.0, at_least=False), Goal(6.0, at_least=False)


def measure(scale: Scale) -> list[Table]:
    """Two workers against one, the rate of small disordered samples, and the overhead of cheap points."""
    with tempfile.TemporaryDirectory() as folder:
        count = pick(scale, 4, 64)
        one, two = (_rate(folder, f"large{n}", 24, count, n) for n in (1, 2))
        rows = [
            measured(f"{count} points of 24×24, 1 worker / (1/s)", one, None),
            measured(f"{count} points of 24×24, 2 workers / (1/s)", two, None),
            measured("gain of the second worker", two / one, SECOND),
        ]
        count = pick(scale, 8, 500)
        rate = _rate(folder, "small", 16, count, 2)
        rows.append(measured(f"{count} seeds of 16×16, 2 workers / (1/s)", rate, RATE))
        count = pick(scale, 10, 1000)
        text = CHEAP.format(count=count, folder=folder, name="cheap")
        took, study = _swept(folder, "cheap", text, 2)
        work = sum(entry.seconds for entry in study.index.entries.values())
        rows.append(measured("a point's overhead / ms", 1e3 * (2 * took - work) / count, COST))
        began = time.perf_counter()
        bdg.collect(bdg.open_study(study.folder))
        rows.append(measured(f"collect {count} points / s", time.perf_counter() - began, COLLECTED))
    return [Table("Studies", rows, ["start of the workers left out: each runs two points before"])]


def _rate(folder: str, name: str, side: int, count: int, workers: int) -> float:
    method = "selected_inversion"
    text = SAMPLE.format(side=side, count=count, folder=folder, name=name, method=method)
    return count / _swept(folder, name, text, workers)[0]


def _swept(folder: str, name: str, text: str, workers: int) -> tuple[float, bdg.Study]:
    """Seconds of a sweep after its workers have run two points each, and its study."""
    path = Path(folder, f"{name}.yaml")
    path.write_text(text)
    started: list[float] = []

    def watch(progress: object) -> None:
        started.append(time.perf_counter())

    study = bdg.sweep(path, workers=workers, threads=1, watch=watch)
    warm = min(2 * workers, len(started) // 2)
    return (started[-1] - started[warm - 1]) * len(started) / (len(started) - warm), study
