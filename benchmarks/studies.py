"""Studies: what a second worker gains, samples a second, what a cheap point costs, how soon one sees it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path

from typer.testing import CliRunner

import bdg
from bdg.cli import app
from benchmarks.scale import Scale, pick
from benchmarks.table import Goal, Row, Table, measured

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
ALONE, COST, COLLECTED = (Goal(least, at_least=False) for least in (33.0, 10.0, 6.0))
STATUS = Goal(2.0, at_least=False)


def measure(scale: Scale) -> list[Table]:
    """Two workers against one, the rate of small disordered samples, and the overhead of cheap points."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [*_gain(folder, pick(scale, 4, 64)), *_small(folder, pick(scale, 8, 500))]
        rows += _cheap(folder, pick(scale, 10, 1000, 10_000), pick(scale, "serial", "local"))
    notes = [
        "start of the workers left out: each runs two points before",
        "an overhead is what two workers take beside the runs themselves, for each point",
        "status, collect and sweep where all is done: without the second in which Python starts",
    ]
    return [Table("Studies", rows, notes)]


def _gain(folder: str, count: int) -> list[Row]:
    one, two = (_rate(folder, f"large{n}", 24, count, n) for n in (1, 2))
    return [
        measured(f"{count} points of 24×24, 1 worker / (1/s)", one, None),
        measured(f"{count} points of 24×24, 2 workers / (1/s)", two, None),
        measured("gain of the second worker", two / one, SECOND),
    ]


def _small(folder: str, count: int) -> list[Row]:
    rate = _rate(folder, "small", 16, count, 2)
    began = time.process_time()
    _rate(folder, "alone", 16, min(count, 100), 1, executor="serial")
    alone = 1e3 * (time.process_time() - began) / min(count, 100)
    return [
        measured(f"{count} seeds of 16×16, 2 workers / (1/s)", rate, RATE),
        measured("time of one process for such a point / ms", alone, ALONE),
    ]


def _cheap(folder: str, count: int, executor: str) -> list[Row]:
    text = CHEAP.format(count=count, folder=folder, name="cheap")
    took, study = _swept(folder, "cheap", text, 2, executor)
    calls = partial(bdg.sweep, nothing, {"number": range(count)}, folder=f"{folder}/nothing")
    by_function, _ = _timed(calls, executor=executor)
    work = sum(entry.seconds for entry in study.index.entries.values())
    path = str(study.folder)
    return [
        measured(f"overhead of {count} points of two sites / ms", 1e3 * (2 * took - work) / count, COST),
        measured("the same of calls of a function / ms", 1e3 * 2 * by_function / count, COST),
        measured("collect a point / ms", 1e3 * _time_of("collect", path) / count, COLLECTED),
        measured(f"status of {count} points / s", _time_of("status", path), STATUS),
        measured("sweep where all is done / s", _time_of("sweep", f"{folder}/cheap.yaml"), None),
    ]


def nothing(number: int) -> bdg.Result:
    """A result that takes no time to make."""
    return _solved()


@cache
def _solved() -> bdg.Result:
    model = bdg.build_model(bdg.build_sample("chain", 2), temperature=0.1)
    return bdg.solve(model, observables=["density"], hooks=bdg.Hooks())


def _time_of(*words: str) -> float:
    """Seconds that a command takes when all it needs is imported."""
    began = time.perf_counter()
    ended = CliRunner().invoke(app, words, catch_exceptions=False)
    assert ended.exit_code == 0, ended.output
    return time.perf_counter() - began


def _rate(folder: str, name: str, side: int, count: int, workers: int, executor: str = "local") -> float:
    method = "selected_inversion"
    text = SAMPLE.format(side=side, count=count, folder=folder, name=name, method=method)
    return count / _swept(folder, name, text, workers, executor)[0]


def _swept(
    folder: str, name: str, text: str, workers: int, executor: str = "local"
) -> tuple[float, bdg.Study]:
    """Seconds of a sweep, as :func:`_timed`, and its study."""
    path = Path(folder, f"{name}.yaml")
    path.write_text(text)
    return _timed(partial(bdg.sweep, path), workers, executor)


def _timed(
    sweep: Callable[..., bdg.Study], workers: int = 2, executor: str = "local"
) -> tuple[float, bdg.Study]:
    """Seconds of a sweep if all points took as long as those after its workers have run two each."""
    ended: list[float] = []

    def watch(progress: object) -> None:
        ended.append(time.perf_counter())

    study = sweep(workers=workers, executor=executor, threads=1, watch=watch)
    warm = min(2 * workers, len(ended) // 2)
    return (ended[-1] - ended[warm - 1]) * len(ended) / (len(ended) - warm), study
