"""Which figure a quantity of a study gets: lines along one key, one for each value of another, or a map."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bdg.errors import InputError
from bdg.observables import Quantity
from bdg.plot.figures.runs.regions import study_regions
from bdg.plot.figures.runs.study import Mark, study_lines, study_map
from bdg.result import Units
from bdg.studies.collected.branches import transition
from bdg.studies.collected.collection import Collection
from bdg.studies.collected.derivatives import derivative
from bdg.studies.collected.slices import sliced
from bdg.studies.collected.statistics import histogram, mean, quantiles, typical

POOLED = ("site", "bond", "component", "plaquette")
"""Axes of the sample, over which a study takes the mean unless it is asked for something else."""


STATISTICS = {"mean": mean, "typical": typical, "median": mean}
"""What is drawn of the members of an ensemble, and how sites of one sample are reduced before."""


def study_figure(
    collection: Collection,
    name: str,
    *,
    x: str = "",
    y: str = "",
    hue: str = "",
    over: Sequence[str] = (),
    statistic: str = "mean",
    bins: int = 0,
    by: str = "",
    units: Units | None = None,
) -> Any:
    """The figure of a quantity.

    Parameters
    ----------
    collection
        The results of a study.
    name
        Of the quantity.
    x
        The axis along the figure; by default one that the quantity has besides the swept keys, energy for
        example, else the first swept key.
    y
        The axis upwards: then it is a map; of words, as the branch of lowest energy, one of regions.
    hue
        The axis of which each value has a line; by default the one that is left.
    over
        Axes whose members are an ensemble.
    statistic
        What is drawn of it: the mean or the typical value, with its standard error, or the median with the
        quartiles.
    bins
        Above 0: the distribution of the members instead, sites pooled, in so many bins.
    by
        An axis along which the derivative of the quantity is drawn in its place.
    units
        What t and a are; by default as in the results.

    Raises
    ------
    InputError
        If there is no such quantity, axis or statistic, or axes are left.
    """
    if statistic not in STATISTICS:
        raise InputError(f"there is no statistic {statistic!r}; use {', '.join(STATISTICS)}")
    quantity = collection[name]
    is_words = bool(y) and not (over or bins or by) and quantity.values.dtype.kind == "U"
    quantity = quantity if is_words else _plain(quantity)
    for axis in (x, y, hue, *over):
        if axis and axis not in quantity.dims:
            raise InputError(f"{name} has no axis {axis!r}; it has {', '.join(quantity.dims)}")
    quantity = derivative(quantity, by) if by else quantity
    used = {x, y, hue, *over}
    members = [*(dim for dim in quantity.dims if dim in POOLED and dim not in used), *over]
    note, band = f"{statistic} over {', '.join(members)}" if members else "", None
    if bins:
        quantity, x, note = histogram(quantity, members, bins), "value", ""
    elif members:
        quantity, band = _reduced(quantity, [dim for dim in members if dim not in over], over, statistic)
    x = x or _default_x(quantity, collection, {y, hue})
    order = tuple(dim for dim in (y or hue or _left(quantity, x), x) if dim)
    _require_all(quantity, name, order)
    units = units or collection.units
    quantity = _in_kelvin(_ordered(quantity, order), units)
    if is_words:
        return study_regions(quantity, title=collection.title, units=units)
    if y:
        return study_map(quantity, note=note, title=collection.title, units=units)
    if band is not None:
        band = _ordered(band[0], order), _ordered(band[1], order)
        note += f" with {'the quartiles' if statistic == 'median' else 'its standard error'}"
    marks = _marks(collection, x) if {"branch", x} == set(order) else ()
    return study_lines(quantity, band, marks=marks, note=note, title=collection.title, units=units)


def _in_kelvin(quantity: Quantity, units: Units | None) -> Quantity:
    """The quantity with temperatures along its axes as such, not as energies, where there are SI units."""
    coords = {
        name: replace(one, units="t/k_B") if units is not None and name == "temperature" else one
        for name, one in quantity.coords.items()
    }
    return replace(quantity, coords=coords)


def _reduced(
    quantity: Quantity, pooled: Sequence[str], over: Sequence[str], statistic: str
) -> tuple[Quantity, tuple[Quantity, Quantity] | None]:
    """A statistic of the members, and a band around it: sites of one sample are not independent."""
    long_name = quantity.long_name
    first = STATISTICS[statistic]
    value = first(quantity, pooled)[0] if pooled else quantity
    if not over:
        return replace(value, long_name=long_name), None
    if statistic == "median":
        low, middle, high = (sliced(quantiles(value, over), "quantile", level) for level in (0.25, 0.5, 0.75))
        return replace(middle, long_name=long_name), (low, high)
    value, error = first(value, over)
    ends = (replace(value, values=value.values + sign * error.values) for sign in (-1, 1))
    low, high = ends
    return replace(value, long_name=long_name), (low, high)


def _marks(collection: Collection, x: str) -> list[Mark]:
    """Where both branches have the same energy, and the interval in which both exist."""
    try:
        found = transition(collection, x)
    except InputError:
        return []
    told = f"equal energies at {_with_error(found.place)}"
    marks = [Mark(float(found.place.values), float(found.place.values), told)]
    if found.lower is not None and found.upper is not None:
        ends = found.lower, found.upper
        told = f"both states, {' to '.join(map(_with_error, ends))}"
        marks.append(Mark(float(ends[0].values), float(ends[1].values), told))
    return marks


def _with_error(quantity: Quantity) -> str:
    """A number with its error in brackets, to its last digits."""
    value, error = float(quantity.values), quantity.error or 0.0
    digits = 6 if error == 0 else min(6, max(0, 1 - math.floor(math.log10(error))))
    return f"{value:.{digits}f}({round(error * 10**digits)})"


def _plain(quantity: Quantity) -> Quantity:
    if quantity.values.dtype.kind not in "iufcb":
        raise InputError(f"{quantity.long_name} is text; draw it over two keys, with --x and --y")
    if not np.iscomplexobj(quantity.values):
        return quantity
    return replace(quantity, values=np.abs(quantity.values), long_name=f"|{quantity.long_name}|")


def _default_x(quantity: Quantity, collection: Collection, taken: set[str]) -> str:
    free = [dim for dim in quantity.dims if dim not in taken]
    own = [dim for dim in free if dim not in collection.dims]
    if not free:
        raise InputError("no axis is left to draw along; take one from --over")
    return (own or free)[0]


def _left(quantity: Quantity, x: str) -> str:
    return next((dim for dim in quantity.dims if dim != x), "")


def _require_all(quantity: Quantity, name: str, order: Sequence[str]) -> None:
    left = [dim for dim in quantity.dims if dim not in order]
    if left:
        raise InputError(f"{name} varies along {', '.join(left)} too; take the mean with --over {left[0]}")


def _ordered(quantity: Quantity, order: Sequence[str]) -> Quantity:
    values = quantity.values.transpose([quantity.dims.index(dim) for dim in order])
    coords = dict(quantity.coords)
    for dim in order:
        if dim not in coords:
            count = values.shape[order.index(dim)]
            coords[dim] = Quantity(np.arange(count), (dim,), "1", dim.replace("_", " "))
    return replace(quantity, values=values, dims=tuple(order), coords=coords)
