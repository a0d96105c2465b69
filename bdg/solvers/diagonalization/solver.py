"""The solver that has all eigenvectors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.kernels.sums import occupied_blocks, weight_products
from bdg.nambu import NambuMatrix, on_common_momenta
from bdg.resources import blas_threads, require_memory
from bdg.solvers.contract import TOLERANCE, Correlations, Estimate, Greens, Pattern, Solver, executor_of
from bdg.solvers.diagonalization.eigensystem import Eigensystem, diagonalize
from bdg.solvers.diagonalization.response import SLOPES_TO, require_response, response_entries
from bdg.solvers.monitor import SILENT
from bdg.solvers.thermal import fermi, log_cosh

GREENS_CHUNK = 1 << 22
"""Products of amplitudes held at a time while summing Green's functions."""


class Diagonalization:
    """H = V E V† by LAPACK; every function of H is V f(E) V†.

    The last matrix's eigensystem is kept, so that all observables of one state cost one diagonalization.

    Parameters
    ----------
    threads
        BLAS threads; ``None`` for those of :func:`bdg.resources.blas_threads`.
    executor
        Takes the momenta of every call that names no other.
    """

    name = "diagonalization"

    def __init__(self, threads: int | None = None, executor: Executor | None = None) -> None:
        self.threads, self.executor, self.monitor = threads, executor, SILENT
        self._last: tuple[NambuMatrix, list[Eigensystem]] | None = None

    def alone(self) -> Diagonalization:
        """See :class:`bdg.solvers.contract.Divides`."""
        return Diagonalization(1)

    def correlations(
        self,
        hamiltonian: NambuMatrix,
        temperature: float,
        pattern: Pattern,
        *,
        tolerance: float = TOLERANCE,
        executor: Executor | None = None,
    ) -> Correlations:
        """Entries of f(H): Σ_n V_an f(E_n) V*_bn; see :class:`bdg.solvers.Solver`."""
        blocks: Numbers | None = None
        nearest, rounding = np.inf, 0.0
        for system in self._eigensystems(hamiltonian, executor):
            part = _fermi_entries(system, temperature, pattern, hamiltonian.dofs)
            blocks = part if blocks is None else blocks + part
            nearest, rounding = min(nearest, system.above_zero), max(rounding, system.rounding)
        assert blocks is not None
        # Backward stability: an entry of f is off by about ε‖H‖ times the slope of f, at T = 0 over the
        # distance of the levels of both signs, which it mixes; and by ε·√dim from rounding.
        slope = hamiltonian.norm_bound() / (4.0 * temperature if temperature > rounding else 2.0 * nearest)
        error = float(np.finfo(float).eps) * (np.sqrt(hamiltonian.dimension) + slope)
        return Correlations(pattern, blocks, error)

    def greens(
        self,
        hamiltonian: NambuMatrix,
        z: NDArray[np.complex128],
        pattern: Pattern,
        *,
        tolerance: float = TOLERANCE,
        executor: Executor | None = None,
    ) -> Greens:
        """Entries of (z − H)⁻¹ = Σ_n V_an V*_bn/(z − E_n); see :class:`bdg.solvers.Solver`."""
        dofs, n_entries = hamiltonian.dofs, len(pattern)
        out = np.zeros((len(z), n_entries, dofs, dofs), np.complex128)
        step = max(1, GREENS_CHUNK // (hamiltonian.dimension * dofs**2))
        for system in self._eigensystems(hamiltonian, executor):
            resolvent = system.weight[:, None] / (z[None, :] - system.energies[:, None])
            for crossing, entries in _by_crossing(pattern):
                phase = system.phase(crossing)[:, None]
                for first in range(0, len(entries), step):
                    chosen = entries[first : first + step]
                    rows, columns = pattern.rows[chosen], pattern.columns[chosen]
                    products = weight_products(system.vectors, rows, columns, dofs)
                    with blas_threads(self.threads):
                        found = products @ (resolvent * phase)
                        if system.is_paired:  # at −k the vectors and the phase are the complex conjugates
                            found = 0.5 * (found + products.conj() @ (resolvent * np.conj(phase)))
                    out[:, chosen] += np.moveaxis(found.reshape(len(chosen), dofs, dofs, len(z)), -1, 0)
        # A level that is off by ε‖H‖ moves 1/(z − E) by that over (Im z)², weighted by |V|² ≤ 1.
        nearest = float(np.abs(z.imag).min(initial=np.inf))
        return Greens(out, float(np.finfo(float).eps) * hamiltonian.norm_bound() / nearest**2)

    def grand_potential(
        self,
        hamiltonian: NambuMatrix,
        temperature: float,
        *,
        tolerance: float = TOLERANCE,
        executor: Executor | None = None,
    ) -> Estimate:
        """−Σ_n T ln 2cosh(E_n/2T), halved for 4 dofs; see :class:`bdg.solvers.Solver`."""
        value = 0.0
        for system in self._eigensystems(hamiltonian, executor):
            value -= float(np.sum(system.weight * log_cosh(system.energies, temperature)))
        value *= 0.5 if hamiltonian.dofs == 4 else 1.0
        # Each level is off by at most about ε‖H‖, independently, and the slope of T ln 2cosh is at most ½.
        error = float(np.finfo(float).eps) * hamiltonian.norm_bound() * np.sqrt(hamiltonian.dimension)
        return Estimate(value, float(error))

    def response(
        self,
        hamiltonian: NambuMatrix,
        changes: Sequence[NambuMatrix],
        temperature: float,
        pattern: Pattern,
        *,
        tolerance: float = TOLERANCE,
        executor: Executor | None = None,
    ) -> list[Correlations]:
        """Entries of δf(H) from divided differences of f; see :mod:`.response`.

        Raises
        ------
        InputError
            If T = 0 and a level lies at zero energy: which side of it a change puts that on is no response.
        """
        hamiltonian, changes = on_common_momenta(hamiltonian, changes)
        found: list[Numbers] = []
        nearest, rounding, first = np.inf, 0.0, 0
        for system in self._eigensystems(hamiltonian, executor):
            require_response(system, temperature)
            parts = response_entries(system, first, changes, temperature, pattern, hamiltonian.dofs)
            found = [one + part for one, part in zip(found, parts, strict=True)] if found else parts
            nearest, rounding = min(nearest, system.above_zero), max(rounding, system.rounding)
            first += system.n_momenta
        # Differences of f that are 1e-5 T apart, or f′ for them: see divided_fermi.
        steepest = 1.0 / (4.0 * temperature if temperature > rounding else 2.0 * nearest)
        return [
            Correlations(pattern, blocks, SLOPES_TO * steepest * change.norm_bound())
            for blocks, change in zip(found, changes, strict=True)
        ]

    def states(
        self, hamiltonian: NambuMatrix, count: int | None = None, near: float = 0.0, momentum: int = 0
    ) -> tuple[NDArray[np.float64], Numbers]:
        """Energies nearest to ``near`` (all if no count), ascending, and their vectors in columns."""
        for system in self._eigensystems(hamiltonian):
            if momentum < system.n_momenta:
                energies, vectors = system.of(momentum)
                break
            momentum -= system.n_momenta
        if count is None or count >= len(energies):
            return energies, vectors
        nearest = np.sort(np.argsort(np.abs(energies - near), kind="stable")[:count])
        return energies[nearest], vectors[:, nearest]

    def levels(self, hamiltonian: NambuMatrix) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Every energy of every momentum, and its weight; see :class:`bdg.solvers.SolvesStates`."""
        systems = self._eigensystems(hamiltonian)
        energies = [np.where(np.abs(one.energies) <= one.rounding, 0.0, one.energies) for one in systems]
        return np.concatenate(energies), np.concatenate([one.weight for one in systems])

    def _eigensystems(self, hamiltonian: NambuMatrix, executor: Executor | None = None) -> list[Eigensystem]:
        """The eigensystems of all momenta; those of the last matrix are at hand."""
        if self._last is None or self._last[0] is not hamiltonian:
            self._last = None  # frees the old vectors before the new ones need room
            hamiltonian.require_finite()
            self._require_memory(hamiltonian)
            self._last = (hamiltonian, self._diagonalized(hamiltonian, executor or self.executor))
        return self._last[1]

    def _diagonalized(self, hamiltonian: NambuMatrix, executor: Executor | None) -> list[Eigensystem]:
        systems: list[Eigensystem] = []
        done, total = 0, len(hamiltonian.momenta)
        self.monitor.report("momenta", done, total)
        for system in diagonalize(hamiltonian, self.threads, executor, self.monitor):
            systems.append(system)
            done += system.n_momenta
            self.monitor.report("momenta", done, total)
        return systems

    @staticmethod
    def bytes_of(hamiltonian: NambuMatrix) -> float:
        """Matrix and NumPy's copy, LAPACK's workspace (2d² numbers), the contiguous copy of the vectors."""
        number = 8 if hamiltonian.is_real else 16
        squares = 5.0 if hamiltonian.is_real else 4.5
        vectors = len(hamiltonian.momenta) - 1
        return (squares + vectors) * number * float(hamiltonian.dimension) ** 2

    def _require_memory(self, hamiltonian: NambuMatrix) -> None:
        require_memory(
            self.bytes_of(hamiltonian),
            f"dense diagonalization of {hamiltonian.n_sites} sites ({hamiltonian.dimension} rows)",
            "make the sample smaller",
        )


def dense_beside(solver: Solver) -> Diagonalization:
    """Dense diagonalization for what a solver does not do, with its executor."""
    return Diagonalization(executor=executor_of(solver))


def _by_crossing(pattern: Pattern) -> Iterator[tuple[NDArray[np.int64] | None, NDArray[np.intp]]]:
    """The entries of a pattern by how far they reach: a phase belongs to each reach, not to each entry."""
    if pattern.crossings is None:
        yield None, np.arange(len(pattern))
        return
    reaches, which = np.unique(pattern.crossings, axis=0, return_inverse=True)
    for index, reach in enumerate(reaches):
        yield (reach if reach.any() else None), np.flatnonzero(which.ravel() == index)


def _fermi_entries(system: Eigensystem, temperature: float, pattern: Pattern, dofs: int) -> Numbers:
    """What the momenta of one eigensystem give to Σ_k weight · e^{+ik·crossing} f_k on the pattern."""
    occupation = system.weight * fermi(system.energies, temperature, system.rounding)
    vectors = system.vectors
    if system.n_momenta == 1:
        occupied = np.flatnonzero(occupation)  # ascending energies: a leading run
        last = int(occupied[-1]) + 1 if len(occupied) else 1
        vectors, occupation = vectors[:, :last], occupation[:last]
    out: NDArray[Any] = np.zeros((len(pattern), dofs, dofs), vectors.dtype)
    for crossing, entries in _by_crossing(pattern):
        rows, columns = pattern.rows[entries], pattern.columns[entries]
        phase = system.phase(crossing)[: len(occupation)]
        weight = occupation * phase if np.isrealobj(phase) else occupation.astype(complex) * phase
        if np.iscomplexobj(weight) and np.isrealobj(vectors):
            vectors, out = vectors.astype(complex), out.astype(complex)
        out[entries] = occupied_blocks(vectors, weight, rows, columns, dofs)
    return np.ascontiguousarray(out.real) if system.is_paired else out  # −k brings the complex conjugates
