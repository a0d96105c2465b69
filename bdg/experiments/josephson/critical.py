"""The critical current of a junction: the largest, between the phase differences looked at too."""

from __future__ import annotations

from functools import partial

import numpy as np
from numpy.typing import NDArray

from bdg.experiments.follow import Branch, Measured, Point
from bdg.experiments.josephson.biased import Biased, PhaseDifference, branch_of
from bdg.experiments.josephson.largest import Peak, largest, neighbours

NO_CURRENT = 1e-12
"""A current that is none, in e t/ħ."""

SHARP = 1e-5
"""Error of a critical current, as a share of it."""

ROUNDING = 1e-9
"""How close the last phase difference is to 2π where φ goes around, in radians."""


def currents_of(point: Biased) -> Measured:
    """The current on each bond that crosses."""
    return {"currents": point.currents()}


def around(start: Biased, phases: int) -> tuple[Branch[Biased], list[Point[Biased]]]:
    """A junction whose φ goes around once, in as many steps.

    Raises
    ------
    NumericalError
        If there is no state somewhere.
    """
    branch = branch_of(start, currents_of)
    changes = [PhaseDifference(2 * np.pi * n / phases) for n in range(phases + 1)]
    return branch, [point.required() for point in branch.along(changes)]


def highest(
    branch: Branch[Biased],
    points: list[Point[Biased]],
    sign: float,
    bonds: NDArray[np.bool_] | None = None,
    orientation: float = 1.0,
) -> Peak:
    """The largest current in one direction, to :data:`SHARP`; at an end of the list, that point, as it is.

    Once around, both ends are one point. Between semi-infinite leads the error contains
    that of the current at a given φ.

    Parameters
    ----------
    branch, points
        The junction, and what was measured at equal steps of φ; where there is no state there is no current.
    sign
        1 for along the axis, −1 for against it.
    bonds
        Which of the bonds that cross count; by default all.
    orientation
        1 where φ grows from point to point, −1 where it falls.
    """
    current = partial(_current, sign=sign, bonds=bonds)
    phases = orientation * np.array([point.change.value for point in points])
    values = np.array([np.nan if point.why else current(point) for point in points])
    n, last, least = int(np.nanargmax(values)), len(values) - 1, float(np.nanmin(values))
    goes_around = last > 1 and abs(phases[-1] - 2 * np.pi) < ROUNDING
    if values[n] < NO_CURRENT or (n in (0, last) and not goes_around):
        return Peak(orientation * float(phases[n]), float(values[n]), None)
    near, seen, middle = neighbours(
        phases.tolist(), np.nan_to_num(values, nan=least).tolist(), n, is_closed=goes_around
    )

    def curve(phase: float) -> float:
        onward = phase + 2 * np.pi if phase < 0 else phase
        point = branch.at(PhaseDifference(orientation * onward))
        return least if point.why else current(point)

    peak = largest(curve, near, seen, SHARP * float(values[n]), middle)
    at, error = orientation * peak.place, (peak.error or 0.0) + (branch.first.error or 0.0)
    return Peak(at % (2 * np.pi) if goes_around else at, peak.value, error)


def _current(point: Point[Biased], sign: float, bonds: NDArray[np.bool_] | None) -> float:
    flowing = point.numbers["currents"]
    return float(sign * (flowing if bonds is None else flowing[bonds]).sum())
