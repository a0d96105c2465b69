"""The critical current of a junction whose phase difference is not the same on all of its bonds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.experiments.josephson.biased import Biased
from bdg.experiments.josephson.critical import Highest
from bdg.experiments.josephson.junction import Junction
from bdg.lattice import Sample
from bdg.observables.loops import FOLLOWS_TO, Numbers, counted, fingerprint
from bdg.observables.quantity import Quantity
from bdg.observables.state import State

SHARP = 1e-5
"""Error of a critical current, as a share of it."""


def flux_axis(stop: float, num: int) -> NDArray[np.float64]:
    """Fluxes from 0 to ``stop``."""
    fluxes: NDArray[np.float64] = stop * np.arange(num) / (num - 1)
    return fluxes


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


def critical_currents(
    state: State,
    start: Biased,
    junction: Junction,
    leads: str,
    fluxes: NDArray[np.float64],
    along: NDArray[np.float64],
    phases: int,
) -> tuple[NDArray[np.float64], float]:
    """Largest |I(φ)| where 2π Φ ``along`` is added to φ, Φ in h/2e, and the largest error of them.

    Raises
    ------
    NumericalError
        If the fields do not follow.
    """
    options = state.loops.options(FOLLOWS_TO)
    same = fingerprint(state.fingerprint, options, junction.crossing, junction.held, leads, along, phases)

    def peak(flux: float) -> NDArray[np.float64]:
        def compute() -> Numbers:
            return {"peak": np.array(_largest(start.by(2 * np.pi * flux * along), phases))}

        return state.loops.points.get(fingerprint("flux", same, flux), compute)["peak"]

    peaks = [peak(flux) for flux in counted(state.solver, fluxes.tolist())]
    values, errors = np.array(peaks).T
    return values, float(errors.max())


def _largest(start: Biased, phases: int) -> tuple[float, float]:
    """The largest |I(φ)| of all φ, and its error."""
    ways = (Highest(1.0), Highest(-1.0))
    go_around(start, phases, ways)
    peak = max(ways, key=lambda way: way.value).peak(SHARP)
    return peak.value, peak.error or 0.0


def go_around(start: Biased, phases: int, ways: tuple[Highest, ...]) -> None:
    """Show a whole turn of φ, in as many steps.

    Raises
    ------
    NumericalError
        If the fields do not follow.
    """
    point, step = start, 2 * np.pi / phases
    for n in range(phases + 1):
        point = point.by(step) if n else point
        currents = point.currents()
        for way in ways:
            way.see(n * step, point, currents)


def flux_curve(
    values: NDArray[np.float64], error: float, fluxes: NDArray[np.float64], start: Biased, through: str
) -> Quantity:
    """A critical current over the flux through the junction, or through its holes."""
    dims = (f"{through}_flux",)
    what = {"junction": "flux through the junction", "loop": "flux through the hole"}[through]
    coords = {dims[0]: Quantity(fluxes, dims, "h/2e", what)}
    notes = {"self_consistent": start.is_self_consistent}
    return Quantity(values, dims, "e t/hbar", "critical current", coords, error=error, attributes=notes)
