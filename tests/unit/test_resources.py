"""What a process may use: the least of what the machine has and what anybody allows it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bdg import resources
from bdg.resources import GIB, available_memory

resource = pytest.importorskip("resource")


def test_a_control_group_of_version_2(tmp_path, monkeypatch):
    monkeypatch.setattr(resources, "CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text(f"{1 << 20}\n")
    (tmp_path / "memory.current").write_text(f"{1 << 18}\n")
    assert available_memory() == 3 << 18


def test_a_control_group_of_version_1(tmp_path, monkeypatch):
    monkeypatch.setattr(resources, "CGROUP", tmp_path)
    folder = tmp_path / "memory"
    folder.mkdir()
    (folder / "memory.limit_in_bytes").write_text(f"{1 << 20}\n")
    (folder / "memory.usage_in_bytes").write_text(f"{1 << 18}\n")
    assert available_memory() == 3 << 18


@pytest.mark.parametrize("text", ["max\n", ""])
def test_a_group_without_a_limit(tmp_path, monkeypatch, text):
    monkeypatch.setattr(resources, "CGROUP", tmp_path)
    whole = available_memory()
    if text:
        (tmp_path / "memory.max").write_text(text)
        (tmp_path / "memory.current").write_text("1000\n")
    assert available_memory() == pytest.approx(whole, rel=0.2)


def limited(code, gibibytes):
    """Run Python under a limit on its address space."""

    def limit():
        size = int(gibibytes * GIB)
        resource.setrlimit(resource.RLIMIT_AS, (size, size))

    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, preexec_fn=limit, env=environment, capture_output=True, text=True, timeout=120
    )


def test_the_limit_of_the_process_counts():
    ended = limited("from bdg.resources import available_memory; print(available_memory())", 3.0)
    assert 1.5 * GIB < float(ended.stdout) < 3.0 * GIB


def test_a_library_that_finds_no_room_is_named_in_a_line():
    code = "import sys; sys.argv = ['bdg', 'validate', 'x.yaml']; from bdg.cli import main; main()"
    for size in (0.05, 0.08, 0.12, 0.2):
        ended = limited(code, size)
        if ended.returncode == 5:
            assert "out of memory" in ended.stderr
            return
    pytest.skip("no limit here was tight enough for the libraries and loose enough for Python")
