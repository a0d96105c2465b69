"""Quantities of a result by name, and the one that says where it superconducts."""

from __future__ import annotations

import numpy as np

from bdg.errors import InputError
from bdg.observables import Quantity
from bdg.result import Result


def find(result: Result, name: str) -> Quantity:
    """A quantity by name, self-consistent fields included.

    Raises
    ------
    InputError
        If there is none; the message lists what there is.
    """
    from bdg.store.groups.starts import field_quantities

    known = field_quantities(result) | result.quantities()
    if name not in known:
        raise InputError(f"the result has no {name!r}; it has {', '.join(sorted(known))}")
    return known[name]


SPECTRAL_AXES = ("energy", "bias")
"""Axes along which a quantity is a spectrum."""


def spectral_axis(quantity: Quantity) -> str | None:
    """The axis along which a quantity is a spectrum; ``None`` if it is none."""
    return next((name for name in SPECTRAL_AXES if name in quantity.dims), None)


def spectral_values(quantity: Quantity) -> Quantity:
    """The energies or biases of a spectrum."""
    return quantity.coords[spectral_axis(quantity) or "energy"]


def order_of(result: Result) -> tuple[str, Quantity]:
    """Δ on sites, or where that is larger a symmetry of the pairs on bonds that was measured."""
    measured = result.observables.get("bond_order", {}).items()
    on_sites = [("order_parameter", find(result, "delta"))]
    symmetries = [(name, quantity) for name, quantity in measured if quantity.dims == ("site",)]
    return max(on_sites + symmetries, key=lambda named: float(np.abs(named[1].values).max()))
