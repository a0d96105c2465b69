r"""Eigenstates of H nearest to an energy, with the proof that none was missed.

Small matrices are diagonalized. Of large ones Lanczos (ARPACK; Lehoucq, Sorensen, Yang 1998) finds the states
for which (H − σ)⁻¹ is largest. A start that lacks one of several degenerate states never finds it, so

1. Rayleigh–Ritz in all that was found gives levels E with residuals |Hψ − Eψ|: a level of H lies within each;
2. the inertia of H − (near ± R), see :mod:`bdg.solvers.inertia`, counts the levels nearer than R;
3. if more were counted than found, Lanczos goes on in what is orthogonal to all that was found.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.linalg
import scipy.sparse
import scipy.sparse.linalg
from numpy.typing import NDArray

from bdg.errors import InputError, NumericalError
from bdg.nambu import NambuMatrix
from bdg.resources import blas_threads
from bdg.solvers.contract import Solver, SolvesStates
from bdg.solvers.diagonalization import diagonalize
from bdg.solvers.inertia import Inertia
from bdg.solvers.shift_invert import Array, ShiftInverse

DENSE_ROWS = 400
"""Rows up to which all states are as quick as a few."""

EXTRA = 2
"""States beyond those wanted that Lanczos is asked for: the first beyond tells how far the gap is open."""

MOST_MISSED = 64
"""A level of more states than this, beyond those wanted, is left incomplete: a flat band has one a cell."""

FRACTIONS = (0.5, 0.4, 0.6)
"""Where between two levels those below are counted: the next place, should rounding be too large at one."""

EDGE = 0.01
"""How far before a level σ is put, as a share of its distance from the energy."""

TOLERANCE, RESTARTS = 1e-10, 8
"""Residual of 1/(E − σ) that Lanczos may leave, relative to it, and restarts after which it is given up."""

SHIFTS = (1e-4, -1.3e-4, 3.1e-4, 1.1e-3)
"""Where σ is tried, from the energy, in units of ‖H‖."""


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
    vectors: Array
    errors: NDArray[np.float64]
    momenta: NDArray[np.intp]
    radius: float
    is_complete: bool = True

    def __len__(self) -> int:
        return len(self.energies)

    def chosen(self, which: NDArray[Any]) -> States:
        """Some of them."""
        return States(
            self.energies[which],
            self.vectors[:, which],
            self.errors[which],
            self.momenta[which],
            self.radius,
            self.is_complete,
        )


def degenerate_within(hamiltonian: NambuMatrix) -> float:
    """Levels closer than √ε‖H‖ count as one: fields converge to about that and tell no closer ones apart."""
    return float(np.sqrt(np.finfo(float).eps)) * hamiltonian.norm_bound()


def lowest_states(
    hamiltonian: NambuMatrix, count: int, near: float = 0.0, solver: Solver | None = None
) -> States:
    """The states nearest to an energy, over all momenta of H, certified to be all there are.

    Parameters
    ----------
    hamiltonian
        The matrix.
    count
        How many at least; the last level is returned with all of its states.
    near
        The energy, in t.
    solver
        A solver that may have the eigenvectors already.

    Raises
    ------
    InputError
        If the count is not positive.
    NumericalError
        If Lanczos does not converge, or the count cannot be certified.
    ResourceError
        If the factors do not fit into memory.
    """
    if count < 1:
        raise InputError(f"count {count} is impossible; give at least 1")
    hamiltonian.require_finite()
    best: States | None = None
    for found in _by_momentum(hamiltonian, count, near, solver):
        best = _nearest(found if best is None else _joined(best, found), count, near, hamiltonian)
    assert best is not None
    return best


def _by_momentum(
    hamiltonian: NambuMatrix, count: int, near: float, solver: Solver | None
) -> Iterator[States]:
    """The nearest states of each momentum, or of some momenta together."""
    is_small = hamiltonian.dimension <= max(DENSE_ROWS, 6 * count)
    momenta = range(len(hamiltonian.momenta))
    if isinstance(solver, SolvesStates) and not (is_small and len(momenta) > 1):
        for momentum in momenta:
            energies, vectors = solver.states(hamiltonian, momentum=momentum)
            which = np.full(len(energies), momentum)
            yield _nearest(_dense(hamiltonian, energies, vectors, which), count, near, hamiltonian)
    elif is_small:
        first = 0
        for system in diagonalize(hamiltonian, None):
            which = first + np.repeat(np.arange(system.n_momenta), hamiltonian.dimension)
            whole = _dense(hamiltonian, system.energies, system.vectors, which)
            yield _nearest(whole, count, near, hamiltonian)
            first += system.n_momenta
    else:
        for momentum in momenta:
            yield _sparse(hamiltonian, count, near, momentum)


def _dense(
    hamiltonian: NambuMatrix, energies: NDArray[np.float64], vectors: Array, momenta: NDArray[np.intp]
) -> States:
    # Backward stability: each level is off by at most about ε‖H‖.
    rounding = float(np.finfo(float).eps) * hamiltonian.norm_bound() * np.sqrt(hamiltonian.dimension)
    return States(energies, vectors, np.full(len(energies), rounding), momenta, float("inf"))


def _joined(one: States, other: States) -> States:
    return States(
        np.concatenate([one.energies, other.energies]),
        np.hstack([one.vectors, other.vectors]),
        np.concatenate([one.errors, other.errors]),
        np.concatenate([one.momenta, other.momenta]),
        min(one.radius, other.radius),
        one.is_complete and other.is_complete,
    )


def _nearest(states: States, count: int, near: float, hamiltonian: NambuMatrix) -> States:
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
    kept = states.chosen(nearest[:number])
    return States(
        kept.energies,
        kept.vectors,
        kept.errors,
        kept.momenta,
        min(states.radius, radius),
        is_complete and states.is_complete,
    )


def _sparse(hamiltonian: NambuMatrix, count: int, near: float, momentum: int) -> States:
    """The nearest states of one momentum, by Lanczos until as many are found as are counted."""
    matrix = scipy.sparse.csr_array(hamiltonian.sparse(momentum))
    search, inertia = _Search(hamiltonian, near, momentum), Inertia(hamiltonian, momentum)
    norm, together = hamiltonian.norm_bound(), degenerate_within(hamiltonian)
    vectors: Array = np.zeros((hamiltonian.dimension, 0), matrix.dtype)
    wanted = count + EXTRA
    for _ in range(count + MOST_MISSED):
        vectors = np.hstack([vectors, search.more(vectors, wanted)])
        energies, vectors, errors = _rayleigh_ritz(matrix, vectors, near, norm)
        distance = np.abs(energies - near)
        if len(distance) < count:
            wanted = count - len(distance) + EXTRA
            continue
        inside, low, high = _gap_after(distance, count, together, norm)
        counted, radius = _count(inertia, near, low, high, float(errors.max()))
        is_complete = counted - inside <= MOST_MISSED
        if not is_complete:
            inside, low, high = _gap_before(distance, count, together, norm)
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
    )


class _Search:
    """Lanczos with σ next to the energy; if that does not converge, next to the levels on both sides of it.

    The second is what takes the edge of a continuum: many levels, close together and far from σ, whose
    1/(E − σ) are all but equal.
    """

    def __init__(self, hamiltonian: NambuMatrix, near: float, momentum: int) -> None:
        self.hamiltonian, self.near, self.momentum = hamiltonian, near, momentum
        self.inverse, self.sigma = self._inverse(near)
        self.converges, self.turns = True, 0

    def more(self, known: Array, wanted: int) -> Array:
        """States that are orthogonal to known ones, as many as converge of those wanted."""
        if self.converges:
            found, self.converges = self._lanczos(self.inverse, known, wanted)
            if found.shape[1]:  # perhaps all that is wanted: states in the gap, those beyond too dense
                return found
        found = known[:, :0]
        for side in (1, -1):
            level = self._edge(known, side)
            inverse, _ = self._inverse(level - side * EDGE * abs(level - self.near))
            batch, converged = self._lanczos(inverse, known, wanted)
            if not converged and not batch.shape[1]:
                raise NumericalError(
                    f"the levels near {level:.6g} t are too dense for Lanczos; ask for fewer states"
                )
            known, found = np.hstack([known, batch]), np.hstack([found, batch])
        return found

    def _inverse(self, energy: float) -> tuple[ShiftInverse, float]:
        """(H − σ)⁻¹ with σ next to an energy, not at it: levels lie at zero, and sites may have no energy."""
        for step in SHIFTS:
            sigma = energy + step * self.hamiltonian.norm_bound()
            try:
                return ShiftInverse(self.hamiltonian, sigma, self.momentum), sigma
            except ZeroDivisionError:
                continue
        raise NumericalError(
            f"H − E is singular at every E tried near {energy:g} t; use method diagonalization"
        )

    def _lanczos(self, inverse: ShiftInverse, known: Array, wanted: int) -> tuple[Array, bool]:
        """Eigenvectors of the largest |1/(E − σ)|, and whether all converged."""
        operator, start = self._operator(inverse, known)
        n_vectors = min(len(known) - 1, 3 * wanted + 30)
        try:
            with blas_threads(1):  # its vectors are too short for more
                found = scipy.sparse.linalg.eigsh(
                    operator, wanted, which="LM", v0=start, ncv=n_vectors, maxiter=RESTARTS, tol=TOLERANCE
                )[1]
        except scipy.sparse.linalg.ArpackNoConvergence as error:
            return error.eigenvectors, False
        return found, True

    def _edge(self, known: Array, side: int) -> float:
        """Roughly the level next to σ on one side: a Ritz value of a state that has not converged."""
        operator, start = self._operator(self.inverse, known)
        try:
            with blas_threads(1):
                values = scipy.sparse.linalg.eigsh(
                    operator,
                    1,
                    which="LA" if side > 0 else "SA",
                    v0=start,
                    tol=1e-3,
                    return_eigenvectors=False,
                )
        except scipy.sparse.linalg.ArpackNoConvergence as error:
            raise NumericalError(f"Lanczos did not find the lowest states ({error})") from error
        return self.sigma + 1 / float(values[0])

    def _operator(self, inverse: ShiftInverse, known: Array) -> tuple[Any, Array]:
        """(H − σ)⁻¹ in the space orthogonal to known states, and a vector of that space to start from."""

        def product(vector: Array) -> Array:
            vector = vector.ravel()
            vector = inverse.solve(vector - known @ (known.conj().T @ vector))
            projected: Array = vector - known @ (known.conj().T @ vector)
            return projected

        # Starts of ours: the same matrix must give the same states.
        self.turns += 1
        start = np.random.default_rng(self.turns).standard_normal(len(known)).astype(known.dtype)
        start -= known @ (known.conj().T @ start)
        rows = len(known)
        return scipy.sparse.linalg.LinearOperator((rows, rows), matvec=product, dtype=known.dtype), start


def _rayleigh_ritz(matrix: Any, vectors: Array, near: float, norm: float) -> tuple[Any, Array, Any]:
    """Energies, the nearest first, vectors and residuals |Hψ − Eψ|; what has not converged is left out."""
    basis: Array = scipy.linalg.qr(vectors, mode="economic")[0]
    image = matrix @ basis
    energies, turn = scipy.linalg.eigh(basis.conj().T @ image)
    states, images = basis @ turn, image @ turn
    residuals = np.linalg.norm(images - states * energies, axis=0)
    rounding = float(np.finfo(float).eps)
    good = np.flatnonzero(residuals < np.sqrt(rounding) * norm)
    nearest = good[np.argsort(np.abs(energies[good] - near), kind="stable")]
    return energies[nearest], states[:, nearest], residuals[nearest] + rounding * norm


def _gap_after(
    distance: NDArray[np.float64], count: int, together: float, norm: float
) -> tuple[int, float, float]:
    """How many states lie up to the first gap from the count-th on, and the ends of that gap."""
    steps = np.flatnonzero(np.diff(distance[count - 1 :]) > together)
    if len(steps):
        inside = count + int(steps[0])
        return inside, float(distance[inside - 1]), float(distance[inside])
    last = float(distance[-1])
    return len(distance), last, last + max(1e-3 * last, 1e-5 * norm)


def _gap_before(
    distance: NDArray[np.float64], count: int, together: float, norm: float
) -> tuple[int, float, float]:
    """The same right before the level of the count-th."""
    inside = int(np.searchsorted(distance, distance[count - 1] - together))
    high = float(distance[inside])
    last = float(distance[inside - 1]) if inside else 0.0
    return inside, max(last, high - max(1e-3 * high, 1e-5 * norm)), high


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
