"""Peierls phases of the bonds of a sample."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.conventions import ELECTRON_CHARGE
from bdg.errors import InputError
from bdg.gauge.quadrature import Potential
from bdg.gauge.source import VectorPotential
from bdg.lattice import Sample, SiteValue

VectorPotentialLike = ArrayLike | VectorPotential | Sequence[VectorPotential | SiteValue]
"""A uniform vector, line integrals, a source or several, or components by function or formula."""


def bond_vector_potential(
    sample: Sample, vector_potential: VectorPotentialLike | None
) -> NDArray[np.float64]:
    """Line integrals A_ij = ∫ A·dl along every bond source → target, in ħ/e.

    Parameters
    ----------
    sample
        The sample.
    vector_potential
        ``None`` for zero; a uniform vector, shape ``(dimension,)``, in ħ/ea; or the integrals themselves,
        shape ``(n_bonds,)``. Where both shapes are the same, a uniform vector is meant. Or a source such as
        :class:`UniformField`, :class:`FluxTubes`, :class:`Potential`; a list of sources, which add up; or a
        list of components of which one at least is a function ``f(x, y, …)`` or a formula as text.

    Raises
    ------
    InputError
        If it is not of real numbers, its shape is neither, or a number is not finite.
    """
    if vector_potential is None:
        return np.zeros(sample.n_bonds)
    if isinstance(vector_potential, VectorPotential):
        return vector_potential.on_bonds(sample)
    if isinstance(vector_potential, list | tuple):
        if any(isinstance(part, VectorPotential) for part in vector_potential):
            return sum(
                (bond_vector_potential(sample, part) for part in vector_potential), np.zeros(sample.n_bonds)
            )
        if any(isinstance(part, str) or callable(part) for part in vector_potential):
            return Potential(vector_potential).on_bonds(sample)
    try:
        given = np.asarray(vector_potential, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError("vector_potential holds something in place of real numbers; give numbers") from None
    if not np.isfinite(given).all():
        raise InputError("the vector potential is not finite (NaN or infinity)")
    if given.shape == (sample.dimension,):
        return sample.bonds.displacement @ given
    if given.shape == (sample.n_bonds,):
        return given.copy()
    raise InputError(
        f"vector_potential has shape {given.shape}; give {sample.dimension} components,"
        f" or one line integral for each of the {sample.n_bonds} bonds"
    )


def peierls_phase(sample: Sample, bond_integrals: NDArray[np.float64]) -> NDArray[np.float64]:
    """Phase φ of the hop source → target: φ = (q/ħ) ∫ A·dl − Σ_d twist_d · crossing_d.

    The twist term is the boundary condition ψ(r + L) = e^{i·twist} ψ(r): the image beyond the end is the
    site itself times e^{i·twist}. Along a ``bloch`` direction each of the n_k repetitions has its share,
    twist/n_k; it is not in the momenta, because electrons and holes feel it with opposite signs. For Δ see
    :mod:`bdg.gauge.pairs`.

    Parameters
    ----------
    sample
        The sample.
    bond_integrals
        From :func:`bond_vector_potential`, shape ``(n_bonds,)``.
    """
    twists = np.array([ends.twist_per_cell for ends in sample.boundary])
    phase = ELECTRON_CHARGE * bond_integrals
    if twists.any():
        phase = phase - sample.bonds.crossing @ twists
    return phase
