"""``bdg sweep``, ``status``, ``collect`` and ``plot`` of a folder, as a user types them."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from bdg.cli import app
from bdg.errors import BdgError, ConfigError, ConvergenceError, InputError

CONFIG = """
title: Gap of a disordered chain
lattice: {kind: chain, size: [6], boundary: [periodic]}
hamiltonian: {chemical_potential: -0.4, disorder: {width: 0.5, seed: 0}}
interaction: {onsite: 2.0}
temperature: 0.1
observables: {order_parameter: {}, spectral_gap: {}}
sweep:
  temperature: [0.05, 0.1]
  hamiltonian.disorder.seed: {count: 3}
output: gap.h5
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gap.yaml").write_text(CONFIG)
    return tmp_path


def typed(*words):
    return CliRunner().invoke(app, [str(word) for word in words])


def test_from_one_file_and_two_commands_to_a_figure(folder):
    done = typed("sweep", "gap.yaml", "--executor", "serial")
    assert done.exit_code == 0, done.output
    assert "study gap, 6 points: 6 converged" in done.output
    assert "now: bdg plot gap QUANTITY" in done.output
    drawn = typed("plot", "gap", "spectral_gap", "--over", "seed")
    assert drawn.exit_code == 0, drawn.output
    assert (folder / "gap/gap_spectral_gap_seed.png").stat().st_size > 10_000


def test_validate_names_the_points_and_run_refuses_them(folder):
    assert typed("validate", "gap.yaml").output.startswith("gap.yaml: fine; 6 sites, 6 bonds, 6 points")
    with pytest.raises(ConfigError, match=r"bdg sweep runs them all"):
        raise typed("run", "gap.yaml").exception
    assert typed("run", "gap.yaml", "--set", "sweep=null").exit_code == 0


def test_status_tells_what_is_done_waits_and_failed(folder):
    assert typed("sweep", "gap.yaml", "--executor", "serial", "--quiet").output == ""
    (folder / "gap/points/00003.h5").unlink()
    assert "6 points: 5 converged, 1 waiting" in typed("status", "gap").output
    ended = typed("sweep", "gap.yaml", "--executor", "serial", "--set", "scf.max_iterations=2")
    with pytest.raises(ConvergenceError, match=r"6 points did not converge; raise scf\.max_iterations"):
        raise ended.exception
    told = typed("status", "gap").output
    assert "6 points: 6 not converged" in told
    assert "temperature = 0.05, hamiltonian.disorder.seed = 0: not converged" in told
    assert "and 1 more, see gap/index.jsonl" in told


def test_a_point_that_fails_is_named_with_its_reason(folder):
    ended = typed(
        *("sweep", "gap.yaml", "--executor", "serial", "--set"),
        "sweep={hamiltonian.onsite: [0, 1, {file: none.npy}]}",
    )
    with pytest.raises(BdgError, match=r"1 point failed, the first with: .*none\.npy") as told:
        raise ended.exception
    assert told.value.exit_code == 4
    assert "3 points: 2 converged, 1 failed" in typed("status", "gap").output


def test_figures_of_a_statistic_and_at_a_value(folder):
    typed("sweep", "gap.yaml", "--executor", "serial", "--quiet", "--set", "sweep.starts=[uniform, normal]")
    for words in (
        ("spectral_gap", "--over", "seed", "--statistic", "median", "--at", "branch=uniform"),
        ("order_parameter", "--bins", "5", "--over", "seed", "--best"),
    ):
        drawn = typed("plot", "gap", *words)
        assert drawn.exit_code == 0, drawn.output
        assert (folder / drawn.output.split("wrote ")[1].strip()).stat().st_size > 10_000
    assert len(list((folder / "gap").glob("*.png"))) == 2
    for words, problem in (
        (("--statistic", "mode"), "no statistic 'mode'; use mean, typical, median"),
        (("--at", "seed"), "write KEY=VALUE"),
        (("--at", "sed=1"), "no axis 'sed'"),
    ):
        with pytest.raises(InputError, match=problem):
            raise typed("plot", "gap", "spectral_gap", *words).exception


def test_what_a_search_found_is_told(folder):
    find = "{key: temperature, between: [0.05, 0.2], quantity: spectral_gap, at: maximum, tolerance: 0.03}"
    done = typed("sweep", "gap.yaml", "--executor", "serial", "--set", f"sweep={{find: {find}}}")
    assert done.exit_code == 0, done.output
    told = [line for line in done.output.splitlines() if line.startswith("  temperature of the maximum of")]
    assert len(told) == 1
    assert " ± 0.0" in told[0]
    assert told[0] in typed("status", "gap").output
    drawn = typed("plot", "gap", "spectral_gap")
    assert drawn.exit_code == 0, drawn.output
    with pytest.raises(InputError, match="no axis is left"):
        raise typed("plot", "gap", "found_temperature").exception


def test_collect_writes_one_file(folder):
    xarray = pytest.importorskip("xarray")
    typed("sweep", "gap.yaml", "--executor", "serial", "--quiet")
    told = typed("collect", "gap").output
    assert told.startswith("wrote gap/collected.nc: ")
    with xarray.open_dataset(folder / "gap/collected.nc", engine="h5netcdf") as dataset:
        assert dataset["order_parameter"].dims == ("temperature", "seed", "site")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("status", "nowhere"), "nowhere: no study"),
        (("collect", "nowhere"), "nowhere: no study"),
        (("plot", ".", "spectral_gap"), "no study"),
        (("sweep", "gap.yaml", "--workers", "-2"), "--workers|at least"),
        (("sweep", "gap.yaml", "--executor", "x"), "no executor 'x'"),
        (("sweep", "gap.yaml", "--set", "sweep=null"), "nothing is swept"),
    ],
)
def test_mistakes_are_one_line(folder, words, problem):
    ended = typed(*words)
    assert ended.exit_code != 0
    if isinstance(ended.exception, SystemExit):
        assert "--workers" in ended.output or "workers" in str(words)
        return
    with pytest.raises(InputError, match=problem):
        raise ended.exception
