"""A measurement in a process of its own: nothing warm, and a peak of memory that is its own."""

from __future__ import annotations

import importlib
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bdg.errors import BdgError
from bdg.resources import GIB

CODE = "from benchmarks.process import child; child()"
ROOT = str(Path(__file__).parents[1])


def in_own_process(function: Callable[..., Any], *arguments: Any) -> tuple[Any, float]:
    """What a module-level function returns, through JSON, and the peak memory of its process in GiB."""
    command = [sys.executable, "-c", CODE, function.__module__, function.__name__, json.dumps(arguments)]
    paths = os.pathsep.join(filter(None, (ROOT, os.environ.get("PYTHONPATH"))))
    environment = os.environ | {"PYTHONPATH": paths}
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    if done.returncode != 0:
        raise BdgError(f"{function.__module__}.{function.__name__}{arguments} failed: {done.stderr[-2000:]}")
    value, peak = json.loads(done.stdout.splitlines()[-1])
    return value, peak


def child() -> None:
    """Do what the command line says and print the value and the peak."""
    module, name, arguments = sys.argv[1:]
    value = getattr(importlib.import_module(module), name)(*json.loads(arguments))
    print(json.dumps([value, peak_memory()]))


def peak_memory() -> float:
    """Largest resident set of this process so far, in GiB.

    Linux's ru_maxrss begins with the peak of the process that started this one, so its VmHWM is read.
    """
    try:
        lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
        return next(1024.0 * float(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / GIB
    except (OSError, StopIteration):
        unit = 1.0 if sys.platform == "darwin" else 1024.0
        return unit * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB
