"""Ensembles: what the members along an axis have in common, and how well it is known.

A mean over n members has the standard error s/√n, s² the sample variance with n − 1; the typical value is the
geometric mean exp⟨ln x⟩, with the relative error of ⟨ln x⟩. Members without a result (NaN) are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.observables import Quantity


def mean(quantity: Quantity, over: str | Sequence[str]) -> tuple[Quantity, Quantity]:
    """The mean along axes and its standard error, NaN for a single member.

    Parameters
    ----------
    quantity
        Real.
    over
        Names of axes.

    Raises
    ------
    InputError
        If it has no such axis or is complex.
    """
    return _reduced(quantity, over, "mean", _mean)


def typical(quantity: Quantity, over: str | Sequence[str]) -> tuple[Quantity, Quantity]:
    """The geometric mean exp⟨ln x⟩ along axes and its standard error.

    Raises
    ------
    InputError
        If it has no such axis, is complex, or a number is negative.
    """
    if np.nanmin(_real(quantity), initial=0.0) < 0:
        raise InputError(f"{quantity.long_name} has negative numbers, and no typical value; take the mean")
    return _reduced(quantity, over, "typical", _typical)


def quantiles(
    quantity: Quantity, over: str | Sequence[str], levels: ArrayLike = (0.25, 0.5, 0.75)
) -> Quantity:
    """Quantiles along axes, the first axis ``quantile``.

    Raises
    ------
    InputError
        If it has no such axis, is complex, or a level is outside of [0, 1].
    """
    chosen = np.atleast_1d(np.asarray(levels, dtype=np.float64))
    if np.any((chosen < 0) | (chosen > 1)):
        raise InputError(f"quantiles lie between 0 and 1, not at {chosen.tolist()}")
    axes, dims = _axes(quantity, over)
    values = np.nanquantile(_real(quantity), chosen, axis=axes)
    level = Quantity(chosen, ("quantile",), "1", "quantile")
    coords = {"quantile": level, **_left(quantity, dims)}
    return Quantity(values, ("quantile", *dims), quantity.units, f"quantiles of {quantity.long_name}", coords)


def histogram(quantity: Quantity, over: str | Sequence[str], bins: int | ArrayLike = 40) -> Quantity:
    """The distribution of the numbers along axes, pooled: a density with integral 1.

    Parameters
    ----------
    quantity
        Real.
    over
        Names of axes whose numbers are pooled: seeds, sites.
    bins
        Number of bins between the smallest and the largest number of all, or their edges.

    Raises
    ------
    InputError
        If it has no such axis, is complex, or no number is left.
    """
    axes, dims = _axes(quantity, over)
    values = _real(quantity)
    finite = values[np.isfinite(values)]
    if not finite.size:
        raise InputError(f"{quantity.long_name} has no numbers to count")
    edges = np.histogram_bin_edges(finite, bins)
    rest = [axis for axis in range(values.ndim) if axis not in axes]
    rows = values.transpose([*rest, *axes]).reshape(*(values.shape[axis] for axis in rest), -1)
    density = np.apply_along_axis(lambda row: _density(row, edges), -1, rows)
    middle = Quantity(0.5 * (edges[1:] + edges[:-1]), ("value",), quantity.units, quantity.long_name)
    units = "1" if quantity.units == "1" else f"1/{quantity.units}"
    coords = {"value": middle, **_left(quantity, dims)}
    return Quantity(density, (*dims, "value"), units, f"distribution of {quantity.long_name}", coords)


def _density(row: Floats, edges: Floats) -> Floats:
    counts, _ = np.histogram(row[np.isfinite(row)], edges)
    total = counts.sum()
    return counts / (total * np.diff(edges)) if total else np.full(len(counts), np.nan)


def _reduced(
    quantity: Quantity, over: str | Sequence[str], word: str, reduce: Callable[[Floats], tuple[Any, Any]]
) -> tuple[Quantity, Quantity]:
    axes, dims = _axes(quantity, over)
    values = _real(quantity)
    rest = [axis for axis in range(values.ndim) if axis not in axes]
    rows = values.transpose([*axes, *rest]).reshape(-1, *(values.shape[axis] for axis in rest))
    with np.errstate(all="ignore"):
        value, error = reduce(rows)
    first = replace(
        quantity,
        values=np.asarray(value),
        dims=dims,
        long_name=f"{word} {quantity.long_name}",
        coords=_left(quantity, dims),
        error=None,
    )
    told = f"standard error of {first.long_name}"
    return first, replace(first, values=np.asarray(error), long_name=told)


def _mean(rows: Floats) -> tuple[Floats, Floats]:
    count = np.isfinite(rows).sum(axis=0)
    value = np.nansum(rows, axis=0) / np.where(count, count, np.nan)
    square = np.nansum((rows - value) ** 2, axis=0) / np.where(count > 1, count - 1, np.nan)
    return value, np.sqrt(square / np.where(count, count, np.nan))


def _typical(rows: Floats) -> tuple[Floats, Floats]:
    value, error = _mean(np.log(rows))
    return np.exp(value), np.exp(value) * error


def _axes(quantity: Quantity, over: str | Sequence[str]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """Numbers of the axes named, and names of the others."""
    names = [over] if isinstance(over, str) else list(over)
    for name in names:
        if name not in quantity.dims:
            raise InputError(f"{quantity.long_name} has no axis {name!r}; it has {', '.join(quantity.dims)}")
    dims = tuple(dim for dim in quantity.dims if dim not in names)
    return tuple(quantity.dims.index(name) for name in names), dims


def _left(quantity: Quantity, dims: tuple[str, ...]) -> dict[str, Quantity]:
    return {name: one for name, one in quantity.coords.items() if set(one.dims) <= set(dims)}


def _real(quantity: Quantity) -> Floats:
    if np.iscomplexobj(quantity.values):
        raise InputError(f"{quantity.long_name} is complex; take its absolute value first")
    return np.asarray(quantity.values, dtype=np.float64)
