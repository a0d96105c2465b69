"""A sphere in a uniform field: the vector potential is A_φ = f(r) sin ϑ, and all else follows from f.

Inside, ∇×∇×A = −A/λ² is f'' + 2f'/r − 2f/r² = f/λ², so f = C i₁(r/λ) with the modified spherical Bessel
function i₁(z) = cosh z/z − sinh z/z²; outside, f = B_a r/2 + p/r². Continuity of f and f' at R gives C =
3B_aλ/(2 i₀(R/λ)), i₀(z) = sinh z/z, and p = R²(f(R) − B_aR/2). London, *Superfluids* I (1950), § 4.

Lengths and fields are in the units of the carriers.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bdg.arrays import Floats
from bdg.theory.macroscopic.carriers import PAIRS, Carriers


def sphere_vector_potential(r: ArrayLike, radius: float, depth: float, applied: float) -> Floats:
    """f(r) of A_φ = f(r) sin ϑ, in the units of B_a r.

    Parameters
    ----------
    r
        Distance from the centre, any shape.
    radius, depth
        R and λ, in the units of r.
    applied
        B_a, along ϑ = 0.
    """
    distance = np.asarray(r, np.float64)
    inside = _first(np.minimum(distance, radius), radius, depth, applied)
    outside = np.maximum(distance, radius)
    dipole = radius**2 * (_first(np.array(radius), radius, depth, applied) - applied * radius / 2)
    return np.where(distance <= radius, inside, applied * outside / 2 + dipole / outside**2)


def sphere_field(
    r: ArrayLike, polar_angle: ArrayLike, radius: float, depth: float, applied: float
) -> tuple[Floats, Floats]:
    """B_r = 2 (f/r) cos ϑ and B_ϑ = −(f' + f/r) sin ϑ, in the units of ``applied``, inside and out.

    Parameters as for :func:`sphere_vector_potential`; ``polar_angle`` is ϑ in radians, r > 0.
    """
    distance = np.asarray(r, np.float64)
    f = sphere_vector_potential(distance, radius, depth, applied)
    within = np.minimum(distance, radius)
    # (rf)'/r = C (i₀ − i₁/z)/λ inside, from i₁' = i₀ − 2i₁/z; B_a − p/r³ outside, with p from f itself.
    inside = 1.5 * applied * _scaled_i0(within, radius, depth) - f / np.where(distance <= radius, within, 1.0)
    outside = 1.5 * applied - f / np.maximum(distance, radius)
    slope = np.where(distance <= radius, inside, outside)
    return 2 * f / distance * np.cos(polar_angle), -slope * np.sin(polar_angle)


def sphere_current(
    r: ArrayLike,
    polar_angle: ArrayLike,
    radius: float,
    depth: float,
    applied: float,
    carriers: Carriers = PAIRS,
) -> Floats:
    """J_φ = −f(r) sin ϑ/(μ₀λ²) inside, zero outside."""
    f = sphere_vector_potential(r, radius, depth, applied)
    flow = -f * np.sin(polar_angle) / (carriers.mu0 * depth**2)
    return np.where(np.asarray(r) <= radius, flow, 0.0)


def sphere_moment(radius: float, depth: float, applied: float, carriers: Carriers = PAIRS) -> float:
    """The moment m = −(2πR³B_a/μ₀)(1 − (3λ/R) coth(R/λ) + 3λ²/R²).

    −2πR³B_a/μ₀ for λ ≪ R, that is −(3/2)B_a/μ₀ a volume: demagnetisation raises the field at the equator.
    """
    reduced = radius / depth
    # The three terms cancel to R²/15λ² for a small sphere: there its series.
    series = reduced**2 / 15 - 2 * reduced**4 / 315
    exact = 1 - 3 / (np.tanh(reduced) * reduced) + 3 / reduced**2
    return -2 * np.pi * radius**3 * applied / carriers.mu0 * float(exact if reduced > 0.02 else series)


def _scaled_i0(r: Floats, radius: float, depth: float) -> Floats:
    """i₀(r/λ)/i₀(R/λ) without overflow."""
    z, edge = np.maximum(r / depth, 1e-300), radius / depth
    ratio: Floats = np.exp(z - edge) * np.expm1(-2 * z) / np.expm1(-2 * edge) * edge / z
    return ratio


def _first(r: Floats, radius: float, depth: float, applied: float) -> Floats:
    """C i₁(r/λ), by its series where cosh and sinh cancel."""
    z, edge = r / depth, radius / depth
    safe = np.maximum(z, 0.02)
    ratio = np.exp(safe - edge) * (1 + np.exp(-2 * safe) + np.expm1(-2 * safe) / safe) / safe
    ratio = ratio / -np.expm1(-2 * edge) * edge
    # i₁(z)/i₀(Z) with i₁ = z/3 + z³/30 + z⁵/840.
    series = (z / 3 + z**3 / 30 + z**5 / 840) * 2 * edge * np.exp(-edge) / -np.expm1(-2 * edge)
    f: Floats = 1.5 * applied * depth * np.where(z < 0.02, series, ratio)
    return f
