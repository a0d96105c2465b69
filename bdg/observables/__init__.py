"""Observables: one small file a quantity, which declares all that is known of it.

An observable is a function ``f(state, **parameters)`` that returns a :class:`Quantity`, several in a
dictionary by name, or plain numbers. A user's own is passed to :func:`bdg.solve` as it is, or joins the
others under its name with :func:`register`, its section of a configuration included.
"""

from collections.abc import Mapping
from typing import Any

from bdg.errors import InputError
from bdg.model import Model
from bdg.observables.needs import pairs_on_bonds
from bdg.observables.own import as_quantities, name_of
from bdg.observables.quantity import Quantity
from bdg.observables.registry import (
    Observable,
    call,
    contract_of,
    contracts,
    observable,
    observable_named,
    observables,
)
from bdg.observables.state import State

register = observable

DEFAULT_OBSERVABLES = ("order_parameter", "density")
"""What a run measures where it names nothing."""

OF_BONDS = "bond_order"
"""What it measures besides where bonds have pairs: ``order_parameter``, of the sites, may be zero there."""


def usual(model: Model) -> tuple[str, ...]:
    """The observables of a run that names none."""
    try:
        pairs_on_bonds(model)
    except InputError:
        return DEFAULT_OBSERVABLES
    return (*DEFAULT_OBSERVABLES, OF_BONDS)


def measure(
    state: State, which: str | Observable, parameters: Mapping[str, Any] | None = None
) -> dict[str, Quantity]:
    """An observable's quantities in a state, by name.

    Parameters
    ----------
    state
        What to measure.
    which
        Name of an observable, or a function; plain numbers that one returns become a :class:`Quantity` of its
        name, along sites or bonds where they are as many. Other axes become ``axis_0``, ``axis_1``, …:
        what is meant to lie on sites must be as many, and a :class:`Quantity` names its axes itself.
    parameters
        By name.

    Raises
    ------
    InputError
        If there is no such observable, it does not take these parameters or the model has not what it needs,
        or it returns no numbers.
    """
    name = which if isinstance(which, str) else name_of(which)
    return as_quantities(call(state, which, parameters or {}), name, state.model.sample)


__all__ = [
    "DEFAULT_OBSERVABLES",
    "OF_BONDS",
    "Observable",
    "Quantity",
    "State",
    "contract_of",
    "contracts",
    "measure",
    "name_of",
    "observable",
    "observable_named",
    "observables",
    "register",
    "usual",
]
