r"""The largest eigenvalue of the linearised map, J = W χ, from a few of its products.

J is self-adjoint in the metric of χ (see :mod:`bdg.scf.stability.jacobian`): over a few directions v_i

    A_ij = χv_i · Jv_j ,   B_ij = χv_i · v_j ,   A c = θ B c ,

and the largest θ, a Rayleigh quotient, is never above the largest λ. The next direction is what is left of
the best one, (J − θ) v: Lanczos in that metric, with all directions kept.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats
from bdg.errors import NumericalError

Products = Callable[[Floats], tuple[Floats, Floats]]
"""J v and χ v of a direction v; all of shape ``(n_unknowns,)``."""

CERTAIN = 4.0
"""Estimated errors of an eigenvalue by which it has to be away from 1 to be told from it."""

SHOWN = 1e-3
"""Error of an eigenvalue above 1 that is good enough to be shown."""

LEAST = 5
"""Products before an eigenvalue below 1 is believed to be the largest one."""

LOOKS = 5
"""Products along a spare direction, after the first."""

FIRST_STEP, HALVINGS = 0.5, 24
"""Displacements along a mode that grows, in t: the first, and how many times it is halved."""

SOFT = 1e-4
"""Share of the largest χ below which a direction is left out."""

INDEPENDENT = 1e-10
"""Share of a direction that must be new."""


@dataclass(frozen=True, eq=False)  # arrays inside: nothing to compare with ==
class Mode:
    """A direction and its eigenvalue.

    Parameters
    ----------
    eigenvalue
        θ, at most the largest λ.
    error
        How far λ may be above, an estimate from what is left, (J − θ) v.
    vector
        v, its largest component 1.
    left
        χ v, the left eigenvector.
    """

    eigenvalue: float
    error: float
    vector: Floats
    left: Floats

    def beyond(self, image: Callable[[Floats], Floats]) -> Floats | None:
        """The largest of ½, ¼, ⅛ … t along the mode from which the map leads on; ``None`` if there is none.

        ``image`` is what comes out some way off the state, as its distance from the state too.
        """
        vector = FIRST_STEP * self.vector
        for _ in range(HALVINGS):
            if self.left @ (image(vector) - vector) > 0:
                return vector
            vector = vector / 2
        return None


def leading_mode(
    products: Products,
    start: Floats,
    *,
    apart: Sequence[Floats] = (),
    most: int,
    margin: float,
    spare: Floats | None = None,
) -> Mode:
    """The mode of the largest eigenvalue, as exactly as it takes to see whether that is above 1.

    Parameters
    ----------
    products
        The map.
    start
        The first direction; its parts along other modes are what it finds these by.
    apart
        Modes to leave out, such as the rotation of all phases, orthogonal to each other in χ.
    most
        Products at most.
    margin
        An eigenvalue within it of 1 counts as 1.
    spare
        A direction that is looked along before the largest eigenvalue is believed to be below 1: a mode of
        another symmetry than the first direction's, of which that has next to nothing, shows there.
    """
    out = [(vector, products(vector)[1]) for vector in apart]
    basis: list[Floats] = []
    images: list[Floats] = []
    lefts: list[Floats] = []
    found, looking, mode = list[float](), 0, None
    direction = _new(start, basis, out)
    while True:
        if direction is None:  # there is no other
            assert mode is not None
            return mode
        image, left = products(direction)
        basis.append(direction)
        images.append(image)
        lefts.append(left)
        mode, rest = _best(np.array(basis), np.array(images), np.array(lefts))
        found.append(mode.eigenvalue)
        if mode.eigenvalue > 1.0:
            decided = mode.eigenvalue - 1.0 > CERTAIN * mode.error + margin and mode.error < SHOWN
        else:
            decided = 1.0 - mode.eigenvalue > CERTAIN * _to_come(found) + margin
        exact = np.linalg.norm(rest) <= INDEPENDENT or mode.error <= 0.1 * margin
        if len(basis) >= min(most, len(start)):
            return mode
        if looking:
            following, looking = image, looking - 1
        elif not (decided or exact):
            following = rest
        elif mode.eigenvalue <= 1.0 - margin and spare is not None:
            following, spare, looking = spare, None, LOOKS
        else:
            return mode
        direction = _new(following, basis, out)


def _to_come(found: list[float]) -> float:
    """What a growing sequence of eigenvalues still gains, if its steps shrink as the last ones did."""
    if len(found) < LEAST:
        return np.inf
    before, last = np.diff(found[-3:])
    return float(last**2 / (before - last)) if before > last else np.inf


def _new(direction: Floats, basis: list[Floats], out: list[tuple[Floats, Floats]]) -> Floats | None:
    """The direction without what is known of it and without the modes that are left out, of length 1.

    ``None`` if nothing is left of it.
    """
    for _ in range(2):
        before = np.linalg.norm(direction)
        for vector, left in out:
            direction = direction - vector * (left @ direction) / (left @ vector)
        for known in basis:
            direction = direction - known * (known @ direction)
        after = np.linalg.norm(direction)
        if basis and after <= INDEPENDENT * before:
            return None
        direction = direction / after
    return direction


def _best(
    basis: NDArray[np.float64], images: NDArray[np.float64], lefts: NDArray[np.float64]
) -> tuple[Mode, Floats]:
    """The mode of the largest Rayleigh quotient, and (J − θ) v/‖v‖ of it."""
    a, b = lefts @ images.T, lefts @ basis.T
    lengths, turned = np.linalg.eigh((b + b.T) / 2)
    if not lengths[-1] > 0:
        raise NumericalError("the response of the fields vanishes: no mode of them grows")
    # What χ hardly answers to, noise may make negative: no mode that grows lies there.
    kept = lengths > SOFT * lengths[-1]
    orthonormal = turned[:, kept] / np.sqrt(np.abs(lengths[kept]))
    values, shares = np.linalg.eigh(orthonormal.T @ ((a + a.T) / 2) @ orthonormal)
    shares = orthonormal @ shares
    vector, image, left = (shares[:, -1] @ rows for rows in (basis, images, lefts))
    rest = (image - values[-1] * vector) / np.linalg.norm(vector)
    missed = float(np.linalg.norm(rest))
    if len(values) > 1:
        missed = min(missed, missed**2 / max(float(values[-1] - values[-2]), np.finfo(float).tiny))
    scale = vector[np.abs(vector).argmax()]
    return Mode(float(values[-1]), missed, vector / scale, left / scale), rest
