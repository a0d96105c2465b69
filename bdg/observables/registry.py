"""The observables there are: those of the package, of installed packages, and a user's own.

The modules of :data:`PACKAGES` are imported when observables are first asked for, and each decorated function
joins by itself; so do those that an installed package names in the entry point group ``bdg.observables``.
"""

from __future__ import annotations

import functools
import importlib
import importlib.metadata
import inspect
import pkgutil
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ParamSpec, TypeVar, overload

from bdg.errors import InputError
from bdg.keywords import did_you_mean
from bdg.observables.contract import GROUPS, Checked, Contract
from bdg.observables.own import name_of

P = ParamSpec("P")
R = TypeVar("R")

Observable = Callable[..., Any]

PACKAGES = ("bdg.observables", "bdg.experiments", "bdg.dynamics")
"""Where the package keeps its observables."""

ENTRY_POINTS = "bdg.observables"
"""The group in which an installed package names functions of its own."""

_contracts: dict[str, Contract] = {}
_is_loaded = False


@overload
def observable(function: Callable[P, R], /) -> Callable[P, R]: ...


@overload
def observable(
    *,
    title: str = "",
    group: str = "own",
    needs: Callable[..., object] | Sequence[Callable[..., object]] = (),
    example: str = "",
    numbers: Mapping[str, str] | None = None,
    uses_places: bool = True,
    has_own_section: bool = False,
) -> Callable[[Callable[P, R]], Callable[P, R]]: ...


def observable(function: Callable[P, R] | None = None, /, **declared: Any) -> Any:
    """Declare an observable: a function ``f(state, **parameters)``; a decorator, with or without arguments.

    Parameters
    ----------
    function
        What it computes; its name is that of the observable. Its annotated parameters, see
        :mod:`bdg.observables.parameters`, are checked in every call.
    declared
        ``title``, ``group``, ``needs``, ``example``, ``numbers``, ``uses_places``, ``has_own_section`` of
        :class:`bdg.observables.contract.Contract`.

    Raises
    ------
    InputError
        If the name is taken, or there is no such group.
    """
    return _declare(function) if function is not None else functools.partial(_declare, **declared)


def _declare(
    function: Callable[P, R],
    *,
    title: str = "",
    group: str = "own",
    needs: Callable[..., object] | Sequence[Callable[..., object]] = (),
    example: str = "",
    numbers: Mapping[str, str] | None = None,
    uses_places: bool = True,
    has_own_section: bool = False,
) -> Callable[P, R]:
    name = name_of(function)
    if group not in GROUPS:
        raise InputError(f"there is no group {group!r} of observables; use one of {', '.join(GROUPS)}")
    if not function.__module__.startswith("bdg."):
        load()
    if name in _contracts:
        raise InputError(f"there is an observable {name!r} already; rename yours")
    title = title or (inspect.getdoc(function) or name.replace("_", " ")).partition("\n")[0]
    needs = (needs,) if callable(needs) else tuple(needs)
    contract = Contract(
        name, function, title, group, needs, example, dict(numbers or {}), uses_places, has_own_section
    )
    _contracts[name] = contract
    return contract.checked


def load() -> None:
    """Import every module that declares observables, once."""
    global _is_loaded
    if _is_loaded:
        return
    _is_loaded = True  # at once: what is imported may ask for the others
    try:
        _import_all()
    except BaseException:
        _is_loaded = False
        raise


def _import_all() -> None:
    for package in map(importlib.import_module, PACKAGES):
        names = (one.name for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}."))
        for name in sorted(names):
            importlib.import_module(name)
    for point in importlib.metadata.entry_points(group=ENTRY_POINTS):
        try:
            found = point.load()
            if contract_of(found) is None:
                observable(found)
        except Exception as error:
            warnings.warn(f"the observable {point.name} of {point.value} is left out: {error}", stacklevel=2)


def contracts() -> dict[str, Contract]:
    """The contract of every observable by name, in the order of lists."""
    load()
    return {one.name: one for one in sorted(_contracts.values(), key=lambda one: one.order)}


def observables() -> tuple[str, ...]:
    """Names of the observables there are."""
    return tuple(contracts())


def contract_of(which: str | Observable) -> Contract | None:
    """The contract of an observable; ``None`` of a function that was not declared as one.

    Raises
    ------
    InputError
        If there is none of that name, or a function has no name or that of another observable.
    """
    load()
    if isinstance(which, str):
        if which not in _contracts:
            hint = f"{did_you_mean(which, _contracts)}; use one of {', '.join(observables())}"
            raise InputError(f"unknown observable {which!r}{hint}")
        return _contracts[which]
    name = name_of(which)
    contract = _contracts.get(name)
    if contract is not None and getattr(which, "__wrapped__", which) is not contract.function:
        raise InputError(f"there is an observable {name!r} already; rename yours")
    return contract


def observable_named(which: str | Observable) -> Observable:
    """The observable of a name; or a function of a user's own, if its name is free. Raises as above."""
    contract = contract_of(which)
    if contract is not None:
        return contract.checked
    assert callable(which)
    return which


def call(state: Any, which: str | Observable, parameters: Mapping[str, Any]) -> Any:
    """What an observable returns in a state, for parameters by name.

    Raises
    ------
    InputError
        See :func:`contract_of`; and if it does not take these parameters.
    """
    contract = contract_of(which)
    function = contract.function if contract is not None else which
    assert callable(function)
    try:
        inspect.signature(function).bind(state, **parameters)
    except TypeError as error:
        takes = list(inspect.signature(function).parameters)[1:]
        hint = f"it takes {', '.join(takes)}" if takes else "it takes no parameters"
        unknown = [did_you_mean(key, takes) for key in parameters if key not in takes]
        raise InputError(f"observable {name_of(function)}: {error}{''.join(unknown[:1])}; {hint}") from None
    if contract is None:
        return function(state, **parameters)
    return contract.call(state, parameters if isinstance(parameters, Checked) else dict(parameters))
