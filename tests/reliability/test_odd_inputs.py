"""Names and keys that nobody means are a line, at once."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

import bdg
from bdg.config import load_config
from bdg.errors import BdgError, ConfigError, FileRefusedError
from bdg.store import load, load_checkpoint, summary
from bdg.upkeep import check
from tests.support.commands import ROOT

CONFIG = "lattice: {kind: chain, size: [4]}\nhamiltonian: {chemical_potential: 0}\n"


@pytest.mark.parametrize("depth", [21, 500, 20_000])
def test_keys_very_deep_inside_one_another(tmp_path, depth):
    (tmp_path / "my.yaml").write_text(CONFIG)
    with pytest.raises(ConfigError, match=f"has {depth} keys inside one another"):
        load_config(tmp_path / "my.yaml", [".".join(["a"] * depth) + "=1"])


@pytest.mark.parametrize("place", ["/dev/zero", "/dev/null", "pipe"])
def test_what_is_no_file_is_no_configuration(tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    with pytest.raises(ConfigError, match=f"^{place}: not a regular file; name a file$"):
        load_config(place, [])


@pytest.mark.parametrize("place", ["/", ".", "sub"])
def test_a_folder_is_not_resumed(tmp_path, monkeypatch, place):
    monkeypatch.chdir(tmp_path)
    os.mkdir("sub")
    with pytest.raises(FileRefusedError, match="is a folder"):
        bdg.resume_file(place)


@pytest.mark.parametrize("limit", [150_000, 200_000, 250_000, 400_000])
def test_a_limit_on_addresses_that_holds_no_library_ends_at_once_in_one_line(tmp_path, limit):
    """In KiB, of ulimit -v: in some of them OpenBLAS waits for ever while it is loaded."""
    command = f"ulimit -v {limit}; exec {sys.executable} -m bdg theory --help"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 5
    assert done.stderr.count("\n") == 1
    assert "ulimit -v" in done.stderr


@pytest.mark.parametrize("name", ["a" * 300, "a/" * 3000, "x" * 256 + ".h5"])
@pytest.mark.parametrize("read", [load, summary, check, load_checkpoint, bdg.resume_file])
def test_a_name_that_no_file_can_have_is_refused(name, read):
    with pytest.raises(BdgError) as caught:
        read(name)
    assert "\n" not in str(caught.value)
