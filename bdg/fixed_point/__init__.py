r"""Accelerated fixed-point iteration x = F(x) on flat real vectors; no physics.

The fixed point is a function, the accelerator an argument. Who owns F drives the loop::

    mixer = make_mixer("anderson", damping=0.7, history=6)
    while True:
        residual = F(x) - x
        if np.abs(residual).max() <= tolerance:
            break
        x = mixer.step(x, residual)

and stops by whatever measure suits the problem. The contract of an accelerator is :class:`Mixer`.
Every fixed point is a zero of the residual, the unstable ones too (the normal state below T_c), and an
accelerator by itself is drawn to all of them; those here go to the stable ones unless told otherwise
(``stable``).
"""

from collections.abc import Mapping
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.fixed_point.anderson import Anderson
from bdg.fixed_point.checks import ALL
from bdg.fixed_point.linear import Linear
from bdg.fixed_point.pulay import Pulay

__all__ = ["MIXERS", "Anderson", "Linear", "Mixer", "Pulay", "make_mixer"]


class Mixer(Protocol):
    """What an accelerator of x = F(x) must do.

    ``damping``, the share of the residual that is taken in a step, may be changed between steps.
    """

    name: str
    damping: float

    def step(
        self, x: NDArray[np.float64], residual: NDArray[np.float64], error: float = 0.0
    ) -> NDArray[np.float64]:
        """Next x, a new array.

        Parameters
        ----------
        x, residual
            The point and ``F(x) - x`` there, shape ``(n,)``; n stays the same until :meth:`reset`.
            Neither is changed or kept.
        error
            How far a component of the residual may be off, rounding apart: what lies below is not fitted.

        Raises
        ------
        bdg.errors.NumericalError
            The residual holds NaN or infinity; the mixer is as it was before the call.
        bdg.errors.InputError
            The shapes don't fit each other, the weights or the history.
        """
        ...

    def reset(self) -> None:
        """Forget the past."""
        ...

    def state(self) -> dict[str, NDArray[np.float64]]:
        """Everything needed to go on, bit for bit, as if never interrupted: copies in plain arrays.

        What the constructor was given is not part of it. Taken between two steps, it belongs to the x
        that the last step returned.
        """
        ...

    def restore(self, state: Mapping[str, NDArray[np.float64]]) -> None:
        """Take up a state of a mixer of the same kind; of a longer history, the newest part.

        Raises
        ------
        bdg.errors.InputError
            The state is of another kind of mixer, or damaged.
        """
        ...


MIXERS = ("linear", "pulay", "anderson")
"""Names :func:`make_mixer` knows."""


def make_mixer(
    name: str,
    damping: float,
    history: int,
    *,
    weights: NDArray[np.float64] | None = None,
    stable: slice | None = ALL,
) -> Mixer:
    """Accelerator by name.

    Parameters
    ----------
    name
        One of :data:`MIXERS`.
    damping
        Share of the residual that is taken in a step, 0 < damping ≤ 1.
    history
        How many past steps (Anderson) or points (Pulay) are remembered; linear mixing needs none.
    weights
        Metric of the least squares, see :class:`Anderson`; linear mixing needs none.
    stable
        Components along which the fixed point is to be stable, see :class:`Anderson`; linear mixing finds
        no other.

    Raises
    ------
    bdg.errors.InputError
        An unknown name, or a value out of range.
    """
    if name == "linear":
        return Linear(damping)
    if name == "pulay":
        return Pulay(damping, history, weights=weights, stable=stable)
    if name == "anderson":
        return Anderson(damping, history, weights=weights, stable=stable)
    raise InputError(f"no mixer is called {name!r}; known are {', '.join(MIXERS)}")
