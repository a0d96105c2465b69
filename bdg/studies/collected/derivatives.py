"""Derivatives of a quantity along a swept key, at its points, which need not be equally far apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bdg.errors import InputError
from bdg.observables import Quantity


def derivative(quantity: Quantity, along: str) -> Quantity:
    """∂q/∂x, of second order in the distances of points and of first at both ends; NaN where q is.

    Parameters
    ----------
    quantity
        With at least three values along the axis.
    along
        An axis with numbers.

    Raises
    ------
    InputError
        If it has no such axis, or fewer values.
    """
    if along not in quantity.dims or quantity.coords[along].values.dtype.kind not in "iuf":
        raise InputError(
            f"{quantity.long_name} has no axis {along!r} with numbers to take its derivative along"
        )
    coord, at = quantity.coords[along], quantity.dims.index(along)
    if len(coord.values) < 3:
        raise InputError(f"a derivative along {along} needs three values at least, not {len(coord.values)}")
    values = np.apply_along_axis(lambda row: _slopes(coord.values, row), at, quantity.values)
    units = "1" if quantity.units == coord.units else f"{quantity.units}/{coord.units}"
    units = quantity.units if coord.units == "1" else units
    name = f"derivative by {coord.long_name}: {quantity.long_name}"
    return replace(quantity, values=values, units=units, long_name=name, error=None)


def _slopes(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    there = np.isfinite(y)
    slopes = np.full(y.shape, np.nan, dtype=y.dtype)
    if there.sum() > 2:
        slopes[there] = np.gradient(y[there], x[there])
    return slopes
