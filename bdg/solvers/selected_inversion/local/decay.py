"""How far the inverse at each pole reaches, measured around a few sites before anything else is done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bdg.arrays import Array, Floats, Numbers
from bdg.nambu import SparsityPattern
from bdg.solvers.contract import Pattern
from bdg.solvers.monitor import Monitor
from bdg.solvers.selected_inversion.algebra import Algebra
from bdg.solvers.selected_inversion.local.patches import Surroundings
from bdg.solvers.selected_inversion.plan import Plan, make_plan
from bdg.solvers.selected_inversion.poles import Shift, sum_terms
from bdg.solvers.selected_inversion.sums import hermitian_blocks

LADDER = (2, 3, 4, 5, 6, 8, 10, 12, 14, 16, 20, 24, 28, 32, 40, 48)
"""Rings of neighbours that a buffer may have."""

PLACES = 6
"""Sites around which the decay is measured."""

MOST_SITES = 12_000
"""Sites of the largest patch that is inverted to learn of the decay."""

SPREAD = 1.5
"""How much larger the largest error of all entries is taken to be than that at :data:`PLACES`."""


@dataclass(frozen=True)
class Decay:
    """Errors of f(H) that buffers leave.

    Parameters
    ----------
    errors
        Largest change of an entry of each pole's term from one rung of :data:`LADDER` to the next, shape
        ``(n_poles, n_rungs)``; infinite where it was not measured.
    """

    errors: Floats

    def reaches(self, allowed: Floats) -> list[int | None]:
        """The smallest reach for each pole that leaves at most so much; ``None`` if none was seen to.

        Poles are in ascending order: each reaches at least as far as those beyond it.
        """
        found: list[int | None] = []
        for errors, most in zip(self.errors[::-1], allowed[::-1], strict=True):
            # Errors may be small by chance on one rung: from there on all must be.
            known = np.flatnonzero(np.isfinite(errors))
            late = np.maximum.accumulate(errors[known][::-1])[::-1]
            good = known[late <= most]
            nearest = found[-1] if found else LADDER[0]
            found.append(max(LADDER[int(good[0])], nearest) if len(good) and nearest else None)
        return found[::-1]

    @property
    def rate(self) -> float:
        """The slowest fall of an error per ring, −d ln error/d reach."""
        slopes = []
        for errors in self.errors:
            known = np.flatnonzero(np.isfinite(errors) & (errors > 0))
            if len(known) > 1:
                rungs = np.array(LADDER)[known]
                slopes.append(-np.polyfit(rungs, np.log(errors[known]), 1)[0])
        return max(min(slopes, default=0.5), 0.01)


def further(reach: int, rate: float, excess: float) -> int | None:
    """The next reach by which errors that fall at a rate are less by ``excess``; ``None``: there is none."""
    enough = reach + np.log(excess) / rate
    return next((each for each in LADDER if each > reach and each >= enough), None)


def measure(
    sparsity: SparsityPattern,
    surroundings: Surroundings,
    algebra: Algebra,
    pattern: Pattern,
    values: Numbers,
    shifts: Sequence[Shift],
    enough: Floats,
    monitor: Monitor,
) -> Decay:
    """Invert ever larger patches around a few sites until their entries stay.

    Parameters
    ----------
    sparsity, surroundings, algebra, pattern, values
        The sample, the wanted entries and the blocks of H.
    shifts
        The poles.
    enough
        Change of an entry of each pole's term that ends the search, shape ``(n_poles,)``.
    monitor
        Asked whether to go on.
    """
    n = sparsity.n_sites
    places = np.unique(n * (2 * np.arange(PLACES) + 1) // (2 * PLACES))
    entries = [np.flatnonzero(pattern.rows == site) for site in places]
    plans: dict[tuple[SparsityPattern, Pattern], Plan] = {}
    errors = np.full((len(shifts), len(LADDER)), np.inf)
    before: dict[tuple[int, int], Array] = {}
    open_poles = list(range(len(shifts)))
    for rung, reach in enumerate(LADDER):
        monitor.check()
        changes: dict[int, float] = dict.fromkeys(open_poles, 0.0)
        for place, site in enumerate(places):
            patch = surroundings.patch(np.array([site]), reach)
            if len(patch.sites) > MOST_SITES:
                return Decay(errors)
            wanted, _ = surroundings.wanted(patch, pattern, entries[place])
            key = patch.sparsity, wanted
            if key not in plans:
                plans[key] = make_plan(*key, algebra)
            plan = plans[key]
            loaded = plan.load(values[patch.slots])
            for pole in open_poles:
                blocks = hermitian_blocks(plan, sum_terms(plan, loaded, [(shifts[pole],)]).entries)
                if rung:
                    change = 0.5 * np.abs(blocks - before[pole, place]).max(initial=0.0)
                    changes[pole] = max(changes[pole], float(change))
                before[pole, place] = blocks
        if rung:
            errors[open_poles, rung - 1] = [changes[pole] for pole in open_poles]
            open_poles = [pole for pole in open_poles if not changes[pole] <= enough[pole]]
            if not open_poles:
                break
    return Decay(errors)
