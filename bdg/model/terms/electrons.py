"""The Hamiltonian of single electrons: all terms together, evaluated on the sample."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.lattice import Sample, SiteValue, VectorValue, site_values, vector_values
from bdg.model.terms.hoppings import bond_hoppings, folded
from bdg.model.terms.term import TermLike, sum_of


@dataclass(frozen=True)
class Electrons:
    """h = Σ c†_i e^{iφ_ij} (−t_ij + a_ij·σ) c_j + Σ ε_i n_iσ − Σ c†_i h_i·σ c_i, in t.

    Parameters
    ----------
    hopping, phase
        |t_ij| and φ_ij, of Peierls and of a complex t, each of shape ``(n_bonds,)``.
    onsite, zeeman
        ε_i and h_i, shapes ``(n_sites,)`` and ``(3, n_sites)``.
    spin_orbit
        a_ij, shape ``(n_bonds, 3)``; ``None`` where there is none.
    """

    hopping: NDArray[np.float64]
    phase: NDArray[np.float64]
    onsite: NDArray[np.float64]
    zeeman: NDArray[np.float64]
    spin_orbit: NDArray[np.complex128] | None


def electrons_of(
    sample: Sample,
    hopping: float | ArrayLike | None,
    onsite: SiteValue,
    zeeman: VectorValue,
    terms: Sequence[TermLike],
    phase: NDArray[np.float64],
) -> Electrons:
    """The terms on a sample, those of its cell among them; ``phase`` is Peierls'.

    Raises
    ------
    InputError
        If values do not fit the sample.
    """
    added, cell = sum_of(terms, sample), sample.cell
    energies = site_values(sample, onsite, "onsite") + added.energies
    field = vector_values(sample, zeeman, "zeeman") + added.zeeman
    if cell.onsite is not None:
        energies += cell.onsite[sample.orbitals]
    if cell.zeeman is not None:
        field += cell.zeeman[sample.orbitals].T
    size, argument = folded(bond_hoppings(sample, hopping) + added.hopping)
    own, spin_orbit = sample.bonds.kinds.spin, added.spin_orbit
    if hopping is None and own is not None:
        spin_orbit = own[sample.bonds.kind] + (0.0 if spin_orbit is None else spin_orbit)
    if spin_orbit is not None:  # of the phase, only Peierls' belongs to it
        spin_orbit = spin_orbit * np.exp(-1j * argument)[:, None]
    return Electrons(size, phase + argument, energies, field, spin_orbit)
