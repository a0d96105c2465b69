"""Selected inversion that diagonalizes where the spectrum has no gap, or too small a one, near T = 0."""

from __future__ import annotations

from concurrent.futures import Executor

from bdg.nambu import NambuMatrix
from bdg.rational import WIDEST
from bdg.solvers.contract import TOLERANCE, Pattern
from bdg.solvers.diagonalization import Diagonalization
from bdg.solvers.selected_inversion.gap import NoGapError, require_frozen
from bdg.solvers.selected_inversion.solver import Evaluation, SelectedInversion

FEW_DIGITS = 10.0
"""Error of selected inversion, in units of the tolerance, from which on H is diagonalized."""


class InversionOrDense(SelectedInversion):
    """Selected inversion; at T = 0 every eigenvector of a matrix whose levels at zero forbid it.

    A temperature that is too low for an expansion of the Fermi function is taken for 0 where no level feels
    it. A normal metal, a zero mode, or a vortex on its way to self-consistency may have no gap in one matrix
    and one in the next: each is looked at by itself.

    Parameters
    ----------
    threads, executor
        See :class:`SelectedInversion`.
    dense_rows
        Rows up to which a matrix is diagonalized; larger ones without a gap are refused.
    """

    def __init__(
        self, threads: int | None = None, executor: Executor | None = None, *, dense_rows: int
    ) -> None:
        super().__init__(threads, executor)
        self._dense_rows, self._dense = dense_rows, Diagonalization(threads)

    def alone(self) -> InversionOrDense:
        """See :class:`bdg.solvers.contract.Divides`."""
        return InversionOrDense(1, dense_rows=self._dense_rows)

    def evaluate(
        self,
        hamiltonian: NambuMatrix,
        temperature: float,
        pattern: Pattern,
        *,
        tolerance: float = TOLERANCE,
        executor: Executor | None = None,
    ) -> Evaluation:
        """Correlations and the grand potential; see :meth:`SelectedInversion.evaluate`."""
        too_cold = 0 < temperature < hamiltonian.norm_bound() / WIDEST
        expanded_at = 0.0 if too_cold else temperature
        may_be_dense = expanded_at == 0 and hamiltonian.dimension <= self._dense_rows
        try:
            if too_cold:
                require_frozen(hamiltonian, temperature, self.monitor)
            found = super().evaluate(
                hamiltonian, expanded_at, pattern, tolerance=tolerance, executor=executor
            )
            if not may_be_dense or found.correlations.error <= FEW_DIGITS * tolerance:
                return found
        except NoGapError:
            if not may_be_dense:
                raise
        self._dense.monitor, self._dense.executor = self.monitor, self.executor
        return Evaluation(
            self._dense.correlations(hamiltonian, temperature, pattern, executor=executor),
            self._dense.grand_potential(hamiltonian, temperature, executor=executor),
        )
