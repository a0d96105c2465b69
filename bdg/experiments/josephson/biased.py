"""What a junction with a phase difference is to those who measure it, and how it is followed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from bdg.experiments.change import Change
from bdg.experiments.follow import Branch, Followed, Measure
from bdg.experiments.schedule import can_schedule


class Biased(Followed, Protocol):
    """A junction with a phase difference: what is followed (:class:`bdg.experiments.follow.Followed`)."""

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

    def alone(self) -> Self:
        """The same for a task of an executor, see :func:`bdg.experiments.schedule.alone`."""
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
    """The branch of a junction, from its state without a further phase difference.

    Independent points are tasks of the executor of its solver, where there is one.
    """
    alone = _alone if is_independent and can_schedule(start) else None
    return Branch(start, _converged, measure, is_independent=is_independent, alone=alone)


def _converged(moved: Biased) -> Biased:
    return moved.converged()


def _alone(moved: Biased) -> Biased:
    return moved.alone()
