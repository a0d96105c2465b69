r"""Close to T_c: how far small pairs are off, and the pairs that are nearer.

There the map along Δ is F(Δ) = Δ (λ₀ − bΔ²), λ₀ that of the normal state: its slope λ at the solution is near
1, and a residual r leaves an error r/(1 − λ). Pairs with |Δ| < 0.3 πT are looked at with two evaluations at
the best accuracy, at Δ and at Δ(1 + h), which give r and λ along Δ. While the error is above the tolerance
the loop goes on from a Newton step along Δ; or, where λ₀ < 1, from the normal state, which alone is stable.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bdg.errors import NumericalError
from bdg.model import Fields, Layout
from bdg.scf.history import Iteration
from bdg.scf.map import FINEST, FixedPoint
from bdg.scf.stability.saddle import SYMMETRY, Sector, pair_layout

Vector = NDArray[np.float64]

SMALL = 0.3
"""Pairs, as a share of πT, below which 1 − λ is small."""

STRETCH = 0.01
"""h, by which Δ is made longer to find λ along it."""

LONGEST = 0.5
"""Largest change of Δ in a step, as a share of it."""

ROUNDS = 10
"""Steps after which the error is what it is."""


@dataclass(frozen=True, eq=False)
class Sharper:
    """The error of Δ, in t, and the packed fields to go on from; ``None`` where that is no use."""

    error: float
    vector: Vector | None


def sharper(
    fixed_point: FixedPoint, vector: Vector, history: tuple[Iteration, ...], tolerance: float
) -> Sharper | None:
    """The error of small pairs that a loop converged to, and where it goes on; ``None`` of others."""
    model, pairs = fixed_point.model, pair_layout(fixed_point.layout)
    if not pairs.slices():
        return None
    fields = fixed_point.layout.unpack(vector, fixed_point.start)
    along = pairs.pack(fields)
    largest = float(np.abs(along).max())
    if not 0 < largest < SMALL * np.pi * model.temperature:
        return None
    before, fixed_point.accuracy = fixed_point.accuracy, FINEST
    rounds = sum(turn.delta_error > 0 for turn in history)
    try:
        found = _sharper(fixed_point, fields, pairs, along, tolerance if rounds < ROUNDS else np.inf)
    except NumericalError:
        found = None
    fixed_point.accuracy = before
    return found


def _sharper(
    fixed_point: FixedPoint, fields: Fields, pairs: Layout, along: Vector, tolerance: float
) -> Sharper:
    def growth(factor: float) -> tuple[float, float]:
        """Share of Δ that comes out of factor·Δ, and the largest part that is not along Δ."""
        out = pairs.pack(fixed_point(pairs.unpack(factor * along, fields))[0])
        share = float(along @ out / (along @ along))
        return share, float(np.abs(out - share * along).max())

    largest = float(np.abs(along).max())
    (share, across), (stretched, _) = growth(1.0), growth(1.0 + STRETCH)
    slope = (stretched - share) / STRETCH
    noise = fixed_point.gain * max(fixed_point.error, float(np.finfo(float).eps)) / largest
    off = max(abs(share - 1.0), noise)
    error = max(across, largest * (off / (1.0 - slope) if slope < 1.0 else np.inf))
    error = min(error, largest)  # the solution lies between 0 and not much more
    if error <= tolerance or abs(share - 1.0) <= noise:
        return Sharper(error, None)
    step = LONGEST * np.sign(share - 1.0)
    if slope < 1.0:
        step = np.clip((share - 1.0) / (1.0 - slope), -LONGEST, LONGEST)
    if share < 1.0 and _is_normal(fixed_point, fields, pairs, along):
        step = -1.0
    return Sharper(error, fixed_point.layout.pack(pairs.unpack((1.0 + step) * along, fields)))


def _is_normal(fixed_point: FixedPoint, fields: Fields, pairs: Layout, along: Vector) -> bool:
    """Whether the normal state is stable, λ₀ < 1, by more than rounding."""
    normal = pairs.unpack(np.zeros_like(along), fields)
    mode = Sector(fixed_point, normal, pairs, 1).leading(along)
    return mode.eigenvalue + mode.error < 1.0 - SYMMETRY[1]
