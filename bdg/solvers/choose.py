"""Which solver is best for a job."""

from __future__ import annotations

from bdg.errors import InputError
from bdg.solvers.contract import Solver

METHODS = ("auto", "diagonalization")
"""Names the configuration knows."""


def choose(method: str = "auto", *, threads: int | None = None) -> Solver:
    """The solver of that name; ``auto`` takes the fastest that is exact for the job.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if method not in METHODS:
        raise InputError(f"unknown solver {method!r}; use {', '.join(METHODS)}")
    from bdg.solvers.diagonalization import Diagonalization

    return Diagonalization(threads=threads)
