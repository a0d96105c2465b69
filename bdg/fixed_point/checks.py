"""The gate of every mixer: what may come in."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError

ALL = slice(None)
"""Every component of a vector."""


def checked_damping(damping: float) -> float:
    """``damping`` if 0 < damping ≤ 1.

    Raises
    ------
    bdg.errors.InputError
        It is not.
    """
    if not 0 < damping <= 1:
        raise InputError(f"damping is {damping!r}; it must be above 0 and at most 1")
    return float(damping)


def checked_history(history: int) -> int:
    """``history`` if it is at least 1.

    Raises
    ------
    bdg.errors.InputError
        It is not.
    """
    if history < 1:
        raise InputError(f"history is {history!r}; it must be at least 1")
    return int(history)


def root_of_weights(weights: NDArray[np.float64] | None) -> NDArray[np.float64] | None:
    """√w, shape ``(n,)``.

    Raises
    ------
    bdg.errors.InputError
        A weight is not positive and finite.
    """
    if weights is None:
        return None
    weights = np.asarray(weights, dtype=np.float64)
    if weights.ndim != 1:
        raise InputError(f"weights have shape {weights.shape}; one number a component is needed")
    good = np.isfinite(weights) & (weights > 0)
    if not good.all():
        worst = int(np.argmin(good))
        raise InputError(f"weight {worst} is {weights[worst]}; weights must be positive and finite")
    return np.sqrt(weights)


def checked_max_step(max_step: float) -> float:
    """``max_step`` if it is positive.

    Raises
    ------
    bdg.errors.InputError
        It is not.
    """
    if not max_step > 0:
        raise InputError(f"max_step is {max_step!r}; it must be positive")
    return float(max_step)


def check_vectors(x: NDArray[np.float64], residual: NDArray[np.float64], length: int | None) -> None:
    """Refuse vectors that don't fit.

    Raises
    ------
    bdg.errors.InputError
        x and residual are not flat, of one length, and of ``length`` where that is known.
    """
    if x.ndim != 1 or x.shape != residual.shape:
        raise InputError(f"x has shape {x.shape} and the residual {residual.shape}; both must be (n,)")
    if length is not None and len(x) != length:
        raise InputError(
            f"x has {len(x)} components, the mixer's history or weights {length}; start a new mixer"
        )


def checked_arrays(
    state: Mapping[str, NDArray[np.float64]], dimensions: Mapping[str, int], mixer: str
) -> dict[str, NDArray[np.float64]]:
    """The arrays of a mixer's state, after a check of names and shapes.

    Parameters
    ----------
    state
        What :meth:`bdg.fixed_point.Mixer.restore` was given.
    dimensions
        The arrays that must be there: 1 for shape ``(n,)``, 2 for ``(k, n)``, with the same k and n in all;
        negative for a vector longer than k by −1 − that: −1 for ``(k,)``, −2 for ``(k + 1,)``.
    mixer
        Name of the mixer, for the message.

    Raises
    ------
    bdg.errors.InputError
        The state is of another kind of mixer, or damaged.
    """
    if set(state) != set(dimensions):
        raise InputError(
            f"the state holds {_listed(state)}, a {mixer} mixer needs {_listed(dimensions)}; "
            "continue with the mixer that left it, or without its state"
        )
    arrays = {name: np.asarray(state[name], dtype=np.float64) for name in dimensions}
    fits = all(array.ndim == max(dimensions[name], 1) for name, array in arrays.items())
    matrices = {array.shape for array in arrays.values() if array.ndim == 2}
    lengths = {array.shape[-1:] for name, array in arrays.items() if dimensions[name] > 0}
    for count, _ in matrices if fits else ():
        fits &= all(len(arrays[name]) == count - 1 - extra for name, extra in dimensions.items() if extra < 0)
    if not fits or len(matrices) > 1 or len(lengths) > 1:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise InputError(f"the shapes in the state of the {mixer} mixer don't fit each other: {shapes}")
    return arrays


def _listed(names: Mapping[str, object]) -> str:
    return ", ".join(sorted(names)) or "nothing"
