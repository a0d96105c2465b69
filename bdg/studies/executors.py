"""Where the points of a sweep run: any executor of :mod:`concurrent.futures`, and how those by name are made.

Workers keep their process from point to point, and with it compiled kernels and the plans of samples whose
pattern is the same.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from typing import Any

from bdg.errors import InputError

NAMES = ("local", "serial", "dask", "mpi")

_PACKAGES = {"dask": ("distributed", "cluster"), "mpi": ("mpi4py.futures", "mpi")}


class Serial(Executor):
    """Runs what it is given at once, in this process."""

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a call; the future that it returns is done."""
        future: Future[Any] = Future()
        try:
            future.set_result(function(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


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
def executor_named(name: str, workers: int, scheduler: str = "") -> Iterator[Executor]:
    """An executor for the points of a sweep.

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
        If there is none of that name, or its package is missing.
    """
    require_executor(name)
    if name == "serial":
        yield Serial()
    elif name == "local":
        yield from _local(workers)
    elif name == "dask":
        yield from _dask(workers, scheduler)
    else:
        yield from _mpi(workers)


def _local(workers: int) -> Iterator[Executor]:
    loky = importlib.import_module("joblib.externals.loky")
    executor = loky.get_reusable_executor(max_workers=workers, timeout=300)
    try:
        yield executor
    finally:
        executor.shutdown(wait=True)


def _dask(workers: int, scheduler: str) -> Iterator[Executor]:
    distributed = _imported(*_PACKAGES["dask"])
    options = {"n_workers": workers, "threads_per_worker": 1, "dashboard_address": None}
    with distributed.Client(scheduler) if scheduler else distributed.Client(**options) as client:
        yield client.get_executor(pure=False)


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
