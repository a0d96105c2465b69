"""Loops that get nowhere: whether the residual still falls, what is tried, and what is reported.

A mixer that is caught in a limit cycle, or whose memory has become useless, is restarted; if that is not
enough its damping is halved, several times. All is determined by the record of the loop, so that a resumed
loop does what the unbroken one does.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from bdg.fixed_point import Mixer
from bdg.scf.history import Iteration

PATIENCE, FALLS = 30, 0.9
"""Iterations in which the residual, its median, must fall by this factor from that of as many before."""

LONGEST, REPEATS, AT_LEAST = 12, 3, 12
"""Longest period that is looked for, how often a cycle must have been seen, and iterations at least."""

ALIKE = 0.02
"""How far two iterations of a cycle may differ, in units of the largest residual in it."""

HALVINGS = 4
"""How often the damping is halved."""

ADVICE = "take a smaller scf.damping, another start, or a temperature above 0"


RESIDUALS = 5
"""How many numbers of a signature are residuals."""


class Stagnation:
    """Watches a loop and takes the mixer in hand where it gets nowhere.

    Parameters
    ----------
    mixer
        The mixer of the loop; its damping and memory are changed.
    history
        The iterations made before, of a loop that is resumed.
    """

    def __init__(self, mixer: Mixer, history: Sequence[Iteration] = ()) -> None:
        self._mixer, self._damping, self._record = mixer, mixer.damping, _Record()
        for iteration in history:
            self._record.add(iteration)
        self._set_damping()

    def watch(self, iteration: Iteration) -> None:
        """Take note of an iteration, and restart or damp the mixer if it is one of too many."""
        if self._record.add(iteration):
            self._mixer.reset()
            self._set_damping()

    def _set_damping(self) -> None:
        self._mixer.damping = self._damping / self._record.divisor


class _Record:
    """What was found in a history: the iterations at which something was done, and the period there."""

    def __init__(self) -> None:
        self.findings: list[tuple[int, int]] = []
        self._since: list[Iteration] = []

    @property
    def divisor(self) -> int:
        """By what the damping is divided: the first time, the mixer is restarted only."""
        return int(2 ** max(0, len(self.findings) - 1))

    def add(self, iteration: Iteration) -> bool:
        """Whether something must be done after an iteration."""
        self._since = [] if iteration.saddle else [*self._since[1 - 2 * PATIENCE :], iteration]
        period = period_of(self._since)
        if len(self.findings) > HALVINGS or not (period or has_stalled(self._since)):
            return False
        self.findings.append((iteration.iteration, period))
        self._since = []
        return True


def has_stalled(history: Sequence[Iteration]) -> bool:
    """Whether the residual has stopped to fall."""
    if len(history) < 2 * PATIENCE:
        return False
    residuals = [iteration.residual for iteration in history[-2 * PATIENCE :]]
    return bool(np.median(residuals[PATIENCE:]) > FALLS * np.median(residuals[:PATIENCE]))


def period_of(history: Sequence[Iteration]) -> int:
    """The period of the limit cycle that a loop is in, above 1; 0 if it is in none."""
    last = np.array([_signature(iteration) for iteration in history[-REPEATS * LONGEST - 1 :]])
    for period in range(1, LONGEST + 1):
        length = max(REPEATS * period, AT_LEAST)
        if len(last) <= length:
            return 0
        window = last[-length:]
        size = float(np.abs(window[:, :RESIDUALS]).max())
        if np.abs(window[period:] - window[:-period]).max() <= ALIKE * size:
            return period if period > 1 else 0
    return 0


def _signature(iteration: Iteration) -> NDArray[np.float64]:
    """What distinguishes an iteration from others, in t; the residuals first."""
    one = iteration
    residuals = one.residual_delta, one.residual_hartree, one.residual_bond, one.residual_field
    return np.array([*residuals, one.filling_error, one.mean_delta, one.mu])


def described(history: Sequence[Iteration]) -> str:
    """Why a loop that did not converge got nowhere, in words; empty if it was just not at its end."""
    record = _Record()
    for iteration in history:
        record.add(iteration)
    done = "; the mixer was restarted" if record.findings else ""
    done += f" and its damping divided by {record.divisor}" if record.divisor > 1 else ""
    if period := period_of(history):
        amplitude = max(iteration.residual for iteration in history[-period:])
        return f"limit cycle of period {period}, amplitude {amplitude:.1e} t{done}; {ADVICE}"
    if has_stalled(history):
        least = min(history, key=lambda iteration: iteration.residual)
        where = f"in iteration {least.iteration} of {len(history)}"
        return f"the residual stagnates: its least was {least.residual:.1e} t, {where}{done}; {ADVICE}"
    if record.findings:
        number, period = record.findings[-1]
        what = f"a limit cycle of period {period}" if period else "the residual stagnated"
        return f"{what} up to iteration {number}{done}; raise scf.max_iterations, or {ADVICE}"
    return ""
