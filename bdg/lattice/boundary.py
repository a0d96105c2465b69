"""Boundaries: what happens at the ends of a lattice direction, and the momenta of those that have no end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from bdg.errors import InputError


@dataclass(frozen=True)
class Boundary:
    """What happens at the two ends of one lattice direction.

    ``open``: nothing beyond. ``periodic``: the ends are joined. ``bloch``: the sample is repeated without
    end, and sums over the repetitions are sums over ``n_k`` Bloch momenta,

        k_m = 2π (m + shift)/n_k,   m = 0 … n_k − 1,

    the phase of one repetition: exactly a periodic sample of ``n_k`` repetitions.

    A twist φ closes the direction with ψ(r + L) = e^{iφ} ψ(r) for electrons and Δ(r + L) = e^{2iφ} Δ(r) for
    pairs, and every Δ that is given, started from or found takes the phase 2φ evenly along L, by the shorter
    way around: it is a uniform vector potential φ/L, in ħ/e, up to the gauge and a whole number of h/2e.

    Of ``bloch`` L is that of all ``n_k`` repetitions, each of which has the twist φ/n_k, its pairs the phase
    2φ/n_k. A ``shift`` s is ψ(r + L) = e^{2πis} ψ(r), its pairs having 4πs, less a whole number of 2π, over
    all repetitions together: ½ leaves them at rest, where a twist π lets them move.

    Raises
    ------
    InputError
        If a number is out of range.
    """

    kind: Literal["open", "periodic", "bloch"] = "open"
    twist: float = 0.0
    n_k: int = 1
    shift: float = 0.0

    def __post_init__(self) -> None:
        if self.kind not in ("open", "periodic", "bloch"):
            raise InputError(f"unknown boundary {self.kind!r}; use open, periodic or bloch")
        if not np.isfinite(self.twist) or (self.twist and self.kind == "open"):
            raise InputError(f"a twist of {self.twist} on a boundary that is {self.kind} is impossible")
        if self.n_k != int(self.n_k) or self.n_k < 1 or (self.n_k > 1 and self.kind != "bloch"):
            raise InputError(f"{self.n_k} momenta for a boundary that is {self.kind} are impossible")
        if not np.isfinite(self.shift) or (self.shift and self.kind != "bloch"):
            raise InputError(f"a shift of {self.shift} is impossible; give a finite one, of a bloch boundary")

    def __str__(self) -> str:
        momenta = f" of {self.n_k} moment{'um' if self.n_k == 1 else 'a'}" if self.is_infinite else ""
        named = {"twist": self.twist, "shift": self.shift}
        return f"{self.kind}{momenta}" + "".join(f" with {n} {v:.6g}" for n, v in named.items() if v)

    @classmethod
    def named(cls, name: str) -> Boundary:
        """``open`` or ``periodic`` from its name.

        Raises
        ------
        InputError
            If it is neither.
        """
        if name not in ("open", "periodic"):
            raise InputError(f"unknown boundary {name!r}; use open, periodic, a twist or bloch")
        return cls("open") if name == "open" else cls("periodic")

    @property
    def is_periodic(self) -> bool:
        """Whether the two ends are joined, to each other or to those of the next repetition."""
        return self.kind != "open"

    @property
    def is_infinite(self) -> bool:
        """Whether the direction has Bloch momenta."""
        return self.kind == "bloch"

    @property
    def grid_shift(self) -> float:
        """The part of the shift that leaves pairs at rest, 0 or ½: momenta that are symmetric about 0."""
        return 0.5 * (round(2 * self.shift) % 2)

    @property
    def twist_per_cell(self) -> float:
        """Phase an electron gains where it passes an end, besides that of the momenta of the grid."""
        rest = np.pi * (2 * self.shift - round(2 * self.shift))
        return float((self.twist + rest) / self.n_k)

    @property
    def pair_twist(self) -> float:
        """Phase of Δ from one end to the other, twice that of an electron less whole 2π, in [−π, π]."""
        phase = 2 * self.twist_per_cell
        return float(phase - 2 * np.pi * round(phase / (2 * np.pi)))


@dataclass(frozen=True)
class Momenta:
    """The Bloch momenta of a sample.

    Parameters
    ----------
    k
        Phase of one repetition along each direction, 0 along finite ones; ``(n_momenta, n_directions)``.
    weight
        Share of each in a sum over k; they sum to 1.
    """

    k: NDArray[np.float64]
    weight: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.k)


def momentum_grid(boundary: Sequence[Boundary]) -> Momenta:
    """Every momentum of the grid, with equal weights; a finite sample has the one momentum 0."""
    axes = [2 * np.pi * (np.arange(ends.n_k) + ends.grid_shift) / ends.n_k for ends in boundary]
    k = np.array(list(product(*axes)), dtype=np.float64).reshape(-1, len(boundary))
    return Momenta(k, np.full(len(k), 1 / len(k)))


def half_momentum_grid(boundary: Sequence[Boundary]) -> Momenta:
    """One of each pair k, −k of :func:`momentum_grid` with the weight of both."""
    whole = momentum_grid(boundary)
    counts = tuple(ends.n_k for ends in boundary)
    places = np.indices(counts).reshape(len(counts), -1)
    # −(m + shift) ≡ −m − 2·shift + shift, a place of the grid as 2·shift is 0 or 1.
    opposite = [
        (-m - round(2 * ends.grid_shift)) % ends.n_k for m, ends in zip(places, boundary, strict=True)
    ]
    own, partner = np.arange(len(whole)), np.ravel_multi_index(opposite, counts)
    kept = own <= partner
    return Momenta(whole.k[kept], whole.weight[kept] * np.where(own == partner, 1, 2)[kept])
