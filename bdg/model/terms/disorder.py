"""Seeded on-site disorder whose value at a site depends on the seed and the site alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError
from bdg.lattice import Region, Sample
from bdg.model.terms.term import Term


@dataclass(frozen=True)
class Disorder(Term):
    """Independent random on-site energies.

    Parameters
    ----------
    width
        ``uniform``: energies on [−width/2, width/2]; ``normal``: standard deviation; ``binary``: ±width/2.
    seed
        Any integer from 0 to 2⁶⁴ − 1.
    distribution
        ``uniform``, ``normal`` or ``binary``.
    region
        Where there is disorder; ``None`` for everywhere.
    """

    width: float
    seed: int = 0
    distribution: Literal["uniform", "normal", "binary"] = "uniform"
    region: Region | None = None

    def energies(self, sample: Sample) -> NDArray[np.float64]:
        """On-site energies, shape ``(n_sites,)``, in t.

        Each is a hash of (seed, cell, orbital), so a site keeps its energy when the sample grows, is cut
        or is numbered another way.

        Raises
        ------
        InputError
            If the distribution has no such name or the width is negative or not finite.
        """
        if not (np.isfinite(self.width) and self.width >= 0):
            raise InputError(f"disorder width {self.width} is impossible; give a number of at least 0")
        if not 0 <= self.seed < 2**64:
            raise InputError(f"seed {self.seed} is impossible; give an integer from 0 to 2^64 - 1")
        energies = self._everywhere(uniform_at_sites(sample, self.seed))
        return energies if self.region is None else np.where(self.region(sample.positions), energies, 0.0)

    def _everywhere(self, u: NDArray[np.float64]) -> NDArray[np.float64]:
        """Energies from uniform numbers in (0, 1)."""
        if self.distribution == "uniform":
            return self.width * (u - 0.5)
        if self.distribution == "normal":
            from scipy.special import ndtri  # late: it is slow to import, and rarely needed

            normal: NDArray[np.float64] = self.width * ndtri(u)
            return normal
        if self.distribution == "binary":
            return np.where(u < 0.5, -0.5, 0.5) * self.width
        raise InputError(f"unknown distribution {self.distribution!r}; use uniform, normal or binary")


def uniform_at_sites(sample: Sample, seed: int, stream: int = 0) -> NDArray[np.float64]:
    """Uniform numbers in (0, 1), one a site, from (seed, stream, cell, orbital) alone.

    The coordinates are folded one after another into a 64-bit state with the SplitMix64 finaliser
    (Steele, Lea, Flood, OOPSLA 2014, fig. 16).
    """
    state = np.full(sample.n_sites, seed, np.uint64)
    for coordinate in (np.full(sample.n_sites, stream), *sample.cells.T, sample.orbitals):
        state = _mix(state ^ (coordinate.astype(np.uint64) + _GOLDEN))
    # The upper 53 bits, at the middle of their bin: never exactly 0 or 1.
    uniform: NDArray[np.float64] = ((state >> np.uint64(11)).astype(np.float64) + 0.5) / 2.0**53
    return uniform


_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


def _mix(state: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """SplitMix64: every output bit depends on every input bit."""
    state = state + _GOLDEN
    state = (state ^ (state >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    state = (state ^ (state >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return state ^ (state >> np.uint64(31))
