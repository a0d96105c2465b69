"""The keys in which the configurations of two results differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bdg.config.differing import differing_paths
from bdg.config.settings import Settings
from bdg.parameters.wording import key_name, quote


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
    differing = differing_paths((first, second), defaults=defaults)
    return tuple(
        SettingDifference(key_name(path), one, two, (path in first.defaults, path in second.defaults))
        for path, (one, two) in differing.items()
    )


def _text(value: Any) -> str:
    if value is None:
        return "not set"
    if isinstance(value, np.ndarray):
        low, high = value.real.min(initial=np.inf), value.real.max(initial=-np.inf)
        return f"{' × '.join(map(str, value.shape))} numbers from {low:.6g} to {high:.6g}"
    return value if isinstance(value, str) else quote(value)
