"""What observables find on their way is kept; the loops inside them run with the run's own options."""

from __future__ import annotations

import hashlib
import signal
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass, replace
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from bdg.errors import Interrupted
from bdg.observables.quantity import Quantity
from bdg.scf import ScfOptions
from bdg.solvers import Monitor, watched

T = TypeVar("T")
Numbers = Mapping[str, NDArray[Any]]
Found = TypeVar("Found", bound=Mapping[str, Any])

FOLLOWS_TO = 1e-9
"""Residual of fields that follow a change, in t, unless ``scf.tolerance`` is stricter."""


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
        changed: Callable[[bool], None] = lambda is_whole: None,
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
class Loops:
    """How the loops inside an observable run.

    Parameters
    ----------
    scf
        The options of the run.
    points
        What they have found so far.
    stop
        Asked after each iteration; true ends the observable.
    """

    scf: ScfOptions = field(default_factory=lambda: ScfOptions(max_iterations=400))
    points: Points = field(default_factory=lambda: Points(is_kept=False))
    stop: Callable[[], bool] = lambda: False

    def options(self, at_most: float) -> ScfOptions:
        """The options of a loop that follows a change: as strict as the run, and as ``at_most`` demands.

        A state is followed where it is, even past the point where another one would be lower: no saddle is
        left.
        """
        return replace(self.scf, tolerance=min(at_most, self.scf.tolerance), leave_saddles=False)


def fingerprint(*parts: Any) -> str:
    """A name of arrays, numbers, texts and what holds them that is the same for the same bits alone."""
    digest = hashlib.sha256()
    _digest(digest, parts)
    return digest.hexdigest()[:32]


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
    else:
        digest.update(repr(part).encode())
    digest.update(b";")


def interrupted() -> Interrupted:
    """What ends an observable whose loop was stopped."""
    return Interrupted("stopped", signal.SIGINT)


def counted(solver: Any, places: Sequence[T]) -> Iterator[T]:
    """One place after another, while the progress says which of how many is worked on."""
    monitor = getattr(solver, "monitor", Monitor())
    for n, place in enumerate(places):

        def at_this_point(part: str, done: int, total: int, n: int = n) -> None:
            monitor.progress("points", n, len(places))

        monitor.report("points", n, len(places))
        with watched(solver, Monitor(monitor.interrupt, at_this_point)):
            yield place
    monitor.progress("points", len(places), len(places))
