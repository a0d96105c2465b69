"""What a user's own observable returns, made into quantities."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.observables.quantity import Quantity


def name_of(function: Callable[..., Any]) -> str:
    """The name a function was defined with.

    Raises
    ------
    InputError
        If it has none.
    """
    name = getattr(function, "__name__", "")
    if not callable(function) or not name.isidentifier():
        raise InputError(f"an observable needs a name, and {function!r} has none; define it with def")
    return str(name)


def as_quantities(returned: Any, name: str, sample: Sample) -> dict[str, Quantity]:
    """The quantities an observable returned, by name.

    Parameters
    ----------
    returned
        A quantity, numbers, or a dictionary of these.
    name
        Of the observable, and of what it returned without a name.
    sample
        Tells which axes are sites and which are bonds.

    Raises
    ------
    InputError
        If something in it is neither.
    """
    if isinstance(returned, Mapping):
        return {str(key): _quantity(value, str(key), sample) for key, value in returned.items()}
    return {name: _quantity(returned, name, sample)}


def _quantity(value: Any, name: str, sample: Sample) -> Quantity:
    if isinstance(value, Quantity):
        return value
    try:
        array = np.asarray(value)
    except ValueError:  # lists of unequal lengths
        array = np.array(None)
    if array.dtype.kind not in "biufc":
        raise InputError(
            f"observable {name} returned {type(value).__name__} without numbers;"
            " return numbers, an array, a bdg.Quantity, or a dictionary of these"
        )
    if array.dtype == bool:
        array = array.astype(np.int8)  # so that it can be drawn
    return Quantity(array, _axes(array.shape, sample), "1", name.replace("_", " "))


def _axes(shape: tuple[int, ...], sample: Sample) -> tuple[str, ...]:
    """Names for axes: ``site`` or ``bond`` for the last of that length, ``spin`` for two before sites."""
    known = {sample.n_bonds: "bond", sample.n_sites: "site"}  # sites where there are as many bonds
    names = [f"axis_{number}" for number in range(len(shape))]
    for axis in reversed(range(len(shape))):
        if shape[axis] in known and shape[axis] > 1:
            names[axis] = known[shape[axis]]
            if shape[:axis] == (2,):
                names[0] = "spin"
            break
    return tuple(names)
