"""London's two equations, as what is left of them on a grid: zero, up to the square of the grid's spacing.

Superelectrons are not scattered, so an electric field accelerates them, m dv/dt = qE: the first equation. The
second is stronger: of all states of motion the first allows, it picks the one in which the canonical momentum
m v + qA has no curl.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bdg.arrays import Floats


def first_equation(
    current: ArrayLike, electric_field: ArrayLike, times: ArrayLike, parameter: ArrayLike
) -> Floats:
    """E − ∂(ΛJ)/∂t, by central differences in time.

    Parameters
    ----------
    current, electric_field
        J and E, time along the first axis.
    times
        Evenly or unevenly spaced, shape ``(n_times,)``.
    parameter
        Λ, from :func:`bdg.theory.macroscopic.london.london_parameter`; a number, or one for each J.
    """
    momentum = np.asarray(parameter) * np.asarray(current)
    rate = np.gradient(momentum, np.asarray(times), axis=0, edge_order=2)
    return np.asarray(np.asarray(electric_field) - rate)


def second_equation(
    current: tuple[ArrayLike, ArrayLike], field: ArrayLike, spacing: float, parameter: ArrayLike
) -> Floats:
    """∇×(ΛJ) + B in the plane, (∂_x ΛJ_y − ∂_y ΛJ_x) + B_z, by central differences.

    Parameters
    ----------
    current
        J_x and J_y on the points of a grid, each of shape ``(n_x, n_y)``.
    field
        B_z there.
    spacing
        Of the grid.
    parameter
        Λ, a number or an array like B.
    """
    along, across = (np.asarray(parameter) * np.asarray(part) for part in current)
    curl = np.gradient(across, spacing, axis=0, edge_order=2) - np.gradient(
        along, spacing, axis=1, edge_order=2
    )
    return np.asarray(curl + np.asarray(field))
