"""A junction whose phase difference grows: its currents on the way, and the largest ones."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.errors import NumericalError
from bdg.experiments.josephson.biased import Biased
from bdg.experiments.josephson.critical import Highest
from bdg.experiments.josephson.largest import Peak
from bdg.observables.loops import counted
from bdg.observables.state import State

SHARP = 1e-5
"""Error of a critical current, as a share of it."""

SAME = 1e-4
"""Two currents are the same, as a share of the largest."""


@dataclass(frozen=True)
class Ramp:
    """What was met on the way.

    Parameters
    ----------
    phases, currents, potentials
        φ, I along the axis in e t/ħ, and Ω in t; shape ``(n,)``, as far as there was a state.
    levels
        The lowest quasiparticle energies, in t, shape ``(n, count)``.
    forward, backward
        The largest currents along the axis and against it.
    is_hysteretic
        Whether there are two states at one φ; then ``backward`` is of a ramp the other way, for states with
        I < 0 are left out where φ grows.
    lost
        At how many φ the levels are not found, and NaN.
    """

    phases: NDArray[np.float64]
    currents: NDArray[np.float64]
    potentials: NDArray[np.float64]
    levels: NDArray[np.float64]
    forward: Peak
    backward: Peak
    is_hysteretic: bool
    lost: int = 0

    @property
    def goes_around(self) -> bool:
        """Whether φ came to 2π."""
        return bool(self.phases[-1] > 2 * np.pi - 1e-9)


def ramp(state: State, start: Biased, stop: float, num: int, count: int) -> Ramp:
    """Let φ grow from 0 to ``stop``, and find ``count`` levels at each of ``num``."""
    rows, levels, lost, jump = list[tuple[float, ...]](), list[NDArray[np.float64]](), 0, (-1.0, start, start)
    forward, backward, before = Highest(1.0), Highest(-1.0), start
    for phase, point in _onward(state, start, stop, num):
        currents = point.currents()
        total = float(currents.sum())
        step = abs(total - rows[-1][1]) if rows else 0.0
        jump, before = max(jump, (step, before, point), key=lambda one: one[0]), point
        rows.append((phase, total, point.potential()))
        forward.see(phase, point, currents)
        backward.see(phase, point, currents)
        try:
            levels.append(point.levels(count) if count else np.zeros(0))
        except NumericalError:  # costs no current
            levels.append(np.full(count, np.nan))
            lost += 1
    phases, along, potentials = np.array(rows).T
    is_hysteretic = start.is_self_consistent and _leads_elsewhere(
        *jump[1:], stop / (num - 1), float(np.abs(along).max())
    )
    if is_hysteretic:
        backward = Highest(-1.0, turn=-1.0)
        for phase, point in _onward(state, start, -stop, num):
            backward.see(phase, point, point.currents())
    peaks = forward.peak(SHARP), backward.peak(SHARP)
    return Ramp(phases, along, potentials, np.array(levels), *peaks, is_hysteretic, lost)


def _onward(state: State, start: Biased, stop: float, num: int) -> Iterator[tuple[float, Biased]]:
    """The junction at each φ, as far as there is a state."""
    point, step = start, stop / (num - 1)
    for n in counted(state.solver, range(num)):
        try:
            point = point.by(step) if n else point
        except NumericalError:
            return
        yield n * step, point


def _leads_elsewhere(before: Biased, after: Biased, step: float, scale: float) -> bool:
    """Whether a step back over the largest jump of the current comes to another state than it came from."""
    if before is after:
        return False
    try:
        back = after.by(-step)
    except NumericalError:
        return True
    return bool(abs(float((back.currents() - before.currents()).sum())) > SAME * scale)
