r"""Levels between two leads, in the gap of both: what no lead lets out.

Below the gap Σ(E) of the leads is Hermitian and falls with E, so that every eigenvalue of

    D(E) = E − H − Σ(E),      dD/dE = 1 − dΣ/dE ≥ 1,

grows: it passes through 0 once at most, at a level. Their number is the change in the number of negative
ones, and each is found by bisection. So none is missed, however weakly it depends on anything.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from bdg.errors import InputError
from bdg.leads.ends import End
from bdg.leads.surface import Matrix

BELOW_EDGE = 1e-6
"""Share of the gap next to its edge that is left out: Σ grows without bound there."""

LEAST_GAP = 1e-9
"""A gap, in t."""

PLACES = 9
"""Energies at which the number of negative eigenvalues is looked at: it must fall."""


def bound_levels(matrix: Matrix, ends: tuple[End, End]) -> NDArray[np.float64]:
    """All levels −E_g < E < E_g of a sample between two leads, E_g the smaller one of their gaps.

    Parameters
    ----------
    matrix
        H of the sample, dense.
    ends
        The leads.

    Returns
    -------
    ndarray
        Ascending, in t.

    Raises
    ------
    InputError
        If a lead has no gap, or has levels of its own at its end.
    """
    gap = min(end.gap() for end in ends)
    if gap < LEAST_GAP:
        raise InputError("a lead has no gap, and the junction no levels; leave levels out")

    def signs(energy: float) -> NDArray[np.floating]:
        inverse = energy * np.eye(len(matrix)) - matrix
        for end in ends:
            sigma = end.self_energy(complex(energy))
            inverse[np.ix_(end.rows, end.rows)] -= 0.5 * (sigma + sigma.conj().T)
        return np.linalg.eigvalsh(inverse)

    edge = (1 - BELOW_EDGE) * gap
    # An odd share, so that no place is at E = 0, where levels like to be.
    negative = [int(np.sum(signs(e) < 0)) for e in np.linspace(-edge, edge, PLACES + 1)]
    if np.any(np.diff(negative) > 0):
        raise InputError("a lead has levels of its own at its end, which cannot be counted; leave levels out")

    def level(index: int) -> float:
        return float(brentq(lambda energy: signs(energy)[index], -edge, edge, xtol=1e-12, rtol=1e-12))

    return np.sort([level(index) for index in range(negative[-1], negative[0])])
