"""A territory: all patches of one size and one reach, what each is asked for, and what they give together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Array, Indices, Numbers
from bdg.nambu import SparsityPattern
from bdg.solvers.contract import Pattern
from bdg.solvers.monitor import Monitor
from bdg.solvers.selected_inversion.algebra import Algebra
from bdg.solvers.selected_inversion.local.cores import Cores, cut
from bdg.solvers.selected_inversion.local.patches import Surroundings
from bdg.solvers.selected_inversion.plan import Plan, make_plan
from bdg.solvers.selected_inversion.poles import Shift, sum_terms, terms_of
from bdg.solvers.selected_inversion.sums import hermitian_blocks, pair_products
from bdg.solvers.tasks import in_order

TOGETHER = 20_000
"""Sites of patches that are one task: handing over a task costs as much as a small patch."""


@dataclass(frozen=True, eq=False)
class Piece:
    """A patch and what is wanted of it.

    Parameters
    ----------
    plan
        Shared by all patches of one shape.
    slots
        Where the blocks of its matrix stand in that of the sample.
    own, entries
        Which entries of the plan's pattern start in the core, and which of the wanted pattern these are.
    seams
        Entries between two cores: which of the plan's they are, which of the territory's seam, and on which
        side of it the core is: 0 where they start in the core, 1 where they end there.
    """

    plan: Plan
    slots: NDArray[np.int64]
    own: Indices
    entries: Indices
    seams: tuple[Indices, Indices, Indices]


@dataclass
class PatchSum:
    """What a patch gives: Σ_p w_p i(K − K†)/2 on its entries, its response, and the error of the inverses."""

    blocks: Numbers
    response: NDArray[np.float64] | None
    error: float


@dataclass
class LocalSum:
    """The same of all patches, on the wanted pattern, and the error that buffers leave.

    Parameters
    ----------
    blocks, response, error
        See :class:`PatchSum`.
    truncation
        Largest difference of an entry across two cores between the patches that both have it: their buffers
        end on different sides of it, as near as they do for any entry.
    """

    blocks: Numbers
    response: NDArray[np.float64] | None
    error: float
    truncation: float


@dataclass(frozen=True, eq=False)
class Territory:
    """Patches that together have every wanted entry."""

    cores: Cores
    pieces: tuple[Piece, ...]
    seam: Indices
    """Wanted entries between two cores, ascending."""

    @property
    def most_rows(self) -> int:
        """Rows of the largest patch."""
        return max(piece.plan.elimination.rows_total for piece in self.pieces)

    def sum(
        self,
        values: Numbers,
        shifts: Sequence[Shift],
        pattern: Pattern,
        executor: Executor | None,
        monitor: Monitor,
    ) -> LocalSum:
        """Σ_p w_p (γ_p + iH)⁻¹ on the pattern, see :class:`LocalSum`.

        Parameters
        ----------
        values
            Blocks of H of the sample.
        shifts
            The poles.
        pattern
            That the territory was made for.
        executor, monitor
            Where the patches are inverted, and who watches; results are added in the order of the patches.
        """
        parts = list(_shares(self.pieces))
        tasks = (partial(_invert, self.pieces[p.start : p.stop], values, shifts) for p in parts)
        dofs = values.shape[-1]
        kind = float if np.isrealobj(values) else complex
        total = LocalSum(np.zeros((len(pattern), dofs, dofs), kind), None, 0.0, 0.0)
        sides = np.zeros((2, len(self.seam), dofs, dofs), kind)
        monitor.report("patches", 0, len(self.pieces))
        for part, found in zip(parts, in_order(tasks, executor, monitor), strict=True):
            for piece, one in zip(self.pieces[part.start : part.stop], found, strict=True):
                self._add(total, sides, piece, one)
            monitor.report("patches", part.stop, len(self.pieces))
        total.truncation = float(np.abs(sides[0] - sides[1]).max(initial=0.0))
        return total

    def _add(self, total: LocalSum, sides: Numbers, piece: Piece, one: PatchSum) -> None:
        """What one patch gives."""
        total.blocks[piece.entries] = one.blocks[piece.own]
        total.error = max(total.error, one.error)
        if one.response is not None:
            if total.response is None:
                total.response = np.empty((len(total.blocks), *one.response.shape[1:]))
            total.response[piece.entries] = one.response[piece.own]
        places, crossed, side = piece.seams
        sides[side, crossed] = one.blocks[places]


def settle(
    sparsity: SparsityPattern,
    surroundings: Surroundings,
    pattern: Pattern,
    algebra: Algebra,
    size: float,
    reach: int,
) -> Territory:
    """Cut a sample into patches of about ``size`` sites and a buffer of ``reach`` rings around each.

    Parameters
    ----------
    sparsity, surroundings
        The sample.
    pattern
        Wanted entries, all between sites that are one or are neighbours.
    algebra
        The numbers of the matrices.
    size, reach
        See above.
    """
    cores = cut(sparsity, size)
    starts, ends = cores.owner[pattern.rows], cores.owner[pattern.columns]
    seam = np.flatnonzero(starts != ends)
    started = cores.places(pattern.rows)
    met = cores.places(pattern.columns[seam])
    plans: dict[tuple[SparsityPattern, Pattern], Plan] = {}
    pieces = []
    for core in range(cores.count):
        patch = surroundings.patch(cores.sites(core), reach)
        entries = np.concatenate([started[core], seam[met[core]]])
        wanted, entries = surroundings.wanted(patch, pattern, entries)
        is_own, crosses = starts[entries] == core, starts[entries] != ends[entries]
        places = np.flatnonzero(crosses)
        crossed = np.searchsorted(seam, entries[places])
        seams = places, crossed, (~is_own[places]).astype(np.intp)
        key = patch.sparsity, wanted
        if key not in plans:
            plans[key] = make_plan(patch.sparsity, wanted, algebra)
        own_places = np.flatnonzero(is_own)
        pieces.append(Piece(plans[key], patch.slots, own_places, entries[own_places], seams))
    return Territory(cores, tuple(pieces), seam)


def _shares(pieces: Sequence[Piece]) -> Iterator[range]:
    """Runs of patches that are one task each."""
    first, rows = 0, 0
    for index, piece in enumerate(pieces, 1):
        rows += piece.plan.elimination.rows_total
        if rows >= TOGETHER or index == len(pieces):
            yield range(first, index)
            first, rows = index, 0


def _invert(pieces: Sequence[Piece], values: Numbers, shifts: Sequence[Shift]) -> list[PatchSum]:
    """What some patches give."""
    return [_inverted(piece.plan, values[piece.slots], shifts) for piece in pieces]


def _inverted(plan: Plan, values: Array, shifts: Sequence[Shift]) -> PatchSum:
    total = sum_terms(plan, plan.load(values), terms_of(shifts, plan))
    blocks = hermitian_blocks(plan, total.entries)
    return PatchSum(
        blocks.real if np.isrealobj(values) else blocks,
        None if total.products is None else pair_products(plan, total.products),
        total.error,
    )
