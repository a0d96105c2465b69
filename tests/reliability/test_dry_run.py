"""``bdg run --dry-run`` says what a run will take, solves nothing, and is right to a quarter."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
import threading
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

import bdg
from bdg import resources
from bdg.cli import app
from bdg.errors import ConfigError, ResourceError
from bdg.executors import executor_named
from bdg.expectations import site_and_bond_pattern
from bdg.simulation.dry_run import _start, dry_run
from bdg.solvers.forecast import forecast
from bdg.solvers.selected_inversion import SelectedInversion
from bdg.words import in_bytes, in_time

CONFIG = """
lattice: {kind: square, size: [12, 10], boundary: open}
hamiltonian: {chemical_potential: -0.5}
interaction: {onsite: 2.5}
temperature: 0.1
solver: {threads: 1}
scf: {max_iterations: 2}
observables:
  density: {}
  ldos: {energies: {start: -1, stop: 1, num: 40}, broadening: 0.1}
output: out.h5
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("run.yaml").write_text(CONFIG)
    return tmp_path


def test_it_prints_every_stage_and_leaves_nothing(folder):
    told = CliRunner().invoke(app, ["run", "run.yaml", "--dry-run"])
    assert told.exit_code == 0
    for stage in ("setup", "ordering", "one iteration", "density", "ldos", "peak memory", "disk"):
        assert re.search(rf"^{stage}\W.*\d+(\.\d+)? (K|M|G)iB", told.stdout, re.MULTILINE)
    assert [path.name for path in folder.iterdir()] == ["run.yaml"]


@pytest.mark.parametrize("method", ["diagonalization", "selected_inversion"])
@pytest.mark.parametrize(
    "change",
    ["temperature=0", "hamiltonian.rashba=0.3", "hamiltonian.zeeman=[0, 0, 0.1]", "lattice.kind=triangular",
     "lattice.boundary={bloch: 3}", "field={uniform: 0.05}"],
)  # fmt: skip
def test_every_kind_of_model_is_forecast(monkeypatch, method, change):
    def solved(*given, **named):
        raise AssertionError("something was solved")

    overrides = (f"solver.method={method}", change)
    monkeypatch.setattr("bdg.simulation.dry_run._speed", lambda method, rows: 1e9)
    for name in ("diagonalization.Diagonalization", "selected_inversion.SelectedInversion"):
        for deed in ("correlations", "greens"):
            monkeypatch.setattr(f"bdg.solvers.{name}.{deed}", solved)
    found = dry_run("run.yaml", overrides)
    assert [stage.name for stage in found.stages] == ["setup", "ordering", "one iteration", "density", "ldos"]
    assert all(np.isfinite(stage.memory) and stage.memory > 0 for stage in found.stages)
    assert all(stage.seconds >= 0 for stage in found.stages)
    assert found.memory == max(stage.memory for stage in found.stages)


def test_more_work_takes_longer_and_more_room():
    one = dry_run("run.yaml")
    larger = dry_run("run.yaml", ("lattice.size=[48, 40]",))
    longer = dry_run("run.yaml", ("observables.ldos.energies.num=400",))
    assert larger.stages[2].seconds > 4 * one.stages[2].seconds
    assert longer.stages[-1].seconds == pytest.approx(10 * one.stages[-1].seconds, rel=0.01)
    assert larger.result_bytes > 10 * one.result_bytes
    assert larger.checkpoint_bytes == pytest.approx(16 * one.checkpoint_bytes)


def test_a_few_sites_of_a_large_sample_take_as_long_for_any_number_of_energies():
    size = ("solver.method=selected_inversion", "lattice.size=[60, 60]", "observables.ldos.sites=[[3, 3]]")
    one, more = (dry_run("run.yaml", (*size, f"observables.ldos.energies.num={n}")) for n in (200, 400))
    assert 0 < one.stages[-1].seconds == more.stages[-1].seconds
    every = dry_run(
        "run.yaml", (*size, "observables.ldos.energies.num=200", "observables.ldos.method=solver")
    )
    assert every.stages[-1].seconds != one.stages[-1].seconds


def test_the_time_of_loops_inside_an_experiment_is_not_known():
    found = dry_run("run.yaml", ("observables={superflow: {stop: 0.1, num: 3}}", "lattice.boundary=periodic"))
    assert np.isnan(found.stages[-1].seconds)
    sets = ["--set", "observables={superflow: {stop: 0.1}}", "--set", "lattice.boundary=periodic"]
    told = CliRunner().invoke(app, ["run", "run.yaml", "--dry-run", *sets])
    assert "not known" in told.stdout


def test_what_does_not_fit_is_refused_as_a_run_would(monkeypatch):
    monkeypatch.setattr(resources, "available_memory", lambda: 1e5)
    for method in ("diagonalization", "selected_inversion"):
        ended = CliRunner().invoke(app, ["run", "run.yaml", "--dry-run", "--set", f"solver.method={method}"])
        assert isinstance(ended.exception, ResourceError)
    with pytest.raises(ConfigError):
        dry_run("run.yaml", ("lattice.size=[0, 3]",))


