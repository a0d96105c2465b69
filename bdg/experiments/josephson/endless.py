"""A junction between semi-infinite leads, whose fields are held, except for pairs across the cut."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.experiments.josephson.facing import following_pairs, ways
from bdg.experiments.josephson.junction import Junction
from bdg.experiments.schedule import alone
from bdg.leads import OpenCut
from bdg.model.interactions import acting
from bdg.observables.loops import Loops, fingerprint
from bdg.observables.state import State
from bdg.solvers import Solver


@dataclass(frozen=True)
class Endless:
    """A junction between semi-infinite leads, whose fields are as they were, except for pairs across the cut.

    Parameters
    ----------
    cut
        The cut.
    phase
        Phase difference on each of its bonds.
    state
        The state of the run, where it is 0.
    junction
        Which bonds cross.
    """

    cut: OpenCut
    phase: NDArray[np.float64]
    state: State
    junction: Junction

    fields: ClassVar[None] = None

    @property
    def fingerprint(self) -> str:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        return fingerprint(
            "semi-infinite", self.state.fingerprint, self.loops.options, self.junction, self.phase
        )

    @property
    def loops(self) -> Loops:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        return self.state.loops

    @property
    def solver(self) -> Solver:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        return self.state.solver

    @property
    def is_self_consistent(self) -> bool:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        return False

    @property
    def has_leads(self) -> bool:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        return True

    @property
    def error(self) -> float:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        return self.cut.error

    def by(self, phase: float | NDArray[np.float64], fields: None = None) -> Endless:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        each = np.broadcast_to(phase, self.state.model.sample.n_bonds)
        return replace(self, phase=self.phase + each[self.cut.bonds])

    def converged(self) -> Endless:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        self._pairs  # noqa: B018  found here, where there may be none
        return self

    def alone(self) -> Endless:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        return replace(self, state=alone(self.state))

    def currents(self) -> NDArray[np.float64]:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        flowing = np.zeros(self.state.model.sample.n_bonds)
        each = [self.cut.currents(self.phase, pairs) for pairs in self._pairs]
        flowing[self.cut.bonds] = np.mean(each, axis=0)
        crossing: NDArray[np.float64] = flowing[self.junction.crossing != 0]
        return crossing

    def potential(self) -> float:
        """See :class:`bdg.experiments.josephson.biased.Biased`: Ω less that of both sides apart."""
        each = [self.cut.potential(self.phase, pairs) + self._constant(pairs) for pairs in self._pairs]
        return float(np.mean(each))

    @property
    def potential_name(self) -> str:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        return "grand potential above both sides apart"

    def levels(self, count: int) -> NDArray[np.float64]:
        """See :class:`bdg.experiments.josephson.biased.Biased`: those in the gap of the leads."""
        found = self.cut.levels(self.phase, self._pairs[0])[:count]
        return np.concatenate([found, np.full(count - len(found), np.nan)])

    @cached_property
    def _pairs(self) -> list[Numbers | None]:
        """Pairs across the cut; two where given ones have two ways."""
        bond_delta, model = self.state.fields.bond_delta, self.state.model
        if bond_delta is None:
            return [None]
        across = self.cut.across
        held = bond_delta[across.bonds]
        if model.given_bonds is None:
            return [following_pairs(self.cut, self.phase, self.state, held)]
        return [sign[:, None, None] * held for sign in ways(self.phase[across.joined])]

    def _constant(self, pairs: Numbers | None) -> float:
        """|Δ|²/V of the pairs across, which have a price where they follow."""
        if pairs is None:
            return 0.0
        model = self.state.model
        whole = np.zeros((model.sample.n_bonds, 2, 2), complex)
        whole[self.cut.across.bonds] = pairs
        return sum(kind.constant(model, whole) or 0.0 for kind in acting(model, "bond_delta"))
