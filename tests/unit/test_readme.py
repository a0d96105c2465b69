"""What the README says can be run, runs; and so does what the pages say that continue it."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import bdg

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


PYTHON, USAGE = ((ROOT / f"docs/{name}.md").read_text(encoding="utf-8") for name in ("python", "usage"))


def blocks(language, text=README):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def test_the_python_examples_run_one_after_another(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names = {}
    for example in blocks("python", PYTHON):
        exec(compile(example, "python.md", "exec"), names)
    quick = bdg.load("quickstart.h5")
    header = " ".join((ROOT / "configs/quickstart.yaml").read_text().replace("#", " ").split())
    # What the configuration of the same problem says to expect.
    assert f"spectral gap {float(quick['spectral_gap']):.4f} t" in header
    assert f"mean |Δ| = {quick.fields.delta.mean():.4f} t" in header
    assert Path("quickstart.png").stat().st_size > 10_000
    assert capsys.readouterr().out.startswith("Result: converged")
    result, warmer = names["result"], names["warmer"]
    assert (result.status, warmer.status) == ("converged", "converged")
    np.testing.assert_allclose(result["pair_density"], result.fields.delta**2)
    assert 0 < warmer.fields.delta.max() < result.fields.delta.max()
    bulk, finer = names["bulk"], names["finer"]
    assert (bulk.status, finer.status) == ("converged", "converged")
    np.testing.assert_allclose(bulk.fields.delta, finer.fields.delta, atol=1e-7)


def test_the_quickstart_is_a_script_of_ten_lines():
    script = (ROOT / "scripts/quickstart.py").read_text()
    assert blocks("python") == [script]
    assert blocks("python", PYTHON)[0] == script
    assert len([line for line in script.splitlines() if line]) == 10


@pytest.mark.parametrize("example", blocks("yaml"))
def test_the_yaml_examples_run(example, tmp_path):
    path = tmp_path / "example.yaml"
    path.write_text(example)
    spectrum = ["observables.ldos.sites=[[0, 0]]"] if "ldos" in example else []
    result = bdg.run_file(path, [f"output={tmp_path / 'out.h5'}", *spectrum])
    assert result.status == "converged"


def test_the_scripts_run(tmp_path):
    settings = ["lattice.size=[5, 4]", "hamiltonian.impurities[0].site=[2, 2]", "output=toy.h5"]
    for script in (["run.py", str(ROOT / "configs/quickstart.yaml"), *settings], ["analyse.py", "toy.h5"]):
        command = [sys.executable, str(ROOT / "scripts" / script[0]), *script[1:]]
        ran = subprocess.run(
            command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
        )
        assert (ran.returncode, ran.stderr) == (0, "")
    assert (tmp_path / "toy_order_parameter.png").exists()


def test_the_script_without_arguments_runs_beside_what_the_readme_ran_and_again(tmp_path):
    (tmp_path / "configs").mkdir()
    quick = (ROOT / "configs/quickstart.yaml").read_text().replace("[24, 24]", "[4, 4]")
    (tmp_path / "configs/quickstart.yaml").write_text(quick.replace("[12, 12]", "[2, 2]"))
    (tmp_path / "results").mkdir()
    (tmp_path / "results/quickstart.h5").write_text("of the README's first command")
    for _ in range(2):
        ran = subprocess.run(
            [sys.executable, str(ROOT / "scripts/run.py")],
            cwd=tmp_path,
            env={"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
        )
        assert (ran.returncode, ran.stderr) == (0, "")
    assert bdg.load(tmp_path / "results/script.h5").sample.n_sites == 16


def test_two_set_up_commands_and_the_files_they_name():
    commands = [
        line for block in blocks("sh") for line in block.splitlines() if line.startswith("python3 -m venv")
    ]
    assert len(commands) == 2
    assert "configs/quickstart.yaml" in commands[0]
    assert (ROOT / "configs/quickstart.yaml").exists()


def test_every_command_shown_exists():
    from bdg.cli import app

    seen = [command for command in app.registered_commands if not command.hidden]
    known = {command.name or command.callback.__name__ for command in seen}
    known |= {group.name for group in app.registered_groups}
    shown = {
        line.split()[1]
        for block in blocks("sh", USAGE)
        for line in block.splitlines()
        if line.startswith("bdg ") and not line.startswith("bdg --")
    }
    assert shown == known


def test_the_table_of_worked_examples_is_complete():
    table = USAGE.split("| | `configs/` |\n|---|---|\n")[1].split("\n\n")[0]
    rows = re.findall(r"\| ([^|]+) \|$", table, re.MULTILINE)
    named = [name for row in rows for name in row.split(", ")]
    assert sorted(named) == sorted(path.stem for path in (ROOT / "configs").glob("*.yaml"))


def test_the_readme_is_short_and_its_links_lead_somewhere():
    assert len(README.splitlines()) <= 150
    for target in re.findall(r"\]\(([^)#\s]+)", README):
        assert (ROOT / target).exists(), target
    for block in blocks("sh"):
        commands = [line.split()[1] for line in block.splitlines() if line.startswith("bdg ")]
        known = {
            line.split()[1] for one in blocks("sh", USAGE) for line in one.splitlines() if "bdg " in line
        }
        assert set(commands) <= known
