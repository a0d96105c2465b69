"""Evolution in time by products of Cayley's transform, unitary for every step size.

e^{−ix} is replaced by its diagonal Padé fraction Π (1 − x/z̄)/(1 − x/z), |…| = 1 for real x: Crank and
Nicolson with z = 2i, of second order, or z = ±√3 + 3i, of fourth. A Hamiltonian that changes with time is
taken in the middle of the step, or for fourth order in the two combinations of its values at the Gauss points
that need no commutator (Blanes and Moan, Appl. Numer. Math. 56, 1519 (2006)).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import splu

from bdg.arrays import Complexes, Floats
from bdg.errors import InputError

POLES = {2: (2j,), 4: (3**0.5 + 3j, -(3**0.5) + 3j)}
GAUSS = 0.5 - 3**0.5 / 6
LARGE, SMALL = 0.25 + 3**0.5 / 6, 0.25 - 3**0.5 / 6


@dataclass(frozen=True)
class Evolution:
    """Ψ at some times.

    Parameters
    ----------
    times
        Shape ``(n_times,)``.
    states
        Shape ``(n_times, *shape of Ψ)``.
    """

    times: Floats
    states: Complexes


def evolve(
    psi: NDArray[np.generic],
    hamiltonian: sparse.spmatrix | Callable[[float], sparse.spmatrix],
    *,
    duration: float,
    steps: int,
    keep: int = 1,
    order: int = 2,
    hbar: float = 1.0,
) -> Evolution:
    """Solve iħ ∂Ψ/∂t = HΨ.

    Parameters
    ----------
    psi
        Ψ at t = 0, any shape with as many points as H has rows.
    hamiltonian
        A sparse Hermitian matrix, or a function of the time that gives one. A constant one is factored once.
    duration, steps
        How long, in how many equal steps.
    keep
        How many states to keep beside the first, evenly spaced; it must divide ``steps``.
    order
        2 or 4, of the error in the step.
    hbar
        In the units of H times t.

    Raises
    ------
    InputError
        If the order is another, or ``keep`` does not divide ``steps``.
    """
    if order not in POLES:
        raise InputError(f"order {order} is not known; give 2 or 4")
    if steps < 1 or keep < 1 or steps % keep:
        raise InputError(f"{keep} states cannot be kept of {steps} steps; give a divisor of the steps")
    step = duration / steps / hbar
    constant = None if callable(hamiltonian) else _propagator(hamiltonian, step, order)
    state = np.asarray(psi, np.complex128).ravel()
    states = [state]
    for number in range(steps):
        if constant is not None:
            state = constant(state)
        else:
            assert callable(hamiltonian)
            state = _changing(state, hamiltonian, number * step * hbar, step, order, hbar)
        if (number + 1) % (steps // keep) == 0:
            states.append(state)
    times = np.linspace(0.0, duration, keep + 1)
    return Evolution(times, np.reshape(states, (keep + 1, *np.shape(psi))))


def _changing(
    state: Complexes,
    hamiltonian: Callable[[float], sparse.spmatrix],
    time: float,
    step: float,
    order: int,
    hbar: float,
) -> Complexes:
    """One step with a Hamiltonian that changes."""
    length = step * hbar
    if order == 2:
        return _propagator(hamiltonian(time + 0.5 * length), step, order)(state)
    first, second = hamiltonian(time + GAUSS * length), hamiltonian(time + (1 - GAUSS) * length)
    half = _propagator(LARGE * first + SMALL * second, step, order)(state)
    return _propagator(SMALL * first + LARGE * second, step, order)(half)


def _propagator(matrix: sparse.spmatrix, step: float, order: int) -> Callable[[Complexes], Complexes]:
    """Ψ → Π (1 − x/z̄)/(1 − x/z) Ψ with x = H step; the fraction is z/z̄ + (1 − z/z̄)/(1 − x/z)."""
    one = sparse.identity(matrix.shape[0], dtype=np.complex128, format="csc")
    factors = [(pole, splu(sparse.csc_matrix(one - matrix * (step / pole)))) for pole in POLES[order]]

    def propagate(state: Complexes) -> Complexes:
        for pole, factor in factors:
            share = pole / np.conj(pole)
            state = share * state + (1 - share) * factor.solve(state)
        return state

    return propagate
