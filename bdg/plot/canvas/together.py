"""Several figures drawn as one: on parts of one page, the maps of one quantity with one scale.

Figures are drawn by functions that know nothing of each other: whoever draws several of them together opens a
:class:`Together` around them, from which :func:`bdg.plot.canvas.style.new_figure` takes the part of the page,
and :func:`bdg.plot.canvas.scale.amount_scale` the values that the scale must hold besides.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

_OPEN: ContextVar[Together | None] = ContextVar("together", default=None)


@dataclass
class Together:
    """What figures that are drawn together share.

    Parameters
    ----------
    values
        All values that were drawn so far as colours or along an axis, by the text and units of the scale.
    parts
        Parts of a page, in the order in which they are filled; without any each figure is its own.
    sizes
        What the figures asked for, in inches.
    """

    values: dict[tuple[str, str], list[NDArray[Any]]] = field(default_factory=dict)
    parts: list[Any] = field(default_factory=list)
    sizes: list[tuple[float, float]] = field(default_factory=list)

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Draw what is drawn in the block together."""
        token = _OPEN.set(self)
        try:
            yield
        finally:
            _OPEN.reset(token)


def part_of_a_page(width: float, height: float) -> Any:
    """The part of a page that the next figure is drawn on; ``None`` where it is a figure of its own."""
    together = _OPEN.get()
    if together is None:
        return None
    together.sizes.append((width, height))
    return together.parts.pop(0) if together.parts else None


def with_the_others(values: NDArray[Any], text: str, units: str) -> NDArray[Any]:
    """These values and those of the same quantity in the figures drawn together with this one."""
    together = _OPEN.get()
    if together is None:
        return values
    known = together.values.setdefault((text, units), [])
    known.append(np.asarray(values).ravel())
    return np.concatenate(known)
