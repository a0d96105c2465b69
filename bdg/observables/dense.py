"""What takes all eigenvectors says so before it begins, with its memory and time."""

from __future__ import annotations

from bdg.observables.state import State
from bdg.resources import GIB, require_memory

FLOPS_OF_STATES = 9.0
"""Of all eigenvectors of a real symmetric matrix, in units of rows³; of a complex one four times that."""

RATE = 2e10
"""Floating-point operations a second of one core, roughly, in dense linear algebra."""

WORTH_SAYING = 30.0
"""Seconds from which it is said."""


def announce_dense(
    state: State, what: str, rows: int, *, matrices: float, cubes: float, instead: str, times: int = 1
) -> None:
    """Refuse what does not fit into memory; of what takes long, a line for the log.

    Parameters
    ----------
    state
        Whose log, and whose number of momenta and arithmetic.
    what
        The job: ``the conductivity of 2304 sites``.
    rows
        Of the matrix that is diagonalised.
    matrices
        Complex matrices of so many rows that are held at a time.
    cubes
        Floating-point operations of real numbers beside the eigenvectors, in units of rows³.
    instead
        What takes less.
    times
        How often it is diagonalised at each momentum.

    Raises
    ------
    ResourceError
        If it does not fit.
    """
    needed = 16.0 * matrices * float(rows) ** 2
    require_memory(needed, what, instead)
    products = 1.0 if state.hamiltonian.is_real else 4.0
    momenta = len(state.hamiltonian.momenta)
    seconds = products * (FLOPS_OF_STATES + cubes) * float(rows) ** 3 * momenta * times / RATE
    if seconds > WORTH_SAYING:
        state.loops.watch.say(
            f"{what} takes all states of {rows} rows: about {needed / GIB:.1f} GiB and {_in_words(seconds)}"
            f" of one core; {instead}"
        )


def _in_words(seconds: float) -> str:
    """``40 s``, ``12 min``, ``3.5 h``."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
