"""A long thin strip in a perpendicular field: its edges, not its faces, take the field.

J. Pearl, Appl. Phys. Lett. 5, 65 (1964); E. H. Brandt and M. Indenbom, Phys. Rev. B 48, 12893 (1993).
Lengths, fields and sheet currents are in the units of the carriers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.theory.macroscopic.carriers import PAIRS, Carriers


def strip_current(x: ArrayLike, half_width: float, applied: float, carriers: Carriers = PAIRS) -> Floats:
    """Sheet current K_y(x) = −(2B_a/μ₀) x/√(w² − x²) of a strip |x| < w that screens all of a field along z.

    The limit Λ_P ≪ w of :func:`solve_strip`. Brandt and Indenbom, Phys. Rev. B 48, 12893 (1993).

    Raises
    ------
    InputError
        If a place is not inside the strip.
    """
    place = np.asarray(x, np.float64)
    if np.any(np.abs(place) >= half_width):
        raise InputError(f"a place is not inside the strip of half width {half_width}; give |x| < w")
    flow: Floats = -2 * applied / carriers.mu0 * place / np.sqrt(half_width**2 - place**2)
    return flow


def solve_strip(
    half_width: float, length: ArrayLike, applied: float, *, cells: int = 400, carriers: Carriers = PAIRS
) -> tuple[Floats, Floats]:
    """Sheet current of a strip with any Pearl length Λ_P(x): places x and K_y(x), both of shape ``(cells,)``.

    Solves ½μ₀Λ_P K(x) − (μ₀/2π) ∫ ln|x − x'| K(x') dx' = c − B_a x, which is ΛJ = −A with the field of the
    sheet itself in A; c makes the total current vanish.

    Parameters
    ----------
    half_width
        w.
    length
        Λ_P = 2λ²/d, a number or one for each cell.
    applied
        B_a, perpendicular to the strip.
    cells
        Equal cells across the strip. The logarithm is integrated exactly over each.
    """
    edges = np.linspace(-half_width, half_width, cells + 1)
    x = 0.5 * (edges[1:] + edges[:-1])
    stretch = np.broadcast_to(np.asarray(length, np.float64), x.shape)
    offset = x[:, None] - edges[None, :]
    primitive = offset * (np.log(np.abs(offset)) - 1)  # ∫ ln|u| du
    kernel = primitive[:, :-1] - primitive[:, 1:]
    system = np.ones((cells + 1, cells + 1))
    system[:-1, :-1] = 0.5 * np.diag(stretch) - kernel / (2 * np.pi)
    system[-1, -1] = 0.0
    right = np.append(-applied * x / carriers.mu0, 0.0)
    return x, np.linalg.solve(system, right)[:-1]
