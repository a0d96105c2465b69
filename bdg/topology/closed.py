"""The Nambu matrix of a sample whose every closed direction is one of Bloch momenta, and its symmetry."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from bdg.lattice import Boundary, Sample
from bdg.model import Fields, Model
from bdg.nambu import BlochMomenta, NambuAssembler, NambuMatrix

SAME = 1e-12
"""Share of the largest entry by which two that symmetry makes equal may differ."""


def closed_directions(sample: Sample) -> list[int]:
    """The directions without ends: periodic and infinite ones."""
    return [d for d, ends in enumerate(sample.boundary) if ends.is_periodic]


def closed_matrix(model: Model, fields: Fields, least_dofs: int = 2) -> NambuMatrix:
    """H in given fields with Bloch momenta along every closed direction.

    A periodic sample is taken as the repeated block of an infinite one: its momenta are then the twists of
    its boundary (Niu, Thouless, Wu, Phys. Rev. B 31, 3372 (1985)), k = 0 the sample as it is and k = π the
    one that is closed with a minus sign. Twists and vector potentials of the model stay as they are.

    Parameters
    ----------
    model, fields
        What to build from.
    least_dofs
        4 for the general Nambu space whatever the model.
    """
    sample = model.sample
    ends = tuple(Boundary("bloch") if each.is_periodic else each for each in sample.boundary)
    least = max(least_dofs, model.least_dofs)
    changed = replace(model, sample=replace(sample, boundary=ends), least_dofs=least)
    return NambuAssembler(changed).matrix(fields)


def matrices_at(hamiltonian: NambuMatrix, k: NDArray[np.float64]) -> NDArray[np.complex128]:
    """Dense H at any momenta, shape ``(n_momenta, dimension, dimension)``; k by direction, 2π a turn."""
    momenta = hamiltonian.momenta
    if isinstance(momenta, BlochMomenta):
        return hamiltonian.to_dense(momenta.values_at(k)).astype(np.complex128)
    return np.repeat(hamiltonian.dense()[None].astype(np.complex128), len(k), axis=0)


def is_own_conjugate(hamiltonian: NambuMatrix) -> bool:
    """Whether a block of 2 dofs is its own particle–hole partner: τ_x H* τ_x = −H, link by link.

    So it is where both spins feel the same h and D_i↑,j↓ is antisymmetric: triplets with d along z.
    """
    if hamiltonian.dofs != 2:
        return False
    momenta = hamiltonian.momenta
    parts = [momenta[0].values]
    if isinstance(momenta, BlochMomenta):
        parts = [momenta.inside, *(link.blocks for link in momenta.links)]
    largest = max(float(np.abs(part).max(initial=0.0)) for part in parts)
    return all(
        np.abs(np.conj(part[:, ::-1, ::-1]) + part).max(initial=0.0) <= SAME * largest for part in parts
    )
