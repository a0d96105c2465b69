"""From a file to a checked configuration, and back to text."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path as FilePath
from typing import Any

from pydantic import ValidationError

from bdg.config.schema.config import Config
from bdg.config.text.document import Node, Place, parse_document
from bdg.config.text.overrides import apply_override, with_value
from bdg.config.text.problems import place_of, raise_first
from bdg.config.whole import config_type
from bdg.errors import ConfigError
from bdg.parameters.dimensions import UNITS
from bdg.parameters.problems import Problem
from bdg.parameters.quantities import Units
from bdg.parameters.translate import problems_of
from bdg.parameters.wording import Path, key_name, nearest

MAX_BYTES = 10_000_000
"""Largest configuration file."""

HDF5 = b"\x89HDF\r\n\x1a\n"
"""How a result begins."""


@dataclass(frozen=True)
class ConfigSource:
    """The text of a configuration, where it came from, and what the command line changed.

    Parameters
    ----------
    text
        YAML.
    path
        Name of the file, for errors and for the name of the output.
    overrides
        ``a.b=value`` texts, applied in order.
    values
        Dotted keys and their plain values, put in place after that.
    """

    text: str
    path: str = "<text>"
    overrides: tuple[str, ...] = ()
    values: tuple[tuple[str, Any], ...] = ()

    @cached_property
    def tree(self) -> Node:
        """The values with their places, overrides included."""
        root = _parsed(self.text, self.path, self.overrides)
        for key, value in self.values:
            root = with_value(root, key, value)
        return root

    def parse(self) -> Config:
        """The checked configuration.

        Raises
        ------
        ConfigError
            Of the first problem in the file.
        """
        problems = list(_nulls(self.tree))
        data = self.tree.plain()
        data.setdefault("output", f"results/{_stem(self.path)}.h5")
        kind = config_type()
        try:
            config = kind.model_validate(data, context=_laboratory(data))
        except ValidationError as error:
            known = {problem.path for problem in problems}
            problems += [problem for problem in problems_of(error, kind) if problem.path not in known]
        if problems:
            raise_first(problems, self.tree)
        return config

    def error(self, key: str | Path, problem: str, hint: str | None = None) -> ConfigError:
        """The error that points to the place of ``key`` (``lattice.region``), for checks made later."""
        path = _path(key) if isinstance(key, str) else key
        place, written = place_of(path, self.tree)
        return place.error(problem, key=key_name(written), hint=hint)


@lru_cache(maxsize=2)
def _parsed(text: str, path: str, overrides: tuple[str, ...]) -> Node:
    """The tree of a text, which nobody changes: it serves all points of a sweep."""
    root = parse_document(text, path)
    for override in overrides:
        apply_override(root, override)
    return root


def load_config(path: str | os.PathLike[str], overrides: Sequence[str] = ()) -> tuple[Config, ConfigSource]:
    """Read and check a configuration file.

    Parameters
    ----------
    path
        The file.
    overrides
        ``a.b=value`` texts that replace values of the file, see
        :func:`bdg.config.text.overrides.apply_override`.

    Raises
    ------
    ConfigError
        The file can't be read, or its first problem.
    """
    name = os.fspath(path)
    source = ConfigSource(read_text(name), name, tuple(overrides))
    return source.parse(), source


def parse_config(text: str, name: str = "<text>", overrides: Sequence[str] = ()) -> Config:
    """Check the text of a configuration; ``name`` stands for the file in errors."""
    return ConfigSource(text, name, tuple(overrides)).parse()


def read_text(path: str) -> str:
    """The text of a configuration file, which must be UTF-8 and not too large."""
    place = Place(path)
    try:
        kind = os.stat(path).st_mode
        if stat.S_ISFIFO(kind) or stat.S_ISCHR(kind) or stat.S_ISSOCK(kind):
            raise place.error("not a regular file", hint="name a file")
        with open(path, "rb") as file:
            data = file.read(MAX_BYTES + 1)
    except ConfigError:
        raise
    except FileNotFoundError:
        raise place.error("no such file", hint=_another(path)) from None
    except IsADirectoryError:
        raise place.error("this is a directory", hint="name a file in it") from None
    except PermissionError:
        raise place.error("not allowed to read this file", hint="check its permissions") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise place.error(f"can't be read: {reason}", hint="name another file") from None
    if len(data) > MAX_BYTES:
        raise place.error(f"larger than {MAX_BYTES // 10**6} MB", hint="is this a configuration?")
    if data.startswith(HDF5):
        raise place.error(
            "this is a result, not a configuration",
            hint=f"bdg measure and bdg resume take it; scf.initial={path} of a configuration starts from it",
        )
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start]
        line = before.count(b"\n") + 1
        column = len(before[before.rfind(b"\n") + 1 :].decode("utf-8", "replace")) + 1
        problem = f"not UTF-8: the byte 0x{data[error.start]:02x} at offset {error.start}"
        raise Place(path, line, column).error(problem, hint="save the file as UTF-8") from None


def _another(path: str) -> str:
    """A file of nearly the same name beside it, or how one is made."""
    given = FilePath(path)
    stems = {file.stem.lower(): file for file in sorted(given.parent.glob("*.y*ml"))}
    meant = nearest(given.stem.lower(), stems)
    return f"did you mean {stems[meant]}?" if meant else "'bdg init' writes a configuration to start from"


def _nulls(root: Node, path: Path = ()) -> Iterator[Problem]:
    """Keys with nothing behind them; only observables may stand so."""
    if not isinstance(root.value, dict | list):
        return
    for part, node in root.value.items() if isinstance(root.value, dict) else enumerate(root.value):
        here: Path = (*path, part)
        if node.value is None and isinstance(part, str) and path != ("observables",):
            yield Problem(here, "has no value", "give one or remove the key")
        yield from _nulls(node, here)


def _laboratory(data: dict[str, Any]) -> dict[str, Any]:
    """The context in which numbers with units are read; that of an example where the section is wrong."""
    try:
        return {UNITS: Units.model_validate(data.get("units", {}))}
    except ValidationError:
        return {UNITS: Units.model_validate({"energy": "1 J", "length": "1 m"})}


def _stem(name: str) -> str:
    """The name of the output that belongs to a configuration's name."""
    return re.sub(r"[^\w.+-]", "_", FilePath(name).stem).strip("._") or "run"


def _path(key: str) -> Path:
    """``lattice.size[0]`` taken apart."""
    parts = re.findall(r"\[(\d+)\]|([^.\[\]]+)", key)
    return tuple(int(index) if index else name for index, name in parts)
