"""What the tasks of a job have in common is sent to a worker once, and kept there under a key.

A task names the parts that it needs. The first ones carry them, one for each worker; a worker that lacks a
part all the same, as it is new or had no task before, says so, and the task is sent once more with the part.
So any executor does: none of them has to be told which worker gets what.
"""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from bdg.executors import leave_interrupts_to
from bdg.resources import as_worker

Key = tuple[str, bytes]
"""Kind and digest of a part."""

KEPT = {"graph": 4, "plan": 8, "base": 4, "matrix": 2}
"""How many parts of a kind a worker keeps, those that were used last."""


class Part(Protocol):
    """Something that tasks have in common, as it is sent."""

    @property
    def key(self) -> Key:
        """Equal for equal parts only."""
        ...

    @property
    def needs(self) -> tuple[Part, ...]:
        """What it is made of besides."""
        ...

    def build(self, *needs: Any) -> Any:
        """What tasks are called with, from what was built of the parts that it needs."""
        ...


@dataclass(frozen=True)
class Lacking:
    """Keys that a worker does not have."""

    keys: tuple[Key, ...]


@dataclass(frozen=True)
class Failed:
    """How a task failed by itself; what an executor raises is a failure of the executor."""

    error: Exception


@dataclass(frozen=True)
class Job:
    """A call whose first arguments are parts, ready to be sent.

    Parameters
    ----------
    function
        What is called with the parts and the arguments.
    keys
        Of the parts, each with the keys of what it needs, in the order in which they are built.
    parts
        Which of ``keys`` are arguments.
    carried
        Parts that are sent along, by their keys.
    arguments
        The other arguments.
    sender
        The process that sends it.
    """

    function: Callable[..., Any]
    keys: tuple[tuple[Key, tuple[Key, ...]], ...]
    parts: tuple[Key, ...]
    carried: Mapping[Key, Part]
    arguments: tuple[Any, ...]
    sender: int = field(default_factory=os.getpid)

    def __call__(self) -> Any:
        """Do it, on one thread: the result, :class:`Lacking` or :class:`Failed`."""
        leave_interrupts_to(self.sender)
        try:
            with as_worker():
                kept = _SHELF.having(self.keys, self.carried)
                if isinstance(kept, Lacking):
                    return kept
                return self.function(*(kept[key] for key in self.parts), *self.arguments)
        except Exception as error:
            return Failed(error)


class _Shelf:
    """What this process keeps of the parts it was sent."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Key, Any] = OrderedDict()
        self._lock = threading.Lock()

    def having(
        self, keys: Iterable[tuple[Key, tuple[Key, ...]]], carried: Mapping[Key, Part]
    ) -> Mapping[Key, Any] | Lacking:
        """What was built of parts, or which are lacking."""
        with self._lock:
            wanted = dict(keys)
            lacking = [key for key in wanted if key not in self._kept and key not in carried]
            if lacking:
                return Lacking(tuple(lacking))
            for key, needs in wanted.items():
                if key not in self._kept:
                    self._kept[key] = carried[key].build(*(self._kept[one] for one in needs))
                self._kept.move_to_end(key)
            found = {key: self._kept[key] for key in wanted}
            self._forget()
        return found

    def _forget(self) -> None:
        for kind, most in KEPT.items():
            for key in [one for one in self._kept if one[0] == kind][:-most]:
                del self._kept[key]


_SHELF = _Shelf()


@dataclass
class Parcel:
    """Jobs with the same parts, and which of these were sent how often.

    Parameters
    ----------
    parts
        The parts that jobs are called with.
    sent
        How often each was sent; shared among the parcels of one executor.
    copies
        How many tasks carry a part that no worker has: as many as there are workers, or tasks at a time.
    """

    parts: Sequence[Part]
    sent: Sent
    copies: int
    _all: dict[Key, Part] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for part in self.parts:
            self._add(part)

    def _add(self, part: Part) -> None:
        for one in part.needs:
            self._add(one)
        self._all.setdefault(part.key, part)

    def job(self, function: Callable[..., Any], *arguments: Any) -> Job:
        """A call with the parts, which carries what not every worker has been sent."""
        keys = tuple((key, tuple(one.key for one in part.needs)) for key, part in self._all.items())
        carried = {key: part for key, part in self._all.items() if self.sent.count(key) <= self.copies}
        return Job(function, keys, tuple(part.key for part in self.parts), carried, arguments)

    def again(self, job: Job, lacking: Iterable[Key]) -> Job:
        """The job with what a worker lacked as well."""
        return replace(job, carried={**job.carried, **{key: self._all[key] for key in lacking}})

    def whole(self, job: Job) -> Job:
        """The job with all that it may need."""
        return self.again(job, self._all)


class Sent:
    """How often parts were sent to the workers of one executor."""

    MOST = 64
    """Parts that are counted, those that were sent last."""

    def __init__(self) -> None:
        self._counts: OrderedDict[Key, int] = OrderedDict()

    def count(self, key: Key) -> int:
        """How often a part was needed, this time included."""
        self._counts[key] = self._counts.get(key, 0) + 1
        self._counts.move_to_end(key)
        if len(self._counts) > self.MOST:
            self._counts.popitem(last=False)
        return self._counts[key]
