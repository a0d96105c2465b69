"""A junction between ends, whose fields follow the phase difference."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bdg.expectations import bond_current
from bdg.experiments.josephson.facing import ways
from bdg.experiments.josephson.junction import Junction, biased, is_given
from bdg.experiments.loop import converged
from bdg.experiments.schedule import alone
from bdg.model import Fields
from bdg.observables.loops import Loops, fingerprint
from bdg.observables.spectra.states import states
from bdg.observables.state import State
from bdg.observables.thermodynamics.grand_potential import grand_potential
from bdg.solvers import Solver


@dataclass(frozen=True)
class Following:
    """A junction whose fields follow, except for the phase of Δ where it is held.

    Parameters
    ----------
    states
        The state; two where pairs of a given size have two ways across, of which the mean counts.
    junction
        The cut and what is held.
    phase
        Phase difference on each bond, shape ``(n_bonds,)``.
    start
        The state of the run, where it is 0.
    """

    states: tuple[State, ...]
    junction: Junction
    phase: NDArray[np.float64]
    start: State

    @property
    def fields(self) -> Fields:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        return self.states[0].fields

    @property
    def fingerprint(self) -> str:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        return fingerprint([state.fingerprint for state in self.states], self.junction, self.phase)

    @property
    def loops(self) -> Loops:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        return self.start.loops

    @property
    def solver(self) -> Solver:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        return self.start.solver

    @property
    def is_self_consistent(self) -> bool:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        return self.states[0].is_converged and not is_given(self.start.model)

    @property
    def has_leads(self) -> bool:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        return False

    @property
    def error(self) -> None:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        return None

    def by(self, phase: float | NDArray[np.float64], fields: Fields) -> Following:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        total = self.phase + phase
        turned = biased(self.start, self.junction, total)
        given, models = self.start.model.given_bonds, [turned.model]
        if given is not None:
            signs = ways(self.junction.crossing * total)
            models = [replace(turned.model, given_bonds=sign[:, None, None] * given) for sign in signs]
        held = replace(fields, vector_potential=None)
        states = tuple(self.start.elsewhere(model, held) for model in models)
        return replace(self, states=states, phase=total)

    def converged(self) -> Following:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        states = tuple(converged(state, self.junction.held) for state in self.states)
        return replace(self, states=states)

    def alone(self) -> Following:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        states = tuple(alone(state) for state in self.states)
        return replace(self, states=states, start=alone(self.start))

    def currents(self) -> NDArray[np.float64]:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        each = [bond_current(state.model, state.on_bonds) for state in self.states]
        return self.junction.across(np.mean(each, axis=0))

    def potential(self) -> float:
        """See :class:`bdg.experiments.josephson.biased.Biased`: Ω itself."""
        return float(np.mean([float(grand_potential(state)["grand_potential"]) for state in self.states]))

    @property
    def potential_name(self) -> str:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        return "grand potential"

    def levels(self, count: int) -> NDArray[np.float64]:
        """See :class:`bdg.experiments.josephson.biased.Biased`."""
        return states(self.states[0], count)["states"].values
