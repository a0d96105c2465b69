"""Where tasks run: any executor of :mod:`concurrent.futures`, and how those by name are made.

The tasks are the points of a sweep or the parts of one system. Workers keep their process from task to task,
and with it compiled kernels and the plans of samples whose pattern is the same. A worker opens no executor of
its own, and has its share of the threads.
"""

from __future__ import annotations

import importlib
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from bdg.errors import InputError
from bdg.resources import is_worker, usable_cores

NAMES = ("local", "serial", "dask", "mpi")

_PACKAGES = {"dask": ("distributed", "cluster"), "mpi": ("mpi4py.futures", "mpi")}

ANSWERS = 10.0
"""Seconds in which a Dask scheduler must answer."""

IDLE = 300
"""Seconds after which a process of this machine that has nothing to do ends."""


class Serial(Executor):
    """Runs what it is given at once, in this process."""

    _max_workers = 1

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a call; the future that it returns is done."""
        future: Future[Any] = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class Local(Executor):
    """Processes of this machine (loky); where one dies, all are started anew for the next task."""

    def __init__(self, workers: int) -> None:
        self._max_workers = workers
        self._processes: Any = None

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Give a call to a process that is free."""
        loky = importlib.import_module("joblib.externals.loky")
        self._processes = loky.get_reusable_executor(
            max_workers=self._max_workers, timeout=IDLE, initializer=_keep_what_is_kept
        )
        future: Future[Any] = self._processes.submit(function, *args, **kwargs)
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes; where nobody waits at once, whatever they are busy with."""
        if self._processes is not None:
            self._processes.shutdown(wait=wait, kill_workers=cancel_futures or not wait)
            self._processes = None


def _keep_what_is_kept() -> None:
    """Keep loky from ending a process that has grown by 300 MB: plans and workspaces are meant to stay."""
    loky: Any = importlib.import_module("joblib.externals.loky.process_executor")
    if hasattr(loky, "_MAX_MEMORY_LEAK_SIZE"):
        loky._MAX_MEMORY_LEAK_SIZE = 2**63


def require_executor(name: str) -> None:
    """Refuse a name that no executor has, before any work.

    Raises
    ------
    InputError
        If there is none, or its package is missing.
    """
    if name not in NAMES:
        raise InputError(f"there is no executor {name!r}; use one of {', '.join(NAMES)}")
    if name in _PACKAGES:
        _imported(*_PACKAGES[name])


@contextmanager
def opened(
    executor: str | Executor | None, workers: int | None = None, scheduler: str = ""
) -> Iterator[Executor | None]:
    """An executor for the parts of one system; ``None`` where threads of this process are to do.

    Parameters
    ----------
    executor
        A name for :func:`executor_named`, which is opened for the block unless this process is a worker
        itself; an executor, which is its owner's to end; ``None``.
    workers, scheduler
        Of an executor given by name; by default a worker for each usable core.

    Raises
    ------
    InputError
        As there, or if there are no workers, or workers and a scheduler without a name.
    """
    if not isinstance(executor, str):
        if workers is not None or scheduler:
            raise InputError("workers and a scheduler are for an executor given by name, such as 'dask'")
        yield executor
        return
    require_executor(executor)
    count = worker_count(workers)
    if is_worker():
        yield None
        return
    with executor_named(executor, count, scheduler) as made:
        try:
            yield made
        finally:
            made.shutdown(wait=False)


def worker_count(workers: int | None) -> int:
    """The workers asked for, or one for each usable core.

    Raises
    ------
    InputError
        If there is not at least one.
    """
    count = usable_cores() if workers is None else workers
    if count < 1:
        raise InputError(f"an executor needs at least one worker, not {workers}")
    return count


@contextmanager
def executor_named(name: str, workers: int, scheduler: str = "") -> Iterator[Executor]:
    """An executor for tasks.

    Parameters
    ----------
    name
        ``local`` for processes of this machine (loky), ``serial`` for this process, ``dask`` for the workers
        of a scheduler or of a cluster on this machine, ``mpi`` for the processes that mpiexec started.
    workers
        How many.
    scheduler
        Address of a Dask scheduler; without one the workers are started here.

    Raises
    ------
    InputError
        If there is none of that name, its package is missing, or no scheduler answers.
    """
    require_executor(name)
    if scheduler and name != "dask":
        raise InputError(f"a scheduler is for the executor 'dask', not {name!r}")
    if name == "serial":
        yield Serial()
    elif name == "local":
        yield from _local(workers)
    elif name == "dask":
        yield from _dask(workers, scheduler)
    else:
        yield from _mpi(workers)


def leave_interrupts_to(sender: int) -> None:
    """Leave Ctrl-C, which reaches all processes of a terminal, to the one that handed out the work."""
    if os.getpid() != sender and threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)


def shares_memory(executor: Executor | None) -> bool:
    """Whether tasks run in this process: nothing is pickled, and the cap of BLAS is that of the caller."""
    return executor is None or isinstance(executor, ThreadPoolExecutor | Serial)


def workers_of(executor: Executor | None) -> int:
    """How many tasks are done at a time."""
    if executor is None:
        return 1
    known = getattr(executor, "_max_workers", None) or getattr(executor, "num_workers", None)
    if known is None and (client := getattr(executor, "_client", None)) is not None:  # Dask
        known = sum(client.nthreads().values())
    return max(1, int(known or usable_cores()))


def is_connected(executor: Executor) -> bool:
    """Whether an executor of Dask has its scheduler; true of all others."""
    client = getattr(executor, "_client", None)
    return client is None or client.status == "running"


def reconnects(executor: Executor, stop: Callable[[], bool]) -> bool:
    """Wait while a client of Dask looks for its scheduler, unless told to stop; whether it has one again."""
    began = time.monotonic()
    while not is_connected(executor) and time.monotonic() - began < ANSWERS and not stop():
        time.sleep(0.1)
    return is_connected(executor)


def _local(workers: int) -> Iterator[Executor]:
    executor = Local(workers)
    try:
        yield executor
    finally:
        executor.shutdown(wait=True)


def _dask(workers: int, scheduler: str) -> Iterator[Executor]:
    distributed = _imported(*_PACKAGES["dask"])
    here = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": ":0"}
    options = {"address": scheduler, "timeout": ANSWERS} if scheduler else here
    try:
        client = distributed.Client(**options)
    except (OSError, ValueError, RuntimeError) as error:
        which = f"no Dask scheduler answers at {scheduler!r}" if scheduler else "Dask starts no workers"
        raise InputError(f"{which}: {' '.join(str(error).split())}") from None
    with _quiet("distributed"), client:
        yield client.get_executor(pure=False)


@contextmanager
def _quiet(package: str) -> Iterator[None]:
    """Keep a package from logging what it loses, with tracebacks: who hands out the work tells it."""
    names = [name for name in logging.root.manager.loggerDict if name.split(".")[0] == package]
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def _mpi(workers: int) -> Iterator[Executor]:
    futures = _imported(*_PACKAGES["mpi"])
    with futures.MPIPoolExecutor(max_workers=workers) as executor:
        yield executor


def _imported(module: str, extra: str) -> Any:
    try:
        return importlib.import_module(module)
    except ImportError as error:
        text = f"{module} cannot be imported ({error}); get it with: pip install 'bdg[{extra}]'"
        raise InputError(text) from None
