"""What changes with time: interactions, potentials, a vector potential, a voltage across a cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.expressions import Expression
from bdg.expressions.grammar import COORDINATES
from bdg.lattice import Sample
from bdg.model import Model

TIME = ("t",)
"""What formulas depend on that are the same everywhere."""


@dataclass(frozen=True)
class Pulse:
    """A(t) = A_0 d̂ exp(−(t − t_0)²/2τ²) cos(ω(t − t_0) + φ), uniform.

    Parameters
    ----------
    amplitude
        A_0 in ħ/(e a).
    frequency
        ω in t/ħ.
    center, width
        t_0 and τ in ħ/t.
    direction
        d, of any length.
    phase
        φ.
    """

    amplitude: float
    frequency: float
    center: float
    width: float
    direction: tuple[float, ...]
    phase: float = 0.0

    def at(self, time: float) -> NDArray[np.float64]:
        """A(t), shape ``(dimension,)``."""
        later = time - self.center
        direction = np.array(self.direction) / np.linalg.norm(self.direction)
        size = np.exp(-0.5 * (later / self.width) ** 2) * np.cos(self.frequency * later + self.phase)
        found: NDArray[np.float64] = self.amplitude * size * direction
        return found


@dataclass(frozen=True)
class Voltage:
    """V(t) = V_0 + V_1 cos ωt between the two sides of a cut across an axis, as A on the bonds that cross it.

    Parameters
    ----------
    value, amplitude
        V_0 and V_1 in t/e: how much higher the electric potential is before the cut than behind it.
    frequency
        ω in t/ħ.
    axis
        Coordinate that the cut is across.
    at
        Its place; ``None`` for the middle of the sample.
    """

    value: float
    amplitude: float = 0.0
    frequency: float = 1.0
    axis: int = 0
    at: float | None = None

    def on_bonds(self, sample: Sample, time: float) -> NDArray[np.float64]:
        """∫A·dl = −∫V dt of bonds that cross the cut forwards, shape ``(n_bonds,)``, in ħ/e."""
        swing = np.sin(self.frequency * time) / self.frequency if self.amplitude else 0.0
        return -(self.value * time + self.amplitude * swing) * self.crossings(sample)

    def crossings(self, sample: Sample) -> NDArray[np.float64]:
        """1 of bonds that cross the cut forwards, −1 backwards, else 0.

        Raises
        ------
        InputError
            If the sample does not have the axis, or no bond crosses the cut.
        """
        if self.axis >= sample.dimension:
            raise InputError(f"axis {self.axis} is none of this lattice; use 0 to {sample.dimension - 1}")
        along = sample.positions[:, self.axis]
        place = 0.5 * (along.min() + along.max()) if self.at is None else self.at
        bonds = sample.bonds
        start = along[bonds.source]
        ends = start + bonds.displacement[:, self.axis]
        found: NDArray[np.float64] = (ends > place).astype(float) - (start > place).astype(float)
        if not found.any():
            raise InputError(
                f"no bond crosses the cut at {place:g}; the sites lie from {along.min():g} to {along.max():g}"
            )
        return found


@dataclass(frozen=True)
class Drives:
    """All that changes with time; what is not given stays as it is.

    Parameters
    ----------
    interaction
        Factor of the strengths of all interactions, a formula in t: 2/3 is a quench at t = 0.
    potential
        Energy of an electron on each site, a formula in x, y, z and t.
    vector_potential
        A(t) of each direction, formulas in t, besides what the model has.
    pulse, voltage
        See there.
    """

    interaction: str = "1"
    potential: str = "0"
    vector_potential: Sequence[str] = ()
    pulse: Pulse | None = None
    voltage: Voltage | None = None

    def strengths(self, model: Model, time: float) -> Model:
        """The model with the interactions of a time, for its mean fields."""
        factor = self.factor(time)
        return model if factor == 1.0 else with_interactions(model, factor)

    def factor(self, time: float) -> float:
        """That of the interactions."""
        return float(_real(Expression(self.interaction, TIME)(time), self.interaction))

    def energies(self, sample: Sample, time: float) -> NDArray[np.float64]:
        """The potential, shape ``(n_sites,)``, in t."""
        places = (*sample.positions.T, np.full(sample.n_sites, time))
        names = (*COORDINATES[: sample.dimension], *TIME)
        return _real(Expression(self.potential, names)(*places), self.potential)

    def line_integrals(self, sample: Sample, time: float) -> NDArray[np.float64] | None:
        """∫A·dl of each bond, besides those of the model, shape ``(n_bonds,)``; ``None`` for no drive."""
        if not (len(self.vector_potential) or self.pulse or self.voltage):
            return None
        uniform = np.zeros(sample.dimension)
        for axis, text in enumerate(self.vector_potential):
            uniform[axis] += float(_real(Expression(text, TIME)(time), text))
        if self.pulse is not None:
            uniform += self.pulse.at(time)
        along: NDArray[np.float64] = sample.bonds.displacement @ uniform
        return along if self.voltage is None else along + self.voltage.on_bonds(sample, time)


def with_interactions(model: Model, factor: float) -> Model:
    """The model with all its interactions times a factor."""
    bonds = model.bond_attraction
    if bonds is not None:
        exchange, hops = bonds.spin_exchange, bonds.pair_hopping
        bonds = replace(
            bonds,
            strength=factor * bonds.strength,
            spin_exchange=None if exchange is None else factor * exchange,
            pair_hopping=None if hops is None else factor * hops,
        )
    attraction = replace(model.attraction, strength=factor * model.attraction.strength)
    return replace(model, attraction=attraction, bond_attraction=bonds)


def _real(values: Any, text: str) -> NDArray[np.float64]:
    """Values of a formula, which must be real.

    Raises
    ------
    InputError
        If one is not.
    """
    if np.iscomplexobj(values) and np.any(values.imag):
        raise InputError(f"{text} is complex, and must be real")
    return np.real(values)
