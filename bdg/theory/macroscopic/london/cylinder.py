"""Round wires: in a field along them, and with a current.

F. London, *Superfluids* I (1950). Lengths and fields are in the units of the carriers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ive

from bdg.arrays import Floats
from bdg.theory.macroscopic.carriers import PAIRS, Carriers


def cylinder_field(r: ArrayLike, radius: float, depth: float, applied: float) -> Floats:
    """B_z(r) = B_a I₀(r/λ)/I₀(R/λ) for r ≤ R in a field along the axis, B_a outside.

    Parameters
    ----------
    r
        Distance from the axis, any shape.
    radius, depth
        R and λ, in the units of r.
    applied
        B_a; B has its units.
    """
    return applied * _ratio(0, r, radius, depth, 0)


def cylinder_current(
    r: ArrayLike, radius: float, depth: float, applied: float, carriers: Carriers = PAIRS
) -> Floats:
    """J_φ(r) = −(B_a/μ₀λ) I₁(r/λ)/I₀(R/λ), zero outside."""
    inside = np.asarray(r) <= radius
    return np.where(inside, -applied / (carriers.mu0 * depth) * _ratio(1, r, radius, depth, 0), 0.0)


def cylinder_magnetisation(radius: float, depth: float, applied: float, carriers: Carriers = PAIRS) -> float:
    """M = −(B_a/μ₀)(1 − (2λ/R) I₁(R/λ)/I₀(R/λ)), moment a volume."""
    share = 2 * depth / radius * float(_ratio(1, radius, radius, depth, 0))
    return -applied / carriers.mu0 * (1 - share)


def wire_current(r: ArrayLike, radius: float, depth: float, total: float) -> Floats:
    """J_z(r) = I/(2πRλ) I₀(r/λ)/I₁(R/λ) of a wire that carries I, zero outside."""
    inside = np.asarray(r) <= radius
    return np.where(inside, total / (2 * np.pi * radius * depth) * _ratio(0, r, radius, depth, 1), 0.0)


def wire_field(r: ArrayLike, radius: float, depth: float, total: float, carriers: Carriers = PAIRS) -> Floats:
    """B_φ(r) = μ₀I/(2πR) I₁(r/λ)/I₁(R/λ) inside the wire, μ₀I/2πr outside."""
    surface = carriers.mu0 * total / (2 * np.pi * radius)
    outside = radius / np.maximum(np.asarray(r, np.float64), radius)
    return surface * _ratio(1, r, radius, depth, 1) * outside


def _ratio(order: int, r: ArrayLike, radius: float, depth: float, below: int) -> Floats:
    """I_order(r/λ)/I_below(R/λ) with r at most R; the scaled functions cannot overflow."""
    distance = np.minimum(np.asarray(r, np.float64), radius)
    ratio: Floats = ive(order, distance / depth) / ive(below, radius / depth)
    return ratio * np.exp((distance - radius) / depth)
