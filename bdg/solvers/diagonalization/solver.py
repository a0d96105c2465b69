"""The solver that has all eigenvectors."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from bdg.errors import NumericalError
from bdg.kernels.sums import occupied_blocks, weight_products
from bdg.nambu import NambuMatrix
from bdg.resources import blas_threads, require_memory
from bdg.solvers.contract import Correlations, Estimate, Greens, Pattern
from bdg.solvers.thermal import fermi, log_cosh

# LAPACK's divide and conquer is the fastest driver for all eigenvectors from 300 rows up: at 1152 rows it
# takes 0.16 s where evr takes 0.25 s, evr for half the spectrum 0.30 s and ev 1.2 s (scripts/bench drivers).
DRIVER = "evd"

GREENS_CHUNK = 1 << 22
"""Products of amplitudes held at a time while summing Green's functions."""


@dataclass(frozen=True)
class Eigensystem:
    """Energies, ascending, and eigenvectors in columns (rows contiguous) of one momentum."""

    energies: NDArray[np.float64]
    vectors: NDArray[np.float64] | NDArray[np.complex128]


class Diagonalization:
    """H = V E V† by LAPACK; every function of H is V f(E) V†.

    The last matrix's eigensystem is kept, so that all observables of one state cost one diagonalization.

    Parameters
    ----------
    threads
        BLAS threads; ``None`` for the usable cores.
    """

    name = "diagonalization"

    def __init__(self, threads: int | None = None) -> None:
        self.threads = threads
        self._last: tuple[NambuMatrix, list[Eigensystem]] | None = None

    def correlations(
        self,
        hamiltonian: NambuMatrix,
        temperature: float,
        pattern: Pattern,
        *,
        tolerance: float = 1e-10,
        executor: Executor | None = None,
    ) -> Correlations:
        """Entries of f(H): Σ_n V_an f(E_n) V*_bn; see :class:`bdg.solvers.Solver`."""
        total: NDArray[np.complex128] | NDArray[np.float64] | None = None
        for index, momentum in enumerate(hamiltonian.momenta):
            system = self._eigensystems(hamiltonian)[index]
            occupation = fermi(system.energies, temperature, self._rounding(system))
            occupied = np.flatnonzero(occupation)  # ascending energies: a leading run
            last = int(occupied[-1]) + 1 if len(occupied) else 1
            blocks = occupied_blocks(
                system.vectors[:, :last], occupation[:last], pattern.rows, pattern.columns, hamiltonian.dofs
            )
            if pattern.crossings is not None and momentum.k.any():
                blocks = blocks * np.exp(1j * (pattern.crossings @ momentum.k))[:, None, None]
            total = momentum.weight * blocks if total is None else total + momentum.weight * blocks
        assert total is not None
        # Backward stability: an entry of f is off by about ε‖H‖ times the slope of f, and ε·√dim by rounding.
        slope = hamiltonian.norm_bound() / (4 * temperature) if temperature > 0 else 1.0
        error = float(np.finfo(float).eps) * (np.sqrt(hamiltonian.dimension) + slope)
        return Correlations(pattern, total, error)

    def greens(
        self,
        hamiltonian: NambuMatrix,
        z: NDArray[np.complex128],
        pattern: Pattern,
        *,
        tolerance: float = 1e-10,
        executor: Executor | None = None,
    ) -> Greens:
        """Entries of (z − H)⁻¹ = Σ_n V_an V*_bn/(z − E_n); see :class:`bdg.solvers.Solver`."""
        dofs, n_entries = hamiltonian.dofs, len(pattern)
        out = np.zeros((len(z), n_entries, dofs, dofs), np.complex128)
        step = max(1, GREENS_CHUNK // (hamiltonian.dimension * dofs**2))
        for index, momentum in enumerate(hamiltonian.momenta):
            system = self._eigensystems(hamiltonian)[index]
            resolvent = momentum.weight / (z[None, :] - system.energies[:, None])
            for first in range(0, n_entries, step):
                chunk = slice(first, min(first + step, n_entries))
                rows, columns = pattern.rows[chunk], pattern.columns[chunk]
                products = weight_products(system.vectors, rows, columns, dofs)
                with blas_threads(self.threads):
                    entries = products @ resolvent
                entries = np.moveaxis(entries.reshape(len(rows), dofs, dofs, len(z)), -1, 0)
                if pattern.crossings is not None and momentum.k.any():
                    entries = entries * np.exp(1j * (pattern.crossings[chunk] @ momentum.k))[:, None, None]
                out[:, chunk] += entries
        # A level that is off by ε‖H‖ moves 1/(z − E) by that over (Im z)², weighted by |V|² ≤ 1.
        nearest = float(np.abs(z.imag).min(initial=np.inf))
        return Greens(out, float(np.finfo(float).eps) * hamiltonian.norm_bound() / nearest**2)

    def grand_potential(
        self,
        hamiltonian: NambuMatrix,
        temperature: float,
        *,
        tolerance: float = 1e-10,
        executor: Executor | None = None,
    ) -> Estimate:
        """−Σ_n T ln 2cosh(E_n/2T), halved for 4 dofs; see :class:`bdg.solvers.Solver`."""
        value = 0.0
        for index, momentum in enumerate(hamiltonian.momenta):
            value -= momentum.weight * float(
                np.sum(log_cosh(self._eigensystems(hamiltonian)[index].energies, temperature))
            )
        value *= 0.5 if hamiltonian.dofs == 4 else 1.0
        # Each level is off by at most about ε‖H‖, independently, and the slope of T ln 2cosh is at most ½.
        error = float(np.finfo(float).eps) * hamiltonian.norm_bound() * np.sqrt(hamiltonian.dimension)
        return Estimate(value, float(error))

    def states(
        self, hamiltonian: NambuMatrix, count: int | None = None, near: float = 0.0
    ) -> tuple[NDArray[np.float64], NDArray[np.float64] | NDArray[np.complex128]]:
        """Energies nearest to ``near`` (all if no count), ascending, and their vectors in columns."""
        system = self._eigensystems(hamiltonian)[0]
        if count is None or count >= len(system.energies):
            return system.energies, system.vectors
        nearest = np.sort(np.argsort(np.abs(system.energies - near), kind="stable")[:count])
        return system.energies[nearest], system.vectors[:, nearest]

    def _eigensystems(self, hamiltonian: NambuMatrix) -> list[Eigensystem]:
        """One eigensystem a momentum; those of the last matrix are at hand."""
        if self._last is None or self._last[0] is not hamiltonian:
            self._last = None  # frees the old vectors before the new ones need room
            hamiltonian.require_finite()
            self._require_memory(hamiltonian)
            systems = [self._diagonalize(hamiltonian, index) for index in range(len(hamiltonian.momenta))]
            self._last = (hamiltonian, systems)
        return self._last[1]

    def _diagonalize(self, hamiltonian: NambuMatrix, momentum: int) -> Eigensystem:
        try:
            with blas_threads(self.threads):
                energies, vectors = scipy.linalg.eigh(
                    hamiltonian.dense(momentum), driver=DRIVER, overwrite_a=True, check_finite=False
                )
        except scipy.linalg.LinAlgError as error:
            raise NumericalError(f"LAPACK did not converge ({error}); check the input values") from error
        return Eigensystem(energies, np.ascontiguousarray(vectors))

    @staticmethod
    def _rounding(system: Eigensystem) -> float:
        """Energies below this cannot be told from zero."""
        return float(len(system.energies) * np.finfo(float).eps * np.abs(system.energies).max())

    @staticmethod
    def _require_memory(hamiltonian: NambuMatrix) -> None:
        """Matrix, LAPACK's workspace (2d² numbers in evd) and the contiguous copy of the vectors."""
        number = 8 if hamiltonian.is_real else 16
        squares = 4.0 if hamiltonian.is_real else 3.5
        vectors = len(hamiltonian.momenta) - 1
        needed = (squares + vectors) * number * float(hamiltonian.dimension) ** 2
        require_memory(
            needed,
            f"dense diagonalization of {hamiltonian.n_sites} sites ({hamiltonian.dimension} rows)",
            "make the sample smaller",
        )
