"""Observables: one small file a quantity; the registry names them for the config.

An observable is a function ``f(state, **parameters)`` that returns a :class:`Quantity`, several in a
dictionary by name, or plain numbers. A user's own is passed to :func:`bdg.solve` as it is, or joins the
others under its name with :func:`register`.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from bdg.errors import InputError
from bdg.keywords import did_you_mean
from bdg.observables.anomalous_density import anomalous_density
from bdg.observables.bands import bands
from bdg.observables.bkt_temperature import bkt_temperature
from bdg.observables.bond_order import bond_order
from bdg.observables.conductance import conductance
from bdg.observables.conductivity import conductivity
from bdg.observables.current_spectrum import current_spectrum
from bdg.observables.currents import currents
from bdg.observables.density import density
from bdg.observables.dos import dos
from bdg.observables.entropy import entropy
from bdg.observables.flux import flux
from bdg.observables.grand_potential import grand_potential
from bdg.observables.josephson import current_phase, fraunhofer, squid
from bdg.observables.ldos import ldos
from bdg.observables.loop_currents import loop_currents
from bdg.observables.magnetisation import magnetisation
from bdg.observables.magnetisation_curve import magnetisation_curve
from bdg.observables.meissner import meissner
from bdg.observables.order_parameter import order_parameter
from bdg.observables.own import as_quantities, name_of
from bdg.observables.persistent_current import persistent_current
from bdg.observables.quantity import Quantity
from bdg.observables.spectral_gap import spectral_gap
from bdg.observables.stability import stability
from bdg.observables.state import State
from bdg.observables.states import states
from bdg.observables.superflow import superflow
from bdg.observables.superfluid_weight import superfluid_weight
from bdg.observables.topology import (
    bott,
    chern,
    local_chern_marker,
    majorana_polarisation,
    pfaffian,
    spectral_localizer,
    zero_modes,
)
from bdg.observables.vortices import vortices

Observable = Callable[..., Any]

_REGISTRY: dict[str, Observable] = {
    function.__name__: function
    for function in (
        order_parameter,
        anomalous_density,
        bond_order,
        density,
        magnetisation,
        spectral_gap,
        states,
        ldos,
        dos,
        bands,
        currents,
        current_spectrum,
        loop_currents,
        flux,
        vortices,
        meissner,
        magnetisation_curve,
        superfluid_weight,
        superflow,
        persistent_current,
        bkt_temperature,
        conductivity,
        current_phase,
        fraunhofer,
        squid,
        conductance,
        grand_potential,
        entropy,
        stability,
        pfaffian,
        chern,
        bott,
        local_chern_marker,
        spectral_localizer,
        zero_modes,
        majorana_polarisation,
    )
}


def observables() -> tuple[str, ...]:
    """Names of the observables there are."""
    return tuple(_REGISTRY)


def observable(which: str | Observable) -> Observable:
    """The observable of a name; or a function of a user's own, if its name is free.

    Raises
    ------
    InputError
        If there is none of that name, or a function has no name or that of another observable.
    """
    if isinstance(which, str):
        if which not in _REGISTRY:
            hint = f"{did_you_mean(which, _REGISTRY)}; use one of {', '.join(_REGISTRY)}"
            raise InputError(f"unknown observable {which!r}{hint}")
        return _REGISTRY[which]
    name = name_of(which)
    if _REGISTRY.get(name, which) is not which:
        raise InputError(f"there is an observable {name!r} already; rename yours")
    return which


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
        If there is no such observable, it does not take these parameters, or it returns no numbers.
    """
    function, given = observable(which), dict(parameters or {})
    name = name_of(function)
    try:
        inspect.signature(function).bind(state, **given)
    except TypeError as error:
        takes = list(inspect.signature(function).parameters)[1:]
        hint = f"it takes {', '.join(takes)}" if takes else "it takes no parameters"
        unknown = [did_you_mean(key, takes) for key in given if key not in takes]
        raise InputError(f"observable {name}: {error}{''.join(unknown[:1])}; {hint}") from None
    return as_quantities(function(state, **given), name, state.model.sample)


def register(function: Observable) -> Observable:
    """Add a user's own observable under its function name; works as a decorator.

    Raises
    ------
    InputError
        If the name is taken.
    """
    name = name_of(observable(function))
    if name in _REGISTRY:
        raise InputError(f"there is an observable {name!r} already; rename yours")
    _REGISTRY[name] = function
    return function


__all__ = ["Observable", "Quantity", "State", "measure", "name_of", "observable", "observables", "register"]
