"""The keys in which configurations differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from bdg.config.settings import Settings, flattened
from bdg.parameters.wording import Path

PLACES = ("output",)
"""Keys that say where a result is written, not what it is."""


def differing_paths(several: Sequence[Settings], *, defaults: bool = False) -> dict[Path, list[Any]]:
    """The values of every key in which not all agree, ``None`` where it is not set, in the order of the keys.

    Parameters
    ----------
    several
        The parameters of results, in order.
    defaults
        Whether also keys that nobody gave in any.
    """
    flat = [flattened(settings.tree) for settings in several]
    found = {}
    for path in dict.fromkeys(path for one in flat for path in one):
        values = [one.get(path) for one in flat]
        nobody = all(
            path not in one or path in settings.defaults for one, settings in zip(flat, several, strict=True)
        )
        is_empty_section = any(isinstance(value, dict) for value in values) and _has_below(path, flat)
        is_left_out = path[0] in PLACES or is_empty_section or (nobody and not defaults)
        if not is_left_out and not _agree(values):
            found[path] = values
    return found


def _has_below(path: Path, flat: Sequence[Mapping[Path, Any]]) -> bool:
    """Whether a section that is empty in one has something inside in another, which is named by itself."""
    return any(other[: len(path)] == path and other != path for one in flat for other in one)


def _agree(values: Sequence[Any]) -> bool:
    return all(_equal(values[0], value) for value in values[1:])


def _equal(one: Any, two: Any) -> bool:
    if isinstance(one, np.ndarray) or isinstance(two, np.ndarray):
        return np.shape(one) == np.shape(two) and bool(np.all(np.asarray(one) == np.asarray(two)))
    return bool(one == two) and isinstance(one, bool) == isinstance(two, bool)
