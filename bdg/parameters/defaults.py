"""Defaults stand in one place, the signature of what is called; whoever else needs one reads it there."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from functools import lru_cache
from typing import Any


@lru_cache(maxsize=256)
def default_of(owner: Callable[..., Any], name: str) -> Any:
    """Return the default of a parameter of a function, or of a field of a dataclass.

    Raises
    ------
    TypeError
        If it must be given.
    """
    found = inspect.signature(owner).parameters[name].default
    if found is inspect.Parameter.empty:
        raise TypeError(f"{name} of {owner.__name__} has no default")
    return found
