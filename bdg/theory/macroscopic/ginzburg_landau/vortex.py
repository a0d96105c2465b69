"""One straight vortex: its profile for any κ, its energy, and B_c1.

Lengths in ξ, A in ħ/|q|ξ, fields in B_c2, ψ in ψ_∞, energies a length in ξ² α²/β.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_bvp

from bdg.arrays import Floats
from bdg.errors import InputError, NumericalError
from bdg.theory.macroscopic.carriers import positive

START = 1e-4
"""Where the radius begins, in ξ: the axis itself is a singular point."""


@dataclass(frozen=True)
class Vortex:
    """Profile of a vortex ψ = f(r) e^{inφ}, A_φ = a(r)/r.

    Parameters
    ----------
    r
        Distance from the axis, shape ``(n,)``, finest near it.
    amplitude, potential, field
        f, a and b = a'/r there.
    winding
        n.
    kappa
        κ.
    energy
        ε above the uniform state, an energy a length.
    """

    r: Floats
    amplitude: Floats
    potential: Floats
    field: Floats
    winding: int
    kappa: float
    energy: float

    @property
    def current(self) -> Floats:
        """J_φ = f²(n − a)/(κ²r) = −b', in B_c2/μ₀ξ."""
        return self.amplitude**2 * (self.winding - self.potential) / (self.kappa**2 * self.r)

    @property
    def lower_critical_field(self) -> float:
        """B_c1 = ε/(4πκ²n) in B_c2: where a vortex costs as much as the field saves by it."""
        return self.energy / (4 * np.pi * self.kappa**2 * self.winding)


def vortex(kappa: float, winding: int = 1) -> Vortex:
    """Solve f'' + f'/r = (n − a)²f/r² − f + f³ and b' = −f²(n − a)/(κ²r), a' = rb.

    At κ = 1/√2 Bogomolny's equations f' = (n − a)f/r and b = 1 − f² hold as well, and ε = 2πn: vortices
    neither attract nor repel each other. Bogomol'nyi, Sov. J. Nucl. Phys. 24, 449 (1976).

    Parameters
    ----------
    kappa
        λ/ξ.
    winding
        n ≥ 1, flux quanta.

    Raises
    ------
    InputError
        If the winding is not positive.
    NumericalError
        If the equations are not solved.
    """
    k, n = positive("kappa", kappa), winding
    if n < 1:
        raise InputError(f"a winding of {n}; give 1 or more")
    far = 14.0 * max(1.0, k) + 4 * n

    def slopes(r: Floats, y: Floats) -> Floats:
        f, d_f, a, b = y
        missing = n - a
        return np.array(
            [
                d_f,
                -d_f / r + missing**2 * f / r**2 - f + f**3,
                r * b,
                -(f**2) * missing / (k**2 * r),
            ]
        )

    def ends(near: Floats, at_far: Floats) -> Floats:
        # f ∝ rⁿ and a = b r²/2 at the axis; the uniform state far away.
        return np.array(
            [near[0] * n - START * near[1], near[2] - near[3] * START**2 / 2, at_far[0] - 1, at_far[2] - n]
        )

    r = np.concatenate([np.geomspace(START, 1, 150)[:-1], np.geomspace(1, far, 350)])
    rise = r / np.sqrt(1 + r**2)
    guess = [rise**n, np.gradient(rise**n, r), n * (1 - np.exp(-((r / max(k, 1)) ** 2) / 2))]
    found = solve_bvp(
        slopes, ends, r, np.array([*guess, np.gradient(guess[2], r) / r]), tol=1e-9, max_nodes=50000
    )
    if not found.success:
        raise NumericalError(
            f"the vortex at kappa = {kappa} was not found: {found.message}; give another kappa"
        )
    # Finer than the solver's own points, so that integrals over them are as good as the solution.
    fine = np.unique(np.concatenate([found.x, np.geomspace(START, far, 40001)]))
    fine = fine[(fine >= START) & (fine <= found.x[-1])]
    f, d_f, a, b = found.sol(fine)
    density = 0.5 * (1 - f**2) ** 2 + d_f**2 + ((n - a) * f / fine) ** 2 + k**2 * b**2
    energy = 2 * np.pi * np.trapezoid(density * fine**2, np.log(fine))
    return Vortex(fine, f, a, b, n, k, float(energy))


def lower_critical_field(kappa: float) -> float:
    """B_c1/B_c2 for any κ; for κ ≫ 1 (ln κ + 0.497)/2κ². Above B_c for type I, where it has no meaning."""
    return vortex(kappa).lower_critical_field
