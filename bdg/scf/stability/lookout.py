"""What a loop finds out of fields that reproduce themselves: whether they are a saddle, the error of Δ."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bdg.arrays import Floats
from bdg.errors import NumericalError
from bdg.model.interactions import favoured
from bdg.scf.history import Iteration
from bdg.scf.map import FixedPoint
from bdg.scf.stability.jacobian import acting
from bdg.scf.stability.near_critical import sharper
from bdg.scf.stability.saddle import Saddle, of_no_pairs, of_real_pairs, pair_layout

DEPARTURES = 8
"""Saddles that a loop leaves before it takes what it finds."""


@dataclass(frozen=True, eq=False)
class Onward:
    """Where a loop continues from fields that reproduce themselves.

    ``left`` and ``vector`` are these and what follows, packed fields of the map ``fixed_point``.
    """

    fixed_point: FixedPoint
    left: Floats
    vector: Floats


@dataclass(frozen=True)
class Lookout:
    """What a loop looks out for where it converges.

    Parameters
    ----------
    tolerance
        Residual below which fields are a state; pairs below its root are none.
    leaves_saddles
        Whether it looks for saddles.
    start_is_named
        Whether the first pairs are those of given fields or of a symmetry by name: real pairs that they lead
        to with the signs that they have, as across a π junction, are kept, and said to be a saddle.
    """

    tolerance: float
    leaves_saddles: bool
    start_is_named: bool

    def judged(
        self, fixed_point: FixedPoint, vector: Floats, history: tuple[Iteration, ...], iteration: Iteration
    ) -> tuple[Iteration, Onward | None]:
        """The record of an iteration with what is found, and where to go on; ``None`` for as the mixer says.

        ``history`` is that before it. Nothing is looked for where fields are no state, or held.
        """
        if fixed_point.held is not None:
            return iteration, None
        saddle = (
            self._saddle(fixed_point, vector, history, iteration.residual) if self.leaves_saddles else None
        )
        if saddle is not None:
            iteration = replace(iteration, saddle=saddle.eigenvalue)
            if not self._is_kept(fixed_point, vector, history):
                return iteration, Onward(saddle.fixed_point, saddle.left, saddle.vector)
        if iteration.residual > self.tolerance:
            return iteration, None
        nearer = sharper(fixed_point, vector, (*history, iteration), self.tolerance)
        if nearer is None:
            return iteration, None
        onward = None if nearer.vector is None else Onward(fixed_point, vector, nearer.vector)
        return replace(iteration, delta_error=nearer.error), onward

    def _saddle(
        self, fixed_point: FixedPoint, vector: Floats, history: tuple[Iteration, ...], residual: float
    ) -> Saddle | None:
        """The saddle that packed fields with a residual are, or ``None`` if they are none as far as one sees.

        Looks where no pairs are left though something attracts them, at the end and at the start, from where
        they would take long to grow; and at the end along imaginary parts where real pairs have several signs
        or vanish in places, or where spins are split: across a ferromagnet pairs of one sign may be a saddle.
        A state without any of these costs nothing.
        """
        is_state, none = residual <= self.tolerance, self._no_pairs
        nearly = not history and residual < none
        has_left = sum(iteration.saddle > 0 for iteration in history)
        if not (is_state or nearly) or has_left >= DEPARTURES or "pairs" not in favoured(fixed_point.model):
            return None
        fields, sizes = fixed_point.layout.unpack(vector, fixed_point.start), _pairs(fixed_point, vector)
        largest = float(np.abs(sizes).max(initial=0.0))
        may_turn = largest > 0 and (
            np.abs(sizes).min() < none
            or sizes.min() < 0 < sizes.max()
            or not fixed_point.model.is_spin_symmetric
        )
        try:
            if largest < none:
                share = residual / largest if largest else 0.0
                return of_no_pairs(fixed_point, fields, pair_layout(fixed_point.layout), share)
            if is_state and may_turn and not fields.is_complex:
                return of_real_pairs(fixed_point, fields)
        except NumericalError:  # the state is as good as it was
            pass
        return None

    def _is_kept(self, fixed_point: FixedPoint, vector: Floats, history: tuple[Iteration, ...]) -> bool:
        """Whether a saddle is what was asked for: its pairs have the signs of those that were named."""
        start = fixed_point.layout.pack(fixed_point.start)
        one, other = _pairs(fixed_point, start), _pairs(fixed_point, vector)
        signs = np.sign(one * other)[np.abs(other) > self._no_pairs]
        is_first = not any(iteration.saddle for iteration in history)
        is_alike = len(signs) > 0 and signs[0] != 0 and bool(np.all(signs == signs[0]))
        return self.start_is_named and is_first and is_alike

    @property
    def _no_pairs(self) -> float:
        """Size below which pairs count as none."""
        return float(np.sqrt(self.tolerance))


def _pairs(fixed_point: FixedPoint, vector: Floats) -> Floats:
    """Components of all pairs that something makes, of packed fields."""
    layout = pair_layout(fixed_point.layout)
    fields = fixed_point.layout.unpack(vector, fixed_point.start)
    return layout.pack(fields)[acting(fixed_point.model, layout)]
