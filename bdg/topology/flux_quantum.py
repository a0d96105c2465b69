r"""The Chern number of a torus from counted levels: what one quantum of flux moves below zero.

A flux 2π through the torus, felt by every component of Ψ with the same charge as the position operators of
the Bott index have, changes the number of levels below zero by the Chern number (Středa, J. Phys. C 15, L717
(1982)),

    C = N₋(0) − N₋(2π) ,      N₋(0) = dim/2 by particle–hole symmetry,

exactly an integer, wherever both spectra have a gap. The field is 2π over the area, so that in a wide torus
the gap hardly feels it. N₋ is an inertia (:mod:`bdg.solvers.states.inertia`): nested dissection instead of
eigenvectors, O(N^1.5).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from bdg.lattice import Sample
from bdg.nambu import Momentum, NambuMatrix
from bdg.solvers.lowest import lowest_energy
from bdg.solvers.states.inertia import Inertia
from bdg.topology.places import fractions

FAR = 0.25
"""Share of the torus that a bond may span: beyond a half the way it takes is not known."""


@dataclass(frozen=True)
class CountedChern:
    """C of a block of H, and the smallest |E| in t without and with the flux.

    Parameters
    ----------
    chern
        NaN where a gap is none, or too small for the count to be certain.
    gap, gap_in_flux
        In t.
    """

    chern: float
    gap: float
    gap_in_flux: float


def counted_chern(hamiltonian: NambuMatrix, sample: Sample, closed: list[int], least: float) -> CountedChern:
    """C from the levels below zero with and without a quantum of flux.

    Parameters
    ----------
    hamiltonian
        With levels in pairs ±E at the first of its momenta, k = 0: a torus.
    sample
        Where its sites are.
    closed
        The two closed directions, the second counter-clockwise from the first.
    least
        A gap that is none, in t.

    Raises
    ------
    ResourceError
        If the factors do not fit into memory.
    """
    gap = lowest_energy(hamiltonian)
    if gap <= least:
        return CountedChern(np.nan, gap, np.nan)
    pierced = in_flux(hamiltonian, sample, closed)
    gap_in_flux = lowest_energy(pierced)
    count = Inertia(pierced).below(0.0)
    is_certain = gap_in_flux > max(least, count.distance)
    chern = float(hamiltonian.dimension // 2 - count.below) if is_certain else np.nan
    return CountedChern(chern, gap, gap_in_flux)


def in_flux(hamiltonian: NambuMatrix, sample: Sample, closed: list[int]) -> NambuMatrix:
    r"""H with one quantum of flux: block ij times e^{iθ_ij}, from j to i.

    In coordinates s along the two directions, 1 the length of the torus, A = 2π s₁ ŝ₂ and ψ(s₁ + 1, s₂) =
    e^{2πi s₂} ψ(s₁, s₂), so that of a bond d that winds n₁ times around

        θ_ij = 2π [(s₁_j + d₁/2) d₂ − n₁ s₂_i] .
    """
    (first, second), apart = (
        (fractions(sample)[:, d] for d in closed),
        bonds_over(hamiltonian, sample, closed),
    )
    target, source = hamiltonian.sparsity.rows, hamiltonian.indices
    winds = np.rint(first[source] + apart[:, 0] - first[target])
    angle = 2 * np.pi * ((first[source] + 0.5 * apart[:, 0]) * apart[:, 1] - winds * second[target])
    one = hamiltonian.momenta[0]
    values = one.values * np.exp(1j * angle)[:, None, None]
    return replace(hamiltonian, momenta=(Momentum(one.weight, one.k, values),), symmetry="general")


def bonds_over(hamiltonian: NambuMatrix, sample: Sample, closed: list[int]) -> NDArray[np.float64]:
    """How far each block of H reaches along the closed directions, the shorter way, 1 their length."""
    s = fractions(sample)[:, closed]
    apart = s[hamiltonian.sparsity.rows] - s[hamiltonian.indices]
    shorter: NDArray[np.float64] = apart - np.rint(apart)
    return shorter


def is_wide(hamiltonian: NambuMatrix, sample: Sample, closed: list[int]) -> bool:
    """Whether no bond reaches so far around the torus that its way is in doubt."""
    return bool(np.abs(bonds_over(hamiltonian, sample, closed)).max(initial=0.0) <= FAR)
