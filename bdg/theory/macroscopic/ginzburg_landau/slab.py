"""A slab in a parallel field after Ginzburg and Landau, to put beside London's and a lattice's B(x).

Lengths in ξ, A in ħ/|q|ξ, fields in B_c2, ψ in ψ_∞.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.integrate import solve_bvp

from bdg.arrays import Floats
from bdg.errors import NumericalError
from bdg.theory.macroscopic.carriers import positive


@dataclass(frozen=True)
class Slab:
    """Profile across a slab.

    Parameters
    ----------
    x
        Distance from the middle plane, −d/2 to d/2, shape ``(n,)``.
    amplitude, potential, field
        ψ, a = A_y and b = da/dx there.
    kappa
        κ.
    """

    x: Floats
    amplitude: Floats
    potential: Floats
    field: Floats
    kappa: float

    @property
    def current(self) -> Floats:
        """J_y = −ψ²a/κ² = −db/dx, in B_c2/μ₀ξ."""
        return -(self.amplitude**2) * self.potential / self.kappa**2


def slab(thickness: float, kappa: float, applied: float, points: int = 401) -> Slab:
    """Solve ψ'' = (a² − 1)ψ + ψ³ and κ²a'' = ψ²a with ψ' = 0 and a' = b_a on both faces.

    Of several solutions the one is found that grows from the field-free state; it has no vortices and is even
    in x.

    Parameters
    ----------
    thickness
        d/ξ.
    kappa
        λ/ξ.
    applied
        B_a/B_c2.
    points
        Places in the answer, evenly spaced.

    Raises
    ------
    NumericalError
        If the equations are not solved.
    """
    half, k = positive("thickness", thickness) / 2, positive("kappa", kappa)

    def slopes(x: Floats, y: Floats) -> Floats:
        psi, d_psi, a, b = y
        return np.array([d_psi, (a**2 - 1) * psi + psi**3, b, psi**2 * a / k**2])

    def ends(middle: Floats, face: Floats) -> Floats:
        return np.array([middle[1], middle[2], face[1], face[3] - applied])

    # Resolve both lengths at the face; London's solution to start from.
    x = half * np.linspace(0, 1, max(200, int(20 * half / min(1.0, k))))
    decay = np.exp((x - half) / k) / (1 + np.exp(-2 * half / k))
    mirror = np.exp(-2 * x / k)
    b, a = applied * decay * (1 + mirror), applied * k * decay * (1 - mirror)
    start = np.array([np.sqrt(np.clip(1 - a**2, 0.1, 1)), 0 * x, a, b])
    found = solve_bvp(slopes, ends, x, start, tol=1e-8, max_nodes=100000)
    if not found.success:
        raise NumericalError(
            f"the slab of {thickness} ξ at kappa = {kappa}, B = {applied} was not found: {found.message};"
            " give a weaker field"
        )
    right = np.linspace(-half, half, points)
    psi, _, a, b = found.sol(np.abs(right))
    return Slab(right, psi, np.sign(right) * a, b, k)
