"""The two real equations that Schrödinger's is for n_s and θ, as what is left of them after a step on a grid.

Imaginary part times 2√n_s/ħ, the equation of continuity: ∂n_s/∂t + ∇·(n_s v_s) = 0.
Real part, the energy–phase relation: −ħ ∂θ/∂t = ½ m v_s² + qφ − (ħ²/2m) ∇²√n_s/√n_s, or with J = q n_s v_s
−ħ ∂θ/∂t = ΛJ²/2n_s + qφ and the last term, which is small where n_s varies slowly.

E. Madelung, Z. Phys. 40, 322 (1927). Both are in the units of the carriers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bdg.arrays import Complexes, Floats
from bdg.theory.macroscopic.carriers import PAIRS, Carriers
from bdg.theory.macroscopic.grid import Grid, Links, covariant_laplacian, divergence, on_points
from bdg.theory.macroscopic.wave.madelung import density, london_current, velocity


def continuity_residual(
    grid: Grid, before: Complexes, after: Complexes, step: float, phases: Links, carriers: Carriers = PAIRS
) -> Floats:
    """∂n_s/∂t + ∇·(n_s v_s) of Madelung's variables at every point; → 0 as spacing² and step².

    Parameters
    ----------
    before, after
        Ψ at two times a step apart; n_s and v_s are those of their mean.
    step
        The time between them.
    phases
        Link phases in the middle of the step.
    """
    middle = 0.5 * (before + after)
    rate = (density(after) - density(before)) / step
    flow = [part / carriers.charge for part in london_current(grid, middle, phases, carriers)]
    return rate + divergence(grid, flow)


def energy_phase_residual(
    grid: Grid,
    before: Complexes,
    after: Complexes,
    step: float,
    phases: Links,
    potential: ArrayLike = 0.0,
    carriers: Carriers = PAIRS,
) -> Floats:
    """ħ ∂θ/∂t + ½ m v_s² + qφ − (ħ²/2m) ∇²√n_s/√n_s at every point, an energy; → 0 as spacing² and step².

    Parameters as for :func:`continuity_residual`; ``potential`` is qφ in the middle of the step. Where n_s is
    next to nothing θ is not defined: weigh the residual with n_s.
    """
    middle = 0.5 * (before + after)
    rate = carriers.hbar * np.angle(after * before.conj()) / step
    speed = on_points(grid, velocity(grid, middle, phases, carriers))
    kinetic = 0.5 * carriers.mass * np.sum(np.square(speed), axis=0)
    root = np.abs(middle)
    no_field = [np.zeros(grid.shape)] * grid.dimension
    bending = (covariant_laplacian(grid, no_field).real @ root.ravel()).reshape(grid.shape)
    quantum = -(carriers.hbar**2) / (2 * carriers.mass) * bending / np.maximum(root, 1e-300)
    residual: Floats = rate + kinetic + np.asarray(potential) + quantum
    return residual
