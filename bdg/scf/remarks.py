"""What a reader of a self-consistent state must know."""

from __future__ import annotations

from collections.abc import Iterator

from bdg.scf import stagnation
from bdg.scf.history import Iteration, Status


def warnings_of(history: tuple[Iteration, ...], status: Status, tolerance: float) -> tuple[str, ...]:
    """The warnings that the record of a loop gives, a line each."""
    if not history:
        return ()
    if status == "not_converged":
        reason = stagnation.described(history)
        return (reason,) if reason else ()
    return tuple(_of_converged(history[-1], tolerance)) if status == "converged" else ()


def _of_converged(last: Iteration, tolerance: float) -> Iterator[str]:
    if last.saddle:
        yield (
            f"the state is a saddle: a deviation grows by λ = {last.saddle:.6g} in each iteration, and the"
            " energy falls along it; start without its symmetry, from random, other signs of Δ,"
            " vortices moved a little or {density: staggered} for example, or let spins turn (magnetism:"
            " noncollinear)"
        )
    if last.delta_error > tolerance:
        yield (
            f"Δ is known to {last.delta_error:.1e} t only: so close to the critical temperature rounding"
            f" moves it by more than the tolerance, {tolerance:.0e} t"
        )
    if last.solver_error > tolerance:
        yield (
            f"the solver is accurate to {last.solver_error:.1e} t only, less than the tolerance of the loop,"
            f" {tolerance:.0e} t: so much the fields may be off though they reproduce themselves"
        )
