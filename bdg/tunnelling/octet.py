"""The octet model of interference in a d wave: vectors between the ends of contours of constant energy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bdg.errors import InputError

Band = Callable[[float, float], float]
"""An energy of kx and ky, in 1/a."""


def octet_tip(normal: Band, gap: Band, energy: float) -> tuple[float, float]:
    """The end, kx ≥ ky ≥ 0, of the contour E(k) = ω about a node: on the Fermi surface, where |Δ_k| = ω.

    Parameters
    ----------
    normal, gap
        ξ_k and Δ_k of a d_x²−y² superconductor on a square lattice.
    energy
        ω > 0, below the largest gap of the Fermi surface.

    Raises
    ------
    InputError
        If there is no such place.
    """
    from scipy.optimize import brentq  # slow to import, rarely needed

    def on_surface(angle: float) -> tuple[float, float]:
        cos, sin = np.cos(angle), np.sin(angle)
        reach = np.linspace(1e-6, np.pi / max(cos, sin), 400)
        values = [normal(r * cos, r * sin) for r in reach]
        change = np.flatnonzero(np.diff(np.sign(values)))
        if not len(change):
            raise ValueError("no Fermi surface in this direction")
        radius = brentq(
            lambda r: normal(r * cos, r * sin), reach[change[0]], reach[change[0] + 1], xtol=1e-13
        )
        return radius * cos, radius * sin

    def over(angle: float) -> float:
        return abs(gap(*on_surface(angle))) - energy

    angles = np.pi / 4 - np.linspace(0, np.pi / 4, 200)
    last = angles[0]
    for angle in angles[1:]:
        try:
            if over(angle) > 0:
                return on_surface(brentq(over, angle, last, xtol=1e-12))
        except ValueError:
            break
        last = angle
    raise InputError(
        f"no contour at {energy:g} t ends on the Fermi surface; give an energy below the gap there"
    )


def octet_vectors(normal: Band, gap: Band, energy: float) -> dict[str, tuple[float, float]]:
    """The seven vectors between the eight ends, as q1 … q7 (Hoffman et al., Science 297, 1148 (2002)).

    Of the ends (kx, ky) with kx ≥ ky: q1 = (2ky, 0), q2 = (kx + ky, ky − kx), q3 = (kx + ky, kx + ky),
    q4 = (2kx, 2ky), q5 = (2kx, 0), q6 = (kx − ky, kx + ky), q7 = (kx − ky, kx − ky), in 1/a.

    Parameters
    ----------
    normal, gap, energy
        See :func:`octet_tip`.

    Raises
    ------
    InputError
        See there.
    """
    x, y = octet_tip(normal, gap, energy)
    return {
        "q1": (2 * y, 0.0),
        "q2": (x + y, y - x),
        "q3": (x + y, x + y),
        "q4": (2 * x, 2 * y),
        "q5": (2 * x, 0.0),
        "q6": (x - y, x + y),
        "q7": (x - y, x - y),
    }
