r"""The resolvent of the linearised motion at all frequencies from one Krylov space.

A drive H − λ O with λ = Re λ₀ e^{−izt} makes −iz ξ = −iM ξ + r with r = −i s, s the drive in the transitions.
In the product ⟨x, y⟩ = Re Σ x* M y the matrix −iM is antisymmetric, so that a chain of orthonormal vectors,

    −iM q_j = β_j q_{j+1} − β_{j−1} q_{j−1} ,

takes one product a step and keeps two vectors (Lanczos; for electrons Rocca, Gebauer, Saad and Baroni,
J. Chem. Phys. 128, 154105 (2008)). ξ(z) = Σ_j c_j(z) q_j with (−iz − T) c = |r| e_1: what is
measured of every q_j gives it of ξ at every frequency. Where H is real every q_j is real or imaginary, and
a step costs half. The phase of Δ moves freely, M g = 0: the chain is kept apart from g, a_j g of each step,
and ξ has Σ_j a_j c_j g/(−iz) besides.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg

from bdg.arrays import Complexes, Floats
from bdg.errors import InputError
from bdg.observables.response.motion.linear_motion import LinearMotion
from bdg.resources import blas_threads
from bdg.solvers import Correlations

MOST_STEPS = 20_000
"""Vectors of the longest chain."""

NOTHING = 1e-12
"""Share of a vector that rounding leaves."""

FREE, GROWS = 1e-10, 1e-6
"""Shares of M, at its largest, up to which a vector moves freely, and below minus which it grows."""

CHECKS = 1.15
"""A chain is judged each time that it has grown by this factor."""

Goal = tuple[tuple[slice, slice], float]
"""A part of the values, and the share of its largest by which it may change at the end."""

Measure = Callable[[Correlations], Floats]
"""What is measured, linear in δf(H), shape ``(n_measured,)``."""


@dataclass(frozen=True, eq=False)
class Answered:
    """Amplitudes of e^{−izt} of what was measured.

    Parameters
    ----------
    values
        Shape ``(n_frequencies, n_measured)``.
    changes
        The last change of each group, as a share of its largest value, before the chain ended.
    steps
        Its length.
    """

    values: Complexes
    changes: Floats
    steps: int


def resolvent(
    motion: LinearMotion, driven: Complexes, measure: Measure, z: Complexes, goals: Sequence[Goal]
) -> Answered:
    """The response to a drive at frequencies z off the real axis, until it changes no more.

    What the drive does to its own O converges twice as fast as all else, as a quadrature does.

    Parameters
    ----------
    motion, driven
        What moves, and the drive in its transitions.
    measure
        What is measured.
    z
        Shape ``(n_frequencies,)``.
    goals
        Parts of the values, and the change of each, of its largest value, at which the chain may end.

    Raises
    ------
    InputError
        If the state is no minimum of Ω, so that what is small grows.
    """
    chain, scale = _Chain(motion, measure), float(motion.transitions.energy.max(initial=0.0))
    with blas_threads(None):
        chain.start(-1j * driven, scale)
        next_check, last, settled = 8.0, chain.at(z), 0
        changes = np.full(len(goals), np.inf)
        while not chain.ended and len(chain.beta) < MOST_STEPS and settled < 2:
            chain.step(scale)
            if len(chain.beta) >= next_check or chain.ended:
                next_check = max(len(chain.beta) + 4, CHECKS * len(chain.beta))
                values = chain.at(z)
                changes = np.array([_change(values[part], last[part]) for part, _ in goals])
                is_good = all(change <= goal for change, (_, goal) in zip(changes, goals, strict=True))
                last, settled = values, settled + 1 if is_good else 0
    return Answered(last, np.zeros(len(goals)) if chain.ended else changes, len(chain.beta))


def _change(values: Complexes, before: Complexes) -> float:
    """The largest change, as a share of the largest value."""
    largest = float(np.abs(values).max(initial=0.0))
    return float(np.abs(values - before).max(initial=0.0)) / largest if largest else 0.0


class _Chain:
    """The chain, as far as it is known."""

    def __init__(self, motion: LinearMotion, measure: Measure) -> None:
        self._motion, self._measure = motion, measure
        self._free = motion.free()
        self._of_free = None if self._free is None else measure(motion.entries(self._free))
        self.beta: list[float] = []
        self._images: list[Floats] = []
        self._along: list[float] = []  # g: of the drive, then of each step
        self._tail: Floats | None = None
        self._norm, self.ended = 0.0, False

    def start(self, vector: Complexes, scale: float) -> None:
        """Begin with the drive."""
        self._before: Complexes = np.zeros_like(vector)
        self._nothing = np.zeros_like(self._measure(self._motion.entries(vector)))
        self._norm = self._add(vector, float(np.sum(np.abs(vector) ** 2)), scale)

    def step(self, scale: float) -> None:
        """Add a vector."""
        vector = -1j * self._image + (self.beta[-1] if self.beta else 0.0) * self._before
        sizes = float(np.sum(np.abs(self._image) ** 2))
        self._before = self._last
        beta = self._add(vector, sizes, scale)
        if not self.ended:
            self.beta.append(beta)

    def at(self, z: Complexes) -> Complexes:
        """What is measured at frequencies z, shape ``(n_frequencies, n_measured)``."""
        return np.array([self._at(complex(frequency)) for frequency in z])

    def _at(self, z: complex) -> Complexes:
        weights = self._weights(z)
        found: Any = self._nothing + 0j
        if len(weights):
            found = weights @ np.array(self._images)
        known = np.concatenate([[1.0], weights])  # of the drive, then of each vector
        if self._of_free is not None:
            along = np.array(self._along)
            found = found + known[: len(along)] @ along / (-1j * z) * self._of_free
        if self._tail is not None:
            found = found + known[-1] / (-1j * z) * self._tail
        return np.asarray(found, np.complex128)

    def _weights(self, z: complex) -> Complexes:
        """The weights c of (−iz − T) c = |r| e_1."""
        count = len(self._images)
        if not count:
            return np.zeros(0, np.complex128)
        beta, banded = np.array(self.beta[: count - 1]), np.zeros((3, count), np.complex128)
        banded[0, 1:], banded[1], banded[2, :-1] = beta, -1j * z, -beta
        start = np.zeros(count, np.complex128)
        start[0] = self._norm
        solved: Complexes = scipy.linalg.solve_banded((1, 1), banded, start)
        return solved

    def _add(self, vector: Complexes, sizes: float, scale: float) -> float:
        """Keep a vector over its norm √⟨x, x⟩, which is returned; or end the chain with it."""
        vector = self._beside_free(vector)
        squared = float(np.sum(np.abs(vector) ** 2))
        if squared <= NOTHING**2 * sizes:
            self.ended = True
            return 0.0
        image, f = self._motion.product(vector)
        energy = _inner(vector, image)
        if energy < -GROWS * scale * squared:
            raise InputError(
                "the state is no minimum of Ω: small changes of its fields grow instead of oscillating;"
                " measure stability, and start the loop from another state"
            )
        if energy <= FREE * scale * squared:
            self.ended, self._tail = True, self._measure(f)
            return 1.0
        norm = float(np.sqrt(energy))
        self._last, self._image = vector / norm, image / norm
        self._images.append(self._measure(f) / norm)
        return norm

    def _beside_free(self, vector: Complexes) -> Complexes:
        """The vector without its part along g, which is kept."""
        if self._free is None:
            return vector
        self._along.append(_inner(self._free, vector))
        return vector - self._along[-1] * self._free


def _inner(one: Complexes, other: Complexes) -> float:
    """Re Σ x* y."""
    return float(np.sum(one.real * other.real) + np.sum(one.imag * other.imag))