def test_the_disk_is_estimated():
    found = dry_run("run.yaml", ("lattice.size=[60, 60]", "observables.ldos.sites=all"))
    written = bdg.run_file("run.yaml", ["lattice.size=[60, 60]", "observables.ldos.sites=all"]).path
    assert 0.6 < found.result_bytes / os.path.getsize(written) < 1.6
    assert os.path.getsize(f"{written}.checkpoint") < 1.2 * found.checkpoint_bytes + 50_000


def test_sizes_and_times_in_words():
    sizes = (500.0, 3 * 2.0**20, 1.5 * 2**30, float("inf"))
    assert [in_bytes(size) for size in sizes] == ["0.488 KiB", "3 MiB", "1.5 GiB", "unlimited"]
    assert [in_time(one) for one in (0.25, 90, 600, 7200)] == ["0.25 s", "90 s", "10 min", "2 h"]


@pytest.mark.parametrize("change", [{}, {"rashba": 0.2}], ids=["quaternion", "majorana"])
def test_the_memory_of_an_evaluation_is_what_it_allocates(change):
    """As the interpreter counts it, which does not see all that compiled code takes."""
    sample = bdg.build_sample("square", (60, 60))
    model = bdg.build_model(sample, attraction=2.0, temperature=0.1, chemical_potential=-0.5, **change)
    (_, matrix), pattern = _start(model), site_and_bond_pattern(sample)
    solver = SelectedInversion(threads=1)
    one = forecast(solver, matrix, 0.1, pattern, 1e-9)
    tracemalloc.start()
    work = threading.Thread(  # whose workspaces are its own: this one may have some from tests before
        target=solver.correlations, args=(matrix, 0.1, pattern), kwargs={"tolerance": 1e-9}
    )
    work.start()
    work.join()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert one.memory == pytest.approx(peak, rel=0.3)


PEAK = """
import resource, subprocess, sys
subprocess.run([sys.executable, "-m", "bdg", "run", "run.yaml", "--quiet", *sys.argv[1:]])
print(1024 * resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
SIZES = {
    ("selected_inversion", "square"): (60, 100, 160, 220),
    ("selected_inversion", "cubic"): (10, 14, 18, 22),
    ("diagonalization", "square"): (12, 18, 24, 32),
    ("diagonalization", "cubic"): (5, 7, 9, 10),
}


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(resource, "RUSAGE_CHILDREN"), reason="peak memory is not told")
@pytest.mark.parametrize(
    ("method", "kind", "side"), [(*which, side) for which, sides in SIZES.items() for side in sides]
)
@pytest.mark.parametrize(
    "measured", ["{density: {}}", "{ldos: {energies: [0.0, 0.5]}}"], ids=["loop", "ldos"]
)
def test_the_memory_is_right_to_a_quarter(method, kind, side, measured):
    """Against the peak of a process of its own that runs the configuration."""
    size = [side] * (3 if kind == "cubic" else 2)
    overrides = [f"lattice.kind={kind}", f"lattice.size={size}", f"solver.method={method}"]
    words = [word for one in (*overrides, f"observables={measured}") for word in ("--set", one)]
    told = subprocess.run(
        [sys.executable, "-m", "bdg", "run", "run.yaml", "--dry-run", *words], capture_output=True, text=True
    )
    number, unit = re.search(r"peak memory ([\d.]+) (\w)iB", told.stdout).groups()
    estimate = float(number) * {"M": 2**20, "G": 2**30}[unit]
    peak = subprocess.run([sys.executable, "-c", PEAK, *words], capture_output=True, text=True)
    assert estimate == pytest.approx(int(peak.stdout), rel=0.25)


def test_workers_are_counted_each_with_workspaces_of_its_own():
    told = CliRunner().invoke(app, ["run", "run.yaml", "--dry-run", "--executor", "local", "--workers", "3"])
    assert told.exit_code == 0
    assert re.search(r"^each of 3 workers \d.* [MG]iB; all together \d.* [MG]iB$", told.stdout, re.MULTILINE)
    assert dry_run("run.yaml").worker_memory == 0
    model = bdg.build_model(bdg.build_sample("square", (60, 50)), attraction=2.5, temperature=0.1)
    evaluation = (SelectedInversion(1), _start(model)[1], 0.1, site_and_bond_pattern(model.sample), 1e-9)
    without, one, three = (forecast(*evaluation, threads).memory for threads in (0, 1, 3))
    assert without < 0.5 * one < 0.5 * three


@pytest.mark.slow
def test_the_memory_of_a_worker_is_what_it_takes():
    Path("large.yaml").write_text(CONFIG.replace("[12, 10]", "[200, 200]"))
    words = ["run", "large.yaml", "--dry-run", "--executor", "local", "--workers", "1"]
    command = [sys.executable, "-m", "bdg", *words]
    environment = {**os.environ, "PYTHONPATH": str(Path(bdg.__file__).parents[1])}
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
    number, unit = re.search(r"^each of 1 worker ([\d.]+) (MiB|GiB)", told, re.MULTILINE).groups()
    expected = float(number) * (2**20 if unit == "MiB" else 2**30)
    with executor_named("local", 1) as executor:
        bdg.run_file("large.yaml", ["observables={}"], executor=executor)
        peak = 1024.0 * executor.submit(peak_of_process).result()
    assert 0.75 < expected / peak < 1.33, (expected, peak)


def peak_of_process():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
