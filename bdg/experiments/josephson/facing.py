"""Pairs on the bonds of a cut, which face the Δ of two sides: given ones, and those that the sides make.

In the gauge of :mod:`bdg.experiments.josephson.junction` both sides keep Δ as it is while the phase
difference φ grows. A pair of a fixed size lies midway between them by the shorter way, and changes its sign
where φ passes π: there it has two ways, and whatever depends on it is the mean of both. Pairs of an
interaction follow what the two sides make of them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.errors import NumericalError
from bdg.expectations import anomalous
from bdg.experiments.loop import not_converged, require_going_on
from bdg.fixed_point import make_mixer
from bdg.gauge import OPPOSITE
from bdg.leads import OpenCut
from bdg.model.interactions import mean_field
from bdg.observables.state import State
from bdg.solvers import Correlations, Pattern


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


def following_pairs(cut: OpenCut, phase: NDArray[np.float64], state: State, held: Numbers) -> Numbers:
    """Pairs that the interaction makes on the bonds of a cut, the other fields held, ``(n_across, 2, 2)``.

    From the mean of both sides, cos(φ/2) of what there is at φ = 0: to the first order in the hopping across
    that is what they are. The loop has the options of the run.

    Parameters
    ----------
    cut, phase
        The cut, and φ on each of its :attr:`bdg.leads.OpenCut.bonds`.
    state
        The state, of an interaction that makes pairs on bonds.
    held
        The pairs at φ = 0, shape ``(n_across, 2, 2)``.

    Raises
    ------
    NumericalError
        If they do not converge.
    RunInterruptedError
        If the loop is asked to stop.
    """
    across, model, options = cut.across, state.model, state.loops.options
    bonds = model.sample.bonds
    pattern = Pattern(bonds.target[across.bonds], bonds.source[across.bonds])
    whole: NDArray[np.complex128] = np.zeros((len(bonds), 2, 2), complex)
    mixer = make_mixer(options.mixer, options.damping, options.history)
    pairs = np.cos(0.5 * phase[across.joined])[:, None, None] * held
    for _ in range(options.max_iterations):
        whole[across.bonds] = anomalous(Correlations(pattern, cut.entries(phase, pairs), 0.0))
        made = mean_field(model, "bond_delta", whole.swapaxes(1, 2))
        change = made[across.bonds] - pairs
        if np.abs(change).max(initial=0.0) <= options.tolerance:
            return pairs
        require_going_on(state)
        flat = mixer.step(_flat(pairs), _flat(change))
        pairs = (flat[: len(flat) // 2] + 1j * flat[len(flat) // 2 :]).reshape(pairs.shape)
    raise NumericalError(not_converged(options.max_iterations, float(np.abs(change).max())))


def _flat(pairs: Numbers) -> NDArray[np.float64]:
    return np.concatenate([np.real(pairs).ravel(), np.imag(pairs).ravel()])
