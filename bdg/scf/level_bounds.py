"""Between which energies all levels lie, and so between which μ a filling is found."""

from __future__ import annotations

from dataclasses import dataclass
from math import log, sqrt

import numpy as np

from bdg.model import Fields, Model


@dataclass(frozen=True)
class LevelBounds:
    """Gershgorin's bounds of the levels of a model at any fields.

    Parameters
    ----------
    model
        The model.
    hopping
        The largest sum of |⟨i|h|j⟩| over the bonds of a site, half a band width, in t.
    coordination
        Most bonds of a site.
    """

    model: Model
    hopping: float
    coordination: int

    @classmethod
    def of(cls, model: Model) -> LevelBounds:
        """Those of a model."""
        bonds, strength = model.sample.bonds, np.abs(model.spin_amplitude).sum(axis=2).max(axis=1)
        ends = np.concatenate([bonds.source, bonds.target])
        hopping = float(np.bincount(ends, np.tile(strength, 2), model.sample.n_sites).max())
        return cls(model, hopping, int(np.bincount(ends).max(initial=0)))

    def mu_bounds(self, fields: Fields, filling: float) -> tuple[float, float]:
        """Below the first there are fewer electrons than a filling, above the second more; both in t.

        With μ a distance D below all levels, h ≥ D, a state that is filled at T = 0 has at most (‖Δ‖/2D)² of
        its weight on electrons, and at T > 0 any other is filled with at most e^{−D/T}:
        n ≤ ‖Δ‖²/2D² + 2 e^{−D/T}. From above it is the same with holes.
        """
        on_sites, level = fields.matrices(on_bonds=False, pairs=False), self.model.onsite
        reach = self.hopping + np.abs(self.model.zeeman).sum(axis=0).max()
        if on_sites is not None:
            level = level + np.real(on_sites[:, [0, 1], [0, 1]]).T
            reach += np.abs(on_sites[:, 0, 1]).max()
        reach += self._added(fields, on_bonds=True, pairs=False)
        pairs = sum(self._added(fields, on_bonds=on_bonds, pairs=True) for on_bonds in (False, True))

        def distance(wanted: float) -> float:
            return max(pairs / sqrt(wanted), self.model.temperature * log(4.0 / wanted))

        low = level.min() - reach - distance(filling)
        high = level.max() + reach + distance(2.0 - filling)
        return float(low), float(high)

    def _added(self, fields: Fields, *, on_bonds: bool, pairs: bool) -> float:
        """Bound of the norm that fields on sites or bonds add to h or to the pairs."""
        added = fields.matrices(on_bonds=on_bonds, pairs=pairs)
        each = 0.0 if added is None else float(np.abs(added).sum(axis=2).max(initial=0.0))
        return self.coordination * each if on_bonds else each
