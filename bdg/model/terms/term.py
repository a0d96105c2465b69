"""Terms of the Hamiltonian as objects: what a user adds to H derives from :class:`Term`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.errors import InputError
from bdg.lattice import Sample, SiteValue, VectorValue, site_values, vector_values


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

    def zeeman(self, sample: Sample) -> VectorValue:
        """Fields to add to h_i in −h_i·σ, likewise: along z, or a list of three components."""
        return 0.0

    def hopping(self, sample: Sample) -> ArrayLike:
        """Amplitudes to add to t_ij in −t_ij c†_i c_j, real: a number, or an array over bonds, in t."""
        return 0.0

    def spin_hopping(self, sample: Sample) -> ArrayLike:
        """Hopping that depends on spin: coefficients of σ_x, σ_y, σ_z in ⟨target|h|source⟩ of every bond.

        Shape ``(n_bonds, 3)``, in t; h itself, where ``hopping`` is −h. Real ones distinguish spins, as in an
        altermagnet (:class:`bdg.model.SpinHopping`), imaginary ones are spin–orbit coupling.
        """
        return self.spin_orbit(sample)

    def spin_orbit(self, sample: Sample) -> ArrayLike:
        """Another name of :meth:`spin_hopping`."""
        return 0.0


@dataclass(frozen=True)
class Impurity(Term):
    """A strong centre at one site: ``potential`` on n_i, and a classical spin, +moment·σ_i.

    Parameters
    ----------
    site
        Cell of the site (with several orbitals: cell and orbital).
    potential
        In t; positive repels electrons.
    moment
        J S of H_S = +J S·σ, in t: the z component, or three.
    """

    site: Sequence[int]
    potential: float = 0.0
    moment: float | Sequence[float] = (0.0, 0.0, 0.0)

    def energies(self, sample: Sample) -> NDArray[np.float64]:
        """The potential on its site, 0 elsewhere, shape ``(n_sites,)``, in t."""
        return Impurities((self,)).energies(sample)

    def zeeman(self, sample: Sample) -> NDArray[np.float64]:
        """The field −moment on its site, 0 elsewhere, shape ``(3, n_sites)``."""
        return Impurities((self,)).zeeman(sample)


@dataclass(frozen=True)
class Impurities(Term):
    """Any number of impurities in one go; several on a site add up."""

    each: Sequence[Impurity]

    def energies(self, sample: Sample) -> NDArray[np.float64]:
        """Their potentials on their sites, 0 elsewhere, shape ``(n_sites,)``, in t."""
        total = np.zeros(sample.n_sites)
        for impurity in self.each:
            total[sample.site_at(impurity.site)] += impurity.potential
        return total

    def zeeman(self, sample: Sample) -> NDArray[np.float64]:
        """The fields −moment on their sites, 0 elsewhere, shape ``(3, n_sites)``."""
        total = np.zeros((3, sample.n_sites))
        for impurity in self.each:
            moment = np.asarray(impurity.moment, dtype=np.float64)
            if moment.shape not in ((), (3,)):
                raise InputError(f"moment {impurity.moment} is impossible; give one number, or three")
            total[:, sample.site_at(impurity.site)] -= moment if moment.ndim else moment * np.array([0, 0, 1])
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
        To ε_i and h_i, shapes ``(n_sites,)`` and ``(3, n_sites)``, in t.
    hopping
        To t_ij, shape ``(n_bonds,)``, in t.
    spin_orbit
        Coefficients of σ on bonds, shape ``(n_bonds, 3)``, in t; ``None`` where no term has any.
    """

    energies: NDArray[np.float64]
    zeeman: NDArray[np.float64]
    hopping: NDArray[np.float64]
    spin_orbit: NDArray[np.complex128] | None


def sum_of(terms: Sequence[TermLike], sample: Sample) -> Sum:
    """The sum of terms on a sample.

    Raises
    ------
    InputError
        If something is no term, or gives values that do not fit the sample; the message names the term.
    """
    energies, zeeman = np.zeros(sample.n_sites), np.zeros((3, sample.n_sites))
    hopping, spin_orbit = np.zeros(sample.n_bonds), None
    for term in terms:
        name = _name(term)
        if isinstance(term, type) or not (isinstance(term, Term) or callable(term)):
            raise InputError(
                f"{name} is no term; give an object of a class derived from bdg.Term, or a function"
            )
        whole = term if isinstance(term, Term) else _Energies(term)
        energies += site_values(sample, whole.energies(sample), f"{name}: energies")
        zeeman += vector_values(sample, whole.zeeman(sample), f"{name}: zeeman")
        hopping += _bond_values(sample, whole.hopping(sample), f"{name}: hopping")
        coupling = _spin_values(sample, whole.spin_hopping(sample), f"{name}: spin_hopping")
        if coupling is not None:
            spin_orbit = coupling if spin_orbit is None else spin_orbit + coupling
    return Sum(energies, zeeman, hopping, spin_orbit)


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


def _spin_values(sample: Sample, value: ArrayLike, name: str) -> NDArray[np.complex128] | None:
    """Coefficients on every bond; ``None`` where all are zero."""
    array = np.asarray(value)
    if array.dtype.kind not in "biufc":
        raise InputError(f"{name} must be numbers, not {array.dtype}")
    if array.ndim and array.shape != (sample.n_bonds, 3):
        raise InputError(f"{name} has shape {array.shape}; give ({sample.n_bonds}, 3), x, y, z of each bond")
    if not np.isfinite(array).all():
        raise InputError(f"{name} is not finite (NaN or infinity)")
    return np.broadcast_to(array.astype(np.complex128), (sample.n_bonds, 3)) if array.any() else None
