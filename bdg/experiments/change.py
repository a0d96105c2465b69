"""What an experiment changes: a value of a temperature, a field, a phase, and the state that starts there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from bdg.gauge import UniformField
from bdg.model import Fields, Model
from bdg.observables.response.vector_potential import model_in_potential
from bdg.observables.state import State

S = TypeVar("S")


@dataclass(frozen=True)
class Change(ABC, Generic[S]):
    """One value on the axis of an experiment, and how to get there from what is followed.

    Parameters
    ----------
    value
        Where it is on the axis.
    """

    value: float

    symbol: ClassVar[str]
    """Of the axis, for messages."""

    unit: ClassVar[str] = ""
    """Of the value, for messages."""

    @property
    def place(self) -> str:
        """``A = 0.15 ħ/(e a)``."""
        return f"{self.symbol} = {self.value:.6g} {self.unit}".rstrip()

    def origin(self, first: S) -> float:
        """The value of the first one."""
        return 0.0

    @abstractmethod
    def start(self, first: S, fields: Any, step: float) -> S:
        """The first one with this value, from where its fields are made self-consistent.

        Parameters
        ----------
        first
            What is followed, as it was before any change.
        fields
            Those of a neighbour that converged; of a state its :class:`bdg.model.Fields`.
        step
            How far the value is from the neighbour's.
        """


@dataclass(frozen=True)
class Temperature(Change[State]):
    """A temperature, in t."""

    symbol, unit = "T", "t"

    def origin(self, first: State) -> float:
        """See :class:`Change`."""
        return first.model.temperature

    def start(self, first: State, fields: Fields, step: float) -> State:
        """See :class:`Change`."""
        return first.elsewhere(replace(first.model, temperature=self.value), fields)


@dataclass(frozen=True)
class UniformPotential(Change[State]):
    """A uniform vector potential that is added, in ħ/(e a).

    Parameters
    ----------
    axis
        Coordinate it is along.
    """

    axis: int

    symbol, unit = "A", "ħ/(e a)"

    def start(self, first: State, fields: Fields, step: float) -> State:
        """See :class:`Change`."""
        along = first.model.sample.bonds.displacement[:, self.axis]
        model = model_in_potential(first.model, self.value * along)
        return first.elsewhere(model, replace(fields, vector_potential=None))


@dataclass(frozen=True)
class AppliedField(Change[State]):
    """A uniform applied field of a sample that screens, in ħ/(e a²)."""

    symbol, unit = "B", "ħ/(e a²)"

    def origin(self, first: State) -> float:
        """See :class:`Change`: the mean of the field that is applied."""
        assert first.model.screening is not None
        screening = first.model.screening
        return float(screening.flux(screening.applied).sum() / screening.faces.area.sum())

    def start(self, first: State, fields: Fields, step: float) -> State:
        """See :class:`Change`; the field of the currents changes as London's theory has it."""
        before = first.model.screening
        assert before is not None
        assert fields.vector_potential is not None
        added = _uniform(first.model, self.value - self.origin(first))
        model = replace(first.model, screening=replace(before, applied=before.applied + added))
        induced = before.london(_uniform(first.model, step), np.abs(model.hopping))
        moved = replace(fields, vector_potential=fields.vector_potential + induced)
        return first.elsewhere(model, moved.as_complex())


def _uniform(model: Model, field: float) -> NDArray[np.float64]:
    """Line integrals of a uniform field on the bonds, shape ``(n_bonds,)``."""
    return UniformField(field, "symmetric").on_bonds(model.sample)
