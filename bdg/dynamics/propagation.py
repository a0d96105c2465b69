r"""Steps in time with error control: the correlators of H(t) are extrapolated, ρ moves exactly in it.

Where H(t) depends on ρ(t), the correlators within a step follow from those at its last five ends by a
polynomial. A step has two errors: the extrapolation is off, as the correlators at its end show; and H(t)
changes within it by more than Magnus' expansion sees, as two half steps of a few orbitals, the probes, show.
Both are held below tolerance × length, so that what they add up to in a time T is at most tolerance × T.
Orbitals are orthonormal at all times: what moves them is unitary.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Complexes
from bdg.dynamics.magnus import GAUSS, magnus_step
from bdg.dynamics.mean_fields import MeanFields
from bdg.dynamics.orbitals import Orbitals
from bdg.errors import NumericalError

POINTS = 7
"""Ends of steps that the extrapolation remembers."""

PROBES = 24
"""Orbitals, of all, that are moved in half steps too."""

FIRST = 1e-6
"""Length of the first step, in ħ/t."""

LEAST = 1e-9
"""Shortest step, in ħ/t: the one across a drive that jumps."""

GROWTH, SAFETY = 1.6, 0.85
"""A step is at most so many times the one before, and so much shorter than the error allows."""

ROUNDING = 1e-14
"""Error of a step that is always allowed."""

SERIES = 1e-3
"""Error of the exponentials, as a share of that of a step."""


@dataclass(frozen=True)
class Moment:
    """A state in motion, with all that the next step needs.

    Parameters
    ----------
    time
        In ħ/t.
    orbitals
        Of ρ.
    times, past
        The last ends of steps, the latest last, and the correlators there, ``(n_points, n)``.
    length
        Of the next step, as the last errors suggest.
    error
        Sum of the estimates so far.
    steps
        How many were made.
    """

    time: float
    orbitals: Orbitals
    times: NDArray[np.float64]
    past: NDArray[np.complex128]
    length: float = FIRST
    error: float = 0.0
    steps: int = 0

    @classmethod
    def at_rest(cls, mean_fields: MeanFields, orbitals: Orbitals, time: float = 0.0) -> Moment:
        """A state at the beginning of its motion."""
        return cls(time, orbitals, np.array([time]), mean_fields.packed(orbitals)[None])

    def extrapolated(self, time: float) -> Complexes:
        """The correlators at a time close to the last end, by the polynomial through all of them."""
        weights = np.ones(len(self.times))
        for i, own in enumerate(self.times):
            others = np.delete(self.times, i)
            weights[i] = np.prod((time - others) / (own - others))
        # Of differences: as the weights are large where the ends are close, their rounding must not count.
        found: Complexes = self.past[-1] + weights @ (self.past - self.past[-1])
        return found

    def forgetful(self) -> Moment:
        """The same without what was before, as when time turns back."""
        return replace(self, times=self.times[-1:], past=self.past[-1:], length=FIRST)


def propagate(
    mean_fields: MeanFields,
    moment: Moment,
    until: float,
    tolerance: float,
    after_step: Callable[[Moment], None] = lambda moment: None,
) -> Moment:
    """The state at a later, or earlier, time.

    Parameters
    ----------
    mean_fields
        What moves it.
    moment
        Where it is.
    until
        The time.
    tolerance
        The error per unit of time, of the vectors of orbitals.
    after_step
        Called with each new moment.

    Raises
    ------
    NumericalError
        If no step is short enough.
    """
    sign = 1.0 if until >= moment.time else -1.0
    while sign * (until - moment.time) > 0:
        rest = abs(until - moment.time)
        pieces = max(1, int(np.ceil(rest / moment.length - 1e-9)))
        moment = _step(mean_fields, moment, sign * rest / pieces, tolerance)
        if pieces == 1:
            moment = replace(moment, time=until)
        after_step(moment)
    return moment


def _step(mean_fields: MeanFields, moment: Moment, length: float, tolerance: float) -> Moment:
    """A step of at most a length: shorter ones are tried until one is good enough."""
    while True:
        allowed = tolerance * abs(length) + ROUNDING
        orbitals, made, error = _tried(mean_fields, moment, length, allowed)
        ratio = error / allowed
        if not np.isfinite(ratio):
            raise NumericalError(f"the motion is not finite at t = {moment.time:.6g}")
        factor = min(GROWTH, SAFETY * ratio**-0.25) if ratio > 0 else GROWTH
        if ratio <= 1 or abs(length) <= LEAST:
            return _moved(moment, orbitals, made, length, error, factor)
        length *= max(0.2, min(0.9, factor))
        if abs(length) < LEAST:
            length = np.copysign(LEAST, length)


def _moved(
    moment: Moment, orbitals: Orbitals, made: Complexes, length: float, error: float, factor: float
) -> Moment:
    """The moment behind an accepted step."""
    time = moment.time + length
    return Moment(
        time,
        orbitals,
        np.append(moment.times, time)[-POINTS:],
        np.concatenate([moment.past, made[None]])[-POINTS:],
        max(LEAST, abs(length) * factor),
        moment.error + error,
        moment.steps + 1,
    )


def _tried(
    mean_fields: MeanFields, moment: Moment, length: float, allowed: float
) -> tuple[Orbitals, Complexes, float]:
    """The orbitals behind a step, their correlators, and the estimate of its error."""
    series = SERIES * allowed
    orbitals = _magnus(mean_fields, moment, moment.orbitals, moment.time, length, series)
    made = mean_fields.packed(orbitals)
    missed = made - moment.extrapolated(moment.time + length)
    # The fields are off by what is missed at the end, and by less before: half of it is a bound.
    extrapolation = 0.5 * abs(length) * mean_fields.gain * float(np.abs(missed).max(initial=0.0))
    if extrapolation > 10 * allowed:
        return orbitals, made, extrapolation
    return orbitals, made, extrapolation + _expansion_error(mean_fields, moment, orbitals, length, series)


def _expansion_error(
    mean_fields: MeanFields, moment: Moment, orbitals: Orbitals, length: float, series: float
) -> float:
    """How far the probes are from where two half steps bring them, in the mean of squares."""
    n = orbitals.n_orbitals
    probes = np.unique(np.linspace(0, n - 1, min(n, PROBES)).astype(np.intp)) if n else np.zeros(0, np.intp)
    if not len(probes):
        return 0.0
    some, half = moment.orbitals.taken(probes), 0.5 * length
    for begin in (moment.time, moment.time + half):
        some = _magnus(mean_fields, moment, some, begin, half, series)
    apart = some.vectors - orbitals.vectors[:, probes]
    return float(np.sqrt(np.sum(np.abs(apart) ** 2) / len(probes)))


def _magnus(
    mean_fields: MeanFields, moment: Moment, orbitals: Orbitals, begin: float, length: float, series: float
) -> Orbitals:
    """Orbitals a step later, in H of the extrapolated correlators."""
    first, second = (
        mean_fields.matrix(moment.extrapolated(time), time) for time in (begin + c * length for c in GAUSS)
    )
    return magnus_step(orbitals, first, second, mean_fields.entries, length, series)
