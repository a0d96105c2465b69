"""Linear mixing: no memory, drawn only to fixed points that the damped iteration is stable at."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bdg.fixed_point.checks import check_vectors, checked_arrays, checked_damping
from bdg.fixed_point.least_squares import weighted_norm


class Linear:
    """Damped iteration x ← x + β r, with r = F(x) − x.

    It converges where every eigenvalue λ of ∂F/∂x has |1 − β(1 − λ)| < 1.

    Parameters
    ----------
    damping
        β, 0 < β ≤ 1.

    Raises
    ------
    bdg.errors.InputError
        The damping is out of range.
    """

    name = "linear"

    def __init__(self, damping: float = 0.7) -> None:
        self.damping = checked_damping(damping)

    def step(
        self, x: NDArray[np.float64], residual: NDArray[np.float64], error: float = 0.0
    ) -> NDArray[np.float64]:
        """Next x; see :meth:`bdg.fixed_point.Mixer.step`."""
        check_vectors(x, residual, None)
        weighted_norm(residual)
        return x + self.damping * residual

    def reset(self) -> None:
        """Forget the past: there is none."""

    def state(self) -> dict[str, NDArray[np.float64]]:
        """Nothing to remember."""
        return {}

    def restore(self, state: Mapping[str, NDArray[np.float64]]) -> None:
        """Take up a state, which is empty."""
        checked_arrays(state, {}, self.name)
