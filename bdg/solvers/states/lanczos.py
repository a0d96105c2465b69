"""Lanczos for the states next to an energy, in what is orthogonal to those known already."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse.linalg

from bdg.arrays import Array
from bdg.errors import NumericalError
from bdg.nambu import NambuMatrix
from bdg.resources import blas_threads
from bdg.solvers.states.shift_invert import ShiftInverse

EDGE = 0.01
"""How far before a level σ is put, as a share of its distance from the energy."""

TOLERANCE, RESTARTS = 1e-10, 8
"""Residual of 1/(E − σ) that Lanczos may leave, relative to it, and restarts after which it is given up."""

SHIFTS = (1e-4, -1.3e-4, 3.1e-4, 1.1e-3)
"""Where σ is tried, from the energy, in units of the scale of the low part of the spectrum."""


class Search:
    """Lanczos with σ next to the energy; if that does not converge, next to the levels on both sides of it.

    The second is what takes the edge of a continuum: many levels, close together and far from σ, whose
    1/(E − σ) are all but equal.
    """

    def __init__(self, hamiltonian: NambuMatrix, near: float, momentum: int) -> None:
        self.hamiltonian, self.near, self.momentum = hamiltonian, near, momentum
        self.inverse, self.sigma = self._inverse(near)
        self.converges, self.restarts = True, 0

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
            sigma = energy + step * self.hamiltonian.low_scale
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
        except scipy.sparse.linalg.ArpackError as error:
            raise self._lost(error) from error
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
        except scipy.sparse.linalg.ArpackError as error:
            raise self._lost(error) from error
        return self.sigma + 1 / float(values[0])

    def _lost(self, error: Exception) -> NumericalError:
        advice = self.hamiltonian.advice_on_walls
        return NumericalError(
            f"Lanczos did not find the lowest states ({error}); use method diagonalization{advice}"
        )

    def _operator(self, inverse: ShiftInverse, known: Array) -> tuple[Any, Array]:
        """(H − σ)⁻¹ in the space orthogonal to known states, and a vector of that space to start from."""

        def product(vector: Array) -> Array:
            vector = vector.ravel()
            vector = inverse.solve(vector - known @ (known.conj().T @ vector))
            projected: Array = vector - known @ (known.conj().T @ vector)
            return projected

        # Starts of ours: the same matrix must give the same states.
        self.restarts += 1
        start = np.random.default_rng(self.restarts).standard_normal(len(known)).astype(known.dtype)
        start -= known @ (known.conj().T @ start)
        rows = len(known)
        return scipy.sparse.linalg.LinearOperator((rows, rows), matvec=product, dtype=known.dtype), start
