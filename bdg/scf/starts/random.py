"""A random density matrix to start from: no symmetry of it survives but those of the Hamiltonian.

Sizes and phases are drawn from (seed, stream, place) alone, so that a larger sample begins alike.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
from bdg.lattice import Sample
from bdg.model import Model
from bdg.model.pairs import matrices
from bdg.model.spin import HOPS
from bdg.model.terms.disorder import uniform_at_sites

STREAM = 40_000
"""First stream of random numbers for bonds; no other start uses these."""

PER_DRAW = 100
"""Streams of a draw."""

LARGEST_HOP = 0.2
"""Largest component of ⟨c†c⟩ on bonds; of free electrons in two dimensions it is at most 4/π² ½."""


def random_on_sites(sample: Sample, seed: int, draw: int, is_complex: bool) -> Numbers:
    """Sizes up to 1 with random phases, or with random signs; shape ``(n_sites,)``."""
    size, phase = (uniform_at_sites(sample, seed, stream=2 * draw + n) for n in (1, 2))
    return _with_phases(size, phase, is_complex)


def random_pairs(model: Model, seed: int, draw: int, is_complex: bool) -> Numbers:
    """Pairs on all bonds, every component of the channels up to 1, shape ``(n_bonds, 2, 2)``."""
    return _random_matrices(model.sample, model.on_bonds.basis, (seed, draw, 0), is_complex)


def random_hops(model: Model, seed: int, draw: int, is_complex: bool) -> Numbers:
    """⟨c†_source,σ' c_target,σ⟩ on all bonds, shape ``(n_bonds, 2, 2)``; spinless where both are alike."""
    basis = HOPS[: 1 if model.is_spin_symmetric else model.dofs]
    return LARGEST_HOP * _random_matrices(model.sample, basis, (seed, draw, PER_DRAW // 2), is_complex)


def _random_matrices(
    sample: Sample, basis: NDArray[np.float64], drawn: tuple[int, int, int], is_complex: bool
) -> Numbers:
    seed, draw, first = drawn
    coefficients: list[Numbers] = []
    for component in range(len(basis)):
        stream = STREAM + PER_DRAW * draw + first + 2 * component
        size, phase = (_uniform_at_bonds(sample, seed, stream + n) for n in (0, 1))
        coefficients.append(_with_phases(size, phase, is_complex))
    together: Any = np.array(coefficients)
    return matrices(together, basis)


def _with_phases(size: NDArray[np.float64], phase: NDArray[np.float64], is_complex: bool) -> Numbers:
    turned: Numbers = size * (np.exp(2j * np.pi * phase) if is_complex else np.where(phase < 0.5, -1.0, 1.0))
    return turned


def _uniform_at_bonds(sample: Sample, seed: int, stream: int) -> NDArray[np.float64]:
    """Uniform numbers in (0, 1), one a bond, from its kind and the cell that it leaves."""
    numbers, bonds = np.zeros(sample.n_bonds), sample.bonds
    for kind in range(len(bonds.kinds)):
        own = bonds.kind == kind
        # A kind is a stream of its own, beyond all that others use.
        numbers[own] = uniform_at_sites(sample, seed, stream=stream + 1_000_000 * (kind + 1))[
            bonds.source[own]
        ]
    return numbers
