"""All eigenvectors of a matrix, at each of its momenta."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.errors import NumericalError
from bdg.executors import shares_memory, workers_of
from bdg.nambu import Momentum, NambuMatrix
from bdg.resources import blas_threads
from bdg.solvers.matrices import Matrices
from bdg.solvers.monitor import SILENT, Monitor
from bdg.solvers.parts import Parcel, Sent
from bdg.solvers.tasks import EMPTY, in_order

# NumPy calls LAPACK's divide and conquer, the fastest driver for all eigenvectors from 300 rows up (1152
# rows take 0.16 s, with evr 0.25 s, with ev 1.2 s: scripts/bench drivers), and lets other threads run
# meanwhile, as SciPy does not: signals and progress need them. It fails now and then on many levels that
# nearly coincide, as those of a clean torus with a pairing of 1e-6 (OpenBLAS 0.3).
SAFE_DRIVER = "evr"
"""The driver of LAPACK for what divide and conquer fails on."""

STACK_ROWS, STACK_NUMBERS = 48, 1 << 20
"""Matrices of up to so many rows are diagonalized in stacks of at most so many numbers."""

THREADS_FROM = 256
"""Rows below which threads of BLAS cost more than they gain, by far on a busy machine."""


@dataclass(frozen=True)
class Eigensystem:
    """The eigenstates of some momenta, side by side: sums over k and over levels are one sum over states.

    Parameters
    ----------
    energies
        Ascending at each momentum, shape ``(n_states,)``, ``n_states = n_momenta · dimension``.
    vectors
        In columns, rows contiguous, shape ``(dimension, n_states)``.
    weight
        Weight of the momentum of each state, shape ``(n_states,)``.
    k
        Its Bloch phases, shape ``(n_states, n_directions)``.
    n_momenta
        How many momenta there are.
    is_paired
        Whether each stands for −k too; see :class:`bdg.nambu.Momentum`.
    """

    energies: NDArray[np.float64]
    vectors: Numbers
    weight: NDArray[np.float64]
    k: NDArray[np.float64]
    n_momenta: int
    is_paired: bool

    def phase(self, crossing: NDArray[np.int64] | None) -> Numbers:
        """e^{+ik·crossing} of each state."""
        if crossing is None or not self.k.any():
            return np.ones(len(self.energies))
        phase: Numbers = np.exp(1j * (self.k @ crossing))
        return phase

    def of(self, momentum: int) -> tuple[NDArray[np.float64], Numbers]:
        """Energies and vectors of one momentum."""
        length = len(self.energies) // self.n_momenta
        own = slice(momentum * length, (momentum + 1) * length)
        return self.energies[own], self.vectors[:, own]

    @property
    def rounding(self) -> float:
        """Energies below this cannot be told from zero."""
        return float(len(self.vectors) * np.finfo(float).eps * np.abs(self.energies).max())

    @property
    def above_zero(self) -> float:
        """The smallest |E| that can be told from zero; infinity where there is none."""
        sizes = np.abs(self.energies)
        return float(sizes.min(where=sizes > self.rounding, initial=np.inf))


def diagonalize(
    hamiltonian: NambuMatrix,
    threads: int | None,
    executor: Executor | None = None,
    monitor: Monitor = SILENT,
) -> Iterator[Eigensystem]:
    """Eigensystems that together hold every momentum, in their order.

    Parameters
    ----------
    hamiltonian
        The matrix.
    threads
        BLAS threads; ``None`` for those of :func:`bdg.resources.blas_threads`.
    executor
        Takes momenta, a stack of small ones at a time, each on one thread of BLAS; what is one task only
        stays here.
    monitor
        Asked whether to go on while a task of the executor is waited for.

    Raises
    ------
    NumericalError
        If LAPACK does not converge.
    """
    rows, momenta = hamiltonian.dimension, len(hamiltonian.momenta)
    together = max(1, STACK_NUMBERS // rows**2) if rows <= STACK_ROWS else 1
    stacks = [slice(first, first + together) for first in range(0, momenta, together)]
    if executor is None or len(stacks) == 1:
        for stack in stacks:
            with blas_threads(threads if rows >= THREADS_FROM else 1):
                system = _eigensystem(hamiltonian, stack)
            yield system
        return
    parcel = EMPTY
    task: Callable[[slice], Callable[[], Any]] = partial(partial, _eigensystem, hamiltonian)
    if not shares_memory(executor):
        parcel = Parcel((Matrices().sent(hamiltonian),), Sent(), min(len(stacks), workers_of(executor)))
        task = partial(parcel.job, _eigensystem)
    with blas_threads(1):
        yield from in_order((task(stack) for stack in stacks), executor, monitor, parcel)


def _eigensystem(hamiltonian: NambuMatrix, stack: slice) -> Eigensystem:
    """That of some momenta."""
    some, rows = hamiltonian.momenta[stack], hamiltonian.dimension
    try:
        energies, vectors = _all_states(hamiltonian, some)
    except np.linalg.LinAlgError as error:
        raise NumericalError(f"LAPACK did not converge ({error}); check the input values") from error
    return Eigensystem(
        energies,
        vectors,
        weight=np.repeat([momentum.weight for momentum in some], rows),
        k=np.repeat([momentum.k for momentum in some], rows, axis=0),
        n_momenta=len(some),
        is_paired=some[0].is_paired,
    )


def _all_states(hamiltonian: NambuMatrix, momenta: Sequence[Momentum]) -> tuple[NDArray[np.float64], Numbers]:
    """Energies and vectors of some momenta, side by side."""
    columns: Any
    if len(momenta) == 1:
        energies, columns = _eigh(lambda: hamiltonian.to_dense(momenta[0].values))
        return energies, np.ascontiguousarray(columns)
    values: NDArray[Any] = np.stack([momentum.values for momentum in momenta])
    matrices = hamiltonian.to_dense(values)
    try:
        energies, columns = np.linalg.eigh(matrices)
    except np.linalg.LinAlgError:
        each = [_eigh(matrix.copy) for matrix in matrices]
        energies, columns = (np.stack(parts) for parts in zip(*each, strict=True))
    rows = hamiltonian.dimension
    return energies.ravel(), np.ascontiguousarray(columns.transpose(1, 0, 2).reshape(rows, -1))


def _eigh(matrix: Callable[[], Numbers]) -> tuple[NDArray[np.float64], Any]:
    """Energies and vectors of a matrix, which is made for each attempt, as LAPACK overwrites it."""
    try:
        energies, columns = np.linalg.eigh(matrix())
    except np.linalg.LinAlgError:
        energies, columns = scipy.linalg.eigh(
            matrix(), driver=SAFE_DRIVER, overwrite_a=True, check_finite=False
        )
    return energies, columns
