"""Every benchmark runs at toy size and says what it should; how fast is for the benchmarks themselves."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bdg.errors import BdgError, InputError
from bdg.solvers.selected_inversion.algebra import choose_algebra
from bdg.solvers.selected_inversion.plan import make_plan
from benchmarks import NAMES, bench
from benchmarks.accuracy import greens_trial, random_matrix, trial
from benchmarks.kernel import flops
from benchmarks.machine import machine
from benchmarks.process import in_own_process, peak_memory
from benchmarks.samples import open_lattice, whole_pattern
from benchmarks.table import Goal, Table, measured, text
from benchmarks.timing import best

ROOT = Path(__file__).parents[2]


SLOW = (
    "crossover",
    "cubic",
    "figures",
    "iteration",
    "kernel",
    "large",
    "observables",
    "ordering",
    "setup",
    "shared",
    "studies",
)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow) if name in SLOW else name for name in NAMES]
)
def test_every_benchmark_runs_and_is_written(name, tmp_path, capsys):
    target = tmp_path / "tables.json"
    document = bench([name], target, large=False, scale="toy")
    printed = capsys.readouterr().out
    assert json.loads(target.read_text(encoding="utf-8")) == document
    assert list(document["benchmarks"]) == [name]
    tables = document["benchmarks"][name]["tables"]
    assert tables
    for table in tables:
        assert table["title"] in printed
        assert table["rows"]
        for row in table["rows"]:
            assert all(np.isfinite(v) for v in row.values() if not isinstance(v, str))


def test_every_module_with_a_measurement_has_a_name():
    places = [*(ROOT / "benchmarks").glob("*.py"), *(ROOT / "benchmarks").glob("*/__init__.py")]
    measuring = [path for path in places if "\ndef measure(" in path.read_text("utf-8")]
    modules = {path.parent.name if path.name == "__init__.py" else path.stem for path in measuring}
    assert modules == set(NAMES)


def test_unknown_name_is_refused():
    with pytest.raises(InputError, match=r"unknown benchmark 'speed'; use iteration, "):
        bench(["speed"], None, large=False)


def test_the_script_takes_names_and_the_command_points_to_it():
    script = ended([str(ROOT / "scripts/bench"), "speed"])
    assert script.returncode == 2
    assert script.stderr.startswith("scripts/bench: unknown benchmark 'speed'; use iteration, ")
    for arguments in ([], ["iteration"], ["iteration", "--json", "x.json", "--large"]):
        command = ended([sys.executable, "-m", "bdg", "bench", *arguments])
        assert command.returncode == 2
        assert command.stderr.count("\n") == 1
        assert "bdg doctor --speed times this installation, and scripts/bench" in command.stderr


def ended(command):
    return subprocess.run(
        command, capture_output=True, text=True, env=dict(os.environ, PYTHON=sys.executable), cwd=ROOT
    )


def test_machine_is_described_without_naming_it():
    described = machine()
    assert {"processor", "cores", "memory / GiB", "BLAS", "python", "numpy", "numba"} <= set(described)
    assert described["BLAS"]
    assert not any(os.sep in str(value) for value in described.values() if value != described["processor"])
    assert os.uname().nodename not in str(described)


@pytest.mark.parametrize(
    ("value", "at_least", "verdict"),
    [
        (9, True, "MISS"),
        (10, True, "pass, target missed"),
        (20, True, "pass, target met"),
        (21, False, "MISS"),
    ],
)
def test_goals(value, at_least, verdict):
    goal = Goal(10, 20) if at_least else Goal(20, 10, at_least=False)
    row = measured("x", value, goal)
    assert row["verdict"] == verdict
    assert row["gate"] == ("≥ 10" if at_least else "≤ 20")
    assert Table("t", [row, measured("y", 1, None)]).verdicts() == [("x", verdict)]


def test_tables_align_and_leave_blanks():
    lines = Table("title", [{"a": 1, "b": 2.5}, {"a": "long"}], ["note"]).lines()
    assert lines == ["title", "  note", "   a    b", "   1  2.5", "long     "]
    assert [text(x) for x in (12345.6, 0.00012, 7, 99.96)] == ["12,346", "0.00012", "7", "100"]


def test_best_takes_the_shortest():
    clock = iter([0.0, 5.0, 5.0, 6.0, 6.0, 9.0])
    assert best(lambda: None, runs=3, spend=0.0, clock=lambda: next(clock)) == 1.0
    clock = iter([0.0, 1.0, 1.0, 3.0, 3.0, 5.0])
    assert best(lambda: None, runs=2, spend=0.0, batch=2.0, clock=lambda: next(clock)) == 1.0


def test_a_process_has_a_peak_of_its_own():
    ballast = np.ones(40_000_000)
    value, gibibytes = in_own_process(len, [1, 2, 3])
    assert value == 3
    assert 0 < gibibytes < peak_memory()
    assert ballast[0] == 1
    with pytest.raises(BdgError, match="failed"):
        in_own_process(len, 3)


@pytest.mark.parametrize(("kind", "reals"), [("real", 8), ("complex", 8), ("rashba", 1)])
def test_flops_of_one_front(kind, reals):
    matrix = open_lattice((2, 2), kind)
    algebra = choose_algebra(matrix)
    plan = make_plan(matrix, whole_pattern(matrix), algebra)
    rows = 4 * algebra.rows
    assert len(plan.elimination.tree.own) == 1
    assert flops(plan) == 2 * reals * (1 if algebra.symmetric else 2) * rows**3 / 2


@pytest.mark.parametrize("seed", range(30))
def test_random_samples_are_hermitian_and_repeat(seed):
    kind, matrix = random_matrix(np.random.default_rng(seed))
    dense = matrix.dense()
    assert np.array_equal(dense, dense.conj().T)
    assert 1 <= matrix.n_sites <= 144
    again_kind, again = random_matrix(np.random.default_rng(seed))
    assert kind == again_kind
    assert np.array_equal(matrix.momenta[0].values, again.momenta[0].values)


def test_estimates_are_never_too_small():
    assert max(trial(seed).ratio for seed in range(100)) <= 3


@pytest.mark.slow
def test_error_of_greens_is_within_its_estimate_and_the_estimate_of_use():
    trials = [greens_trial(seed) for seed in range(100)]
    assert max(error / estimate for estimate, error in trials) <= 3
    assert np.mean([estimate <= 100 * max(error, 1e-13) for estimate, error in trials]) >= 0.95
