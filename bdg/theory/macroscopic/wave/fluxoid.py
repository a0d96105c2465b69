"""Fluxoids: ∮(ΛJ + A)·dl = n h/q around every closed way on which Ψ does not vanish.

Because Ψ has one value at every point its phase changes by 2πn around a loop, and ħ∇θ = q(ΛJ + A). Deep
inside a superconductor J = 0, and the flux itself is quantised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.errors import InputError
from bdg.theory.macroscopic.carriers import PAIRS, Carriers
from bdg.theory.macroscopic.grid import Grid, Links


@dataclass(frozen=True)
class Fluxoid:
    """The fluxoid of a loop and its two parts.

    Parameters
    ----------
    winding
        n, how often θ turns by 2π along the loop.
    kinetic
        ∮ΛJ·dl = (m/q)∮v_s·dl, a flux.
    flux
        ∮A·dl = Φ.
    quantum
        h/q, with the sign of q.
    """

    winding: int
    kinetic: float
    flux: float
    quantum: float

    @property
    def total(self) -> float:
        """∮(ΛJ + A)·dl, which is ``winding * quantum``."""
        return self.kinetic + self.flux


def loop_fluxoid(psi: ArrayLike, phases: ArrayLike, carriers: Carriers = PAIRS) -> Fluxoid:
    """The fluxoid of a closed loop of points.

    Parameters
    ----------
    psi
        Ψ of the points in order, shape ``(n,)``; the last is followed by the first. Only its phase counts.
    phases
        (q/ħ)∫A·dl from each point to the following one, shape ``(n,)``.
    carriers
        Their charge.

    Raises
    ------
    InputError
        If shapes differ or Ψ vanishes on the loop.
    """
    wave, angle = np.asarray(psi, np.complex128), np.asarray(phases, np.float64)
    if wave.ndim != 1 or wave.shape != angle.shape:
        raise InputError(
            f"a loop of {wave.shape} points has {angle.shape} link phases; give one for each point"
        )
    if not np.all(np.abs(wave) > 0):
        raise InputError("the wave function vanishes on the loop, where it has no phase; take another way")
    step = np.angle(wave.conj() * np.exp(-1j * angle) * np.roll(wave, -1))
    a_radian = carriers.hbar / carriers.charge
    winding = round(float(step.sum() + angle.sum()) / (2 * np.pi))
    return Fluxoid(
        winding, a_radian * float(step.sum()), a_radian * float(angle.sum()), carriers.flux_quantum_of_phase
    )


def rectangle(
    grid: Grid, psi: NDArray[np.complex128], phases: Links, corner: Sequence[int], opposite: Sequence[int]
) -> tuple[NDArray[np.complex128], NDArray[np.float64]]:
    """Ψ and link phases counter-clockwise around a rectangle of a grid, for :func:`loop_fluxoid`.

    Parameters
    ----------
    corner, opposite
        Indices (i, j) of its lower left and upper right points.

    Raises
    ------
    InputError
        If the corners are not in this order on the grid.
    """
    (left, low), (right, high) = corner, opposite
    if not (0 <= left < right < grid.shape[0] and 0 <= low < high < grid.shape[1]):
        raise InputError(f"no rectangle from {tuple(corner)} to {tuple(opposite)} on a grid of {grid.shape}")
    bottom = [(i, low) for i in range(left, right)]
    side = [(right, j) for j in range(low, high)]
    top = [(i, high) for i in range(right, left, -1)]
    back = [(left, j) for j in range(high, low, -1)]
    along, up = phases
    angle = [
        *(along[i, j] for i, j in bottom),
        *(up[i, j] for i, j in side),
        *(-along[i - 1, j] for i, j in top),
        *(-up[i, j - 1] for i, j in back),
    ]
    points = np.array(bottom + side + top + back)
    return psi[points[:, 0], points[:, 1]], np.array(angle)
