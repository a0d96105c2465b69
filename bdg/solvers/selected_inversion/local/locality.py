"""f(H) of large samples from patches, as far as the inverses at the poles decay.

The decay at each pole is measured around a few sites first; poles of like reach share patches of the size
that takes the least time. What the buffers leave is then measured on all entries between two cores, which two
patches have, and for each new set of poles on some patches with wider buffers; where it is more than it may
be, the buffers grow and the patches are done again. Poles that don't decay are inverted whole.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bdg.arrays import Numbers
from bdg.nambu import Momentum, SparsityPattern
from bdg.rational import Expansion
from bdg.solvers.contract import Pattern
from bdg.solvers.monitor import SILENT, Monitor
from bdg.solvers.selected_inversion.algebra import Algebra
from bdg.solvers.selected_inversion.local.cores import cut
from bdg.solvers.selected_inversion.local.decay import LADDER, SPREAD, further, measure
from bdg.solvers.selected_inversion.local.determinants import Eliminations
from bdg.solvers.selected_inversion.local.division import Costs, Share, divide, time_of
from bdg.solvers.selected_inversion.local.patches import Surroundings
from bdg.solvers.selected_inversion.local.territory import Settlement, Territory
from bdg.solvers.selected_inversion.sums import MomentumSum, linear_sum, shifts_at
from bdg.solvers.selected_inversion.work import Work

LEAST_SITES = 60_000
"""Sites below which a sample is inverted whole: measuring the decay takes what patches gain."""

WORTH = 0.7
"""Time by patches, in units of that of the whole, from which on it is left whole."""

TRUNCATION = 0.7
"""Share of the tolerance that buffers may leave."""

SAFETY = 1.5
"""How much larger the largest error of an entry is taken to be than the largest difference that is seen."""

BYTES = 450.0
"""Memory of a site that patches take, over the square of its components: places, blocks, responses."""

CHECKED_BETTER = 10.0
"""By how much less wider buffers leave, which tell the error of others."""

Whole = Callable[[Work], MomentumSum]
"""f(H) of the whole sample, or of some of its poles."""


@dataclass
class Ground:
    """What is known of one sample, pattern and algebra."""

    sparsity: SparsityPattern
    pattern: Pattern
    algebra: Algebra
    surroundings: Surroundings
    costs: Costs
    territories: dict[tuple[float, int], Territory] = field(default_factory=dict)
    reaches: dict[tuple[Expansion, float], list[int | None]] = field(default_factory=dict)
    sampled: dict[Share, float] = field(default_factory=dict)
    rate: float = 0.5

    def territory(self, share: Share) -> Territory:
        """The patches of a share."""
        key = share.size, share.reach
        if key not in self.territories:
            cut_up = Settlement(self.sparsity, self.surroundings, self.pattern, self.algebra, share.size)
            self.territories[key] = cut_up.territory(share.reach, self.wider(share))
        return self.territories[key]

    def wider(self, share: Share) -> int:
        """A reach that leaves a tenth."""
        return further(share.reach, self.rate, CHECKED_BETTER) or LADDER[-1]

    def learn(self, work: Work, poles: range, reach: int | None) -> None:
        """Remember that some poles reach further than it seemed; ``None``: too far for any buffer."""
        reaches = self.reaches[work.expansion, work.tolerance]
        if reach is None:
            reaches[: poles.stop] = [None] * poles.stop
        else:
            reaches[poles.start : poles.stop] = [reach] * len(poles)

    def keep(self, shares: Sequence[Share]) -> None:
        """Forget the patches of all others: at a hundred bytes and more a site they are not kept for long."""
        kept = {(share.size, share.reach) for share in shares}
        self.territories = {key: each for key, each in self.territories.items() if key in kept}


class Locality:
    """Evaluates f(H) patch by patch; keeps what it learns of the last sample."""

    def __init__(self) -> None:
        self._ground: Ground | None = None

    def evaluate(
        self, work: Work, momentum: Momentum, algebra: Algebra, whole: Whole, monitor: Monitor
    ) -> MomentumSum | None:
        """The sum over the poles; ``None`` where the sample is inverted in one piece as quickly.

        Parameters
        ----------
        work, momentum, algebra
            What is asked for, and the one momentum of the matrix.
        whole
            Evaluates poles in one piece.
        monitor
            Who watches.
        """
        ground = self._known(work, algebra)
        while ground is not None:
            shares, n_whole, _ = self._divided(ground, work, momentum.values, monitor)
            if not shares:
                return None
            total = self._whole(work, momentum, n_whole, whole, responds=algebra.planes == 4)
            total.lacks = work.without
            if work.without != "correlations" and not all(
                self._add(total, ground, work, momentum.values, share, monitor) for share in shares
            ):
                continue  # with wider buffers
            if work.without != "potential":
                for share in shares:
                    _add_log_trace(total, ground, work, momentum.values, share, monitor)
            ground.keep(shares)
            return total
        return None

    def forecast(self, work: Work, momentum: Momentum, algebra: Algebra) -> tuple[float, float] | None:
        """Products of numbers, and bytes, of :meth:`evaluate`; ``None`` where it is done in one piece.

        Poles that stay whole want the memory of one piece: they are no gain in memory.
        """
        ground = self._known(work, algebra)
        if ground is None:
            return None
        shares, n_whole, time = self._divided(ground, work, momentum.values, SILENT)
        if not shares or n_whole:
            return None
        return time, BYTES * work.hamiltonian.dofs**2 * ground.sparsity.n_sites

    def _divided(
        self, ground: Ground, work: Work, values: Numbers, monitor: Monitor
    ) -> tuple[list[Share], int, float]:
        """Shares of poles, how many stay whole and the time of all; no shares where that gains nothing."""
        reaches = self._reaches(ground, work, values, monitor)
        shares, n_whole = divide(ground.costs, reaches), reaches.count(None)
        time = time_of(ground.costs, shares) + n_whole * ground.costs.whole
        return (shares if time <= WORTH * len(reaches) * ground.costs.whole else []), n_whole, time

    @staticmethod
    def _whole(work: Work, momentum: Momentum, n_poles: int, whole: Whole, *, responds: bool) -> MomentumSum:
        """½ − ½ c·H and the poles that stay whole."""
        part = _part(work.expansion, range(n_poles), work.expansion.linear)
        if n_poles:
            tolerance = work.tolerance * n_poles / work.expansion.n_poles  # what is left to these poles
            return whole(replace(work, expansion=part, tolerance=tolerance))
        return linear_sum(work.hamiltonian, work.pattern, momentum, part, responds=responds)

    @staticmethod
    def _add(
        total: MomentumSum, ground: Ground, work: Work, values: Numbers, share: Share, monitor: Monitor
    ) -> bool:
        """Add what the poles of a share give; false where the buffers leave more than they may."""
        poles = range(share.first, share.last)
        allowed = TRUNCATION * work.tolerance * np.sqrt(len(poles) / work.expansion.n_poles)
        territory = ground.territory(share)
        shifts = shifts_at(territory.most_rows, work.expansion, work.tolerance)[share.first : share.last]
        known = ground.sampled.get(share)
        found = territory.add(total, values, shifts, work.executor, monitor, sampled=known is None)
        if found.sampled is not None:
            known = ground.sampled[share] = found.sampled
        truncation = SAFETY * max(found.seams, known or 0.0)
        total.error += found.inverses + truncation
        if truncation > allowed:
            reach = further(share.reach, ground.rate, truncation / allowed)
            ground.learn(work, poles, reach if reach != LADDER[-1] else None)
        return bool(truncation <= allowed)

    def _known(self, work: Work, algebra: Algebra) -> Ground | None:
        """What is known of this sample, unless it is too small or entries are wanted beyond neighbours."""
        sparsity, pattern = work.hamiltonian.sparsity, work.pattern
        if sparsity.n_sites < LEAST_SITES or _is_of_many(work.hamiltonian.momenta[0]):
            return None
        ground = self._ground
        if ground is not None and (algebra, sparsity, pattern) == (
            ground.algebra, ground.sparsity, ground.pattern,
        ):  # fmt: skip
            return ground
        if (sparsity.slots(pattern.rows, pattern.columns) < 0).any():
            return None
        surroundings = Surroundings(sparsity)
        costs = Costs(sparsity, surroundings, algebra.rows)
        self._ground = Ground(sparsity, pattern, algebra, surroundings, costs)
        return self._ground

    def _reaches(self, ground: Ground, work: Work, values: Numbers, monitor: Monitor) -> list[int | None]:
        """The reach of each pole, as far as it is known or from measuring it."""
        key = work.expansion, work.tolerance
        if key not in ground.reaches:
            shifts = shifts_at(1, work.expansion, work.tolerance)
            share = TRUNCATION / SAFETY * work.tolerance / np.sqrt(max(1, len(shifts)))
            allowed = np.full(len(shifts), share)
            decay = measure(
                ground.sparsity, ground.surroundings, ground.algebra, ground.pattern, values, shifts,
                allowed / SPREAD, monitor,
            )  # fmt: skip
            ground.reaches = {key: decay.reaches(allowed / SPREAD)}
            ground.rate, ground.sampled = decay.rate, {}
        return ground.reaches[key]


def _add_log_trace(
    total: MomentumSum, ground: Ground, work: Work, values: Numbers, share: Share, monitor: Monitor
) -> None:
    """Add ½ Σ_p w_p (ln|det(H − iγ_p)| − dim·ln γ_p) over the poles of a share."""
    poles = slice(share.first, share.last)
    shifts = shifts_at(1, work.expansion, work.tolerance)[poles]
    weights, gamma = work.expansion.weights[poles], work.expansion.gamma[poles]
    eliminations = Eliminations(ground.surroundings, ground.algebra, cut(ground.sparsity, share.size))
    found = eliminations.log_determinants(
        values, shifts, share.reach, ground.wider(share), work.executor, monitor
    )
    total.value += 0.5 * float(weights @ (found.values - work.hamiltonian.dimension * np.log(gamma)))
    total.value_error += 0.5 * float(weights @ found.errors)


def _is_of_many(momentum: Momentum) -> bool:
    """Whether a momentum is one of an infinite sample's, with phases or with −k beside it."""
    return momentum.is_paired or momentum.weight != 1 or bool(np.any(momentum.k))


def _part(expansion: Expansion, poles: range, linear: float) -> Expansion:
    """Some poles of an expansion."""
    chosen = slice(poles.start, poles.stop)
    return replace(
        expansion,
        gamma=expansion.gamma[chosen].copy(),
        weights=expansion.weights[chosen].copy(),
        linear=linear,
    )
