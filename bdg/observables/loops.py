"""What is found on the way is kept; the loops of experiments run with the options of the run."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache, partial
from types import FunctionType
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from bdg.observables.quantity import Quantity
from bdg.scf import ScfOptions

Numbers = Mapping[str, NDArray[Any]]
Found = TypeVar("Found", bound=Mapping[str, Any])

DIFFERENCES = 0.01
"""Share of ``scf.tolerance`` to which fields converge where numbers of close states are subtracted."""

FINEST = 1e-11
"""Residual, in t, that every solver reaches: no tolerance is tightened beyond it."""


def nothing(what: Any) -> None:
    """Do nothing with it."""


def never() -> bool:
    """Whether to stop: no."""
    return False


class Points:
    """What was found so far, by what it was asked for, so that a resumed run computes nothing twice.

    A point is arrays or quantities by name: a loop of an experiment, a block of energies, a whole observable.

    Parameters
    ----------
    known
        The points of an earlier run.
    changed
        Called after each new point, with whether it is whole, no part of another: the place to write them.
    is_kept
        Whether new points are kept at all.

    Attributes
    ----------
    fresh
        Points to be written: those found since the last :meth:`written`.
    """

    def __init__(
        self,
        known: Mapping[str, Numbers | Mapping[str, Quantity]] | None = None,
        changed: Callable[[bool], None] = nothing,
        *,
        is_kept: bool = True,
    ) -> None:
        self.known: dict[str, Any] = dict(known or {})
        self.fresh: dict[str, Any] = {}
        self.is_kept = is_kept
        self._changed = changed
        self._within: list[list[str]] = []

    def get(self, name: str, compute: Callable[[], Found]) -> Found:
        """The numbers of a point: those known, or else computed and kept.

        Points that are found on the way to another are dropped when that one is known.
        """
        if name in self.known:
            known: Found = self.known[name]
            return known
        if not self.is_kept:
            return compute()
        self._within.append([])
        try:
            found = compute()
        finally:
            inner = self._within.pop()
        self.known[name] = self.fresh[name] = found
        for one in inner:
            self.known.pop(one, None)
            self.fresh.pop(one, None)
        if self._within:
            self._within[-1].append(name)
        self._changed(not self._within)
        return found

    def written(self, names: Iterable[str]) -> None:
        """Take note that these points need not be written again."""
        for name in names:
            self.fresh.pop(name, None)


@dataclass(frozen=True)
class Watch:
    """What a caller has of the loops of experiments.

    Parameters
    ----------
    points
        What they have found so far.
    stop
        Asked after each iteration; true ends the experiment.
    say
        Called with a line for the log, such as a point without a state.
    """

    points: Points = field(default_factory=lambda: Points(is_kept=False))
    stop: Callable[[], bool] = never
    say: Callable[[str], None] = nothing


@dataclass(frozen=True)
class Loops:
    """How the loops of experiments run.

    Parameters
    ----------
    scf
        The options of the run.
    watch
        What the caller has of them.
    """

    scf: ScfOptions = field(default_factory=ScfOptions)
    watch: Watch = field(default_factory=Watch)

    @property
    def points(self) -> Points:
        """What was found so far."""
        return self.watch.points

    @property
    def options(self) -> ScfOptions:
        """The options of a loop that follows a change: those of the run.

        A state is followed where it is, even past the point where another one would be lower: no saddle is
        left.
        """
        return replace(self.scf, leave_saddles=False)

    @property
    def for_differences(self) -> Loops:
        """The same for states whose numbers are subtracted from each other; see :data:`DIFFERENCES`."""
        tightened = max(DIFFERENCES * self.scf.tolerance, min(self.scf.tolerance, FINEST))
        return replace(self, scf=replace(self.scf, tolerance=tightened))


def fingerprint(*parts: Any) -> str:
    """A name of arrays, numbers, texts and what holds them that is the same for the same bits alone."""
    digest = hashlib.sha256()
    _digest(digest, parts)
    return digest.hexdigest()[:32]


@cache
def _source(function: FunctionType) -> str:
    """The name of a function and its source, which may be a user's own; the name alone in an interpreter."""
    name = f"{function.__module__}.{function.__qualname__}"
    try:
        return f"{name} {inspect.getsource(function)}"
    except (OSError, TypeError):
        return name


def _digest(digest: Any, part: Any) -> None:
    """Add a part to a digest: what holds others by its parts."""
    if isinstance(part, np.ndarray):
        digest.update(f"{part.dtype.str}{part.shape}".encode())
        digest.update(np.ascontiguousarray(part).tobytes())
    elif is_dataclass(part) and not isinstance(part, type):
        _digest(digest, [type(part).__name__, *(getattr(part, one.name) for one in fields(part))])
    elif isinstance(part, Mapping):
        _digest(digest, list(part.items()))
    elif isinstance(part, (list, tuple)):
        digest.update(f"[{len(part)}".encode())
        for one in part:
            _digest(digest, one)
    elif isinstance(part, partial):
        _digest(digest, [part.func, part.args, part.keywords])
    elif isinstance(part, FunctionType):
        digest.update(_source(part).encode())
    else:
        digest.update(repr(part).encode())
    digest.update(b";")
