"""Where two branches of a study have the same energy: the place of a first-order transition.

Each branch is a smooth function of the key as long as its state exists, so their difference is interpolated
by a cubic through the four points around its change of sign; how far its zero lies from those of the
parabolas through three of them is the error, so that a jump of either branch just beyond is in it.
"""

from __future__ import annotations

import numpy as np

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.observables import Quantity

SAME = 1e-9
"""Differences, relative to the energies, of branches that are one state."""


def crossing(energy: Quantity, along: str) -> Quantity:
    """The value of a key at which the energies of both branches are equal.

    Parameters
    ----------
    energy
        With the axes ``along`` and ``branch``: Ω at fixed μ, F at fixed filling, G in an applied field.
    along
        The key, its values in order.

    Returns
    -------
    Quantity
        A number, with its error.

    Raises
    ------
    InputError
        If these are not the axes, or the energies do not cross where both states exist.
    """
    if set(energy.dims) != {along, "branch"} or energy.values.shape[energy.dims.index("branch")] != 2:
        raise InputError(f"a crossing needs the axes {along} and branch, not {', '.join(energy.dims)}")
    values = energy.values if energy.dims[0] == along else energy.values.T
    places = np.asarray(energy.coords[along].values, dtype=np.float64)
    difference = values[:, 0] - values[:, 1]
    apart = np.abs(difference) > SAME * np.abs(values).max(axis=1)
    changes = np.flatnonzero((difference[:-1] * difference[1:] < 0) & apart[:-1] & apart[1:])
    if not len(changes):
        raise InputError(
            f"the energies of the branches do not cross between {places[0]:g} and {places[-1]:g}"
        )
    at = int(changes[0])
    near = [n for n in range(at - 1, at + 3) if 0 <= n < len(places) and apart[n]]
    value = _zero(places[near], difference[near], places[at : at + 2])
    fewer = [[n for n in near if n != far] for far in (near[0], near[-1]) if far not in (at, at + 1)]
    others = [_zero(places[some], difference[some], places[at : at + 2]) for some in fewer]
    error = max((abs(value - other) for other in others), default=float(places[at + 1] - places[at]))
    unit, name = energy.coords[along].units, energy.coords[along].long_name
    return Quantity(np.array(value), (), unit, f"{name} of equal energies", error=error)


def _zero(places: Floats, values: Floats, between: Floats) -> float:
    """The zero between two places of the polynomial through some."""
    center, scale = places.mean(), np.ptp(places)
    roots = np.roots(np.polyfit((places - center) / scale, values, len(places) - 1)) * scale + center
    real = roots[np.abs(roots.imag) < 1e-9 * scale].real
    inside = real[(real >= between[0]) & (real <= between[1])]
    return float(inside[0]) if len(inside) else float(between.mean())
