"""The recipe for Snakemake in docs/slurm.md: the commands of its rules do a sweep and its figure."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import bdg
from bdg.cli import app

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/slurm.md").read_text(encoding="utf-8")
RECIPE = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)[1]
CONFIG = """
lattice: {kind: chain, size: [4], boundary: periodic}
hamiltonian: {chemical_potential: -0.4}
interaction: {onsite: 3.0}
temperature: 0.1
observables: {spectral_gap: {}}
sweep: {temperature: {start: 0.05, stop: 0.5, num: 6}}
"""


def commands():
    """The command of every rule by its name."""
    rules = re.split(r"^rule (\w+):$", RECIPE, flags=re.MULTILINE)
    found = zip(rules[1::2], rules[2::2], strict=True)
    return {
        name: shell[1]
        for name, text in found
        if (shell := re.search(r'shell:\s+"([^"]*)"', text)) is not None
    }


def filled(command, **values):
    return re.sub(r"\{(?:wildcards\.)?(\w+)\}", lambda found: str(values[found[1]]), command)


def typed(command):
    words = shlex.split(command)
    assert words.pop(0) == "bdg"
    return CliRunner().invoke(app, words)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "my.yaml").write_text(CONFIG)
    return tmp_path


def test_its_commands_do_the_sweep_and_draw_it(folder):
    every, n = commands(), int(re.search(r"^N = (\d+)", RECIPE, re.MULTILINE)[1])
    share = every["share"] + " --executor serial"
    for k in range(n, 0, -1):  # in any order
        done = typed(filled(share, input="my.yaml", k=k, n=n, threads=1))
        assert done.exit_code == 0, done.output
    assert bdg.open_study("results/my").counts() == {"converged": 6}
    drawn = typed(filled(every["figure"], output="results/my/my_spectral_gap.png"))
    assert drawn.exit_code == 0, drawn.output
    assert (folder / "results/my/my_spectral_gap.png").stat().st_size > 10_000


def test_the_commands_of_the_page_have_options_that_exist():
    for name in re.findall(
        r"`(--[a-z-]+)", PAGE.split("## Snakemake")[0].split("| option")[1].split("\n\n")[0]
    ):
        assert name in CliRunner().invoke(app, ["submit", "--help"], env={"COLUMNS": "300"}).output


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("snakemake") is None, reason="snakemake is not installed")
def test_snakemake_runs_it(folder):
    (folder / "Snakefile").write_text(RECIPE.replace("bdg ", f"{sys.executable} -m bdg "))
    subprocess.run(["snakemake", "--cores", "1"], check=True)
    assert (folder / "results/my/my_spectral_gap.png").exists()
