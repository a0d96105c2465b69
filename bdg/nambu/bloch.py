r"""Momenta, and the Bloch sum H_k = Σ_c H(c) e^{−ik·c} over the repetitions c of a sample.

H(c) joins a source in one repetition to a target c repetitions further. The phase multiplies whole Nambu
blocks: c†_↓ of a hole carries the momentum of c_↑, so Ψ_i = (c_i↑, c†_i↓) moves as one. Entries of a function
of H between repetitions come back as f(c) = Σ_k weight · e^{+ik·c} f_k.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.lattice.boundary import Momenta

TOGETHER = 1 << 20
"""Numbers of H_k held at a time."""


@dataclass(frozen=True)
class Momentum:
    """The values of H at one momentum of the infinite directions.

    Parameters
    ----------
    weight
        Weight in the sum over k; the weights of a matrix sum to 1.
    k
        Bloch phase of each lattice direction for one sample length, shape ``(n_directions,)``.
    values
        Blocks, shape ``(n_blocks, dofs, dofs)``, float64 or complex128, in units of t.
    is_paired
        Whether it stands for −k too, with the weight of both: where time reversal makes H real,
        H_{−k} = H_k*, and functions of H at −k are the complex conjugates of those at k.
    """

    weight: float
    k: NDArray[np.float64]
    values: NDArray[np.float64] | NDArray[np.complex128]
    is_paired: bool = False


@dataclass(frozen=True)
class Link:
    """The part of H(c) that leaves the repetition.

    Parameters
    ----------
    crossing
        c, shape ``(n_directions,)``; not zero along every infinite direction.
    slots
        Which blocks of the pattern it adds to; none twice.
    blocks
        Shape ``(len(slots), dofs, dofs)``.
    """

    crossing: NDArray[np.int64]
    slots: NDArray[np.int64]
    blocks: Numbers


@dataclass(frozen=True)
class BlochMomenta(Sequence[Momentum]):
    """The values of H at each momentum, made when they are asked for: all at once they may not fit.

    Parameters
    ----------
    momenta
        k and their weights.
    inside
        H(0): the blocks within a repetition, shape ``(n_blocks, dofs, dofs)``.
    links
        The rest, for every c with its −c.
    is_paired
        See :class:`bdg.nambu.Momentum`.
    """

    momenta: Momenta
    inside: Numbers
    links: tuple[Link, ...]
    is_paired: bool = False

    def __len__(self) -> int:
        return len(self.momenta)

    @overload
    def __getitem__(self, index: int) -> Momentum: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Momentum]: ...
    def __getitem__(self, index: Any) -> Any:
        k, weight = self.momenta.k[index], self.momenta.weight[index]
        if not isinstance(index, slice):
            return Momentum(float(weight), k, self.values_at(k[None])[0], self.is_paired)
        values = self.values_at(k)
        return [
            Momentum(float(w), one, blocks, self.is_paired)
            for w, one, blocks in zip(weight, k, values, strict=True)
        ]

    def at(self, k: NDArray[np.float64]) -> BlochMomenta:
        """The same H at other momenta, equally weighted; shape of ``k`` ``(n_momenta, n_directions)``."""
        return replace(self, momenta=Momenta(k, np.full(len(k), 1 / len(k))), is_paired=False)

    @property
    def is_real(self) -> bool:
        """Whether H_k is real at every k."""
        step = max(1, TOGETHER // self.inside.size)
        parts = (self.values_at(self.momenta.k[n : n + step]) for n in range(0, len(self), step))
        return all(map(np.isrealobj, parts))

    def mean(self) -> Numbers:
        """Σ_k weight · H_k, shape ``(n_blocks, dofs, dofs)``; of Re H_k where momenta stand for −k too."""
        total: Numbers = self.inside.astype(complex)
        for link in self.links:
            total[link.slots] += link.blocks * (
                self.momenta.weight @ phase_factor(-(self.momenta.k @ link.crossing))
            )
        return total.real if self.is_paired else total

    def sizes(self) -> NDArray[np.float64]:
        """Bound on the absolute value of every entry at any k, shape ``(n_blocks, dofs, dofs)``."""
        total: NDArray[np.float64] = np.abs(self.inside)
        for link in self.links:
            total[link.slots] += np.abs(link.blocks)
        return total

    def values_at(self, k: NDArray[np.float64]) -> Numbers:
        """Blocks of H_k, real where all of them can be, at any k.

        Parameters
        ----------
        k
            Shape ``(n_momenta, n_directions)``.

        Returns
        -------
        ndarray
            Shape ``(n_momenta, n_blocks, dofs, dofs)``.
        """
        phases = [phase_factor(-(k @ link.crossing)) for link in self.links]
        parts = (self.inside, *phases, *(link.blocks for link in self.links))
        is_real = not any(np.iscomplexobj(part) for part in parts)
        values: Numbers = np.empty((len(k), *self.inside.shape), np.float64 if is_real else np.complex128)
        values[:] = self.inside
        for link, phase in zip(self.links, phases, strict=True):
            values[:, link.slots] += link.blocks * phase[:, None, None, None]
        # A bond of a site to its own next image makes 2 cos k: mirror symmetry makes H_k real at every k.
        return values if is_real or values.imag.any() else np.ascontiguousarray(values.real)


def phase_factor(angle: NDArray[np.float64]) -> Numbers:
    """e^{i·angle}, exact at quarter turns, real if all are: so that H_k is real where it should be."""
    quarters = angle / (np.pi / 2)
    whole = np.round(quarters)
    exact = np.array([1, 1j, -1, -1j])[whole.astype(np.int64) % 4]
    phase = np.where(
        np.abs(quarters - whole) < 1e-12 * np.maximum(1.0, np.abs(quarters)), exact, np.exp(1j * angle)
    )
    return phase if phase.imag.any() else phase.real
