"""The machine a benchmark ran on, by what decides its speed; nothing that names the machine itself."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

import scipy.linalg  # noqa: F401  (its BLAS is then among the libraries listed)
from threadpoolctl import threadpool_info

from bdg._version import __version__
from bdg.resources import GIB, usable_cores

Description = dict[str, str | int | float]


def machine() -> Description:
    """Processor model, usable cores, memory in GiB, BLAS and versions."""
    libraries = sorted({_library(entry) for entry in threadpool_info() if entry["user_api"] == "blas"})
    packages = {name: version(name) for name in ("numpy", "scipy", "numba")}
    return {
        "processor": _processor(),
        "cores": usable_cores(),
        "memory / GiB": round(_memory() / GIB, 1),
        "system": f"{platform.system()} {platform.machine()}",
        "BLAS": "; ".join(libraries),
        "python": platform.python_version(),
        **packages,
        "bdg": __version__,
    }


def _library(entry: dict[str, object]) -> str:
    parts = (entry.get(key) for key in ("internal_api", "version", "architecture", "threading_layer"))
    return " ".join(str(part) for part in parts if part)


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.processor() or platform.machine())


def _memory() -> float:
    return float(os.sysconf("SC_PAGE_SIZE")) * float(os.sysconf("SC_PHYS_PAGES"))
