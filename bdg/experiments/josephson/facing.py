"""Pairs on the bonds of a cut, which face the Δ of two sides: given ones, and those that the sides make.

In the gauge of :mod:`bdg.experiments.josephson.junction` both sides keep Δ as it is while the phase
difference φ grows. A pair of a fixed size lies midway between them by the shorter way, and changes its sign
where φ passes π: there it has two ways, and whatever depends on it is the mean of both. Pairs of an
interaction follow what the two sides make of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.errors import NumericalError
from bdg.expectations import anomalous
from bdg.fixed_point import make_mixer
from bdg.gauge import OPPOSITE
from bdg.leads import OpenCut
from bdg.model import Model
from bdg.model.interactions import mean_field
from bdg.solvers import Correlations, Pattern

Array = NDArray[np.float64] | NDArray[np.complex128]

ITERATIONS = 300
"""Iterations of the pairs across a cut."""


def ways(phase: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Signs of pairs midway between phases ±φ/2, 1 for |φ| < π; at π there are two of each.

    Parameters
    ----------
    phase
        φ on each bond, shape ``(n,)``.
    """
    middle = np.cos(0.5 * phase)
    opposite = np.abs(middle) < 0.5 * OPPOSITE
    sign = np.where(middle < 0, -1.0, 1.0)
    both = [np.where(opposite, way, sign) for way in (1.0, -1.0)]
    return both if opposite.any() else both[:1]


def following_pairs(
    cut: OpenCut, phase: NDArray[np.float64], model: Model, held: Array, tolerance: float
) -> Array:
    """Pairs that the interaction makes on the bonds of a cut, the other fields held, ``(n_across, 2, 2)``.

    From the mean of both sides, cos(φ/2) of what there is at φ = 0: to the first order in the hopping across
    that is what they are.

    Parameters
    ----------
    cut, phase
        The cut, and φ on each of its :attr:`bdg.leads.OpenCut.bonds`.
    model
        With an interaction that makes pairs on bonds.
    held
        The pairs at φ = 0, shape ``(n_across, 2, 2)``.
    tolerance
        Residual, in t.

    Raises
    ------
    NumericalError
        If they do not converge.
    """
    across, bonds = cut.across, model.sample.bonds
    pattern = Pattern(bonds.target[across.bonds], bonds.source[across.bonds])
    whole: NDArray[np.complex128] = np.zeros((len(bonds), 2, 2), complex)
    mixer = make_mixer("anderson", 0.7, 6)
    pairs = np.cos(0.5 * phase[across.joined])[:, None, None] * held
    for _ in range(ITERATIONS):
        whole[across.bonds] = anomalous(Correlations(pattern, cut.entries(phase, pairs), 0.0))
        made = mean_field(model, "bond_delta", whole.swapaxes(1, 2))
        change = made[across.bonds] - pairs
        if np.abs(change).max(initial=0.0) <= tolerance:
            return pairs
        flat = mixer.step(_flat(pairs), _flat(change))
        pairs = (flat[: len(flat) // 2] + 1j * flat[len(flat) // 2 :]).reshape(pairs.shape)
    raise NumericalError(
        f"the pairs across the cut did not follow (residual {np.abs(change).max():.1e} t);"
        " take a cut through weaker bonds"
    )


def _flat(pairs: Array) -> NDArray[np.float64]:
    return np.concatenate([np.real(pairs).ravel(), np.imag(pairs).ravel()])
