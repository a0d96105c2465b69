"""Terms of the Hamiltonian as objects: what a user adds to H derives from :class:`Term`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.errors import InputError
from bdg.lattice import Sample, SiteValue, site_values


class Term:
    """A term of H that is fixed: derive from it and say what it adds; what is left out adds nothing.

    A staggered potential, for example::

        class Staggered(bdg.Term):
            def energies(self, sample):
                return 0.3 * (-1) ** sample.cells.sum(axis=1)

    A function ``f(sample)`` does as well, and stands for :meth:`energies`.
    """

    def energies(self, sample: Sample) -> SiteValue:
        """On-site energies to add to ε_i: an array over sites, a number, an expression, …, in t."""
        return 0.0

    def zeeman(self, sample: Sample) -> SiteValue:
        """Fields to add to h_i in −h_i σ_z,i, likewise."""
        return 0.0

    def hopping(self, sample: Sample) -> ArrayLike:
        """Amplitudes to add to t_ij in −t_ij c†_i c_j, real: a number, or an array over bonds, in t."""
        return 0.0


@dataclass(frozen=True)
class Impurity(Term):
    """A strong centre at one site: ``potential`` on n_i, and a classical spin, +moment·σ_i, along z.

    Parameters
    ----------
    site
        Cell of the site (with several orbitals: cell and orbital).
    potential
        In t; positive repels electrons.
    moment
        J S_z of H_S = +J S·σ, in t.
    """

    site: Sequence[int]
    potential: float = 0.0
    moment: float = 0.0

    def energies(self, sample: Sample) -> NDArray[np.float64]:
        """The potential on its site, 0 elsewhere."""
        return Impurities((self,)).energies(sample)

    def zeeman(self, sample: Sample) -> NDArray[np.float64]:
        """The field −moment on its site, 0 elsewhere."""
        return Impurities((self,)).zeeman(sample)


@dataclass(frozen=True)
class Impurities(Term):
    """Any number of impurities in one go; several on a site add up."""

    each: Sequence[Impurity]

    def energies(self, sample: Sample) -> NDArray[np.float64]:
        """Their potentials on their sites, 0 elsewhere."""
        return self._on_their_sites(sample, [impurity.potential for impurity in self.each])

    def zeeman(self, sample: Sample) -> NDArray[np.float64]:
        """The fields −moment on their sites, 0 elsewhere."""
        return self._on_their_sites(sample, [-impurity.moment for impurity in self.each])

    def _on_their_sites(self, sample: Sample, values: list[float]) -> NDArray[np.float64]:
        total = np.zeros(sample.n_sites)
        for impurity, value in zip(self.each, values, strict=True):
            total[sample.site_at(impurity.site)] += value
        return total


TermLike = Term | Callable[[Sample], SiteValue]
"""A term, or a function of the sample that gives on-site energies."""


@dataclass(frozen=True)
class _Energies(Term):
    """A function in the place of a term."""

    function: Callable[[Sample], SiteValue]

    def energies(self, sample: Sample) -> SiteValue:
        return self.function(sample)


@dataclass(frozen=True)
class Sum:
    """What several terms add together.

    Parameters
    ----------
    energies, zeeman
        To ε_i and h_i, shape ``(n_sites,)``, in t.
    hopping
        To t_ij, shape ``(n_bonds,)``, in t.
    """

    energies: NDArray[np.float64]
    zeeman: NDArray[np.float64]
    hopping: NDArray[np.float64]


def sum_of(terms: Sequence[TermLike], sample: Sample) -> Sum:
    """The sum of terms on a sample.

    Raises
    ------
    InputError
        If something is no term, or gives values that do not fit the sample; the message names the term.
    """
    total = Sum(np.zeros(sample.n_sites), np.zeros(sample.n_sites), np.zeros(sample.n_bonds))
    for term in terms:
        name = _name(term)
        if isinstance(term, type) or not (isinstance(term, Term) or callable(term)):
            raise InputError(
                f"{name} is no term; give an object of a class derived from bdg.Term, or a function"
            )
        whole = term if isinstance(term, Term) else _Energies(term)
        total.energies[:] += site_values(sample, whole.energies(sample), f"{name}: energies")
        total.zeeman[:] += site_values(sample, whole.zeeman(sample), f"{name}: zeeman")
        total.hopping[:] += _bond_values(sample, whole.hopping(sample), f"{name}: hopping")
    return total


def _name(term: object) -> str:
    own = getattr(term, "__name__", None)
    return f"term {own if isinstance(own, str) else type(term).__name__}"


def _bond_values(sample: Sample, value: ArrayLike, name: str) -> NDArray[np.float64]:
    array = np.asarray(value)
    if array.dtype.kind not in "biuf":
        raise InputError(f"{name} must be real numbers, not {array.dtype}")
    if array.ndim and array.shape != (sample.n_bonds,):
        raise InputError(f"{name} has shape {array.shape}, the sample has {sample.n_bonds} bonds")
    if not np.isfinite(array).all():
        raise InputError(f"{name} is not finite (NaN or infinity)")
    return np.broadcast_to(array.astype(np.float64), (sample.n_bonds,))
