"""The critical current of a junction: the largest, between the phase differences looked at too."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.errors import NumericalError
from bdg.experiments.josephson.biased import Biased
from bdg.experiments.josephson.largest import Peak, largest

NO_CURRENT = 1e-12
"""A current that is none, in e t/ħ."""


class Highest:
    """The largest current in one direction, of points seen in the order of their phase differences.

    Parameters
    ----------
    sign
        1 for along the axis, −1 for against it.
    bonds
        Which bonds of the sample count, shape ``(n_bonds,)``; by default all.
    turn
        1 where the phase difference grows from point to point, −1 where it falls.
    """

    def __init__(self, sign: float, bonds: NDArray[np.bool_] | None = None, turn: float = 1.0) -> None:
        self._turn = turn
        self._weight = sign if bonds is None else sign * bonds
        self._phases: list[float] = []
        self._values: list[float] = []
        self._place = 0
        self._last: Biased | None = None
        self._around: list[Biased] = []  # at the place, and the one before it

    @property
    def value(self) -> float:
        """The largest seen."""
        return self._values[self._place]

    def see(self, phase: float, point: Biased, currents: NDArray[np.float64]) -> None:
        """Take the next point, at equal steps, with the currents on its bonds."""
        before = point if self._last is None else self._last
        self._phases.append(self._turn * phase)
        self._values.append(float(np.sum(self._weight * currents)))
        self._last = point
        if len(self._phases) == 1 or self._values[-1] > self.value:
            self._place, self._around = len(self._values) - 1, [point, before]

    def peak(self, share: float) -> Peak:
        """The largest between the points, to a share of itself; at an end of the list, that point, as it is.

        Once around, both ends are one point.
        """
        n, phases, values, turn = self._place, np.array(self._phases), np.array(self._values), self._turn
        last = len(phases) - 1
        step = phases[1] - phases[0] if last else 0.0
        goes_around = last > 1 and abs(phases[-1] - phases[0] - 2 * np.pi) < 1e-9
        if values[n] < NO_CURRENT or (n in (0, last) and not goes_around):
            return Peak(turn * float(phases[n]), float(values[n]), None)
        low, high = values[last - 1 if n == 0 else n - 1], values[1 if n == last else n + 1]
        at, before = self._around
        if n == 0 and self._last is not None:
            before = self._last  # which is at 0 too, once around
        back = step if n else 0.0

        def curve(phase: float) -> float:
            onward = phase - phases[n]
            try:
                point = at.by(turn * onward) if onward >= 0 else before.by(turn * (onward + back))
            except NumericalError:
                return float(values.min())  # no state, no current
            return float(np.sum(self._weight * point.currents()))

        places = (float(phases[n]) - step, float(phases[n]), float(phases[n]) + step)
        seen = (float(low), float(values[n]), float(high))
        peak = largest(curve, places, seen, share * seen[1])
        place = turn * peak.place
        return peak._replace(place=place % (2 * np.pi) if goes_around else place)
