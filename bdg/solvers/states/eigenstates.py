"""Some eigenstates of H, and which of them are nearest to an energy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.nambu import NambuMatrix

EPSILON = float(np.finfo(float).eps)

MOST_MISSED = 64
"""A level of more states than this, beyond those wanted, is left incomplete: a flat band has one a cell."""


@dataclass(frozen=True)
class States:
    """Eigenstates of H nearest to an energy, the nearest first.

    Parameters
    ----------
    energies
        In t, shape ``(n_states,)``; at least as many as were asked for, so that no level is cut.
    vectors
        In columns, shape ``(dimension, n_states)``.
    errors
        Bound on the error of each energy: the residual |Hψ − Eψ|, and rounding, in t.
    momenta
        Which momentum of H each is at, shape ``(n_states,)``.
    radius
        Every level that is nearer is listed: by diagonalization, or by the inertia of H − (near ± radius).
    is_complete
        Whether the last level has all of its states; of a flat band it has not.
    """

    energies: NDArray[np.float64]
    vectors: NDArray[Any]
    errors: NDArray[np.float64]
    momenta: NDArray[np.intp]
    radius: float
    is_complete: bool = True

    def __len__(self) -> int:
        return len(self.energies)

    def chosen(self, which: NDArray[Any]) -> States:
        """Some of them."""
        return replace(
            self,
            energies=self.energies[which],
            vectors=self.vectors[:, which],
            errors=self.errors[which],
            momenta=self.momenta[which],
        )


def degenerate_within(hamiltonian: NambuMatrix) -> float:
    """Levels closer than this count as one, in t: √ε times the scale of the low part of the spectrum.

    Fields converge to about that and tell no closer ones apart. Where walls are so high that LAPACK rounds to
    less, that is how close.
    """
    return max(float(np.sqrt(EPSILON)) * hamiltonian.low_scale, 2 * rounding_of(hamiltonian))


def rounding_of(hamiltonian: NambuMatrix) -> float:
    """Error of the levels of a dense diagonalization, in t: backward stability, about ε‖H‖ each."""
    return EPSILON * hamiltonian.norm_bound() * float(np.sqrt(hamiltonian.dimension))


def joined(one: States, other: States) -> States:
    """Those of two sets, in any order."""
    return States(
        np.concatenate([one.energies, other.energies]),
        np.hstack([one.vectors, other.vectors]),
        np.concatenate([one.errors, other.errors]),
        np.concatenate([one.momenta, other.momenta]),
        min(one.radius, other.radius),
        one.is_complete and other.is_complete,
    )


def nearest_states(states: States, count: int, near: float, hamiltonian: NambuMatrix) -> States:
    """The nearest, with all of the last level, up to :data:`MOST_MISSED` more."""
    distance = np.abs(states.energies - near)
    nearest = np.argsort(distance, kind="stable")
    ordered = distance[nearest]
    if count >= len(ordered):
        return states.chosen(nearest)
    number = int(np.searchsorted(ordered, ordered[count - 1] + degenerate_within(hamiltonian), side="right"))
    is_complete = number <= count + MOST_MISSED
    number = number if is_complete else count
    radius = float(ordered[number]) if number < len(ordered) else states.radius
    return replace(
        states.chosen(nearest[:number]),
        radius=min(states.radius, radius),
        is_complete=is_complete and states.is_complete,
    )
