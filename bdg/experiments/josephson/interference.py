"""The critical current of a junction whose phase difference is not the same on all of its bonds."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.experiments.change import Change
from bdg.experiments.curve import Line, curves
from bdg.experiments.follow import Measured
from bdg.experiments.josephson.biased import Biased, branch_of
from bdg.experiments.josephson.critical import around, highest
from bdg.experiments.josephson.junction import Junction
from bdg.lattice import Sample
from bdg.observables.parameters import Axis, Phases, Positive, Steps
from bdg.observables.quantity import Quantity

LastFlux = Annotated[Positive, "The last flux, in h/2e."]
Fluxes = Annotated[Steps, "How many, 0 included."]
Around = Annotated[Phases, "Phases the largest current is looked for about, from 0 to 2π."]
Along = Annotated[Axis, "Coordinate that the current is along."]


def places_across(sample: Sample, junction: Junction, axis: int) -> NDArray[np.float64]:
    """How far each bond is along the cut, so that a positive flux turns φ on with it; ``(n_bonds,)``.

    A field B along z makes φ grow with y across a cut through bonds along x, and fall with x across one
    through bonds along y.

    Raises
    ------
    InputError
        If the sample is no plane whose ends along the cut are open.
    """
    if sample.dimension != 2 or sample.boundary[1 - axis].is_periodic:
        raise InputError(
            f"a flux through a junction needs a plane whose ends along {'yx'[axis]} are open; make them so,"
            " or use current_phase"
        )
    bonds = sample.bonds
    place = sample.positions[bonds.source, 1 - axis] + 0.5 * bonds.displacement[:, 1 - axis]
    found: NDArray[np.float64] = place if axis == 0 else -place
    if not np.ptp(found[junction.crossing != 0]) > 0:
        raise InputError("a flux through a junction needs at least 2 bonds that cross; make it wider")
    return found


@dataclass(frozen=True)
class FluxThrough(Change[Biased]):
    """A flux through a junction, or through its holes, in h/2e.

    Parameters
    ----------
    along
        What 2πΦ adds to the phase difference of each bond in shares of it, shape ``(n_bonds,)``.
    """

    along: NDArray[np.float64]

    symbol, unit = "Φ", "h/2e"

    def start(self, first: Biased, fields: Any, step: float) -> Biased:
        """See :class:`bdg.experiments.change.Change`."""
        return first.by(2 * np.pi * self.value * self.along, fields)


def pattern(
    start: Biased, stop: float, num: int, phases: int, along: NDArray[np.float64], axis: tuple[str, str]
) -> Quantity:
    """Largest |I(φ)| over fluxes from 0 to ``stop``, in h/2e, where 2πΦ ``along`` is added to φ.

    Parameters
    ----------
    start
        The junction.
    stop, num
        The last flux and how many.
    phases
        How many φ the largest current is looked for about.
    along
        See :class:`FluxThrough`.
    axis
        Name and long name of the axis.

    Raises
    ------
    NumericalError
        If no flux has a state at all φ.
    """
    fluxes = stop * np.arange(num) / (num - 1)
    threaded = branch_of(start, partial(_largest, phases=phases), is_independent=True)
    points = list(threaded.along([FluxThrough(flux, along) for flux in fluxes.tolist()]))
    errors = [point["error"] for point in points if not point.why]
    notes = {"self_consistent": start.is_self_consistent}
    line = Line("critical", "e t/hbar", "critical current", max(errors, default=None), notes=notes)
    return curves(points, Quantity(fluxes, axis[:1], "h/2e", axis[1]), {axis[0]: line})[axis[0]]


def _largest(start: Biased, phases: int) -> Measured:
    """The largest |I(φ)| of all φ, and its error."""
    branch, points = around(start, phases)
    total = [float(point.numbers["currents"].sum()) for point in points]
    peak = highest(branch, points, 1.0 if max(total) >= -min(total) else -1.0)
    return {"critical": peak.value, "error": peak.error or 0.0}
