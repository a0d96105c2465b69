r"""What a solver must do: selected entries of functions of one sparse Hermitian matrix H.

All that the self-consistency loop and the observables may use::

    correlations(hamiltonian, temperature, pattern)  ->  entries of f(H) on the pattern
    greens(hamiltonian, z, pattern)                  ->  entries of (z − H)⁻¹ on the pattern
    grand_potential(hamiltonian, temperature)        ->  −T Σ_n ln 2cosh(E_n/2T)   (T = 0: −½ Σ|E_n|)
    response(hamiltonian, changes, temperature, …)   ->  entries of δf(H) on the pattern, of each δH

each with an error estimate. Tasks go to the ``executor`` of the call or, where it names none, to that of the
solver: so the run's executor reaches every call of the loop, of observables and of experiments. A solver sums
over the momenta of the matrix itself, in a fixed order, so results don't depend on scheduling. Between the
parts of its work it reports to its ``monitor``, which may abandon it by an exception
(:mod:`bdg.solvers.monitor`). ``grand_potential`` carries the factor ½ of the general (4 dofs) Nambu space, so
Ω = ½ tr h + grand_potential + constants in both. Eigenvectors are a separate, optional capability,
:class:`SolvesStates`.

The function f is f(E) = 1/(e^{E/T} + 1) = ½(1 − tanh(E/2T)), with f(0) = ½ at T = 0, and
⟨Ψ†_b Ψ_a⟩ = f(H)_ab.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.errors import NumericalError
from bdg.nambu import NambuMatrix
from bdg.nambu.sparsity import KnownByContent
from bdg.solvers.monitor import Monitor

TOLERANCE = 1e-10
"""The largest error of an entry that is asked of a solver if nothing is said."""


@dataclass(frozen=True, eq=False)
class Pattern(KnownByContent):
    """Which site blocks of a function of H are wanted; equal ones built anew find what a solver made for one.

    Parameters
    ----------
    rows, columns
        Site indices, shape ``(n_entries,)``: the block ⟨row| f(H) |column⟩.
    crossings
        For infinite directions: how many sample lengths separate row from column along each, shape
        ``(n_entries, n_directions)``; the solver sums e^{+ik·crossing} over the momenta. ``None``: zero.
    """

    rows: NDArray[np.int32]
    columns: NDArray[np.int32]
    crossings: NDArray[np.int16] | None = None

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True)
class Correlations:
    """Entries of f(H): ``blocks[e, a, b]`` = ⟨Ψ†_(column, b) Ψ_(row, a)⟩.

    Parameters
    ----------
    pattern
        The entries that were asked for.
    blocks
        Shape ``(n_entries, dofs, dofs)``, real where H is real.
    error
        Estimate of the largest error of any entry.
    response
        ∂(Re F_i, Im F_i, n_i)/∂(Re Δ_j, Im Δ_j, V_j) on the pattern (i = row, j = column), F = ⟨c_i↑ c_i↓⟩,
        n the density of one spin and V a potential on both, shape ``(n_entries, 3, 3)``: from a solver that
        has it at no cost; it preconditions the self-consistency loop.
    """

    pattern: Pattern
    blocks: NDArray[np.float64] | NDArray[np.complex128]
    error: float
    response: NDArray[np.float64] | None = None

    def __post_init__(self) -> None:
        _require_finite("f(H)", self.blocks)


@dataclass(frozen=True)
class Greens:
    """Entries of (z − H)⁻¹.

    Parameters
    ----------
    blocks
        Shape ``(n_energies, n_entries, dofs, dofs)``.
    error
        Estimate of the largest error of any entry.
    """

    blocks: NDArray[np.complex128]
    error: float

    def __post_init__(self) -> None:
        _require_finite("the Green's function", self.blocks)


@dataclass(frozen=True)
class Estimate:
    """A number and the estimate of its error."""

    value: float
    error: float

    def __post_init__(self) -> None:
        _require_finite("the grand potential", self.value)


def _require_finite(name: str, values: ArrayLike) -> None:
    """Refuse what a solver must never return, whichever solver it is.

    Raises
    ------
    NumericalError
        If a value is NaN or infinite.
    """
    if not np.isfinite(values).all():
        raise NumericalError(f"{name} is not finite (NaN or infinity)")


class Solver(Protocol):
    """The contract; see the module."""

    name: str
    monitor: Monitor
    executor: Executor | None

    def correlations(
        self,
        hamiltonian: NambuMatrix,
        temperature: float,
        pattern: Pattern,
        *,
        tolerance: float = TOLERANCE,
        executor: Executor | None = None,
    ) -> Correlations:
        """Entries of f(H) on the pattern."""
        ...

    def greens(
        self,
        hamiltonian: NambuMatrix,
        z: NDArray[np.complex128],
        pattern: Pattern,
        *,
        tolerance: float = TOLERANCE,
        executor: Executor | None = None,
    ) -> Greens:
        """Entries of (z − H)⁻¹ on the pattern, z off the real axis; tolerance times max(1, 1/|Im z|)."""
        ...

    def grand_potential(
        self,
        hamiltonian: NambuMatrix,
        temperature: float,
        *,
        tolerance: float = TOLERANCE,
        executor: Executor | None = None,
    ) -> Estimate:
        """−T Σ_n ln 2cosh(E_n/2T), halved for 4 dofs."""
        ...

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
        """Entries of δf(H) on the pattern, to first order in each of some Hermitian changes δH.

        Changes need not have the symmetries of H; on momenta, repetitions of the sample change alike. The
        tolerance is a share of the largest that an entry may be: of ‖δH‖/4T or, at T = 0, of ‖δH‖/(2 gap).
        ∂f/∂T is the response to δH = −H/T.
        """
        ...


def executor_of(solver: Solver | None) -> Executor | None:
    """Its executor, for work that a solver has no part in; ``None`` where it has none."""
    return getattr(solver, "executor", None)


@runtime_checkable
class Divides(Protocol):
    """A solver of which tasks that are independent of each other may have one each."""

    def alone(self) -> Solver:
        """A solver of the same kind with one thread, no executor and nothing that is shared."""
        ...


@runtime_checkable
class SolvesStates(Protocol):
    """A solver that also has eigenvectors."""

    def states(
        self, hamiltonian: NambuMatrix, count: int | None = None, near: float = 0.0, momentum: int = 0
    ) -> tuple[NDArray[np.float64], NDArray[np.float64] | NDArray[np.complex128]]:
        """Energies of a momentum nearest to ``near``; vectors in columns, ``(dimension, count)``."""
        ...

    def levels(self, hamiltonian: NambuMatrix) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Every energy of every momentum, zero where only rounding keeps it from zero, and its weight."""
        ...
