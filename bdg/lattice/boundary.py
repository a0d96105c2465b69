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

    ``open``: nothing beyond. ``periodic``: the ends are joined, ψ(r + L) = e^{i·twist} ψ(r) for electrons, so
    a twist is the same as a vector potential twist/L along the direction (in units of ħ/e), or as a flux
    through the ring it closes. ``bloch``: the sample is repeated without end, every repetition with the
    same fields, and sums over the repetitions are sums over ``n_k`` Bloch momenta

        k_m = 2π (m + shift)/n_k,   m = 0 … n_k − 1,

    the phase of one repetition. That is exactly a periodic sample of ``n_k`` repetitions (with ``shift`` ½,
    one closed with a minus sign); its twist, over all of them, acts as a uniform vector potential.

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
        if self.shift not in (0.0, 0.5) or (self.shift and self.kind != "bloch"):
            raise InputError(f"shift {self.shift} is impossible; use 0 or 0.5, of a bloch boundary")

    def __str__(self) -> str:
        momenta = f" of {self.n_k} moment{'um' if self.n_k == 1 else 'a'}" if self.is_infinite else ""
        return f"{self.kind}{momenta}" + (f" with twist {self.twist:.6g}" if self.twist else "")

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
    def twist_of_a_turn(self) -> float:
        """Phase an electron gains where it passes an end: the twist, shared among the repetitions."""
        return self.twist / self.n_k


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
    axes = [2 * np.pi * (np.arange(ends.n_k) + ends.shift) / ends.n_k for ends in boundary]
    k = np.array(list(product(*axes)), dtype=np.float64).reshape(-1, len(boundary))
    return Momenta(k, np.full(len(k), 1 / len(k)))


def half_momentum_grid(boundary: Sequence[Boundary]) -> Momenta:
    """One of each pair k, −k of :func:`momentum_grid` with the weight of both."""
    whole = momentum_grid(boundary)
    counts = tuple(ends.n_k for ends in boundary)
    places = np.indices(counts).reshape(len(counts), -1)
    # −(m + shift) ≡ −m − 2·shift + shift, a place of the grid as 2·shift is 0 or 1.
    opposite = [(-m - round(2 * ends.shift)) % ends.n_k for m, ends in zip(places, boundary, strict=True)]
    own, partner = np.arange(len(whole)), np.ravel_multi_index(opposite, counts)
    kept = own <= partner
    return Momenta(whole.k[kept], whole.weight[kept] * np.where(own == partner, 1, 2)[kept])
