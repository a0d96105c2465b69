"""What a reader of a self-consistent state must know."""

from __future__ import annotations

from bdg.scf.history import Iteration, Status


def warnings_of(history: tuple[Iteration, ...], status: Status) -> tuple[str, ...]:
    """The warnings that the record of a loop gives, a line each."""
    if status != "converged" or not history:
        return ()
    last = history[-1]
    if last.saddle:
        return (
            f"the state is a saddle: a deviation grows by λ = {last.saddle:.6g} in each iteration, and the"
            " energy falls along it; start without its symmetry, from random for example, or let spins turn"
            " (magnetism: noncollinear)",
        )
    return ()
