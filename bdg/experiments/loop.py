"""The loop of a point: fields made self-consistent from where they are, found once."""

from __future__ import annotations

import signal
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bdg.errors import NumericalError, RunInterruptedError
from bdg.model import Fields
from bdg.nambu import NambuAssembler
from bdg.observables.loops import Numbers, fingerprint
from bdg.observables.state import State
from bdg.scf import self_consistency
from bdg.solvers import SILENT, Monitor

WHY = "no state because"
"""What a record holds in place of fields, as the codes of its letters."""


def converged(
    state: State, held: NDArray[np.bool_] | None = None, run: Callable[[], Numbers] | None = None
) -> State:
    """The state with its fields made self-consistent, from where they are.

    The loop has the options of the run; one that an interrupted run has made is not made again.

    Parameters
    ----------
    state
        Where it starts.
    held
        Sites where Δ keeps its phase, shape ``(n_sites,)``.
    run
        What the loop returns, where it is run elsewhere; see :func:`run_loop`.

    Raises
    ------
    NumericalError
        If the loop finds no state: why, in a few words.
    RunInterruptedError
        If it is asked to stop.
    """
    points, run = state.loops.points, run or partial(run_loop, state, held)
    found = understood(points.get(name_of(state, held), run) if points.is_kept else run())
    fields = Fields.of({**found, "mu": float(found["mu"])})
    return replace(state, fields=fields, hamiltonian=NambuAssembler(state.model).matrix(fields))


def name_of(state: State, held: NDArray[np.bool_] | None = None) -> str:
    """The name of its loop among the points that are kept."""
    return fingerprint("loop", state.fingerprint, held, state.loops.options)


def run_loop(state: State, held: NDArray[np.bool_] | None = None) -> Numbers:
    """The fields that the loop finds, by name; why, where it finds none."""
    outcome = self_consistency(
        state.model,
        state.solver,
        state.loops.options,
        initial=state.fields,
        held=held,
        after_iteration=lambda iteration, take: _is_to_stop(state),
    )
    if outcome.status == "stopped":
        require_going_on(state, is_stopped=True)
    if outcome.status == "converged":
        return {row.name: np.asarray(values) for row, values in outcome.fields.present()}
    last = outcome.history[-1].residual if outcome.history else float("nan")
    return _because(outcome.reason or not_converged(len(outcome.history), last))


def told(measure: Callable[[], Numbers]) -> Numbers:
    """What is measured; why, where there is no state."""
    try:
        return measure()
    except NumericalError as error:
        return _because(str(error))


def understood(found: Numbers) -> Numbers:
    """What was found.

    Raises
    ------
    NumericalError
        If it is why nothing was.
    """
    if WHY in found:
        raise NumericalError("".join(map(chr, found[WHY])))
    return found


def _because(why: str) -> Numbers:
    return {WHY: np.array([ord(letter) for letter in why])}


def not_converged(iterations: int, residual: float) -> str:
    """Why a loop found no state."""
    return f"not converged after {iterations} iterations, residual {residual:.1e} t"


def require_going_on(state: State, *, is_stopped: bool = False) -> None:
    """End the work if that is asked for, or was.

    Raises
    ------
    RunInterruptedError
        If it is.
    """
    if is_stopped or _is_to_stop(state):
        _monitor(state).check()  # which knows the signal
        raise RunInterruptedError("stopped", signal.SIGINT)


def _is_to_stop(state: State) -> bool:
    return bool(state.loops.watch.stop() or _monitor(state).interrupt())


def _monitor(state: State) -> Monitor:
    found: Monitor = getattr(state.solver, "monitor", SILENT)
    return found
