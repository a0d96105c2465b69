"""Printing never ends a run: streams that are full, closed or cannot spell Δ."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import bdg
from bdg.terminal import forgiving

CONFIG = """
title: Δ of a chain
lattice: {kind: chain, size: [6]}
hamiltonian: {chemical_potential: 0.1}
interaction: {onsite: 2.0}
temperature: 0.1
output: out.h5
"""

STREAMS = {
    "full": "{bdg} run my.yaml > /dev/full",
    "errors to a full disk": "{bdg} run my.yaml > /dev/full 2>&1",
    "closed": "{bdg} run my.yaml >&-",
    "all closed": "{bdg} run my.yaml <&- >&- 2>&-",
    "a reader with enough": "set -o pipefail; {bdg} run my.yaml | head -1",
    "C": "LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 {bdg} run my.yaml",
    "ascii": "PYTHONIOENCODING=ascii {bdg} run my.yaml",
    "cp1252": "PYTHONIOENCODING=cp1252 {bdg} run my.yaml",
}


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a system without /dev/full")
@pytest.mark.parametrize("command", STREAMS.values(), ids=STREAMS)
def test_the_result_is_written_and_the_exit_is_the_runs(tmp_path, command):
    (tmp_path / "my.yaml").write_text(CONFIG, encoding="utf-8")
    line = command.format(bdg=f"'{sys.executable}' -m bdg")
    ended = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, timeout=120)
    assert ended.returncode == 0, ended.stderr
    assert b"Traceback" not in ended.stderr
    assert bdg.load(tmp_path / "out.h5").status == "converged"


def test_a_table_that_was_cut_off_is_told_apart_from_a_whole_one(tmp_path):
    line = f"'{sys.executable}' -m bdg schema > /dev/full"
    ended = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, timeout=120, text=True)
    assert "took only a part" in ended.stderr


def test_what_has_no_letter_is_escaped(tmp_path):
    with open(tmp_path / "log", "w", encoding="ascii") as file:
        stream = forgiving(file)
        stream.write("|Δ| 0.3\n")
        stream.flush()
    assert (tmp_path / "log").read_text() == "|\\u0394| 0.3\n"
