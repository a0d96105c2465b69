"""One dimension: how the order parameter heals at a wall, and the energy of a wall between normal and
superconductor.

Lengths in ξ, fields in B_c2, ψ in ψ_∞, energies a volume in 2·(condensation energy) = α²/β.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import solve_bvp
from scipy.linalg import eigh_tridiagonal
from scipy.optimize import minimize_scalar

from bdg.arrays import Floats
from bdg.errors import NumericalError
from bdg.theory.macroscopic.carriers import positive


def healing_profile(x: ArrayLike, coherence_length: float = 1.0, extrapolation: float = 0.0) -> Floats:
    """ψ(x)/ψ_∞ = tanh((x + x₀)/√2ξ) for x ≥ 0: 0 at a wall that breaks pairs.

    Parameters
    ----------
    x
        Distance from the wall, in the units of ξ.
    coherence_length
        ξ.
    extrapolation
        b of de Gennes' condition ψ' = ψ/b at the wall; 0 for ψ = 0. sinh(√2 x₀/ξ) = √2 b/ξ.
    """
    ratio = np.sqrt(2) * extrapolation / coherence_length
    start = coherence_length / np.sqrt(2) * np.arcsinh(ratio)
    return np.asarray(np.tanh((np.asarray(x, np.float64) + start) / (np.sqrt(2) * coherence_length)))


def surface_critical_ratio(points: int = 2000) -> float:
    """B_c3/B_c2 = 1.6946…: superconductivity at a surface along the field, beyond B_c2.

    The lowest level of −d²/dx² + (x − x₀)² on x > 0 with ψ'(0) = 0, smallest over x₀, is 0.590; by finite
    differences on cells, of second order, with one extrapolation. Saint-James and de Gennes, Phys. Lett. 7,
    306 (1963).
    """

    def lowest(centre: float, n: int) -> float:
        step = 10.0 / n
        x = (np.arange(n) + 0.5) * step
        main = 2 / step**2 + (x - centre) ** 2
        main[0] -= 1 / step**2
        level = eigh_tridiagonal(
            main, np.full(n - 1, -1 / step**2), eigvals_only=True, select="i", select_range=(0, 0)
        )
        return float(level[0])

    def smallest(n: int) -> float:
        found = minimize_scalar(
            lowest, bounds=(0.3, 1.3), args=(n,), method="bounded", options={"xatol": 1e-8}
        )
        return float(found.fun)

    coarse, fine = smallest(points), smallest(2 * points)
    return 1 / (fine + (fine - coarse) / 3)


def film_critical_field(thickness: float, points: int = 1000) -> float:
    """Parallel critical field of a film in B_c2: √12/d for d ≪ ξ, 1.6946 for d ≫ ξ; second-order transition,
    λ ≫ d.

    The b at which the lowest level of −d²/dx² + b²x² on |x| < d/2 with free ends is 1 (the field's centre in
    the middle, or anywhere if that is lower).

    Parameters
    ----------
    thickness
        d/ξ.
    """
    d = positive("thickness", thickness)
    step = d / points
    x = (np.arange(points) + 0.5) * step - d / 2
    main = np.full(points, 2 / step**2)
    main[0] = main[-1] = 1 / step**2
    off = np.full(points - 1, -1 / step**2)

    def level(field: float) -> float:
        def at(centre: float) -> float:
            found = eigh_tridiagonal(
                main + (field * (x - centre)) ** 2, off, eigvals_only=True, select="i", select_range=(0, 0)
            )
            return float(found[0])

        best = minimize_scalar(at, bounds=(0.0, d / 2), method="bounded", options={"xatol": 1e-6 * d})
        return min(at(0.0), float(best.fun))

    low, high = 0.0, 2.0 + 4.0 / d
    while high - low > 1e-9 * high:
        middle = 0.5 * (low + high)
        low, high = (middle, high) if level(middle) < 1 else (low, middle)
    return 0.5 * (low + high)


def wall_energy(kappa: float) -> float:
    """Energy an area of the wall between normal and superconducting halves at B_c, in ξ α²/β; 0 at κ = 1/√2.

    1.886/2 for κ → 0, negative above 1/√2: type II. Solves ψ'' = (a² − 1)ψ + ψ³, κ²a'' = ψ²a with ψ → 1 on
    the right and the field B_c on the left, a = A in ħ/|q|ξ; the energy is ∫ ½(1 − ψ²)² + ψ'² + a²ψ² + κ²b² −
    √2κb, the Gibbs energy above that of either phase. a given far on the left says where the wall is; that b
    is B_c there follows.

    Parameters
    ----------
    kappa
        λ/ξ; below 0.03 the two lengths are too far apart for the solver.

    Raises
    ------
    NumericalError
        If the equations are not solved.
    """
    k = positive("kappa", kappa)
    critical = 1 / (np.sqrt(2) * k)
    left, right = -(8 * np.sqrt(k) + 3 * k), 14 * max(1.0, k)

    def slopes(x: Floats, y: Floats) -> Floats:
        psi, d_psi, a, b = y
        return np.array([d_psi, (a**2 - 1) * psi + psi**3, b, psi**2 * a / k**2])

    def ends(at_left: Floats, at_right: Floats) -> Floats:
        return np.array([at_left[0], at_left[2] - critical * left, at_right[0] - 1, at_right[2]])

    x = np.linspace(left, right, 2000)
    b = critical / (1 + np.exp(np.clip(x / k, -50, 50)))
    a = -np.cumsum(b[::-1])[::-1] * (x[1] - x[0])
    psi = 1 / (1 + np.exp(-np.clip(2 * x, -50, 50)))
    found = solve_bvp(slopes, ends, x, np.array([psi, np.gradient(psi, x), a, b]), tol=1e-8, max_nodes=200000)
    if not found.success:
        raise NumericalError(
            f"the wall at kappa = {kappa} was not found: {found.message}; give another kappa"
        )
    fine = np.linspace(left, right, 200001)
    psi, d_psi, a, b = found.sol(fine)
    energy = 0.5 * (1 - psi**2) ** 2 + d_psi**2 + (a * psi) ** 2 + k**2 * b**2 - np.sqrt(2) * k * b
    return float(np.trapezoid(energy, fine))
