r"""The persistent current of a ring in its ground state, of all windings of Δ that of least Ω.

A flux Φ through a ring of length L is A = Φ/L along it, which drives

    I(Φ) = −∂Ω/∂Φ,    Ω(Φ + h/e) = Ω(Φ).

Δ winds n times around the ring, its pairs then have the momentum 2(A + πn/L): the best n is next to
−Φ/(h/2e). Were all windings alike the period would be h/2e. In a ring even and odd ones differ, by what goes
around it once, ∝ e^{−L√(Δ² + π²T²)/ħv_F} (Byers and Yang, Phys. Rev. Lett. 7, 46 (1961); in small rings:
Loder et al., Nature Phys. 4, 112 (2008)).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError, NumericalError
from bdg.experiments.change import Change, UniformPotential
from bdg.experiments.curve import Line, curves
from bdg.experiments.follow import Measured, Point, branch
from bdg.experiments.josephson.largest import Peak, largest, neighbours
from bdg.lattice import Sample
from bdg.model import Fields, Model
from bdg.observables.needs import free_winding
from bdg.observables.parameters import Axis, StepsOfPeriod
from bdg.observables.quantity import Notes, Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.response.vector_potential import total_current
from bdg.observables.state import State
from bdg.observables.thermodynamics.grand_potential import grand_potential

GONE = 1e-6
"""Mean |Δ|, in t, below which the ring is normal, and nothing winds."""

SHARE = 1e-3
"""Error of an extreme, as a share of it, that is small enough."""

LINES = {
    "persistent_current": Line("current", "e t/hbar", "persistent current"),
    "ring_potential": Line("potential", "t", "grand potential"),
    "ring_delta": Line("delta", "t", "mean |Δ|"),
    "ring_winding": Line("winding", "1", "winding of Δ around the ring"),
}

SAME = 1e-9
"""How far a joined direction may point off the coordinate, as a share of its length."""


def closed(model: Model, axis: int) -> None:
    """A sample that closes along the axis."""
    require_ring(model.sample, axis)


@observable(
    title="Current, Ω and winding of a ring in its ground state over one period of the flux.",
    group="response",
    needs=(free_winding, closed),
    numbers={"largest_persistent_current": "Largest persistent current"},
)
def persistent_current(
    state: State,
    num: Annotated[StepsOfPeriod, "How many fluxes from 0 to h/e, both included; an odd number."] = 41,
    axis: Annotated[Axis, "Coordinate along the ring."] = 0,
) -> dict[str, Quantity]:
    """I(Φ), Ω(Φ), the mean |Δ| and the winding over one period of the flux, h/e.

    At every Φ the loops start from pairs at rest, wound the three times nearest to −Φ/(h/2e); the one of
    least Ω counts. Pairs with an even winding rest at Φ = 0, as those of the state do, with an odd one at
    h/2e, where |Δ| of a small ring may be another.

    Parameters
    ----------
    state
        A converged state; Φ and the winding are added to what it has.
    num
        How many fluxes from 0 to h/e, both included; odd, so that each has another half a period on.
    axis
        Coordinate along the ring.

    Returns
    -------
    dict
        ``persistent_current`` in e t/ħ, ``ring_potential``, ``ring_delta`` and ``ring_winding``, NaN of a
        normal ring, over ``flux``, see :func:`bdg.experiments.curve.curves`; ``largest_persistent_current``
        with its flux, looked for between those of the list too, and ``half_period_difference``, the largest
        |Ω(Φ + h/2e) − Ω(Φ)| over the range of Ω, each with its error.

    Raises
    ------
    InputError
        If no finite ends are joined along the coordinate, Δ is given, or the number is out of range.
    NumericalError
        If no winding converges at any flux.
    """
    ring = _Ring(state, axis)
    values = np.linspace(0.0, 2 * np.pi, num)
    points = ring.points(values.tolist())
    flux = Quantity(values, ("flux",), "hbar/e", "flux through the ring")
    return curves(points, flux, LINES) | {
        "largest_persistent_current": _largest_current(ring, points),
        "half_period_difference": _half_period_difference(ring, points),
    }


@dataclass(frozen=True)
class Threaded(Change[State]):
    """A flux through a ring, in ħ/e, and how often Δ winds around it.

    Parameters
    ----------
    axis, length
        Coordinate along the ring, and how long it is.
    winding
        Added to that of the state.
    odd
        Fields with the winding −1, found where they rest, from which odd windings start; by default those of
        the state.
    """

    axis: int
    length: float
    winding: int
    odd: Fields | None = None

    symbol, unit = "Φ", "ħ/e"

    @property
    def place(self) -> str:
        """See :class:`bdg.experiments.change.Change`; with the winding."""
        return f"{super().place} with the winding {self.winding}"

    def start(self, first: State, fields: Fields, step: float) -> State:
        """See :class:`bdg.experiments.change.Change`; A = Φ/L along the ring."""
        fields, more = (self.odd, 1) if self.odd is not None and self.winding % 2 else (fields, 0)
        wound = _wound(fields, first.model.sample, (self.winding + more) / self.length, self.axis)
        moved = UniformPotential(self.value / self.length, self.axis)
        return moved.start(first, wound, moved.value)


class _Ring:
    """A ring in its ground state at any flux.

    Parameters
    ----------
    state
        The one without the flux.
    axis
        Coordinate along the ring.
    """

    def __init__(self, state: State, axis: int) -> None:
        self.axis, self.length = axis, require_ring(state.model.sample, axis)
        measure = partial(_measured, axis=axis, length=self.length)
        self.windings = branch(state, measure, is_independent=True)
        resting = branch(state).at(Threaded(np.pi, axis, self.length, -1)).state
        is_normal = resting is None or resting.fields.moduli.mean() < GONE
        self.odd = None if is_normal or resting is None else resting.fields

    def points(self, fluxes: Sequence[float]) -> list[Point[State]]:
        """The best winding at each flux."""
        starts = [self._windings(flux) for flux in fluxes]
        found = iter(list(self.windings.along([start for group in starts for start in group])))
        return [_best([next(found) for _ in group]) for group in starts]

    def at(self, flux: float) -> Point[State]:
        """The best winding at one more flux.

        Raises
        ------
        NumericalError
            If there is none.
        """
        return _best([self.windings.at(start) for start in self._windings(flux)]).required()

    def _windings(self, flux: float) -> list[Threaded]:
        nearest = -round(flux / np.pi)
        return [
            Threaded(flux, self.axis, self.length, winding, self.odd)
            for winding in (nearest - 1, nearest, nearest + 1)
        ]


def _best(points: list[Point[State]]) -> Point[State]:
    """The point of least Ω, with its winding; NaN of a normal ring."""
    there = [point for point in points if not point.why]
    if not there:
        return points[1]
    best = min(there, key=lambda point: point["potential"])
    assert isinstance(best.change, Threaded)
    winding = best.change.winding if best["delta"] > GONE else float("nan")
    return replace(best, numbers={**best.numbers, "winding": np.array(winding, dtype=np.float64)})


def _measured(state: State, axis: int, length: float) -> Measured:
    """I, Ω and the mean |Δ|."""
    return {
        "current": total_current(state)[axis] / length,
        "potential": float(grand_potential(state)["grand_potential"]),
        "delta": state.fields.moduli.mean(),
    }


def _largest_current(ring: _Ring, points: Sequence[Point[State]]) -> Quantity:
    """The largest |I| and the flux of it."""
    current = np.array([abs(point["current"]) for point in points])
    unit, name, flux = "e t/hbar", "largest persistent current", [point.change.value for point in points]
    try:
        peak = _peak(lambda at: abs(ring.at(at)["current"]), flux, current, SHARE * float(current.max()))
    except NumericalError as error:
        best = int(np.nanargmax(current))
        return scalar(current[best], unit, name, None, {"flux": flux[best] % (2 * np.pi), **_listed(error)})
    return scalar(peak.value, unit, name, peak.error, {"flux": peak.place % (2 * np.pi)})


def _half_period_difference(ring: _Ring, points: Sequence[Point[State]]) -> Quantity:
    """How far the period is from h/2e: the largest change of Ω by h/2e more, over the range of Ω."""
    omega = np.array([point["potential"] for point in points])
    flux, half = [point.change.value for point in points], len(points) // 2
    name = "largest change of Ω by h/2e more, over the range of Ω"
    range_ = float(np.nanmax(omega) - np.nanmin(omega))
    change = np.abs(omega[half:] - omega[: half + 1])
    enough = SHARE * range_
    if not enough:
        return scalar(0.0, "1", name)

    def potential(at: float) -> float:
        return ring.at(at)["potential"]

    try:
        apart = _peak(lambda at: abs(potential(at + np.pi) - potential(at)), flux[: half + 1], change, enough)
        top = _peak(potential, flux, omega, enough)
        bottom = _peak(lambda at: -potential(at), flux, -omega, enough)
    except NumericalError as error:
        return scalar(float(np.nanmax(change, initial=0.0)) / range_, "1", name, None, _listed(error))
    range_, errors = top.value + bottom.value, (top.error or 0.0) + (bottom.error or 0.0)
    share = apart.value / range_
    return scalar(share, "1", name, ((apart.error or 0.0) + share * errors) / range_)


def _listed(error: NumericalError) -> Notes:
    """What a number says that is of the list alone."""
    return {"warning": f"not looked for between the fluxes of the list: {error}"}


def _peak(
    curve: Callable[[float], float], flux: Sequence[float], values: NDArray[np.float64], enough: float
) -> Peak:
    """The largest value of a curve that is periodic in the flux, the last being the first.

    Raises
    ------
    NumericalError
        If a value of the list or between is missing.
    """
    if np.isnan(values).any():
        raise NumericalError("some of them have no state")
    # Of equally large ones, as those at Φ and −Φ, the first: not the one that rounding chooses.
    best = int(np.argmax(values >= values.max() - 1e-3 * enough))
    places, near, n = neighbours(flux, values.tolist(), best, is_closed=True)
    return largest(curve, places, near, enough, n)


def require_ring(sample: Sample, axis: int) -> float:
    """Length, in lattice constants, after which the sample closes along a coordinate.

    Raises
    ------
    InputError
        If it does not close there.
    """
    for vector, size, ends in zip(sample.cell.vectors, sample.size, sample.boundary, strict=True):
        length = float(np.linalg.norm(vector))
        along = axis < len(vector) and abs(vector[axis]) > (1 - SAME) * length
        if along and ends.is_periodic and not ends.is_infinite:
            return size * length
    raise InputError(
        f"the sample makes no ring along axis {axis}; make the boundary along it periodic, or choose another"
        " axis"
    )


def _wound(fields: Fields, sample: Sample, windings: float, axis: int) -> Fields:
    """Fields whose Δ turns so many times more a lattice constant along a coordinate."""
    if not windings:
        return fields
    bonds = sample.bonds
    angle: NDArray[np.float64] = np.pi * windings * sample.positions[:, axis]
    # A bond across the periodic boundary goes on by its displacement, not back to the other side.
    step = np.pi * windings * bonds.displacement[:, axis]
    ends = angle[bonds.source], angle[bonds.source] + step
    return fields.each(lambda row, values: row.turned(values, *(ends if row.on_bonds else (angle, angle))))
