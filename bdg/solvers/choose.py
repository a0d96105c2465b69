"""Which solver is best for a job."""

from __future__ import annotations

from bdg.errors import InputError
from bdg.solvers.contract import Solver

METHODS = ("auto", "diagonalization", "selected_inversion")
"""Names the configuration knows."""

DENSE_BELOW = 50
"""Rows of H below which dense diagonalization is as fast; ``bdg bench crossover`` measures it."""

DENSE_BELOW_AT_ZERO = 1200
"""The same at T = 0, with room: there selected inversion must find a gap, and there may be none."""


def choose(method: str, *, rows: int, temperature: float, threads: int | None = None) -> Solver:
    """The solver of that name; ``auto`` takes the fastest that is exact for the job.

    Parameters
    ----------
    method
        One of :data:`METHODS`.
    rows, temperature
        The job: rows of H, sites times Nambu components, decide for 2 and 4 components alike.
    threads
        Threads the solver may use; ``None`` for one a core.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if method not in METHODS:
        raise InputError(f"unknown solver {method!r}; use {', '.join(METHODS)}")
    dense_below = DENSE_BELOW if temperature > 0 else DENSE_BELOW_AT_ZERO
    if method == "diagonalization" or (method == "auto" and rows < dense_below):
        from bdg.solvers.diagonalization import Diagonalization

        return Diagonalization(threads=threads)
    from bdg.solvers.selected_inversion import SelectedInversion

    return SelectedInversion(threads=threads)
