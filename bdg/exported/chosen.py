"""Which quantities are written, and spectra cut at an energy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from bdg.errors import InputError
from bdg.keywords import did_you_mean
from bdg.observables import Quantity
from bdg.plot.canvas.finding import spectral_axis


def chosen(
    known: Mapping[str, Quantity], observables: Mapping[str, Mapping[str, Quantity]], names: Sequence[str]
) -> dict[str, Quantity]:
    """The quantities of these names, an observable for all of its own; all without names.

    Raises
    ------
    InputError
        If there is no such quantity or observable.
    """
    if not names:
        return dict(known)
    found: dict[str, Quantity] = {}
    for name in names:
        if name in known:
            found[name] = known[name]
        elif observables.get(name):
            found |= observables[name]
        else:
            has = ", ".join(known)
            raise InputError(f"the result has no {name!r}{did_you_mean(name, known)}; it has {has}")
    return found


def cut(quantity: Quantity, energy: float | None) -> Quantity:
    """A spectrum at the nearest energy, which its attribute ``at`` names; all else as it is."""
    along = spectral_axis(quantity)
    if along is None or energy is None:
        return quantity
    places = np.asarray(quantity.coords[along].values)
    if not places.min() <= energy <= places.max():
        raise InputError(
            f"{energy:g} is outside of the {along} axis of {quantity.long_name}, which goes from"
            f" {places.min():g} to {places.max():g} {quantity.coords[along].units}"
        )
    nearest = int(np.argmin(np.abs(places - energy)))
    return replace(
        quantity,
        values=np.take(quantity.values, nearest, quantity.dims.index(along)),
        dims=tuple(dim for dim in quantity.dims if dim != along),
        coords={name: one for name, one in quantity.coords.items() if along not in one.dims},
        attributes={**quantity.attributes, "at": float(places[nearest])},
    )
