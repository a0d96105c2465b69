"""The parameters of a run by the keys of its configuration, and which of them nobody gave."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bdg.config.dump import dump_resolved
from bdg.config.keys import field_at
from bdg.config.source import ConfigSource
from bdg.config.text.document import parse_document
from bdg.errors import ConfigError, UnknownKeyError
from bdg.keywords import nearest
from bdg.parameters.wording import Path, key_name

_PART = re.compile(r"\[(\d+)\]|([^.\[\]]+)")


@dataclass(frozen=True, repr=False)
class Settings(Mapping[str, Any]):
    """The parameters of a run.

    ``settings["hamiltonian.disorder.seed"]``, ``settings["lattice.size[0]"]`` and
    ``settings["hamiltonian"]["disorder"]["seed"]`` are values; a section is a mapping of the same kind,
    a list a list. ``in``, ``get`` and a loop over the keys of a section are those of any mapping.

    Parameters
    ----------
    tree
        The values, with every default.
    defaults
        Paths of the values that nobody gave.
    missing
        What is said of a key that a configuration may have, and these have not.
    """

    tree: Mapping[str, Any]
    defaults: frozenset[Path] = frozenset()
    missing: str = "is not set"
    _place: Path = field(default=())

    @classmethod
    def read(cls, source: str, resolved: str) -> Settings:
        """The parameters by the two texts that a result keeps.

        Parameters
        ----------
        source
            The YAML as written, without what the command line or a sweep changed.
        resolved
            The YAML with every default.
        """
        values, given = _plain(resolved), _plain(source) if source.strip() else {}
        written, named = _with_defaults(source, "sweep" in given), set(flattened(given))
        # A value given for a whole, boundary: periodic, is one of its parts, too.
        defaults = {
            path
            for path, value in flattened(values).items()
            if written.get(path) == value and not any(path[:n] in named for n in range(1, len(path) + 1))
        }
        return cls(values, frozenset(defaults))

    def __getitem__(self, key: str) -> Any:
        """The value of a key, or a section.

        Raises
        ------
        UnknownKeyError
            If there is no such key; the message names the nearest there is.
        """
        value: Any = self.tree
        for part in path_of(key) or (key,):
            fits = isinstance(part, int) if isinstance(value, list) else isinstance(value, Mapping)
            try:
                value = value[part] if fits else None
            except LookupError:
                fits = False
            if not fits:
                raise self._unknown(key)
        if not isinstance(value, Mapping):
            return value
        return Settings(value, self.defaults, self.missing, (*self._place, *path_of(key)))

    def __iter__(self) -> Iterator[str]:
        return iter(self.tree)

    def __len__(self) -> int:
        return len(self.tree)

    def __repr__(self) -> str:
        """A line for each value: ``temperature = 0.05``, ``scf.damping = 1.0 (default)``."""
        return "\n".join(
            f"{key} = {value!r}{' (default)' if self.is_default(key) else ''}"
            for key, value in self.flat().items()
        )

    def flat(self) -> dict[str, Any]:
        """All values by their dotted keys; a list of numbers or words is one value."""
        return {key_name(path): value for path, value in flattened(self.tree).items()}

    def given(self) -> dict[str, Any]:
        """The values that somebody gave, by their dotted keys."""
        return {key: value for key, value in self.flat().items() if not self.is_default(key)}

    def is_default(self, key: str) -> bool:
        """Whether nobody gave the value of a key, or of any in a section.

        Raises
        ------
        UnknownKeyError
            If there is no such key.
        """
        value, path = self[key], (*self._place, *path_of(key))
        if isinstance(value, Settings):
            return all((*path, *below) in self.defaults for below in flattened(value.tree))
        return any(path[:n] in self.defaults for n in range(len(path) + 1))

    def _unknown(self, key: Any) -> UnknownKeyError:
        path = (*self._place, *path_of(str(key)))
        if field_at(path) is not None:
            return UnknownKeyError(f"{key_name(path)} {self.missing}")
        known = [name for path in flattened(self.tree) for name in _names(path)]
        last = str(key).split(".")[-1]
        meant = next((one for one in known if one.endswith(f".{last}")), None) or nearest(key, known)
        hint = f"; did you mean {meant!r}?" if meant else f"; it has {', '.join(map(str, self.tree))}"
        return UnknownKeyError(f"the configuration has no key {key_name(path) or str(key)!r}{hint}")


def path_of(key: str) -> Path:
    """``lattice.size[0]`` taken apart."""
    return tuple(int(index) if index else name for index, name in _PART.findall(str(key)))


def flattened(value: Any, place: Path = ()) -> dict[Path, Any]:
    """All values by their paths; lists without mappings in them are values."""
    if isinstance(value, Mapping) and value:
        inside = list(value.items())
    elif isinstance(value, list) and any(isinstance(one, Mapping) for one in value):
        inside = list(enumerate(value))
    else:
        return {place: value}
    return {path: leaf for part, one in inside for path, leaf in flattened(one, (*place, part)).items()}


def _names(path: Path) -> Iterator[str]:
    """The dotted keys of a value and of the sections it is in."""
    return (key_name(path[:n]) for n in range(len(path), 0, -1))


def _plain(text: str) -> dict[str, Any]:
    plain: dict[str, Any] = parse_document(text, "<configuration>").plain()
    return plain


def _with_defaults(source: str, has_sweep: bool) -> Mapping[Path, Any]:
    """All values of the configuration as it was written; none where it is none, alone or any more."""
    try:
        config = ConfigSource(source, "<configuration>", ("sweep=null",) if has_sweep else ()).parse()
    except ConfigError:
        return {}
    return flattened(_plain(dump_resolved(config)))
