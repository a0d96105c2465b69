"""What the machine can spare: memory, and threads for BLAS."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bdg.errors import ResourceError

GIB = float(2**30)


def available_memory() -> float:
    """Bytes that can be allocated now without swapping; infinity where the system does not tell."""
    limits = [_meminfo_available(), _cgroup_available()]
    return min((limit for limit in limits if limit is not None), default=float("inf"))


def require_memory(needed: float, what: str, hint: str) -> None:
    """Refuse a job before it allocates what the machine does not have.

    Raises
    ------
    ResourceError
        If ``needed`` bytes are more than is available.
    """
    available = available_memory()
    if needed > available:
        raise ResourceError(
            f"{what} needs {needed / GIB:.1f} GiB of memory, {available / GIB:.1f} GiB are available; {hint}"
        )


def usable_cores() -> int:
    """Processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def blas_threads(count: int | None) -> Iterator[None]:
    """Cap the BLAS libraries at ``count`` threads inside the block; ``None`` means the usable cores.

    Without a cap a BLAS starts a thread for every processor it sees, whatever the process was given.
    """
    with _controller().limit(limits=count or usable_cores(), user_api="blas"):
        yield


@functools.cache
def _controller() -> Any:
    # Made once and after SciPy's BLAS is loaded: a cap set before a library is loaded does not reach it,
    # and looking through the loaded libraries takes milliseconds.
    import scipy.linalg  # noqa: F401
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()


def _meminfo_available() -> float | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((1024.0 * float(line.split()[1]) for line in lines if line.startswith("MemAvailable:")), None)


def _cgroup_available() -> float | None:
    folder = Path("/sys/fs/cgroup")
    try:
        limit = (folder / "memory.max").read_text(encoding="ascii").strip()
        used = (folder / "memory.current").read_text(encoding="ascii").strip()
    except OSError:
        return None
    return None if limit == "max" else float(limit) - float(used)
