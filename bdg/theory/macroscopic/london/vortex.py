"""Single vortices: in a bulk superconductor, and Pearl's in a thin film. One flux quantum each, far from
edges.

A. A. Abrikosov, Sov. Phys. JETP 5, 1174 (1957); J. Pearl, Appl. Phys. Lett. 5, 65 (1964). Lengths and fields
are in the units of the carriers.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import jv, kv, struve, yv

from bdg.arrays import Floats
from bdg.theory.macroscopic.carriers import PAIRS, Carriers

_NODES, _WEIGHTS = np.polynomial.laguerre.laggauss(48)


def vortex_field(r: ArrayLike, depth: float, carriers: Carriers = PAIRS) -> Floats:
    """B(r) = Φ₀/(2πλ²) K₀(r/λ) of a straight vortex, the solution of B − λ²∇²B = Φ₀ δ(r), for r > 0.

    Parameters
    ----------
    r
        Distance from the axis, any shape; London's theory ends at r ≈ ξ.
    depth
        λ.
    """
    reduced = np.asarray(r, np.float64) / depth
    field: Floats = carriers.flux_quantum / (2 * np.pi * depth**2) * kv(0, reduced)
    return field


def vortex_current(r: ArrayLike, depth: float, carriers: Carriers = PAIRS) -> Floats:
    """J_φ(r) = Φ₀/(2πμ₀λ³) K₁(r/λ), around the field by the right hand."""
    reduced = np.asarray(r, np.float64) / depth
    flow: Floats = carriers.flux_quantum / (2 * np.pi * carriers.mu0 * depth**3) * kv(1, reduced)
    return flow


def pearl_vortex_current(r: ArrayLike, length: float, carriers: Carriers = PAIRS) -> Floats:
    """Sheet current K_φ(r) = Φ₀/(2μ₀Λ²) [H₁(r/Λ) − Y₁(r/Λ) − 2/π] of a vortex in a film.

    Φ₀/(πμ₀Λr) near it and Φ₀/(πμ₀r²) far away, where a bulk vortex would have died out. Pearl, Appl. Phys.
    Lett. 5, 65 (1964). H is Struve's function.

    Parameters
    ----------
    r
        Distance from the vortex, any shape, r > 0.
    length
        Λ = 2λ²/d, from :func:`bdg.theory.macroscopic.london.pearl_length`.
    """
    reduced = np.asarray(r, np.float64) / length
    near = np.minimum(reduced, 10.0)
    closed = struve(1, near) - yv(1, near) - 2 / np.pi
    sheet: Floats = np.where(reduced < 10.0, closed, _laplace(reduced, lambda t: t / np.sqrt(1 + t**2)))
    return carriers.flux_quantum / (2 * carriers.mu0 * length**2) * sheet


def pearl_vortex_field(r: ArrayLike, length: float, carriers: Carriers = PAIRS) -> Floats:
    """B_z(r) = Φ₀/(2πΛ) {1/r − (π/2Λ)[H₀(r/Λ) − Y₀(r/Λ)]} in the plane of the film, Φ₀Λ/(2πr³) far away.

    The transform of Φ₀/(1 + Λk). Parameters as for :func:`pearl_vortex_current`.
    """
    reduced = np.asarray(r, np.float64) / length
    near = np.minimum(reduced, 10.0)
    closed = 1 / near - np.pi / 2 * (struve(0, near) - yv(0, near))
    # The terms cancel far away; 1 − 1/√(1 + t²) does not, written as t²/(√(1 + t²)(1 + √(1 + t²))).
    far = np.pi / 2 * _laplace(reduced, lambda t: t**2 / (np.hypot(1, t) * (1 + np.hypot(1, t))))
    field: Floats = np.where(reduced < 10.0, closed, far)
    return carriers.flux_quantum / (2 * np.pi * length**2) * field


def _laplace(x: Floats, function: Callable[[Floats], Floats]) -> Floats:
    """(2/π) ∫₀^∞ e^{−xt} function(t) dt, by Gauss–Laguerre in xt; good for x ≥ 10."""
    far = np.maximum(x, 10.0)[..., None]
    total: Floats = 2 / np.pi * (_WEIGHTS * function(_NODES / far) / far).sum(axis=-1)
    return total


def pearl_field_by_momentum(
    r: ArrayLike, height: ArrayLike, length: float, carriers: Carriers = PAIRS
) -> Floats:
    """B_z(r, z) = (Φ₀/2π) ∫ k J₀(kr) e^{−k|z|}/(1 + Λk) dk above a film with a vortex, for |z| > 0.

    Parameters
    ----------
    r, height
        Distance from the vortex's axis and from the film, shapes that broadcast.
    length
        Λ.
    """
    above = np.abs(np.asarray(height, np.float64))[..., None]
    distance = np.asarray(r, np.float64)[..., None]
    # Panels as fine as the faster of e^{−kz} and J₀(kr).
    nodes, weights = np.polynomial.legendre.leggauss(16)
    top = 40 / above.min()
    panels = int(np.ceil(top * max(float(distance.max()), float(above.min())) / np.pi)) + 8
    edges = np.linspace(0, top, panels + 1)
    k = (edges[:-1, None] + np.diff(edges)[:, None] * (nodes + 1) / 2).ravel()
    dk = (np.diff(edges)[:, None] * weights / 2).ravel()
    integrand = k * jv(0, k * distance) * np.exp(-k * above) / (1 + length * k)
    field: Floats = carriers.flux_quantum / (2 * np.pi) * (integrand * dk).sum(axis=-1)
    return field
