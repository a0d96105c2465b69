"""Schedulers and MPI, where they are installed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.commands import ROOT


def mpiexec():
    """The ``mpiexec`` of this environment, or of the system."""
    beside = Path(sys.prefix) / "bin" / "mpiexec"
    return str(beside) if beside.exists() else shutil.which("mpiexec")


needs_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None,
    reason="distributed is not installed: pip install 'bdg[cluster]'",
)
needs_mpi = pytest.mark.skipif(
    importlib.util.find_spec("mpi4py") is None or mpiexec() is None,
    reason="mpi4py or an MPI is not installed: pip install 'bdg[mpi]' mpich",
)


def free_port():
    """A port on which nothing listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait_until_listening(port, within=60.0):
    """Wait until something listens on a port."""
    began = time.monotonic()
    while time.monotonic() - began < within:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing listens on port {port}")


def bdg_over_mpi(*words, cwd):
    """Run ``bdg`` to its end with two workers of MPI."""
    through = [mpiexec(), "-n", "3", sys.executable, "-m", "mpi4py.futures", "-m", "bdg"]
    done = subprocess.run(
        [*through, *words, "--executor", "mpi", "--workers", "2"],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
