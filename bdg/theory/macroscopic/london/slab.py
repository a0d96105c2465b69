"""Slabs in a parallel field and with a current, and the half space.

F. and H. London, Proc. R. Soc. Lond. A 149, 71 (1935). Lengths and fields are in the units of the carriers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bdg.arrays import Floats
from bdg.theory.macroscopic.carriers import PAIRS, Carriers


def half_space_field(x: ArrayLike, depth: float, applied: float) -> Floats:
    """B(x) = B_a e^{−x/λ} inside x > 0, B_a outside; in the units of ``applied``."""
    return applied * np.exp(-np.clip(np.asarray(x, np.float64), 0.0, None) / depth)


def slab_field(x: ArrayLike, thickness: float, depth: float, applied: float) -> Floats:
    """B(x) = B_a cosh(x/λ)/cosh(d/2λ) for |x| ≤ d/2, B_a outside.

    Parameters
    ----------
    x
        Distance from the middle plane, any shape.
    thickness, depth
        d and λ, in the units of x.
    applied
        B_a, along the slab; B has its units.
    """
    return applied * _ratio(x, thickness, depth, 1.0)


def slab_current(
    x: ArrayLike, thickness: float, depth: float, applied: float, carriers: Carriers = PAIRS
) -> Floats:
    """J_y(x) = −(B_a/μ₀λ) sinh(x/λ)/cosh(d/2λ) for B along z: −∂_x B = μ₀ J_y. Zero outside."""
    inside = np.abs(x) <= thickness / 2
    odd = np.sign(x) * _ratio(x, thickness, depth, -1.0)
    return np.where(inside, -applied / (carriers.mu0 * depth) * odd, 0.0)


def slab_magnetisation(thickness: float, depth: float, applied: float, carriers: Carriers = PAIRS) -> float:
    """M = −(B_a/μ₀)(1 − (2λ/d) tanh(d/2λ)), moment a volume; −B_a/μ₀ is perfect diamagnetism.

    Of a film, d ≪ λ, −(B_a/μ₀) d²/12λ².
    """
    reduced = thickness / (2 * depth)
    return -applied / carriers.mu0 * float(1 - np.tanh(reduced) / reduced)


def slab_transport_current(
    x: ArrayLike, thickness: float, depth: float, total: float, carriers: Carriers = PAIRS
) -> Floats:
    """J(x) = (K/2λ) cosh(x/λ)/sinh(d/2λ) of a slab that carries K, current a width, without applied field."""
    inside = np.abs(x) <= thickness / 2
    even = _ratio(x, thickness, depth, 1.0) / np.tanh(thickness / (2 * depth))
    return np.where(inside, total / (2 * depth) * even, 0.0)


def _ratio(x: ArrayLike, thickness: float, depth: float, parity: float) -> Floats:
    """The cosh or sinh of |x|/λ over cosh(d/2λ), in exponentials that cannot overflow; 1 or so outside."""
    half = thickness / 2
    distance = np.minimum(np.abs(np.asarray(x, np.float64)), half)
    grown = np.exp((distance - half) / depth) + parity * np.exp(-(distance + half) / depth)
    ratio: Floats = grown / (1 + np.exp(-2 * half / depth))
    return ratio
