"""Selected inversion that diagonalizes where the spectrum has no gap, or too small a one, near T = 0."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor

from bdg.nambu import NambuMatrix
from bdg.rational import WIDEST
from bdg.solvers.contract import TOLERANCE, Correlations, Pattern
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion.gap import NoGapError, require_frozen
from bdg.solvers.selected_inversion.solver import Parts, SelectedInversion
from bdg.solvers.selected_inversion.work import Lacking

FEW_DIGITS = 10.0
"""Error of selected inversion, in units of the tolerance, from which on H is diagonalized."""


class InversionOrDense(SelectedInversion):
    """Selected inversion; at T = 0 every eigenvector of a matrix whose levels at zero forbid it.

    A temperature that is too low for an expansion of the Fermi function is taken for 0 where no level feels
    it. A normal metal, a zero mode, or a vortex on its way to self-consistency may have no gap in one matrix
    and one in the next: each is looked at by itself.

    Parameters
    ----------
    threads, executor, locality
        See :class:`SelectedInversion`.
    dense_rows
        Rows up to which a matrix is diagonalized; larger ones without a gap are refused.
    """

    def __init__(
        self,
        threads: int | None = None,
        executor: Executor | None = None,
        *,
        locality: bool = True,
        dense_rows: int,
    ) -> None:
        super().__init__(threads, executor, locality=locality)
        self._dense_rows, self._dense = dense_rows, Diagonalization(threads)

    def alone(self) -> InversionOrDense:
        """See :class:`bdg.solvers.contract.Divides`."""
        return InversionOrDense(1, locality=self.locality, dense_rows=self._dense_rows)

    def _found(
        self,
        hamiltonian: NambuMatrix,
        temperature: float,
        pattern: Pattern,
        tolerance: float,
        executor: Executor | None,
        without: Lacking,
    ) -> Parts:
        """Correlations and the grand potential; see :meth:`SelectedInversion.evaluate`."""
        expanded_at, may_be_dense = self._expanded_at(hamiltonian, temperature)
        try:
            self._require_frozen(hamiltonian, temperature, expanded_at)
            found = super()._found(hamiltonian, expanded_at, pattern, tolerance, executor, without)
            has_digits = found[0] is None or found[0].error <= FEW_DIGITS * tolerance
            if not may_be_dense or has_digits:
                return found
        except NoGapError:
            if not may_be_dense:
                raise
        dense = self._all_states()
        return (
            dense.correlations(hamiltonian, temperature, pattern, executor=executor),
            dense.grand_potential(hamiltonian, temperature, executor=executor),
        )

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
        """Entries of δf(H); see :meth:`SelectedInversion.response`."""
        expanded_at, may_be_dense = self._expanded_at(hamiltonian, temperature)
        try:
            self._require_frozen(hamiltonian, temperature, expanded_at)
            return super().response(
                hamiltonian, changes, expanded_at, pattern, tolerance=tolerance, executor=executor
            )
        except NoGapError:
            if not may_be_dense:
                raise
        return self._all_states().response(hamiltonian, changes, temperature, pattern, executor=executor)

    def _expanded_at(self, hamiltonian: NambuMatrix, temperature: float) -> tuple[float, bool]:
        """The temperature of the expansion, and whether the matrix may be diagonalized instead."""
        too_cold = 0 < temperature < hamiltonian.norm_bound() / WIDEST
        expanded_at = 0.0 if too_cold else temperature
        return expanded_at, expanded_at == 0 and hamiltonian.dimension <= self._dense_rows

    def _require_frozen(self, hamiltonian: NambuMatrix, temperature: float, expanded_at: float) -> None:
        if temperature != expanded_at:
            require_frozen(hamiltonian, temperature, self.monitor)

    def _all_states(self) -> Diagonalization:
        self._dense.monitor, self._dense.executor = self.monitor, self.executor
        return self._dense
