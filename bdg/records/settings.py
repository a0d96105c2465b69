"""The keys in which the configurations of two results differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from bdg.config.settings import Settings, flattened
from bdg.parameters.wording import Path, key_name, quote

PLACES = ("output",)
"""Keys that say where a result is written, not what it is."""


@dataclass(frozen=True)
class SettingDifference:
    """A key whose values differ.

    Parameters
    ----------
    key
        Dotted.
    first, second
        The values; ``None`` where it is not set.
    is_default
        Whether each was left at its default.
    """

    key: str
    first: Any
    second: Any
    is_default: tuple[bool, bool] = (False, False)

    def shown(self) -> tuple[str, str]:
        """Both values as a configuration has them, a default marked."""
        first, second = (
            f"{_text(value)}{' (default)' if is_default else ''}"
            for value, is_default in zip((self.first, self.second), self.is_default, strict=True)
        )
        return first, second


def settings_compared(first: Settings, second: Settings, *, defaults: bool) -> tuple[SettingDifference, ...]:
    """The keys in which two configurations differ, in the order of the first.

    Parameters
    ----------
    first, second
        The parameters of both results.
    defaults
        Whether also those that nobody gave in either.
    """
    return tuple(_differing(first, second, defaults))


def _differing(first: Settings, second: Settings, defaults: bool) -> Iterator[SettingDifference]:
    one, two = flattened(first.tree), flattened(second.tree)
    for path in dict.fromkeys([*one, *two]):
        a, b = one.get(path), two.get(path)
        if path[0] in PLACES or _equal(a, b) or _is_section(path, a, two) or _is_section(path, b, one):
            continue
        nobody = path not in one or path in first.defaults, path not in two or path in second.defaults
        if defaults or not all(nobody):
            marked = path in first.defaults, path in second.defaults
            yield SettingDifference(key_name(path), a, b, marked)


def _is_section(path: Path, value: Any, others: Mapping[Path, Any]) -> bool:
    """Whether a value is an empty section, of which the other has something inside, named by itself."""
    return value == {} and any(other[: len(path)] == path and other != path for other in others)


def _equal(one: Any, two: Any) -> bool:
    if isinstance(one, np.ndarray) or isinstance(two, np.ndarray):
        return np.shape(one) == np.shape(two) and bool(np.all(np.asarray(one) == np.asarray(two)))
    return bool(one == two) and type(one) is type(two) if isinstance(one, bool) else bool(one == two)


def _text(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, np.ndarray):
        low, high = value.real.min(initial=np.inf), value.real.max(initial=-np.inf)
        return f"{' × '.join(map(str, value.shape))} numbers from {low:.6g} to {high:.6g}"
    return value if isinstance(value, str) else quote(value)
