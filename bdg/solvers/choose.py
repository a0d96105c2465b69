"""Which solver is best for a job."""

from __future__ import annotations

from concurrent.futures import Executor
from typing import Literal

from bdg.errors import InputError
from bdg.resources import require_memory
from bdg.solvers.contract import Solver

METHODS = ("auto", "diagonalization", "selected_inversion")
"""Names the configuration knows."""

DENSE_BELOW = 50
"""Rows of H below which dense diagonalization is as fast; ``scripts/bench crossover`` measures it."""

DENSE_BELOW_AT_ZERO = 200
"""The same at T = 0, where selected inversion has to find the gap and needs more poles."""

DENSE_WITHOUT_GAP = 4000
"""Rows of H up to which ``auto`` diagonalizes at T = 0 where selected inversion finds no gap, or too few
digits: a minute an iteration."""


LEAST_BYTES = {"diagonalization": 5 * 8.0, "selected_inversion": 720.0}
"""Bytes that a solver takes at least: of each entry of a dense real H; of each row of a chain."""


def require_room(method: str, rows: int) -> None:
    """Refuse from its size alone a job that cannot fit; what a solver knows later it checks itself.

    Raises
    ------
    ResourceError
        If it cannot.
    """
    dense = method == "diagonalization"
    least = (
        LEAST_BYTES["diagonalization"] * float(rows) ** 2
        if dense
        else LEAST_BYTES["selected_inversion"] * rows
    )
    hint = "make it smaller" + (", or use selected_inversion" if dense else "")
    require_memory(
        least, f"{'diagonalization' if dense else 'selected inversion'} of {rows} rows or more", hint
    )


def advice(solver: Solver, rows: int) -> str | None:
    """A remark on a solver that another one beats on so few rows; ``None`` where it suits."""
    if solver.name == "selected_inversion" and rows < DENSE_BELOW:
        return "diagonalization is faster on so few sites"
    return None


def choose(
    method: str = "auto",
    *,
    rows: int,
    temperature: float,
    threads: int | Literal["auto"] = "auto",
    executor: Executor | None = None,
    locality: bool = True,
) -> Solver:
    """The solver of that name; ``auto`` takes the fastest that is exact for the job.

    At T = 0 selected inversion expands the sign function outside of the gap. Where there is none, as in a
    normal metal or with levels at zero, what ``auto`` takes diagonalizes instead, matrix by matrix.

    Parameters
    ----------
    method
        One of :data:`METHODS`.
    rows, temperature
        The job: rows of H, sites times Nambu components, decide for 2 and 4 components alike.
    threads
        Threads the solver may use; ``"auto"`` for :func:`bdg.resources.default_threads`.
    executor
        Takes the parts of its work in place of these threads: poles, momenta, energies.
    locality
        Whether selected inversion may cut large samples into patches, where f(H) decays over less.

    Raises
    ------
    InputError
        If there is none of that name, or threads are not at least 1.
    """
    if method not in METHODS:
        raise InputError(f"unknown solver {method!r}; use {', '.join(METHODS)}")
    if threads != "auto" and not (isinstance(threads, int) and threads >= 1):
        raise InputError(f"threads {threads!r} is impossible; give at least 1, or 'auto'")
    number = None if threads == "auto" else threads
    dense_below = DENSE_BELOW if temperature > 0 else DENSE_BELOW_AT_ZERO
    if method == "diagonalization" or (method == "auto" and rows < dense_below):
        from bdg.solvers.diagonalization import Diagonalization

        return Diagonalization(number, executor)
    from bdg.solvers.selected_inversion import InversionOrDense, SelectedInversion

    if method == "auto":
        return InversionOrDense(number, executor, locality=locality, dense_rows=DENSE_WITHOUT_GAP)
    return SelectedInversion(number, executor, locality=locality)
