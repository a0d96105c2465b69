"""What the machine can spare: memory, and threads for BLAS."""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from bdg import control_groups
from bdg.errors import ResourceError

GIB = float(2**30)

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OMP_THREAD_LIMIT", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
"""What limits the threads of a process by custom; of a list the first number counts."""


def available_memory() -> float:
    """Bytes that can be allocated now without swapping; infinity where the system does not tell.

    The limits of the process (``ulimit -v``), of its control group and of those above, and of a batch system
    that sets either, count beside what the machine has free.
    """
    limits = [_meminfo_available(), control_groups.memory_left(), _process_available()]
    return min((limit for limit in limits if limit is not None), default=float("inf"))


def memory_in_use() -> float:
    """Bytes of memory that this process holds; NaN where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError):
        return math.nan
    return pages * float(os.sysconf("SC_PAGE_SIZE"))


NEGLIGIBLE = float(2**20)
"""Bytes that are not asked about: looking takes longer than most of what so little is enough for."""


def require_memory(needed: float, what: str, hint: str) -> None:
    """Refuse a job before it allocates what the machine does not have.

    Raises
    ------
    ResourceError
        If ``needed`` bytes are more than is available.
    """
    if needed <= NEGLIGIBLE:
        return
    available = available_memory()
    if needed > available:
        raise ResourceError(
            f"{what} needs {needed / GIB:.1f} GiB of memory, {available / GIB:.1f} GiB are available; {hint}"
        )


def usable_cores() -> int:
    """Processors this process may keep busy: those of its affinity, within the quota of control groups."""
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    quota = control_groups.processors()
    return affinity if quota is None else max(1, min(affinity, math.ceil(quota)))


_THREADS = ContextVar[int | None]("_THREADS", default=None)
_CAP = ContextVar[int | None]("_CAP", default=None)


@contextmanager
def as_worker(threads: int = 1) -> Iterator[None]:
    """Be one of many inside the block: so many threads, of BLAS and by default elsewhere, and no workers.

    This is the one place where processes side by side are kept from asking for each other's cores.
    """
    before = _THREADS.set(threads)
    try:
        with blas_threads(threads):
            yield
    finally:
        _THREADS.reset(before)


def is_worker() -> bool:
    """Whether this is done inside of :func:`as_worker`: work that another process has handed out."""
    return _THREADS.get() is not None


def default_threads() -> int:
    """Threads to use where none are asked for: the usable cores, or fewer if the environment says so.

    The least of :data:`THREAD_VARIABLES` counts, as batch systems, ensembles of runs and colleagues set them:
    for the threads over poles as for those of BLAS. A worker has its share of them, see :func:`as_worker`.
    """
    texts = (os.environ.get(name, "").partition(",")[0].strip() for name in THREAD_VARIABLES)
    requested = [int(count) for count in texts if count.isdigit() and int(count) > 0]
    share = _THREADS.get()
    limits = [usable_cores(), *requested] if share is None else [usable_cores(), *requested, share]
    return min(limits)


@contextmanager
def blas_threads(count: int | None) -> Iterator[None]:
    """Cap the BLAS libraries at ``count`` threads inside the block.

    ``None`` leaves them the threads they have, but no more than :func:`default_threads`: without a cap a BLAS
    starts a thread for every processor it sees, whatever the process was given. Inside a block with the same
    cap, or a lower one, nothing is done.
    """
    cap = _CAP.get()
    if count is not None and cap is not None and cap <= count:
        yield
        return
    controller = _controller()
    if count is None:
        held = (library.num_threads for library in controller.lib_controllers if library.user_api == "blas")
        count = min([default_threads(), *held])
    before = _CAP.set(count)
    try:
        with controller.limit(limits=count, user_api="blas"):
            yield
    finally:
        _CAP.reset(before)


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


def _process_available() -> float | None:
    """What the limit on the address space of the process leaves; ``None`` where there is none."""
    try:
        import resource

        limit, _ = resource.getrlimit(resource.RLIMIT_AS)
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (ImportError, OSError, ValueError):
        return None
    return (
        None if limit == resource.RLIM_INFINITY else float(limit) - pages * float(os.sysconf("SC_PAGE_SIZE"))
    )
