"""Which figure a quantity of a study gets: lines along one key, one for each value of another, or a map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from bdg.errors import InputError
from bdg.observables import Quantity
from bdg.plot.figures.study import study_lines, study_map
from bdg.result import Units
from bdg.studies.collection import Collection
from bdg.studies.statistics import histogram, mean

POOLED = ("site", "bond", "component", "plaquette")
"""Axes of the sample, over which a study takes the mean unless it is asked for something else."""


def study_figure(
    collection: Collection,
    name: str,
    *,
    x: str = "",
    y: str = "",
    hue: str = "",
    over: Sequence[str] = (),
    bins: int = 0,
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
        The axis upwards: then it is a map.
    hue
        The axis of which each value has a line; by default the one that is left.
    over
        Axes whose members are an ensemble: the mean with its standard error.
    bins
        Above 0: the distribution of the members instead, sites pooled, in so many bins.
    units
        What t and a are.

    Raises
    ------
    InputError
        If there is no such quantity or axis, or axes are left.
    """
    quantity = _plain(collection[name])
    for axis in (x, y, hue, *over):
        if axis and axis not in quantity.dims:
            raise InputError(f"{name} has no axis {axis!r}; it has {', '.join(quantity.dims)}")
    used = {x, y, hue, *over}
    members = [*(dim for dim in quantity.dims if dim in POOLED and dim not in used), *over]
    note, error = f"mean over {', '.join(members)}" if members else "", None
    if bins:
        quantity, x, note = histogram(quantity, members, bins), "value", ""
    elif members:
        quantity, error = _mean(quantity, [dim for dim in members if dim not in over], over)
    x = x or _default_x(quantity, collection, {y, hue})
    order = tuple(dim for dim in (y or hue or _left(quantity, x), x) if dim)
    _require_all(quantity, name, order)
    quantity, error = _ordered(quantity, order), None if error is None else _ordered(error, order)
    if y:
        return study_map(quantity, note=note, title=collection.title, units=units)
    return study_lines(quantity, error, note=note, title=collection.title, units=units)


def _mean(quantity: Quantity, pooled: Sequence[str], over: Sequence[str]) -> tuple[Quantity, Quantity | None]:
    """The mean over all, and the standard error of the members: sites of one sample are not independent."""
    long_name = quantity.long_name
    value = mean(quantity, pooled)[0] if pooled else quantity
    value, error = mean(value, over) if over else (value, None)
    return replace(value, long_name=long_name), error


def _plain(quantity: Quantity) -> Quantity:
    if quantity.values.dtype.kind not in "iufcb":
        raise InputError(f"{quantity.long_name} is text; there is nothing to draw")
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
