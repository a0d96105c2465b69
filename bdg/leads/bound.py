r"""Levels between two leads, in the gap of both: what no lead lets out.

Below the gap Σ(E) of the leads is Hermitian and falls with E, so that every eigenvalue of

    D(E) = E − H − Σ(E),      dD/dE = 1 − dΣ/dE ≥ 1,

grows: it passes through 0 once at most, at a level. Their number is the change in the number of negative
ones, and each is found by bisection. So none is missed, however weakly it depends on anything. An
exception are poles of Σ(E), levels that a lead has at its own end, as topological ones do: such leads
are refused.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Complexes
from bdg.errors import InputError
from bdg.leads.ends import End

BELOW_EDGE = 1e-6
"""Share of the gap next to its edge that is left out: Σ grows without bound there."""

LEAST_GAP = 1e-9
"""A gap, in t."""

LEAST_WEIGHT = 1e-5
"""A weight of a level on the first slice of a lead."""

CIRCLE_SHARE = 0.97
"""Radius, in gaps, of the circle in which a lead must have no levels: they would be poles of Σ(E)."""


def bound_levels(matrix: Complexes, ends: tuple[End, End]) -> NDArray[np.float64]:
    """All levels −E_g < E < E_g of a sample between two leads, E_g the smaller one of their gaps.

    Parameters
    ----------
    matrix
        H of the sample, dense.
    ends
        The leads, which passed :func:`require_gaps`.

    Returns
    -------
    ndarray
        Ascending, in t.

    Raises
    ------
    NumericalError
        If the surface of a lead is not found.
    """
    gap = min(end.gap for end in ends)
    edge = (1 - BELOW_EDGE) * gap

    def signs(energy: float) -> NDArray[np.floating]:
        inverse = energy * np.eye(len(matrix)) - matrix
        for end in ends:
            sigma = end.self_energy(complex(energy))
            inverse[np.ix_(end.rows, end.rows)] -= 0.5 * (sigma + sigma.conj().T)
        return np.linalg.eigvalsh(inverse)

    def level(index: int) -> float:
        from scipy.optimize import brentq  # late: it is slow to import, and rarely needed

        return float(brentq(lambda energy: signs(energy)[index], -edge, edge, xtol=1e-12, rtol=1e-12))

    first, last = (int(np.sum(signs(energy) < 0)) for energy in (edge, -edge))
    return np.sort([level(index) for index in range(first, last)])


def require_gaps(ends: tuple[End, End]) -> None:
    """Refuse leads without a gap, or with levels bound to their own ends.

    Raises
    ------
    InputError
        If there is such a one.
    NumericalError
        If the surface of a lead is not found.
    """
    for end in ends:
        if end.gap < LEAST_GAP:
            raise InputError("a lead has no gap, and the junction no levels; leave levels out")
        if end.weight_within(CIRCLE_SHARE * end.gap) > LEAST_WEIGHT:
            raise InputError(
                "a lead has levels of its own at its end, which cannot be counted; leave levels out, or hold"
                " the phase to some depth of a long sample"
            )
