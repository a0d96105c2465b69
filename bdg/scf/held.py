"""A phase that is held: Δ of some sites keeps the phase it starts with, and finds its size.

Ω is stationary then in everything but these phases. Between two leads with a phase difference the current
flows from the sites held in one to those held in the other, which are its source and its drain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers

Step = Callable[[NDArray[np.float64]], NDArray[np.float64]]


def phase_kept(out: Numbers, start: Numbers, held: NDArray[np.bool_]) -> Numbers:
    """``out`` with its part along ``start`` alone where it is held; the shapes broadcast."""
    size = np.abs(start)
    unit: NDArray[Any] = np.divide(start, size, out=np.zeros_like(start), where=size > 0)
    kept: Numbers = np.where(held, unit * np.real(np.conj(unit) * out), out)
    return kept


def step_beside(step: Step, pairs: slice, held: NDArray[np.bool_]) -> Step:
    """The step, except for Δ of held sites, whose residual is its own step: their phase must not turn."""
    where = pairs.start + np.flatnonzero(np.resize(held, pairs.stop - pairs.start))

    def stepped(residual: NDArray[np.float64]) -> NDArray[np.float64]:
        moved = step(residual).copy()
        moved[where] = residual[where]
        return moved

    return stepped
