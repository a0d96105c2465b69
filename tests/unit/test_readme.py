"""What the README says can be run, runs."""

import re
from pathlib import Path

import bdg

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_python_example_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (example,) = blocks("python")
    exec(compile(example, "README.md", "exec"), {})
    assert "gap 0." in capsys.readouterr().out
    assert bdg.load("impurity.h5").status == "converged"
    assert Path("impurity.png").stat().st_size > 10_000


def test_yaml_example_is_a_configuration():
    from bdg.config import parse_config

    (example,) = blocks("yaml")
    assert parse_config(example).lattice.size == (24, 24)


def test_two_set_up_commands_and_the_files_they_name():
    commands = [
        line for block in blocks("sh") for line in block.splitlines() if line.startswith("python3 -m venv")
    ]
    assert len(commands) == 2
    assert "configs/quickstart.yaml" in commands[0]
    assert (ROOT / "configs/quickstart.yaml").exists()


def test_every_command_shown_exists():
    from bdg.cli import app

    known = {command.name or command.callback.__name__ for command in app.registered_commands}
    shown = {
        line.split()[1] for block in blocks("sh") for line in block.splitlines() if line.startswith("bdg ")
    }
    assert shown == known
