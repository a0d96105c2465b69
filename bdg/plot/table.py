"""Which figure a quantity gets, on paper and in the page of `bdg view`: the first row that suits it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from bdg.observables import Quantity
from bdg.plot.canvas.finding import find
from bdg.plot.figures.other import generic, scalars
from bdg.plot.figures.response.electromagnetism import (
    conductivity_curve,
    ring_curve,
    superflow_curve,
    weight_bars,
)
from bdg.plot.figures.response.junction import current_phase_curve, fraunhofer_curve, squid_curve
from bdg.plot.figures.response.meissner import field_profile, moment_curve
from bdg.plot.figures.response.motion import in_time, places_in_time
from bdg.plot.figures.response.phases import helicity_curves
from bdg.plot.figures.sample.bonds import bond_map
from bdg.plot.figures.sample.currents import current_arrows
from bdg.plot.figures.sample.maps import site_map
from bdg.plot.figures.sample.plaquettes import plaquette_map, vortex_map
from bdg.plot.figures.spectra.bands import bands
from bdg.plot.figures.spectra.modes import conductivity_of_waves, mode_spectra
from bdg.plot.figures.spectra.momenta import momentum_map
from bdg.plot.figures.spectra.spectra import spectrum
from bdg.plot.figures.spectra.topology import TOPOLOGICAL, topological
from bdg.plot.figures.spectra.zone import zone_map
from bdg.plot.figures.tunnelling.gaps import gap_statistics
from bdg.plot.figures.tunnelling.interference import interference, interference_cut
from bdg.result import Result

Draw = Callable[[Result, str], Any]
"""Draws the quantity of a name."""


@dataclass(frozen=True)
class Row:
    """A figure and the quantities that get it.

    Parameters
    ----------
    draw
        The figure.
    dims
        Axes that a quantity must have, in any order.
    names
        Patterns with ``*`` for names, of which one must match.
    only
        Whether it may have no other axes.
    kind
        What it is in a page, one of :data:`KINDS`; by default what its axes say.
    """

    draw: Draw
    dims: tuple[str, ...] = ()
    names: tuple[str, ...] = ("*",)
    only: bool = False
    kind: str = ""

    def suits(self, name: str, quantity: Quantity) -> bool:
        """Whether a quantity gets this figure."""
        enough = set(self.dims) <= set(quantity.dims) and not (
            self.only and set(quantity.dims) - {*self.dims}
        )
        return enough and any(fnmatchcase(name, pattern) for pattern in self.names)


def _of_the_result(draw: Callable[[Result], Any]) -> Draw:
    """A figure that shows several quantities of a result together."""
    return lambda result, name: draw(result)


def _of_the_quantity(draw: Callable[[Result, Quantity], Any]) -> Draw:
    return lambda result, name: draw(result, find(result, name))


def _bands(result: Result, name: str) -> Any:
    return bands(result, "bands" if "bands" in result.quantities() else name)


PLACES = {"site": "sites", "ldos_site": "sites", "bond": "bonds", "plaquette": "plaquettes"}
"""Axes of the sample, and what a quantity with one of them is: a map."""

KINDS = (*dict.fromkeys(PLACES.values()), "arrows", "vortices", "momenta", "lines")
"""What a quantity is in a page: a map of sites, bonds or plaquettes, arrows over one, marks, a map of
momenta, lines along an axis."""


@dataclass(frozen=True)
class Picture:
    """What a page makes of a quantity.

    Parameters
    ----------
    kind
        One of :data:`KINDS`.
    along
        Of lines the axis to the right; empty of a number.
    """

    kind: str
    along: str = ""


LOCAL_SPECTRA = (
    "ldos",
    "spin_ldos",
    "spin_vector_ldos",
    "tip_ldos",
    "stm_conductance",
    "stm_current",
    "stm_normalised",
    "stm_set_point_conductance",
)

ZONES = [
    (axis, more, "" if axis == "cell" else "momenta")
    for axis in ("k", "q", "cell")
    for more in ((), ("spin",), ("component",), ("energy",), ("spin", "energy"))
]
"""Maps over momenta or cells of a lattice in two dimensions: which, the axes beside, the kind in a page."""

_ROWS = [
    Row(lambda result, name: spectrum(result, name=name), names=("dos", *LOCAL_SPECTRA)),
    Row(_of_the_result(current_arrows), names=("site_current",), kind="arrows"),
    Row(_bands, ("path", "band")),
    Row(momentum_map, ("energy", "path")),
    Row(_of_the_quantity(topological), ("k_1", "k_2"), only=True, kind="momenta"),
    *(
        Row(zone_map, (*more, f"{axis}_first", f"{axis}_second"), only=True, kind=kind)
        for axis, more, kind in ZONES
    ),
    *(Row(_of_the_quantity(topological), dims, only=True) for dims in TOPOLOGICAL),
    *(Row(places_in_time, ("time", place), only=True) for place in ("site", "bond")),
    *(
        Row(in_time, (axis, *more), only=True)
        for axis in ("time", "frequency")
        for more in ((), ("component",))
    ),
    Row(site_map, ("site",)),
    Row(_of_the_result(vortex_map), names=("vortices", "winding", "core_radius")),
    Row(_of_the_result(vortex_map), ("vortex",), kind="vortices"),
    Row(interference, ("bias", "q_first", "q_second"), only=True, kind="momenta"),
    Row(interference_cut, ("bias", "path"), only=True),
    Row(_of_the_result(gap_statistics), names=("gap_histogram", "gap_sorted_spectra", "gap_*correlation*")),
    Row(_of_the_result(moment_curve), ("applied",), only=True),
    Row(_of_the_result(field_profile), ("depth",), only=True),
    Row(_of_the_result(weight_bars), ("along", "across"), only=True),
    Row(_of_the_result(conductivity_curve), names=("conductivity_*",)),
    Row(_of_the_result(mode_spectra), names=("mode_spectrum", "bare_mode_spectrum")),
    Row(
        _of_the_result(conductivity_of_waves),
        names=("dynamical_conductivity", "bare_dynamical_conductivity"),
    ),
    Row(_of_the_result(superflow_curve), names=("superflow_*",)),
    Row(_of_the_result(helicity_curves), ("copies", "temperature"), only=True),
    Row(_of_the_result(ring_curve), ("flux",), only=True),
    Row(_of_the_result(current_phase_curve), ("phase_difference",)),
    Row(_of_the_result(fraunhofer_curve), ("junction_flux",), only=True),
    Row(_of_the_result(squid_curve), ("loop_flux",), only=True),
    Row(_of_the_result(squid_curve), names=("squid_arms",)),
    Row(_of_the_quantity(plaquette_map), ("plaquette",), only=True),
    Row(_of_the_quantity(bond_map), ("bond",), only=True),
]


def add_figure(
    draw: Draw,
    *,
    dims: tuple[str, ...] = (),
    names: tuple[str, ...] = ("*",),
    only: bool = False,
    kind: str = "",
) -> None:
    """Give the quantities of a user's own observable a figure of their own.

    Parameters
    ----------
    draw
        ``draw(result, name)``, which returns a matplotlib figure.
    dims, names, only, kind
        The quantities that get it, see :class:`Row`; the newest row is looked at first.
    """
    _ROWS.insert(0, Row(draw, dims, names, only, kind))


def row_of(name: str, quantity: Quantity) -> Row | None:
    """The row that suits a quantity."""
    return next((row for row in _ROWS if row.suits(name, quantity)), None)


def picture_of(name: str, quantity: Quantity) -> Picture:
    """What a page makes of a quantity: what its row says, else a map where it has a place, else lines."""
    row = row_of(name, quantity)
    by_place = next((kind for dim, kind in PLACES.items() if dim in quantity.dims), "lines")
    kind = (row.kind if row is not None else "") or by_place
    own = row.dims[:1] if row is not None else ()
    return Picture(kind, (own or quantity.dims[-1:] or ("",))[0] if kind == "lines" else "")


def figure_of(result: Result, name: str, quantity: Quantity) -> Any:
    """The figure of a quantity: that of its row, else lines or a map along its axes, else its number."""
    row = row_of(name, quantity)
    if row is not None:
        return row.draw(result, name)
    return generic(result, quantity) if quantity.dims else scalars(result)
