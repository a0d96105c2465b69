"""What a process may use: the least of what the machine has and what anybody allows it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from bdg import control_groups
from bdg.control_groups import RESERVE
from bdg.resources import GIB, available_memory

resource = pytest.importorskip("resource")


@pytest.fixture(autouse=True)
def groups(tmp_path, monkeypatch):
    """A tree of control groups of one's own, in which this process is where :func:`be_in` puts it."""
    monkeypatch.setattr(control_groups, "ROOT", tmp_path / "tree")
    monkeypatch.setattr(control_groups, "OWN", tmp_path / "own")
    return tmp_path / "tree"


def be_in(groups, text):
    groups.with_name("own").write_text(text)


def limit(folder, most, used, names=("memory.max", "memory.current"), idle=""):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in zip(names, (most, used), strict=True):
        (folder / name).write_text(f"{text}\n")
    (folder / "memory.stat").write_text(f"anon 5\n{idle}\n")


VERSION_1 = ("memory.limit_in_bytes", "memory.usage_in_bytes")


def test_a_control_group_of_version_2(groups):
    limit(groups, 1 << 30, 1 << 28)
    assert available_memory() == (3 << 28) - RESERVE


def test_a_control_group_of_version_1(groups):
    limit(groups / "memory", 1 << 30, 1 << 28, VERSION_1)
    assert available_memory() == (3 << 28) - RESERVE


@pytest.mark.parametrize(
    ("own", "below", "names"),
    [
        ("0::/slurm/job_7/step_0\n", "", ("memory.max", "memory.current")),
        ("9:name=systemd:/\n4:cpuset,memory:/slurm/job_7/step_0\n", "memory", VERSION_1),
    ],
)
def test_the_least_limit_of_the_groups_above_counts(groups, own, below, names):
    be_in(groups, own)
    limit(groups / below, 1 << 36, 0, names)
    limit(groups / below / "slurm/job_7", 1 << 30, 1 << 28, names)
    limit(groups / below / "slurm/job_7/step_0", 1 << 34, 0, names)
    limit(groups / below / "slurm/job_8", 1 << 27, 0, names)
    assert available_memory() == (3 << 28) - RESERVE


def test_cached_files_that_nobody_uses_are_free(groups):
    limit(groups, 1 << 30, 1 << 28, idle=f"inactive_file {1 << 27}")
    limit(groups / "memory", 1 << 30, 1 << 28, VERSION_1, idle=f"total_inactive_file {1 << 30}")
    assert control_groups.memory_left() == (7 << 27) - RESERVE


def test_a_group_that_is_not_seen_from_a_container_leaves_its_root(groups):
    be_in(groups, "0::/docker/0123\n4:memory:/../elsewhere\n")
    limit(groups, 1 << 30, 1 << 28)
    assert available_memory() == (3 << 28) - RESERVE


def test_a_full_group_leaves_nothing(groups):
    limit(groups, 1 << 30, (1 << 30) - 1000)
    assert available_memory() == 0


@pytest.mark.parametrize("text", ["max", "", "many"])
def test_a_group_without_a_limit(groups, text):
    whole = available_memory()
    if text:
        limit(groups, text, 1000)
    assert control_groups.memory_left() is None
    assert available_memory() == pytest.approx(whole, rel=0.2)


def test_the_least_quota_of_processors_counts(groups):
    be_in(groups, "0::/job\n3:cpu,cpuacct:/job\n")
    for folder in (groups / "job", groups / "cpu/job"):
        folder.mkdir(parents=True)
    assert control_groups.processors() is None
    (groups / "cpu/job/cpu.cfs_quota_us").write_text("-1\n")
    (groups / "cpu/job/cpu.cfs_period_us").write_text("100000\n")
    assert control_groups.processors() is None
    (groups / "cpu/job/cpu.cfs_quota_us").write_text("350000\n")
    assert control_groups.processors() == 3.5
    (groups / "cpu.max").write_text("150000 100000\n")
    assert control_groups.processors() == 1.5


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
