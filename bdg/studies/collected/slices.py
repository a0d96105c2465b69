"""The numbers of a study at a value of an axis."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from bdg.errors import InputError
from bdg.observables import Quantity


def sliced(quantity: Quantity, axis: str, value: float | str) -> Quantity:
    """A quantity at a value along an axis: the nearest number, or the word; unchanged if it has no such axis.

    Raises
    ------
    InputError
        If there is no such word.
    """
    if axis not in quantity.dims:
        return quantity
    at = quantity.dims.index(axis)
    coord = quantity.coords.get(axis)
    places = np.arange(quantity.values.shape[at]) if coord is None else coord.values
    return replace(
        quantity,
        values=np.take(quantity.values, place_of(places, axis, value), axis=at),
        dims=tuple(dim for dim in quantity.dims if dim != axis),
        coords={name: one for name, one in quantity.coords.items() if axis not in one.dims},
    )


def place_of(places: np.ndarray, axis: str, value: float | str) -> int:
    """The index of the number nearest to a value, or of a word.

    Raises
    ------
    InputError
        If there is no such word, or a number is asked for by something else.
    """
    if places.dtype.kind in "iuf":
        try:
            return int(np.argmin(np.abs(places - float(value))))
        except ValueError:
            raise InputError(f"{axis} takes a number, not {value!r}") from None
    words = [str(one) for one in places]
    if str(value) not in words:
        raise InputError(f"{axis} has no {value!r}; it has {', '.join(words)}")
    return words.index(str(value))
