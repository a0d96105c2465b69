"""A junction at a phase difference, and on to the next: between ends, or between semi-infinite leads."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, ClassVar, Literal, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.expectations import bond_current
from bdg.experiments.change import Change
from bdg.experiments.follow import Branch, Measure
from bdg.experiments.josephson.facing import following_pairs, ways
from bdg.experiments.josephson.junction import Junction, biased, is_given, junction_of
from bdg.experiments.loop import converged
from bdg.leads import OpenCut, cut_layers, open_cut
from bdg.model import Fields, Model
from bdg.model.interactions import acting
from bdg.observables.loops import Loops, fingerprint
from bdg.observables.spectra.states import states
from bdg.observables.state import State
from bdg.observables.thermodynamics.grand_potential import grand_potential
from bdg.solvers import Solver

Pairs = NDArray[np.float64] | NDArray[np.complex128]

SEMI_INFINITE: Literal["semi_infinite"] = "semi_infinite"
Leads = float | Literal["semi_infinite"] | None
"""Depth to which the phase of Δ is held; or semi-infinite ends; or neither."""


class Biased(Protocol):
    """A junction with a phase difference: what is followed (:class:`bdg.experiments.follow.Followed`)."""

    @property
    def fields(self) -> Any:
        """What one at another phase difference starts from."""
        ...

    @property
    def fingerprint(self) -> str:
        """What distinguishes it from all others."""
        ...

    @property
    def loops(self) -> Loops:
        """How its loops run."""
        ...

    @property
    def solver(self) -> Solver:
        """What its loops are solved with."""
        ...

    @property
    def is_self_consistent(self) -> bool:
        """Whether the fields follow the phase difference."""
        ...

    @property
    def has_leads(self) -> bool:
        """Whether the ends are semi-infinite."""
        ...

    @property
    def error(self) -> float | None:
        """Bound on the error of the current at given fields, in e t/ħ; ``None`` where none is known."""
        ...

    def by(self, phase: float | NDArray[np.float64], fields: Any) -> Self:
        """With a phase difference added, one number or one for each bond, before its fields follow."""
        ...

    def converged(self) -> Self:
        """With the fields that follow.

        Raises
        ------
        NumericalError
            If they do not.
        """
        ...

    def currents(self) -> NDArray[np.float64]:
        """Charge that flows along the axis on each bond that crosses the cut; in e t/ħ."""
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


@dataclass(frozen=True)
class PhaseDifference(Change[Biased]):
    """A phase difference that is added on all bonds of the cut, in radians."""

    symbol = "φ"

    @property
    def place(self) -> str:
        """``φ = 0.43π``."""
        return f"φ = {self.value / np.pi:.4g}π"

    def start(self, first: Biased, fields: Any, step: float) -> Biased:
        """See :class:`bdg.experiments.change.Change`."""
        return first.by(self.value, fields)


def branch_of(start: Biased, measure: Measure[Biased], *, is_independent: bool = False) -> Branch[Biased]:
    """The branch of a junction, from its state without a further phase difference."""
    return Branch(start, lambda moved: moved.converged(), measure, is_independent=is_independent)


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
        cut = open_cut(
            state.hamiltonian,
            model.sample,
            junction.crossing,
            junction.before,
            axis,
            model.temperature,
            state.tolerance,
        )
        return junction, Endless(cut, np.zeros(len(cut.bonds)), state, junction)
    start = Following((state,), junction, np.zeros(model.sample.n_bonds), state)
    return junction, start.converged()


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
        """See :class:`Biased`."""
        return self.states[0].fields

    @property
    def fingerprint(self) -> str:
        """See :class:`Biased`."""
        return fingerprint([state.fingerprint for state in self.states], self.junction, self.phase)

    @property
    def loops(self) -> Loops:
        """See :class:`Biased`."""
        return self.start.loops

    @property
    def solver(self) -> Solver:
        """See :class:`Biased`."""
        return self.start.solver

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

    def by(self, phase: float | NDArray[np.float64], fields: Fields) -> Following:
        """See :class:`Biased`."""
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
        """See :class:`Biased`."""
        states = tuple(converged(state, self.junction.held) for state in self.states)
        return replace(self, states=states)

    def currents(self) -> NDArray[np.float64]:
        """See :class:`Biased`."""
        each = [bond_current(state.model, state.on_bonds) for state in self.states]
        return self.junction.across(np.mean(each, axis=0))

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
        """See :class:`Biased`."""
        return fingerprint(
            "semi-infinite", self.state.fingerprint, self.loops.options, self.junction, self.phase
        )

    @property
    def loops(self) -> Loops:
        """See :class:`Biased`."""
        return self.state.loops

    @property
    def solver(self) -> Solver:
        """See :class:`Biased`."""
        return self.state.solver

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

    def by(self, phase: float | NDArray[np.float64], fields: None = None) -> Endless:
        """See :class:`Biased`."""
        each = np.broadcast_to(phase, self.state.model.sample.n_bonds)
        return replace(self, phase=self.phase + each[self.cut.bonds])

    def converged(self) -> Endless:
        """See :class:`Biased`."""
        self._pairs  # noqa: B018  found here, where there may be none
        return self

    def currents(self) -> NDArray[np.float64]:
        """See :class:`Biased`."""
        flowing = np.zeros(self.state.model.sample.n_bonds)
        each = [self.cut.currents(self.phase, pairs) for pairs in self._pairs]
        flowing[self.cut.bonds] = np.mean(each, axis=0)
        crossing: NDArray[np.float64] = flowing[self.junction.crossing != 0]
        return crossing

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
        bond_delta, model = self.state.fields.bond_delta, self.state.model
        if bond_delta is None:
            return [None]
        across = self.cut.across
        held = bond_delta[across.bonds]
        if model.given_bonds is None:
            return [following_pairs(self.cut, self.phase, self.state, held)]
        return [sign[:, None, None] * held for sign in ways(self.phase[across.joined])]

    def _constant(self, pairs: Pairs | None) -> float:
        """|Δ|²/V of the pairs across, which have a price where they follow."""
        if pairs is None:
            return 0.0
        model = self.state.model
        whole = np.zeros((model.sample.n_bonds, 2, 2), complex)
        whole[self.cut.across.bonds] = pairs
        return sum(kind.constant(model, whole) or 0.0 for kind in acting(model, "bond_delta"))
