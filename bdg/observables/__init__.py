"""Observables: one small file a quantity; the registry names them for the config.

An observable is a function ``f(state, **parameters) -> dict[name, Quantity]``. A user's own joins with
:func:`register`.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from bdg.errors import InputError
from bdg.observables.anomalous_density import anomalous_density
from bdg.observables.bands import bands
from bdg.observables.currents import currents
from bdg.observables.density import density
from bdg.observables.dos import dos
from bdg.observables.entropy import entropy
from bdg.observables.grand_potential import grand_potential
from bdg.observables.ldos import ldos
from bdg.observables.order_parameter import order_parameter
from bdg.observables.quantity import Quantity
from bdg.observables.spectral_gap import spectral_gap
from bdg.observables.state import State

Observable = Callable[..., dict[str, Quantity]]

_REGISTRY: dict[str, Observable] = {
    function.__name__: function
    for function in (
        order_parameter,
        anomalous_density,
        density,
        spectral_gap,
        ldos,
        dos,
        bands,
        currents,
        grand_potential,
        entropy,
    )
}


def observables() -> tuple[str, ...]:
    """Names of the observables there are."""
    return tuple(_REGISTRY)


def observable(name: str) -> Observable:
    """The observable of that name.

    Raises
    ------
    InputError
        If there is none.
    """
    if name not in _REGISTRY:
        raise InputError(f"unknown observable {name!r}; use one of {', '.join(_REGISTRY)}")
    return _REGISTRY[name]


def measure(state: State, name: str, parameters: Mapping[str, Any] | None = None) -> dict[str, Quantity]:
    """An observable's quantities in a state.

    Raises
    ------
    InputError
        If there is no such observable, or it does not take these parameters.
    """
    function, given = observable(name), dict(parameters or {})
    try:
        inspect.signature(function).bind(state, **given)
    except TypeError as error:
        takes = [key for key in inspect.signature(function).parameters if key != "state"]
        hint = f"it takes {', '.join(takes)}" if takes else "it takes no parameters"
        raise InputError(f"observable {name}: {error}; {hint}") from None
    return function(state, **given)


def register(function: Observable) -> Observable:
    """Add a user's own observable under its function name; works as a decorator.

    Raises
    ------
    InputError
        If the name is taken.
    """
    name = function.__name__
    if name in _REGISTRY:
        raise InputError(f"there is an observable {name!r} already; rename yours")
    _REGISTRY[name] = function
    return function


__all__ = ["Observable", "Quantity", "State", "measure", "observable", "observables", "register"]
