r"""Two electrons, spelled out: why an even pair is a singlet, and in what sense it is a boson.

Wave functions are arrays ψ[r₁, s₁, r₂, s₂], and operators matrices in the Fock space of a few modes.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from bdg.arrays import Complexes, Floats

_SPIN = 0.5 * np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])

SINGLET = np.array([[0, 1], [-1, 0]]) / np.sqrt(2)
"""(|↑↓⟩ − |↓↑⟩)/√2, the only odd state of two spins."""

TRIPLETS = np.array([[[1, 0], [0, 0]], [[0, 1], [1, 0]] / np.sqrt(2), [[0, 0], [0, 1]]])
"""|↑↑⟩, (|↑↓⟩ + |↓↑⟩)/√2, |↓↓⟩: even."""


def two_electrons(orbital: ArrayLike, spin: ArrayLike) -> Complexes:
    """ψ[r₁, s₁, r₂, s₂] = orbital[r₁, r₂] spin[s₁, s₂], before any antisymmetrisation."""
    return np.asarray(np.einsum("xy,st->xsyt", np.asarray(orbital, complex), np.asarray(spin, complex)))


def antisymmetrised(psi: Complexes) -> Complexes:
    """(1 − P₁₂)ψ/2, P₁₂ the exchange: nothing is left of what Pauli forbids."""
    return np.asarray((psi - np.transpose(psi, (2, 3, 0, 1))) / 2)


def total_spin(psi: Complexes) -> float:
    """⟨(S₁ + S₂)²⟩ = S(S + 1) of a state that is not zero."""
    first = np.einsum("aus,xsyt->axuyt", _SPIN, psi) + np.einsum("avt,xsyt->axsyv", _SPIN, psi)
    return float(np.sum(np.abs(first) ** 2) / np.sum(np.abs(psi) ** 2))


def annihilators(n_modes: int) -> Floats:
    """c_0 … c_{n−1} as matrices ``(n, 2ⁿ, 2ⁿ)``, with the signs of Jordan and Wigner."""
    lower, sign = np.array([[0.0, 1.0], [0.0, 0.0]]), np.diag([1.0, -1.0])
    found = []
    for mode in range(n_modes):
        matrix = np.ones((1, 1))
        for place in range(n_modes):
            factor = sign if place < mode else (lower if place == mode else np.eye(2))
            matrix = np.kron(matrix, factor)
        found.append(matrix)
    return np.array(found)


def pair_creator(up: Floats, down: Floats) -> Floats:
    """b† = c†_↑ c†_↓ from two annihilators: b†b† = 0, [b, b†] = 1 − n_↑ − n_↓, [b, b'†] = 0 for other pairs.

    Pairs commute like bosons, but no two fit into one k; a condensate is many k in one state, not many pairs
    in one k.
    """
    return np.asarray(up.T @ down.T)
