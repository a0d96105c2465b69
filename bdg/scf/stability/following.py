r"""How the self-consistent fields follow what is done to a state: x = (1 − J)⁻¹ b.

At a fixed point f = F(f, s), so that δf = J δf + b with b = (∂F/∂s) δs, what the source s makes of the fields
at once. (1 − J)⁻¹ comes from products by GMRES. A symmetry that the state breaks leaves a direction u with
J u = u: the rotation of all phases, those of all spins. With its left vector w = χ u the equation has a
solution where w·b = 0, and then one without a part along u; else the response along u is infinite.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse.linalg

from bdg.arrays import Floats
from bdg.model import Fields
from bdg.scf.derivative import added
from bdg.scf.stability.jacobian import Jacobian
from bdg.solvers import Correlations

DIRECTIONS, ROUNDS = 60, 2
"""Directions that GMRES keeps, and how often it begins anew."""

SOLVED = 1e-9
"""Share of b at which GMRES ends."""

NOTHING = 1e-10
"""Fields that a source drives, as a share of the largest change of an entry of f(H), which rounding makes."""

INFINITE = 1e-6
"""Share of b along a broken symmetry from which the response to it is infinite."""


@dataclass(frozen=True, eq=False)
class Free:
    """A direction u along which nothing holds a state, and its left vector χ u, ``(n_unknowns,)``."""

    vector: Floats
    left: Floats

    def without(self, vector: Floats) -> Floats:
        """What a vector has beside its part along u."""
        return vector - self.vector * (self.left @ vector) / (self.left @ self.vector)

    def drives(self, vector: Floats) -> bool:
        """Whether a vector has a part along u."""
        sizes = float(np.linalg.norm(self.left) * np.linalg.norm(vector))
        return bool(abs(self.left @ vector) > INFINITE * sizes)


def free_directions(jacobian: Jacobian) -> list[Free]:
    """The rotations of all phases and of all spins that a state breaks."""
    rotation = jacobian.rotation()
    found = [*([] if rotation is None else [rotation]), *jacobian.spin_rotations()]
    return [Free(vector, jacobian.left(vector)) for vector in found]


def followed(
    jacobian: Jacobian, driven: Floats, tolerance: float, free: Sequence[Free] = ()
) -> tuple[Floats, float]:
    """(1 − J)⁻¹ b without its parts along free directions, and the share of b that is left.

    ``tolerance`` is where GMRES ends.
    """
    for one in free:
        driven = one.without(driven)
    if not driven.any():
        return np.zeros_like(driven), 0.0

    def remaining(vector: Floats) -> Floats:
        vector = vector - jacobian.product(vector)
        for one in free:
            vector = one.without(vector)
        return vector

    n = len(driven)
    operator = scipy.sparse.linalg.LinearOperator((n, n), matvec=remaining, dtype=np.float64)
    found, _ = scipy.sparse.linalg.gmres(
        operator, driven, rtol=tolerance, atol=0.0, restart=min(n, DIRECTIONS), maxiter=ROUNDS
    )
    for one in free:
        found = one.without(found)
    left = np.linalg.norm(driven - remaining(found)) / np.linalg.norm(driven)
    return np.asarray(found), float(left)


@dataclass(frozen=True, eq=False)
class Responding:
    """What a source does to a state whose fields follow, for each unit of it.

    Parameters
    ----------
    f
        δf(H) on sites and bonds.
    left
        Share of what drives the fields that GMRES leaves.
    is_infinite
        Whether it turns what nothing holds; f is then without that.
    """

    f: Correlations
    left: float
    is_infinite: bool


def responding(
    jacobian: Jacobian, source: Fields, free: Sequence[Free], tolerance: float = SOLVED
) -> Responding:
    """The response to a source, a change of the fields or of A: with δμ too where the filling is given."""
    (slope,) = jacobian.derivative.along(source)
    driven = jacobian.at_filling(jacobian.made(slope)).image
    # What commutes with H, as a uniform A in a clean sample, changes f by nothing but rounding.
    rounding = max(NOTHING * float(np.abs(slope.f.blocks).max(initial=0.0)), slope.f.error)
    if np.abs(driven).max(initial=0.0) <= rounding:
        return Responding(jacobian.with_mu(slope), 0.0, False)
    is_infinite = any(one.drives(driven) for one in free)
    following, left = followed(jacobian, driven, tolerance, free)
    (both,) = jacobian.derivative.along(added(source, jacobian.fields_of(following)))
    return Responding(jacobian.with_mu(both), left, is_infinite)
