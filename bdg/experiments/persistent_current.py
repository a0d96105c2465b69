r"""The persistent current of a ring in its ground state, of all windings of Δ that of least Ω.

A flux Φ through a ring of length L is A = Φ/L along it, which drives

    I(Φ) = −∂Ω/∂Φ,    Ω(Φ + h/e) = Ω(Φ).

Δ winds n times around the ring, its pairs then have the momentum 2(A + πn/L): the best n is next to
−Φ/(h/2e). Were all windings alike the period would be h/2e. In a ring even and odd ones differ, by what goes
around it once, ∝ e^{−L√(Δ² + π²T²)/ħv_F} (Byers and Yang, Phys. Rev. Lett. 7, 46 (1961); in small rings:
Loder et al., Nature Phys. 4, 112 (2008)).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError, NumericalError
from bdg.experiments.josephson.largest import Peak, largest
from bdg.lattice import Sample
from bdg.model import Fields, Model
from bdg.observables.loops import FOLLOWS_TO, counted, fingerprint
from bdg.observables.needs import free_winding
from bdg.observables.parameters import Axis, StepsOfPeriod
from bdg.observables.quantity import Quantity, scalar
from bdg.observables.registry import observable
from bdg.observables.response.vector_potential import in_uniform, relaxed, total_current
from bdg.observables.state import State
from bdg.observables.thermodynamics.grand_potential import grand_potential

GONE = 1e-6
"""Mean |Δ|, in t, below which the ring is normal, and nothing winds."""

SHARE = 1e-3
"""Error of an extreme, as a share of it, that is small enough."""

SAME = 1e-9
"""How far a joined direction may point off the coordinate, as a share of its length."""


def ring(model: Model, axis: int) -> None:
    """A sample that closes along the axis."""
    require_ring(model.sample, axis)


@observable(
    title="Current, Ω and winding of a ring in its ground state over one period of the flux.",
    group="response",
    needs=(free_winding, ring),
    numbers={"largest_persistent_current": "Largest persistent current"},
)
def persistent_current(
    state: State,
    num: Annotated[StepsOfPeriod, "How many fluxes from 0 to h/e, both included; an odd number."] = 41,
    axis: Annotated[Axis, "Coordinate along the ring."] = 0,
) -> dict[str, Quantity]:
    """I(Φ), Ω(Φ), the mean |Δ| and the winding over one period of the flux, h/e.

    At every Φ the loops start from the Δ of the state, wound the three times nearest to −Φ/(h/2e); the one of
    least Ω counts.

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
        normal ring, over ``flux``; ``largest_persistent_current`` with its flux, looked for between those of
        the list too, and ``half_period_difference``, the largest |Ω(Φ + h/2e) − Ω(Φ)| over the range of Ω,
        each with its error.

    Raises
    ------
    InputError
        If no finite ends are joined along the coordinate, Δ is given, or the number is out of range.
    NumericalError
        If no winding converges.
    """
    length = require_ring(state.model.sample, axis)
    flux = np.linspace(0.0, 2 * np.pi, num)
    rows = np.array([_least(state, each, axis, length) for each in counted(state.solver, flux.tolist())])
    omega, current, size, winding = rows.T
    coords = {"flux": Quantity(flux, ("flux",), "hbar/e", "flux through the ring")}
    lines = {
        "persistent_current": (current, "e t/hbar", "persistent current"),
        "ring_potential": (omega, "t", "grand potential"),
        "ring_delta": (size, "t", "mean |Δ|"),
        "ring_winding": (winding, "1", "winding of Δ around the ring"),
    }

    def least(at: float) -> tuple[float, ...]:
        return _least(state, at, axis, length)

    return {
        name: Quantity(values, ("flux",), units, long_name, coords)
        for name, (values, units, long_name) in lines.items()
    } | {
        "largest_persistent_current": _largest_current(least, flux, current),
        "half_period_difference": _half_period_difference(least, flux, omega),
    }


def _largest_current(
    least: Callable[[float], tuple[float, ...]], flux: NDArray[np.float64], current: NDArray[np.float64]
) -> Quantity:
    """The largest |I| and the flux of it."""
    peak = _peak(lambda at: abs(least(at)[1]), flux, np.abs(current), SHARE * float(np.abs(current).max()))
    name, place = "largest persistent current", {"flux": peak.place % (2 * np.pi)}
    return scalar(peak.value, "e t/hbar", name, peak.error, place)


def _half_period_difference(
    least: Callable[[float], tuple[float, ...]], flux: NDArray[np.float64], omega: NDArray[np.float64]
) -> Quantity:
    """How far the period is from h/2e: the largest change of Ω by h/2e more, over the range of Ω."""
    half, enough = len(flux) // 2, SHARE * float(np.ptp(omega))
    name = "largest change of Ω by h/2e more, over the range of Ω"
    if not enough:
        return scalar(0.0, "1", name)
    change = np.abs(omega[half:] - omega[: half + 1])
    apart = _peak(lambda at: abs(least(at + np.pi)[0] - least(at)[0]), flux[: half + 1], change, enough)
    top = _peak(lambda at: least(at)[0], flux, omega, enough)
    bottom = _peak(lambda at: -least(at)[0], flux, -omega, enough)
    range_, errors = top.value + bottom.value, (top.error or 0.0) + (bottom.error or 0.0)
    share = apart.value / range_
    return scalar(share, "1", name, ((apart.error or 0.0) + share * errors) / range_)


def _peak(
    curve: Callable[[float], float], flux: NDArray[np.float64], values: NDArray[np.float64], enough: float
) -> Peak:
    """The largest value of a curve that repeats itself with the fluxes, the last being the first."""
    # Of equally large ones, as those at Φ and −Φ, the first: not the one that rounding chooses.
    first = int(np.argmax(values >= values.max() - 1e-3 * enough))
    best, step, n = first, float(flux[1] - flux[0]), len(values) - 1
    around = float(values[(best - 1) % n]), float(values[best]), float(values[(best + 1) % n])
    place = float(flux[best])
    return largest(curve, (place - step, place, place + step), around, enough)


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


def _least(state: State, flux: float, axis: int, length: float) -> tuple[float, float, float, float]:
    """Ω, I, the mean |Δ| and the winding of the best state at a flux, found once."""
    name = fingerprint("ring", state.fingerprint, state.loops.options(FOLLOWS_TO), flux, axis)
    found = state.loops.points.get(name, lambda: {"row": np.array(_best_winding(state, flux, axis, length))})
    omega, current, size, winding = found["row"].tolist()
    return omega, current, size, winding


def _best_winding(state: State, flux: float, axis: int, length: float) -> tuple[float, float, float, float]:
    """The same, looked for."""
    unit = np.eye(state.model.sample.dimension)[axis]
    nearest, found = -round(flux / np.pi), list[tuple[float, float, float, float]]()
    for winding in (nearest - 1, nearest, nearest + 1):
        wound = replace(state, fields=_wound(state.fields, state.model.sample, winding / length, axis))
        try:
            now = relaxed(in_uniform(wound, flux / length * unit))
        except NumericalError:
            continue
        omega = float(grand_potential(now)["grand_potential"])
        current = float(total_current(now)[axis]) / length
        size = float(now.fields.moduli.mean())
        found.append((omega, current, size, winding if size > GONE else float("nan")))
    if not found:
        raise NumericalError(
            f"at the flux {flux:.4g} ħ/e no winding of Δ converged; raise the temperature a little"
        )
    return min(found)


def _wound(fields: Fields, sample: Sample, turns: float, axis: int) -> Fields:
    """Fields whose Δ turns so many times more a lattice constant along a coordinate."""
    if not turns:
        return fields
    bonds = sample.bonds
    angle: NDArray[np.float64] = np.pi * turns * sample.positions[:, axis]
    # A bond across the joined ends goes on by its displacement, not back to the other side.
    step = np.pi * turns * bonds.displacement[:, axis]
    ends = angle[bonds.source], angle[bonds.source] + step
    return fields.each(lambda row, values: row.turned(values, *(ends if row.on_bonds else (angle, angle))))
