"""Finite differences for any λ(r) in one dimension: slabs, cylinders, spheres.

The unknown is the vector potential at the middle of each cell, because μ₀J = −A/λ² holds also where λ is
infinite, in normal layers; B lives on the faces between the cells. Both jump with λ as they should, and the
error falls with the square of the cell's size.

F. and H. London, Proc. R. Soc. Lond. A 149, 71 (1935). Lengths and fields are in the units of the carriers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import solve_banded

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.theory.macroscopic.carriers import PAIRS, Carriers, positive

Depth = float | ArrayLike | Callable[[Floats], ArrayLike]
"""λ: a number, one for each cell, or a function of the place of their middles; ``inf`` where it is normal."""


@dataclass(frozen=True)
class Screened:
    """What a field does to a body.

    Parameters
    ----------
    place
        Middles of the cells, shape ``(n,)``.
    faces
        Their faces, shape ``(n + 1,)``.
    vector_potential, current
        A and J in the middles, shape ``(n,)``.
    field
        B on the faces, shape ``(n + 1,)``; of a sphere B at the pole side, B_r/cos ϑ, in the middles,
        ``(n,)``.
    """

    place: Floats
    faces: Floats
    vector_potential: Floats
    current: Floats
    field: Floats


def solve_slab(
    thickness: float,
    depth: Depth,
    applied: float | tuple[float, float],
    *,
    cells: int = 400,
    carriers: Carriers = PAIRS,
) -> Screened:
    """B_z(x) and J_y(x) of a slab |x| ≤ d/2: dB/dx = A/λ², B = dA/dx, B given on both faces.

    Parameters
    ----------
    thickness
        d.
    depth
        λ(x), in the units of x.
    applied
        B outside; two numbers, left and right of the slab, if it carries a current (B_left − B_right)/μ₀.
    cells
        Equal cells across the slab.

    Raises
    ------
    InputError
        If the slab is normal everywhere, or λ or a size is not positive.
    """
    faces = np.linspace(-thickness / 2, thickness / 2, _cells(cells) + 1)
    middle = 0.5 * (faces[1:] + faces[:-1])
    stiffness = _stiffness(depth, middle)
    left, right = applied if isinstance(applied, tuple) else (applied, applied)
    step = positive("thickness", thickness) / cells
    lower, main, upper = np.ones(cells), np.full(cells, -2.0), np.ones(cells)
    main[0] = main[-1] = -1.0
    source = np.zeros(cells)
    source[0], source[-1] = left * step, -right * step
    potential = solve_banded((1, 1), _bands(lower, main - stiffness * step**2, upper), source)
    field = np.concatenate([[left], np.diff(potential) / step, [right]])
    return Screened(middle, faces, potential, -stiffness * potential / carriers.mu0, field)


def solve_cylinder(
    radius: float,
    depth: Depth,
    applied: float,
    *,
    trapped: float = 0.0,
    cells: int = 400,
    carriers: Carriers = PAIRS,
) -> Screened:
    """B_z(r) and J_φ(r) of a cylinder in a field along it: dB/dr = (A − trapped/2πr)/λ², B = (1/r) d(rA)/dr.

    Parameters
    ----------
    radius
        R.
    depth
        λ(r), in the units of r; ``inf`` around the axis makes a tube.
    applied
        B at R.
    trapped
        The fluxoid ∮(ΛJ + A)·dl of a tube, a multiple of Φ₀.
    cells
        Equal cells from the axis to R.

    Raises
    ------
    InputError
        If flux is trapped where there is no hole, or λ or a size is not positive.
    """
    faces = np.linspace(0.0, positive("radius", radius), _cells(cells) + 1)
    middle = 0.5 * (faces[1:] + faces[:-1])
    stiffness = _stiffness(depth, middle, may_vanish=True)
    if trapped and stiffness[0]:
        raise InputError(f"no hole around the axis to trap a flux of {trapped}; give depth = inf there")
    step = radius / cells
    inner, outer = faces[1:-1], 1 / (faces[1:-1] * step)
    lower, main, upper = np.zeros(cells), np.zeros(cells), np.zeros(cells)
    # B on the inner faces in terms of A on both sides of them; at the axis the flux through the first disc.
    upper[:-1] = middle[1:] * outer
    main[:-1] -= middle[:-1] * outer
    lower[1:] = middle[:-1] * outer
    main[1:] -= middle[1:] * outer
    main[0] -= 2 / middle[0]
    phase = trapped / (2 * np.pi * middle)
    source = -stiffness * phase * step
    source[-1] -= applied
    potential = solve_banded((1, 1), _bands(lower, main - stiffness * step, upper), source)
    enclosed = middle * potential
    field = np.concatenate([[2 * potential[0] / middle[0]], np.diff(enclosed) / (inner * step), [applied]])
    return Screened(middle, faces, potential, stiffness * (phase - potential) / carriers.mu0, field)


def solve_sphere(
    radius: float, depth: Depth, applied: float, *, cells: int = 400, carriers: Carriers = PAIRS
) -> Screened:
    """A_φ = f(r) sin ϑ and J_φ = −f sin ϑ/(μ₀λ²) at the equator of a sphere in a uniform field.

    Solves r² f'' + 2r f' − 2f = r² f/λ² with f' + 2f/r = 3B_a/2 at R, where the field outside is B_a and a
    dipole.

    Parameters
    ----------
    radius
        R.
    depth
        λ(r), in the units of r.
    applied
        B_a.
    cells
        Equal cells from the centre to R.

    Raises
    ------
    InputError
        If the size is not positive, or λ is not.
    """
    faces = np.linspace(0.0, positive("radius", radius), _cells(cells) + 1)
    middle = 0.5 * (faces[1:] + faces[:-1])
    stiffness = _stiffness(depth, middle, may_vanish=True)
    step = radius / cells
    # Over each shell: [r² f'] = ∫ (2 + r²/λ²) f dr.
    slope = faces[1:-1] ** 2 / step
    lower, upper = np.append(0.0, slope), np.append(slope, 0.0)
    shell = 2 * step + stiffness * np.diff(faces**3) / 3
    main = -(lower + upper) - shell
    # At R: f(R) from f of the last cell and the slope f'(R) = 3B_a/2 − 2f(R)/R over half a cell.
    share = 1 / (1 + step / radius)
    main[-1] -= radius**2 * 2 / radius * share
    source = np.zeros(cells)
    source[-1] = -(radius**2) * 1.5 * applied * (1 - step / radius * share)
    potential = solve_banded((1, 1), _bands(lower, main, upper), source)
    return Screened(middle, faces, potential, -stiffness * potential / carriers.mu0, 2 * potential / middle)


def _bands(lower: Floats, main: Floats, upper: Floats) -> Floats:
    """The three diagonals as scipy wants them; ``lower[0]`` and ``upper[-1]`` are outside."""
    return np.stack([np.roll(upper, 1), main, np.roll(lower, -1)])


def _cells(cells: int) -> int:
    if cells < 3:
        raise InputError(f"cells: {cells} are too few; give 3 or more")
    return cells


def _stiffness(depth: Depth, place: Floats, *, may_vanish: bool = False) -> Floats:
    """1/λ² of every cell."""
    given = depth(place) if callable(depth) else depth
    values = np.broadcast_to(np.asarray(given, np.float64), place.shape)
    if not np.all(values > 0):
        raise InputError(
            f"a penetration depth of {values.min()}; give positive numbers, inf where it is normal"
        )
    stiffness: Floats = values**-2.0
    if not (may_vanish or stiffness.any()):
        raise InputError("the slab is normal everywhere: nothing fixes A; give a finite depth somewhere")
    return stiffness
