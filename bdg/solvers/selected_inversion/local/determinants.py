r"""ln|det| of large samples from patches.

One core after the other is eliminated: with A_k the matrix without the cores before core k,

    ln|det A| = Σ_k ( ln|det A_k| − ln|det A_{k+1}| ),

and as each difference, ln|det| of the Schur complement of core k, knows the rest through (A_{k+1})⁻¹ next to
the core alone, A_k may be cut off at a buffer around it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Floats, Numbers
from bdg.nambu import SparsityPattern
from bdg.solvers.contract import Pattern
from bdg.solvers.monitor import Monitor
from bdg.solvers.selected_inversion.algebra import Algebra
from bdg.solvers.selected_inversion.factorisation import log_determinant
from bdg.solvers.selected_inversion.local.cores import Cores
from bdg.solvers.selected_inversion.local.patches import Patch, Surroundings
from bdg.solvers.selected_inversion.plan import Plan, make_plan
from bdg.solvers.selected_inversion.poles import Shift
from bdg.solvers.tasks import in_order

CHECKED = 6
"""Cores that are done once more with a wider buffer, to learn what the buffers leave."""


KEPT = 16
"""Plans that are kept, of the shapes that were met last."""


@dataclass(frozen=True)
class LogDeterminants:
    """ln|det| at each pole, shape ``(n_poles,)``, and estimates of the errors that the buffers leave."""

    values: Floats
    errors: Floats


class Eliminations:
    """Cores of a sample that are eliminated one after the other, each with the sites around that are left.

    Parameters
    ----------
    surroundings, algebra
        The sample and the numbers of its matrix.
    cores
        What is eliminated.
    """

    def __init__(self, surroundings: Surroundings, algebra: Algebra, cores: Cores) -> None:
        self._surroundings, self._algebra, self._cores = surroundings, algebra, cores
        self._plans: dict[SparsityPattern, Plan] = {}

    def log_determinants(
        self,
        values: Numbers,
        shifts: Sequence[Shift],
        reach: int,
        wider: int,
        executor: Executor | None,
        monitor: Monitor,
    ) -> LogDeterminants:
        """ln|det(γ + iH)| at some poles.

        Parameters
        ----------
        values
            Blocks of H.
        shifts
            The poles.
        reach, wider
            Rings of the buffers, and of those of :data:`CHECKED` cores that tell the error: all cores are
            taken to be as wrong, in the same direction, as the worst of these.
        executor, monitor
            Where the determinants are made, and who watches.
        """
        count = self._cores.count
        checked = np.unique(count * (2 * np.arange(CHECKED) + 1) // (2 * CHECKED))
        found = self._found(range(count), values, shifts, reach, executor, monitor)
        parts = np.array(list(found)).reshape(count, len(shifts))
        again = np.array(list(self._found(checked, values, shifts, wider, executor, monitor)))
        errors = count * np.abs(again - parts[checked]).max(axis=0)
        return LogDeterminants(parts.sum(axis=0), errors)

    def _found(
        self,
        cores: Sequence[int] | NDArray[np.int64],
        values: Numbers,
        shifts: Sequence[Shift],
        reach: int,
        executor: Executor | None,
        monitor: Monitor,
    ) -> Iterator[Floats]:
        """What each core gives, in order."""

        def tasks() -> Iterator[partial[Floats]]:
            for core in cores:
                sites = self._cores.sites(int(core))
                left = self._cores.owner >= core
                patch = self._surroundings.patch(sites, reach, left)
                rest = self._surroundings.restriction(np.setdiff1d(patch.sites, sites), patch)
                pieces = [(self._plan(each), values[each.slots]) for each in (patch, rest) if len(each.sites)]
                yield partial(_difference, pieces, shifts)

        for done, found in enumerate(in_order(tasks(), executor, monitor), 1):
            monitor.report("determinants", done, len(cores))
            yield found

    def _plan(self, patch: Patch) -> Plan:
        if patch.sparsity not in self._plans:
            own = np.arange(len(patch.sites), dtype=np.int32)
            self._plans = dict([*self._plans.items()][1 - KEPT :])
            self._plans[patch.sparsity] = make_plan(patch.sparsity, Pattern(own, own), self._algebra)
        return self._plans[patch.sparsity]


def _difference(pieces: Sequence[tuple[Plan, Numbers]], shifts: Sequence[Shift]) -> Floats:
    """ln|det| of a patch less that of what is left of it, at each pole."""
    found = [
        np.array([log_determinant(plan, loaded, shift.value) for shift in shifts])
        for plan, values in pieces
        for loaded in [plan.load(values)]
    ]
    return found[0] - found[1] if len(found) > 1 else found[0]
