"""What a reader of a self-consistent state must know."""

from __future__ import annotations

from bdg.scf.history import Iteration, Status


def warnings_of(history: tuple[Iteration, ...], status: Status, tolerance: float) -> tuple[str, ...]:
    """The warnings that the record of a loop gives, a line each."""
    if status != "converged" or not history:
        return ()
    last = history[-1]
    found = []
    if last.saddle:
        found.append(
            f"the state is a saddle: a deviation grows by λ = {last.saddle:.6g} in each iteration, and the"
            " energy falls along it; start without its symmetry, from random or {density: staggered} for"
            " example, or let spins turn (magnetism: noncollinear)"
        )
    if last.delta_error > tolerance:
        found.append(
            f"Δ is known to {last.delta_error:.1e} t only: so close to the critical temperature rounding"
            f" moves it by more than the tolerance, {tolerance:.0e} t"
        )
    return tuple(found)
