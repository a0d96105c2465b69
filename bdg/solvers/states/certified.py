"""The states nearest to an energy at one momentum: Lanczos until as many are found as are counted."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.linalg
import scipy.sparse
from numpy.typing import NDArray

from bdg.arrays import Array
from bdg.errors import NumericalError
from bdg.nambu import NambuMatrix
from bdg.solvers.states.eigenstates import EPSILON, MOST_MISSED, States, degenerate_within
from bdg.solvers.states.inertia import Inertia
from bdg.solvers.states.lanczos import Search

EXTRA = 2
"""States beyond those wanted that Lanczos is asked for: the first beyond tells how far the gap is open."""

FRACTIONS = (0.5, 0.4, 0.6)
"""Where between two levels those below are counted: the next place, should rounding be too large at one."""


def certified_states(hamiltonian: NambuMatrix, count: int, near: float, momentum: int) -> States:
    """The nearest states of one momentum, by Lanczos until as many are found as are counted."""
    matrix = scipy.sparse.csr_array(hamiltonian.sparse(momentum))
    search, inertia = Search(hamiltonian, near, momentum), Inertia(hamiltonian, momentum)
    scale, together = hamiltonian.low_scale, degenerate_within(hamiltonian)
    vectors: Array = np.zeros((hamiltonian.dimension, 0), matrix.dtype)
    wanted = count + EXTRA
    for _ in range(count + MOST_MISSED):
        vectors = np.hstack([vectors, search.more(vectors, wanted)])
        energies, vectors, errors = _rayleigh_ritz(matrix, vectors, near, hamiltonian)
        distance = np.abs(energies - near)
        if len(distance) < count:
            wanted = count - len(distance) + EXTRA
            continue
        inside, low, high = _gap_after(distance, count, together, scale)
        counted, radius = _count(inertia, near, low, high, float(errors.max()))
        is_complete = counted - inside <= MOST_MISSED
        if not is_complete:
            inside, low, high = _gap_before(distance, count, together, scale)
            counted, radius = _count(inertia, near, low, high, float(errors.max()))
        if counted == inside:
            kept = slice(0, inside if is_complete else count)
            which = np.full(len(energies[kept]), momentum)
            return States(energies[kept], vectors[:, kept], errors[kept], which, radius, is_complete)
        if counted < inside:
            break
        wanted = counted - inside
    raise NumericalError(
        f"the {count} states nearest to {near:g} t cannot be certified; use method diagonalization"
        f"{hamiltonian.advice_on_walls}"
    )


def _rayleigh_ritz(
    matrix: Any, vectors: Array, near: float, hamiltonian: NambuMatrix
) -> tuple[Any, Array, Any]:
    """Energies, the nearest first, vectors and residuals |Hψ − Eψ|; what has not converged is left out."""
    basis: Array = scipy.linalg.qr(vectors, mode="economic")[0]
    image = matrix @ basis
    energies, rotation = scipy.linalg.eigh(basis.conj().T @ image)
    states, images = basis @ rotation, image @ rotation
    residuals = np.linalg.norm(images - states * energies, axis=0)
    good = np.flatnonzero(residuals < degenerate_within(hamiltonian))
    nearest = good[np.argsort(np.abs(energies[good] - near), kind="stable")]
    return energies[nearest], states[:, nearest], residuals[nearest] + EPSILON * hamiltonian.norm_bound()


def _gap_after(
    distance: NDArray[np.float64], count: int, together: float, scale: float
) -> tuple[int, float, float]:
    """How many states lie up to the first gap from the count-th on, and the ends of that gap."""
    steps = np.flatnonzero(np.diff(distance[count - 1 :]) > together)
    if len(steps):
        inside = count + int(steps[0])
        return inside, float(distance[inside - 1]), float(distance[inside])
    last = float(distance[-1])
    return len(distance), last, last + max(1e-3 * last, 1e-5 * scale)


def _gap_before(
    distance: NDArray[np.float64], count: int, together: float, scale: float
) -> tuple[int, float, float]:
    """The same right before the level of the count-th."""
    inside = int(np.searchsorted(distance, distance[count - 1] - together))
    high = float(distance[inside])
    last = float(distance[inside - 1]) if inside else 0.0
    return inside, max(last, high - max(1e-3 * high, 1e-5 * scale)), high


def _count(inertia: Inertia, near: float, low: float, high: float, error: float) -> tuple[int, float]:
    """Number of levels nearer than a radius between two found levels, and the radius."""
    for fraction in FRACTIONS:
        radius = low + fraction * (high - low)
        above, below = inertia.below(near + radius), inertia.below(near - radius)
        if max(above.distance, below.distance) + error < min(radius - low, high - radius):
            return above.below - below.below, radius
    raise NumericalError(
        f"levels {low:g} and {high:g} t from {near:g} t are too close to count; use method diagonalization"
    )
