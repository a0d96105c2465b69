"""Which poles are inverted patch by patch, with what buffers and in patches of what size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from bdg.arrays import Indices
from bdg.nambu import SparsityPattern
from bdg.solvers.selected_inversion.local.cores import cut
from bdg.solvers.selected_inversion.local.patches import Surroundings
from bdg.solvers.selected_inversion.ordering import order, predicted

SIZES = (150.0, 600.0, 2400.0, 9600.0)
"""Sites of a core that are tried."""

MOST_ORDERED = 1_000_000
"""Sites up to which the sample is ordered to learn what it takes whole: closed ones take thrice as long."""

PATCH, SITE = 5e5, 700.0
"""Time of a patch, and of each of its sites, beside its inverses, in products."""


@dataclass(frozen=True)
class Share:
    """Poles ``first`` to ``last`` − 1 in patches of about ``size`` sites and buffers of ``reach`` rings."""

    first: int
    last: int
    size: float
    reach: int


class Costs:
    """Predicted times of inverses, whole and by patches, in products of numbers.

    Parameters
    ----------
    sparsity, surroundings
        The sample.
    rows
        Rows of a site.
    """

    def __init__(self, sparsity: SparsityPattern, surroundings: Surroundings, rows: int) -> None:
        self._sparsity, self._surroundings, self._rows = sparsity, surroundings, rows
        self._middles: dict[float, Indices] = {}
        self._sizes: dict[tuple[float, int], tuple[int, int]] = {}
        trial = [self._trial(size) for size in (*SIZES, 4 * SIZES[-1])]
        self._known = np.log(np.array(sorted(dict(trial).items()), float))

    @cached_property
    def whole(self) -> float:
        """Time of an inverse of the sample in one piece; of a very large one that of an open sample."""
        graph = self._sparsity
        if graph.n_sites > MOST_ORDERED:
            return self.inverse(graph.n_sites)
        made = order(graph.indptr, graph.indices, graph.positions, self._rows)
        return predicted(graph.indptr, graph.indices, *made)[0]

    def inverse(self, sites: float) -> float:
        """Time of an inverse of so many sites of this lattice, beyond what was tried by its power law."""
        sizes, times = self._known.T
        x = np.log(sites)
        if len(sizes) == 1 or x <= sizes[-1]:
            return float(np.exp(np.interp(x, sizes, times)))
        slope = (times[-1] - times[-2]) / (sizes[-1] - sizes[-2])
        return float(np.exp(times[-1] + slope * (x - sizes[-1])))

    def patches(self, size: float, reach: int, poles: int) -> float:
        """Time of all patches of a size and reach at so many poles."""
        core, patch = self._sites_of(size, reach)
        one = poles * self.inverse(patch) + PATCH + SITE * patch
        return one * self._sparsity.n_sites / core

    def _sites_of(self, size: float, reach: int) -> tuple[int, int]:
        """Sites of the largest core, and of its patch."""
        if (size, reach) not in self._sizes:
            middle = self._middle(size)
            self._sizes[size, reach] = len(middle), self._surroundings.size(middle, reach)
        return self._sizes[size, reach]

    def _middle(self, size: float) -> Indices:
        if size not in self._middles:
            cores = cut(self._sparsity, size)
            self._middles[size] = cores.sites(int(np.argmax(np.bincount(cores.owner))))
        return self._middles[size]

    def _trial(self, size: float) -> tuple[int, float]:
        """Sites of a core and the time of its inverse, by an ordering of it."""
        patch = self._surroundings.patch(self._middle(size), 0)
        graph = patch.sparsity
        made = order(graph.indptr, graph.indices, graph.positions, self._rows)
        return graph.n_sites, predicted(graph.indptr, graph.indices, *made)[0]


def divide(costs: Costs, reaches: Sequence[int | None]) -> list[Share]:
    """The quickest division of those poles that have a reach into shares, each in patches of its own.

    Parameters
    ----------
    costs
        Of this sample.
    reaches
        Of each pole in ascending order of γ, not ascending; ``None`` for those that stay whole.
    """
    start = next((n for n, reach in enumerate(reaches) if reach is not None), len(reaches))

    @cache
    def best(first: int) -> tuple[float, tuple[Share, ...]]:
        if first == len(reaches):
            return 0.0, ()
        found = []
        reach = reaches[first]
        assert reach is not None
        for last in range(first + 1, len(reaches) + 1):
            time, size = min((costs.patches(size, reach, last - first), size) for size in SIZES)
            rest, shares = best(last)
            found.append((time + rest, (Share(first, last, size, reach), *shares)))
        return min(found, key=lambda each: each[0])

    return list(best(start)[1])


def time_of(costs: Costs, shares: Sequence[Share]) -> float:
    """Time of all shares."""
    return sum(costs.patches(each.size, each.reach, each.last - each.first) for each in shares)
