"""The observables of a run one by one: what breaks in one costs neither the others nor the fields."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np

from bdg._version import __version__
from bdg.errors import BdgError, NumericalError, ResourceError, RunStoppedError
from bdg.observables import Quantity, State, measure, name_of, observable_named
from bdg.observables.loops import fingerprint
from bdg.observables.quantity import warnings_in

NUMERICAL = ArithmeticError, np.linalg.LinAlgError, RuntimeError
"""``NumericalError``, and what NumPy, SuperLU and ARPACK raise when numbers fail them."""

FAILURES = *NUMERICAL, ResourceError, MemoryError
"""What happens to a user who did nothing wrong."""

Wanted = str | Callable[..., Any]
"""An observable by name, or a function of one's own."""


@dataclass
class Measured:
    """What was measured, and what failed.

    Parameters
    ----------
    quantities
        Quantities by observable and name.
    failures
        The error of each observable that failed.
    """

    quantities: dict[str, dict[str, Quantity]] = field(default_factory=dict)
    failures: dict[str, BdgError] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.quantities) + len(self.failures)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the quantities warn of, and what failed, a line each."""
        failed = (f"{name} failed: {' '.join(str(error).split())}" for name, error in self.failures.items())
        return (*warnings_in(self.quantities), *failed)

    def add(
        self,
        state: State,
        name: str,
        which: Wanted,
        parameters: Mapping[str, Any],
        *,
        keeps: tuple[type[Exception], ...],
        place: AbstractContextManager[None] | None = None,
    ) -> None:
        """Measure one more.

        Parameters
        ----------
        state, which, parameters
            See :func:`bdg.observables.measure`.
        name
            The observable's name in the result.
        keeps
            Errors that are kept among the failures; others pass, :class:`bdg.errors.RunStoppedError` always.
        place
            The context it is measured in.
        """
        try:
            with place or nullcontext():
                self.quantities[name] = _found(state, which, parameters)
        except RunStoppedError:
            raise
        except keeps as error:
            self.failures[name] = _without_traceback(error)


def _found(state: State, which: Wanted, parameters: Mapping[str, Any]) -> dict[str, Quantity]:
    """The quantities of an observable; those that were kept where it was measured before."""
    points = state.loops.points
    if not points.is_kept:
        return measure(state, which, parameters)
    name = fingerprint(
        "observable", __version__, _code(which), state.fingerprint, state.loops.scf, parameters
    )
    return dict(points.get(name, lambda: measure(state, which, parameters)))


def _code(which: Wanted) -> str:
    """What distinguishes an observable from all others: its name, and its code, which may be a user's own."""
    function = observable_named(which)
    try:
        return f"{name_of(function)} {_source(function)}"
    except (OSError, TypeError):  # made in an interpreter
        return name_of(function)


@lru_cache(maxsize=256)
def _source(function: Callable[..., Any]) -> str:
    """The code of a function, which takes a millisecond to find."""
    return inspect.getsource(function)


def _without_traceback(error: Exception) -> BdgError:
    """An error as one of the package, without the arrays that its traceback holds."""
    if isinstance(error, BdgError):
        error.__cause__ = error.__context__ = None
        return error.with_traceback(None)
    if isinstance(error, MemoryError):
        return ResourceError("out of memory; make the sample smaller")
    text = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return NumericalError(text if isinstance(error, NUMERICAL) else f"internal error, {text}")
