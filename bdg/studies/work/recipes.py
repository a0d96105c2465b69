"""How the points of a study are made: from a configuration with a section ``sweep``, or by a function."""

from __future__ import annotations

import hashlib
import inspect
import json
import os
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Protocol

import yaml

from bdg.config import Config, ConfigSource
from bdg.config.schema.sweep import Sweep
from bdg.config.settings import flattened
from bdg.errors import ConfigError, InputError
from bdg.model import Model
from bdg.result import Result
from bdg.studies.plan.points import Point
from bdg.studies.work.task import FromSettings, FromValues, Work

FREE: Set[tuple[str, ...]] = frozenset(
    {("output",), ("sweep",), ("solver", "threads"), ("scf", "max_iterations"), ("scf", "checkpoint")}
)
"""Keys on which what has converged does not depend."""

Function = Callable[..., Model | Result]
"""Makes a model, which is solved, or a result from the values of a point, by the last parts of the keys."""


class Recipe(Protocol):
    """What a study needs to know of where its points come from."""

    @property
    def title(self) -> str:
        """For figures."""
        ...

    @property
    def sweep(self) -> Sweep:
        """The swept keys."""
        ...

    @property
    def text(self) -> str:
        """What is kept in the study's folder, from which it is opened again."""
        ...

    def digest(self, point: Point) -> str:
        """What a point is known by: the same as long as its result would be."""
        ...

    def is_of(self, point: Point, result: Result) -> bool:
        """Whether a result is that of a point, as far as it says where it comes from."""
        ...

    def work(self, point: Point, threads: int | None) -> Work:
        """What a worker is to do, on so many threads where nothing else is said."""
        ...


@dataclass(frozen=True)
class FromConfiguration:
    """The points of a configuration.

    Parameters
    ----------
    source
        With a section ``sweep``.
    """

    source: ConfigSource

    @cached_property
    def config(self) -> Config:
        """The checked configuration."""
        return self.source.parse()

    @property
    def title(self) -> str:
        """For figures."""
        return self.config.title

    @property
    def sweep(self) -> Sweep:
        """The swept keys."""
        if self.config.sweep is None:
            hint = "write for example sweep: {temperature: [0.05, 0.1]}"
            raise self.source.error("sweep", "nothing is swept", hint)
        return self.config.sweep

    @property
    def text(self) -> str:
        """The text of the file; where the command line changed it, the values that result."""
        if not self.source.overrides:
            return self.source.text
        return yaml.safe_dump(self.source.tree.plain(), sort_keys=False, allow_unicode=True)

    def source_of(self, point: Point) -> ConfigSource:
        """The configuration of a point."""
        given = point.settings | ({} if point.start is None else {"scf.initial": point.start})
        overrides = (*self.source.overrides, "sweep=null")
        return ConfigSource(self.source.text, self.source.path, overrides, tuple(given.items()))

    def check(self, point: Point) -> Config:
        """The checked configuration of a point.

        Raises
        ------
        ConfigError
            That names the point.
        """
        try:
            return self.source_of(point).parse()
        except ConfigError as error:
            raise self.source.error("sweep", f"the point {point}: {error}") from None

    def digest(self, point: Point) -> str:
        """Of its configuration; comments and the output are left out."""
        plain = self.source_of(point).tree.plain()
        plain.pop("output", None)
        return _hash({**plain, "after": point.after} if point.is_trial else plain)

    def is_of(self, point: Point, result: Result) -> bool:
        """Whether its configuration is the point's; it may have had more iterations, or other threads."""
        try:
            made = ConfigSource(result.provenance.config_resolved, "<result>").parse()
            wanted = self.check(point)
        except ConfigError:
            return False
        free = FREE if point.after is None else {*FREE, ("scf", "initial")}
        return _bound(made, free) == _bound(wanted, free)

    def work(self, point: Point, threads: int | None) -> Work:
        """A run of its configuration."""
        source = self.source_of(point)
        given = self.config.solver.threads
        own = () if threads is None or given != "auto" else (("solver.threads", threads),)
        return FromSettings(replace(source, values=(*source.values, *own)))


@dataclass(frozen=True)
class FromFunction:
    """The points that a function of Python makes.

    Parameters
    ----------
    sweep
        The swept keys.
    name, version
        Of the function: where it stands, and a hash of its text.
    function
        Itself; ``None`` in a study that was opened from its folder, which can be read but not run.
    """

    sweep: Sweep
    name: str
    version: str
    function: Function | None = None

    @classmethod
    def of(cls, function: Function, sweep: Sweep) -> FromFunction:
        """The recipe of a function."""
        try:
            text = inspect.getsource(function)
        except (OSError, TypeError):  # typed at a prompt, or no plain function
            text = ""
        module, name = getattr(function, "__module__", ""), getattr(function, "__qualname__", repr(function))
        return cls(sweep, f"{module}.{name}", hashlib.sha256(text.encode()).hexdigest()[:16], function)

    @property
    def title(self) -> str:
        """Its name."""
        return self.name.rpartition(".")[2].replace("_", " ")

    @property
    def text(self) -> str:
        """The swept keys and the name of the function."""
        kept = {"function": self.name, "version": self.version, "sweep": self.sweep.model_dump(mode="json")}
        return yaml.safe_dump(kept, sort_keys=False, allow_unicode=True)

    def digest(self, point: Point) -> str:
        """Of the values, and the text of the function."""
        known: dict[str, Any] = {"function": self.name, "version": self.version, "values": point.settings}
        if point.is_trial:
            known = {**known, "after": point.after}
        return _hash(known if point.start is None else {**known, "start": point.start})

    def is_of(self, point: Point, result: Result) -> bool:
        """Never: a result does not say which function made it."""
        return False

    def work(self, point: Point, threads: int | None) -> Work:
        """A call of the function.

        Raises
        ------
        InputError
            If the study was opened from its folder.
        """
        if self.function is None:
            raise InputError(f"this study is made by {self.name}; to run more of it, call bdg.sweep with it")
        values = {key.split(".")[-1]: value for key, value in point.settings.items()}
        return FromValues(self.function, values, threads, point.start or "uniform")


def recipe_from(text: str, path: str | os.PathLike[str]) -> FromConfiguration | FromFunction:
    """The recipe that a study keeps in its folder.

    Raises
    ------
    ConfigError
        If it is no longer one.
    """
    source = ConfigSource(text, os.fspath(path))
    plain = source.tree.plain()
    if "function" not in plain:
        return FromConfiguration(source)
    return FromFunction(Sweep.model_validate(plain["sweep"]), plain["function"], plain["version"])


def _bound(config: Config, free: Set[tuple[str, ...]]) -> dict[tuple[str | int, ...], Any]:
    """The values of a configuration by their paths, without those that are free."""
    values = flattened(config.model_dump(mode="json", exclude_none=True))
    return {path: value for path, value in values.items() if path[:1] not in free and path[:2] not in free}


def _hash(plain: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()[:16]
