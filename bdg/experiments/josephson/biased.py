"""A junction at a phase difference, and on to the next: between ends, or between leads without end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.expectations import bond_current
from bdg.experiments.josephson.facing import following_pairs, ways
from bdg.experiments.josephson.junction import Junction, biased, is_given, junction_of
from bdg.leads import OpenCut, cut_layers, open_cut
from bdg.model import Model
from bdg.model.interactions import acting
from bdg.observables.loops import FOLLOWS_TO
from bdg.observables.response.vector_potential import relaxed
from bdg.observables.spectra.states import states
from bdg.observables.state import State
from bdg.observables.thermodynamics.grand_potential import grand_potential

Pairs = NDArray[np.float64] | NDArray[np.complex128]

SEMI_INFINITE: Literal["semi_infinite"] = "semi_infinite"
Leads = float | Literal["semi_infinite"] | None
"""Depth to which the phase of Δ is held; or the ends go on for ever; or neither."""


class Biased(Protocol):
    """A junction with a phase difference."""

    @property
    def is_self_consistent(self) -> bool:
        """Whether the fields follow the phase difference."""
        ...

    @property
    def has_leads(self) -> bool:
        """Whether the ends go on for ever."""
        ...

    @property
    def error(self) -> float | None:
        """Bound on the error of the current at given fields, in e t/ħ; ``None`` where nothing tells."""
        ...

    def by(self, phase: float | NDArray[np.float64]) -> Biased:
        """With a phase difference added, one number or one for each bond of the sample."""
        ...

    def currents(self) -> NDArray[np.float64]:
        """Charge that flows along the axis on each bond of the sample, 0 but across the cut; in e t/ħ."""
        ...

    def potential(self) -> float:
        """Ω, or how far it is above that of both sides apart, in t."""
        ...

    @property
    def potential_name(self) -> str:
        """Which of the two."""
        ...

    def levels(self, count: int) -> NDArray[np.float64]:
        """The lowest quasiparticle energies, in t; NaN where there are fewer."""
        ...


def require_junction(model: Model, axis: int, at: float | None, leads: Leads) -> Junction:
    """The cut, of a model that has one: what can be told before its fields are known.

    Parameters
    ----------
    model
        The model.
    axis, at, leads
        See :func:`bdg.experiments.josephson.current_phase.current_phase`.

    Raises
    ------
    InputError
        If there is no such junction, see :func:`bdg.experiments.josephson.junction.junction_of` and
        :func:`bdg.leads.cut_layers`.
    """
    if not isinstance(leads, str):
        return junction_of(model, axis, at, leads)
    if leads != SEMI_INFINITE:
        raise InputError(f"leads {leads!r} are unknown; give their depth, or {SEMI_INFINITE}")
    junction = junction_of(model, axis, at, None, is_fixed=True)
    cut_layers(model.sample, junction.before, axis, model.temperature, model.dofs)
    return junction


def biased_junction(state: State, axis: int, at: float | None, leads: Leads) -> tuple[Junction, Biased]:
    """The cut, and the junction as it is.

    Raises
    ------
    InputError
        If there is no such junction, see :func:`require_junction`.
    NumericalError
        If the fields do not converge, or the surface of a lead is not found.
    """
    model = state.model
    junction = require_junction(model, axis, at, leads)
    if isinstance(leads, str):
        tolerance = state.loops.options(FOLLOWS_TO).tolerance
        cut = open_cut(
            state.hamiltonian,
            model.sample,
            junction.crossing,
            junction.before,
            axis,
            model.temperature,
            state.tolerance,
        )
        return junction, Endless(cut, np.zeros(len(cut.bonds)), model, state.fields.bond_delta, tolerance)
    start = relaxed(state, junction.held)
    return junction, Following((start,), junction, np.zeros(model.sample.n_bonds), start)


@dataclass(frozen=True)
class Following:
    """A junction whose fields follow, but for the phase of Δ where it is held.

    Parameters
    ----------
    states
        The state; two where pairs of a given size have two ways across, of which the mean counts.
    junction
        The cut and what is held.
    phase
        Phase difference on each bond, shape ``(n_bonds,)``.
    start
        The state where it is 0.
    """

    states: tuple[State, ...]
    junction: Junction
    phase: NDArray[np.float64]
    start: State

    @property
    def is_self_consistent(self) -> bool:
        """See :class:`Biased`."""
        return self.states[0].is_converged and not is_given(self.start.model)

    @property
    def has_leads(self) -> bool:
        """See :class:`Biased`."""
        return False

    @property
    def error(self) -> None:
        """See :class:`Biased`."""
        return None

    def by(self, phase: float | NDArray[np.float64]) -> Following:
        """See :class:`Biased`.

        Raises
        ------
        NumericalError
            If the fields do not follow.
        """
        turned, total = biased(self.states[0], self.junction, phase), self.phase + phase
        given, models = self.start.model.given_bonds, [turned.model]
        if given is not None:
            signs = ways(self.junction.crossing * total)
            models = [replace(turned.model, given_bonds=sign[:, None, None] * given) for sign in signs]
        every = (replace(turned, model=model) for model in models)
        states = tuple(relaxed(state, self.junction.held) for state in every)
        return replace(self, states=states, phase=total)

    def currents(self) -> NDArray[np.float64]:
        """See :class:`Biased`."""
        each = [bond_current(state.model, state.on_bonds) for state in self.states]
        return np.asarray(self.junction.crossing * np.mean(each, axis=0))

    def potential(self) -> float:
        """See :class:`Biased`: Ω itself."""
        return float(np.mean([float(grand_potential(state)["grand_potential"]) for state in self.states]))

    @property
    def potential_name(self) -> str:
        """See :class:`Biased`."""
        return "grand potential"

    def levels(self, count: int) -> NDArray[np.float64]:
        """See :class:`Biased`."""
        return states(self.states[0], count)["states"].values


@dataclass(frozen=True)
class Endless:
    """A junction between leads without end, whose fields are as they were, but for pairs across the cut.

    Parameters
    ----------
    cut
        The cut.
    phase
        Phase difference on each of its bonds.
    model
        The model.
    held
        Pairs on bonds at φ = 0, shape ``(n_bonds, 2, 2)``; ``None`` where there are none.
    tolerance
        Residual of the pairs across the cut, in t.
    """

    cut: OpenCut
    phase: NDArray[np.float64]
    model: Model
    held: NDArray[np.float64] | NDArray[np.complex128] | None
    tolerance: float

    @property
    def is_self_consistent(self) -> bool:
        """See :class:`Biased`."""
        return False

    @property
    def has_leads(self) -> bool:
        """See :class:`Biased`."""
        return True

    @property
    def error(self) -> float:
        """See :class:`Biased`."""
        return self.cut.error

    def by(self, phase: float | NDArray[np.float64]) -> Endless:
        """See :class:`Biased`.

        Raises
        ------
        NumericalError
            If the pairs across the cut do not follow.
        """
        each = np.broadcast_to(phase, self.model.sample.n_bonds)
        moved = replace(self, phase=self.phase + each[self.cut.bonds])
        moved._pairs  # noqa: B018  found here, where there may be none
        return moved

    def currents(self) -> NDArray[np.float64]:
        """See :class:`Biased`."""
        found = np.zeros(self.model.sample.n_bonds)
        found[self.cut.bonds] = np.mean(
            [self.cut.currents(self.phase, pairs) for pairs in self._pairs], axis=0
        )
        return found

    def potential(self) -> float:
        """See :class:`Biased`: Ω less that of both sides apart."""
        each = [self.cut.potential(self.phase, pairs) + self._constant(pairs) for pairs in self._pairs]
        return float(np.mean(each))

    @property
    def potential_name(self) -> str:
        """See :class:`Biased`."""
        return "grand potential above both sides apart"

    def levels(self, count: int) -> NDArray[np.float64]:
        """See :class:`Biased`: those in the gap of the leads."""
        found = self.cut.levels(self.phase, self._pairs[0])[:count]
        return np.concatenate([found, np.full(count - len(found), np.nan)])

    @cached_property
    def _pairs(self) -> list[Pairs | None]:
        """Pairs across the cut; two where given ones have two ways."""
        if self.held is None:
            return [None]
        across = self.cut.across
        held = self.held[across.bonds]
        if self.model.given_bonds is None:
            return [following_pairs(self.cut, self.phase, self.model, held, self.tolerance)]
        return [sign[:, None, None] * held for sign in ways(self.phase[across.joined])]

    def _constant(self, pairs: Pairs | None) -> float:
        """|Δ|²/V of the pairs across, which have a price where they follow."""
        if pairs is None:
            return 0.0
        whole = np.zeros((self.model.sample.n_bonds, 2, 2), complex)
        whole[self.cut.across.bonds] = pairs
        return sum(kind.constant(self.model, whole) or 0.0 for kind in acting(self.model, "bond_delta"))
