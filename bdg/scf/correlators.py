"""Expectation values by name, those that fields are made of, from one evaluation of f(H)."""

from __future__ import annotations

from typing import Any

from bdg.expectations import CORRELATORS, part
from bdg.lattice import Sample
from bdg.solvers import Correlations


class Correlators:
    """The values of :data:`bdg.expectations.CORRELATORS`, each computed when it is first asked for.

    Parameters
    ----------
    sample
        The sample.
    f
        Entries of f(H) on its sites, then on its bonds.
    """

    def __init__(self, sample: Sample, f: Correlations) -> None:
        self._sample, self._f, self._known = sample, f, dict[str, Any]()

    def __getitem__(self, name: str) -> Any:
        if name not in self._known:
            place, value = CORRELATORS[name]
            n = self._sample.n_sites
            own = part(self._f, slice(0, n) if place == "site" else slice(n, None))
            self._known[name] = value(self._sample, own)
        return self._known[name]
