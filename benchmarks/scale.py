"""How much a benchmark measures."""

from __future__ import annotations

from typing import Literal, TypeVar

Scale = Literal["toy", "usual", "large"]
"""``toy``: seconds, to see that it runs; ``usual``: the tables; ``large``: with the slow comparisons."""

T = TypeVar("T")


def pick(scale: Scale, toy: T, usual: T, large: T | None = None) -> T:
    """The setting of a scale; without one of its own ``large`` is as usual."""
    if scale == "toy":
        return toy
    return usual if scale == "usual" or large is None else large
