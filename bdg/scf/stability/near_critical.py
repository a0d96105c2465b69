r"""Close to T_c: how far small pairs are off, and the pairs that are nearer.

There the map along Δ is, if direction and other fields follow |Δ|,

    F(Δ) = g Δ,   g = λ₀ − bΔ²,   λ = ∂F/∂Δ = g − 2bΔ²,

λ₀ that of the normal state. λ is near 1 at the solution, and a residual r leaves an error r/(1 − λ). Two
iterations give b and λ at no cost, from their g and |Δ| (``pair_growth`` of
:class:`bdg.scf.history.Iteration`): 1 − λ to 2% in clean and disordered samples, d wave and fixed filling.
Ritz values of the differences that an Anderson mixer holds do not: from the last one 1 − λ is 1.5 times too
large at T_c(1 − 10⁻⁶), where |Δ| changes between iterations, and with older ones it may have any value.

Where other fields are further off than Δ, or what is left is below the error of the solver, λ is measured by
two evaluations at the best accuracy, at Δ and Δ(1 + h). While the error is above the tolerance the loop goes
on from a Newton step along Δ; or, where λ₀ < 1, from the normal state, which alone is stable. The eigenvalue
itself, of all directions, is the observable ``stability``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bdg.arrays import Floats
from bdg.errors import NumericalError
from bdg.model import Fields, Layout
from bdg.scf.history import Iteration
from bdg.scf.map import FINEST, FixedPoint
from bdg.scf.stability.saddle import SYMMETRY, Sector, pair_layout

SMALL = 0.3
"""Pairs, as a share of πT, below which 1 − λ is small."""

STRETCH = 0.01
"""h, by which Δ is made longer to find λ along it."""

LONGEST = 0.5
"""Largest change of Δ in a step, as a share of it."""

CERTAIN = 0.2
"""Share of 1 − λ, or of b, that it may be off by where iterations tell it."""

BACK = 4
"""Iterations before the last one that are asked."""

FOLLOWED = 2.0
"""Residual, over that along Δ, up to which all other fields of an iteration follow Δ."""

ROUNDS = 10
"""Steps after which the error is what it is."""


@dataclass(frozen=True, eq=False)
class Sharper:
    """The error of Δ, in t, and the packed fields to continue from; ``None`` where that is no use."""

    error: float
    vector: Floats | None


@dataclass(frozen=True)
class Growth:
    """How pairs grow in an iteration.

    Parameters
    ----------
    share
        g, the share of Δ that comes out.
    bend
        bΔ²; 1 − λ = 1 − g + 2bΔ².
    noise
        Error of g.
    across
        Largest change that is not along Δ, in t.
    """

    share: float
    bend: float
    noise: float
    across: float

    @property
    def left(self) -> float:
        """1 − λ."""
        return 1.0 - self.share + 2.0 * self.bend

    def error(self, largest: float) -> float:
        """Of pairs of this size, in t; the solution lies between 0 and not much more."""
        off = max(abs(self.share - 1.0), self.noise)
        return min(largest, max(self.across, largest * off / self.left if self.left > 0 else np.inf))


def sharper(
    fixed_point: FixedPoint, vector: Floats, history: tuple[Iteration, ...], tolerance: float
) -> Sharper | None:
    """The error of small pairs that a loop converged to, and where it goes on; ``None`` of others.

    ``history`` is that of the loop up to the iteration of ``vector``.
    """
    model, pairs = fixed_point.model, pair_layout(fixed_point.layout)
    if not pairs.slices():
        return None
    fields = fixed_point.layout.unpack(vector, fixed_point.start)
    along = pairs.pack(fields)
    largest = float(np.abs(along).max())
    if not 0 < largest < SMALL * np.pi * model.temperature:
        return None
    rounds = sum(iteration.delta_error > 0 for iteration in history[:-1])
    goal = tolerance if rounds < ROUNDS else np.inf
    growth = growth_of(history, largest)
    if growth is not None and growth.error(largest) <= goal:
        return Sharper(growth.error(largest), None)
    before, fixed_point.accuracy = fixed_point.accuracy, FINEST
    try:
        if growth is None or abs(growth.share - 1.0) <= growth.noise:
            growth = _measured(fixed_point, fields, pairs, along)
        found = _sharper(fixed_point, fields, pairs, growth, goal)
    except NumericalError:
        found = None
    fixed_point.accuracy = before
    return found


def growth_of(history: tuple[Iteration, ...], largest: float) -> Growth | None:
    """From the last iteration and one before it; ``None`` where they do not tell b to :data:`CERTAIN`."""
    last = history[-1]
    across, noise = last.residual, last.solver_error / largest + float(np.finfo(float).eps)
    size = last.mean_delta**2
    for other in reversed(history[-1 - BACK : -1]):
        apart = other.mean_delta**2 - size
        gone = abs(1.0 - other.pair_growth) * other.mean_delta
        if not apart or other.saddle or other.residual > FOLLOWED * gone:
            continue
        bend = size * (last.pair_growth - other.pair_growth) / apart
        unsure = (noise + other.solver_error / largest) * size / abs(apart)
        growth = Growth(last.pair_growth, bend, noise, across)
        if bend > 0 and 2.0 * unsure < CERTAIN * growth.left:
            return growth
    return None


def _measured(fixed_point: FixedPoint, fields: Fields, pairs: Layout, along: Floats) -> Growth:
    """From two evaluations, other fields held."""

    def growth(factor: float) -> tuple[float, float]:
        """G of factor·Δ, and the largest part of what comes out that is not along Δ."""
        out = pairs.pack(fixed_point(pairs.unpack(factor * along, fields))[0])
        share = float(along @ out / (along @ along))
        return share / factor, float(np.abs(out - share * along).max())

    (share, across), (stretched, _) = growth(1.0), growth(1.0 + STRETCH)
    noise = fixed_point.gain * max(fixed_point.error, float(np.finfo(float).eps)) / np.abs(along).max()
    return Growth(share, (share - stretched) / (STRETCH * (2.0 + STRETCH)), float(noise), across)


def _sharper(
    fixed_point: FixedPoint, fields: Fields, pairs: Layout, growth: Growth, tolerance: float
) -> Sharper:
    """The error of pairs that grow like this, and the next ones."""
    along = pairs.pack(fields)
    error, off = growth.error(float(np.abs(along).max())), growth.share - 1.0
    if error <= tolerance or abs(off) <= growth.noise:
        return Sharper(error, None)
    step = LONGEST * np.sign(off)
    if growth.left > 0:
        step = np.clip(off / growth.left, -LONGEST, LONGEST)
    # Below T_c by more than b is uncertain by, the normal state need not be looked at.
    if off + (1.0 - 2.0 * CERTAIN) * growth.bend < 0 and _is_normal(fixed_point, fields, pairs, along):
        step = -1.0
    return Sharper(error, fixed_point.layout.pack(pairs.unpack((1.0 + step) * along, fields)))


def _is_normal(fixed_point: FixedPoint, fields: Fields, pairs: Layout, along: Floats) -> bool:
    """Whether the normal state is stable, λ₀ < 1, by more than rounding."""
    normal = pairs.unpack(np.zeros_like(along), fields)
    mode = Sector(fixed_point, normal, pairs, 1).leading(along)
    return mode.eigenvalue + mode.error < 1.0 - SYMMETRY[1]
