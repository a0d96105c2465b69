"""A territory: all patches of one size and one reach, what each is asked for, and what they give together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Array, Indices, Numbers
from bdg.nambu import SparsityPattern
from bdg.solvers.contract import Pattern
from bdg.solvers.monitor import Monitor
from bdg.solvers.selected_inversion.algebra import Algebra
from bdg.solvers.selected_inversion.local.cores import cut
from bdg.solvers.selected_inversion.local.patches import Surroundings
from bdg.solvers.selected_inversion.plan import Plan, make_plan
from bdg.solvers.selected_inversion.poles import Shift, sum_terms, terms_of
from bdg.solvers.selected_inversion.sums import MomentumSum, hermitian_blocks, pair_products
from bdg.solvers.tasks import in_order

TOGETHER = 20_000
"""Sites of patches that are one task: handing over a task costs as much as a small patch."""


CHECKED = 6
"""Patches that are done once more with wider buffers, to learn what the others leave."""


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
    slots: NDArray[Any]
    own: NDArray[Any]
    entries: NDArray[Any]
    seams: tuple[Indices, Indices, Indices]

    def in_order(self, blocks: Numbers) -> Numbers:
        """Those of its own entries, in the order of the wanted pattern, whatever the buffer is."""
        ordered: Numbers = blocks[self.own[np.argsort(self.entries)]]
        return ordered


@dataclass
class PatchSum:
    """What a patch gives: ½ Σ_p w_p i(K − K†)/2 on its entries, its response, the error of the inverses."""

    blocks: Numbers
    response: NDArray[np.float64] | None
    error: float


@dataclass(frozen=True)
class Errors:
    """What the inverses and the buffers leave in f(H).

    Parameters
    ----------
    inverses
        From the residuals.
    seams
        Largest difference of an entry across two cores between the patches that both have it: their buffers
        end on different sides of it, as near as they do for any entry. Where both sides mirror each other,
        as in a clean sample, their errors are equal, and it is zero.
    sampled
        Largest change of an entry of some cores when their buffers are wider; ``None`` where that was not
        asked for.
    """

    inverses: float
    seams: float
    sampled: float | None


@dataclass(frozen=True, eq=False)
class Territory:
    """Patches that together have every wanted entry.

    Parameters
    ----------
    pieces
        In the order of their cores.
    seam
        Wanted entries between two cores, ascending.
    wider
        Some of the pieces with wider buffers, by their places in ``pieces``.
    """

    pieces: tuple[Piece, ...]
    seam: Indices
    wider: dict[int, Piece]

    @property
    def most_rows(self) -> int:
        """Rows of the largest patch."""
        return max(piece.plan.elimination.rows_total for piece in self.pieces)

    def add(
        self,
        total: MomentumSum,
        values: Numbers,
        shifts: Sequence[Shift],
        executor: Executor | None,
        monitor: Monitor,
        *,
        sampled: bool,
    ) -> Errors:
        """Add what some poles give to f(H) and to its response, in the order of the patches.

        Parameters
        ----------
        total
            On the pattern that the territory was made for.
        values
            Blocks of H of the sample.
        shifts
            The poles.
        executor, monitor
            Where the patches are inverted, and who watches.
        sampled
            Whether some of the patches are done once more with wider buffers.
        """
        checked = sorted(self.wider) if sampled else []
        parts = list(_shares(self.pieces))
        runs = [self.pieces[part.start : part.stop] for part in parts]
        runs += [(self.wider[place],) for place in checked]
        tasks = (partial(_invert, run, values, shifts) for run in runs)
        done = in_order(tasks, executor, monitor)
        sides = np.zeros((2, len(self.seam), *total.blocks.shape[1:]), total.blocks.dtype)
        error, narrower = 0.0, {}
        monitor.report("patches", 0, len(self.pieces))
        for part, found in zip(parts, done, strict=False):
            for place, one in zip(part, found, strict=True):
                piece = self.pieces[place]
                total.blocks[piece.entries] -= one.blocks[piece.own]
                if one.response is not None and total.response is not None:
                    total.response[piece.entries] += one.response[piece.own]
                places, crossed, side = piece.seams
                sides[side, crossed] = one.blocks[places]
                error = max(error, one.error)
                if place in checked:
                    narrower[place] = piece.in_order(one.blocks)
            monitor.report("patches", part.stop, len(self.pieces))
        changes = [
            float(np.abs(self.wider[place].in_order(one.blocks) - narrower[place]).max(initial=0.0))
            for place, (one,) in zip(checked, done, strict=True)
        ]
        seams = float(np.abs(sides[0] - sides[1]).max(initial=0.0))
        return Errors(error, seams, max(changes, default=0.0) if sampled else None)


class Settlement:
    """A sample cut into cores of about one size, around which patches of any reach are made.

    Parameters
    ----------
    sparsity, surroundings
        The sample.
    pattern
        Wanted entries, all between sites that are one or are neighbours.
    algebra
        The numbers of the matrices.
    size
        Sites of a core.
    """

    def __init__(
        self,
        sparsity: SparsityPattern,
        surroundings: Surroundings,
        pattern: Pattern,
        algebra: Algebra,
        size: float,
    ) -> None:
        self._surroundings, self._pattern, self._algebra = surroundings, pattern, algebra
        self._cores = cut(sparsity, size)
        self._starts, self._ends = (self._cores.owner[k] for k in (pattern.rows, pattern.columns))
        self._seam = np.flatnonzero(self._starts != self._ends)
        self._started = self._cores.places(pattern.rows)
        self._met = self._cores.places(pattern.columns[self._seam])
        self._plans: dict[tuple[SparsityPattern, Pattern], Plan] = {}

    def territory(self, reach: int, wider: int) -> Territory:
        """All patches with a buffer of ``reach`` rings, and :data:`CHECKED` of them with a wider one."""
        count = self._cores.count
        checked = np.unique(count * (2 * np.arange(CHECKED) + 1) // (2 * CHECKED))
        return Territory(
            tuple(self._piece(core, reach) for core in range(count)),
            self._seam,
            {int(core): self._piece(int(core), wider) for core in checked},
        )

    def _piece(self, core: int, reach: int) -> Piece:
        patch = self._surroundings.patch(self._cores.sites(core), reach)
        entries = np.concatenate([self._started[core], self._seam[self._met[core]]])
        wanted, entries = self._surroundings.wanted(patch, self._pattern, entries)
        is_own = self._starts[entries] == core
        places = np.flatnonzero(self._starts[entries] != self._ends[entries])
        seams = places, np.searchsorted(self._seam, entries[places]), (~is_own[places]).astype(np.intp)
        key = patch.sparsity, wanted
        if key not in self._plans:
            self._plans[key] = make_plan(*key, self._algebra)
        own = np.flatnonzero(is_own)
        return Piece(self._plans[key], narrow(patch.slots), narrow(own), narrow(entries[own]), seams)


def narrow(places: NDArray[Any]) -> NDArray[Any]:
    """Places in half the memory where they allow it: patches keep several for each site."""
    return places.astype(np.int32) if places.max(initial=0) < np.iinfo(np.int32).max else places


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
    blocks = 0.5 * hermitian_blocks(plan, total.entries)
    return PatchSum(
        blocks.real if np.isrealobj(values) else blocks,
        None if total.products is None else pair_products(plan, total.products),
        total.error,
    )
