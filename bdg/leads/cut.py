r"""The supercurrent through a cut between two leads without end, at any phase difference.

Let V be what joins the two sides of the cut, H₀ all the rest, and S the sites V acts on. Leads without end
add Σ(z) to H₀, and g = (H₀ + Σ(iγ) − iγ)⁻¹_SS is theirs, exactly, at the few poles γ_p of the expansion of
tanh (:mod:`bdg.rational`). The phase difference φ is in V alone: electrons that hop across along the axis get
e^{iφ/2}, holes e^{−iφ/2}. So g is found once, and every φ takes small matrices only,

    Ω(φ) = Ω_apart − s [ (c/4) tr V² + ½ Σ_p w_p ln|det(1 + g_p V)| ],
    I(φ) = (2e/ħ) ∂Ω/∂φ = −s Σ_p w_p Re tr[ (1 + g_p V)⁻¹ g_p ∂V/∂φ ],

s = 1 with 2 dofs and ½ with 4, where each level is there twice. Pairs on the bonds of the cut are in V too,
as they are given at each φ, and I is the charge that hops: (2e/ħ) ∂Ω/∂φ where they are stationary. To the
second order in V it is the tunnelling sum over the anomalous functions of the two surfaces (Ambegaokar,
Baratoff, Phys. Rev. Lett. 10, 486 (1963)); with all orders Furusaki's (Physica B 203, 214 (1994)).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse
import scipy.sparse.linalg
from numpy.typing import NDArray

from bdg.arrays import Complexes, Floats, Numbers
from bdg.errors import InputError
from bdg.lattice import Sample
from bdg.leads.bound import bound_levels, require_gaps
from bdg.leads.ends import End, at_each_momentum, block_of, ends_of, layers_of
from bdg.leads.pairs import PairsAcross, pairs_across
from bdg.nambu import NambuMatrix
from bdg.rational import Expansion, tanh_expansion


@dataclass(frozen=True)
class OpenCut:
    """A cut between two leads, at one momentum or several; made by :func:`open_cut`.

    Parameters
    ----------
    bonds, crossing
        One bond for each pair of sites that V joins, and 1 where it crosses along the axis, −1 against it;
        shape ``(n_pairs,)``.
    ends_of_bonds
        Source and target of each, as places among the sites of the cut; shape ``(2, n_pairs)``.
    rows
        Rows of H of these sites, shape ``(n,)``.
    dofs
        Nambu components of a site.
    momenta
        Weight, H₀, the leads, V at φ = 0 without pairs, shape ``(n, n)``, and g, shape ``(n_poles, n, n)``,
        of each.
    expansion
        The poles and their weights.
    across
        The bonds that cross, all of them: the pairs Δ_{source σ, target σ'} on these, shape
        ``(n_across, 2, 2)``, are the argument ``pairs``, ``None`` for none.
    """

    bonds: NDArray[np.int64]
    crossing: NDArray[np.float64]
    ends_of_bonds: NDArray[np.int64]
    rows: NDArray[np.int64]
    dofs: int
    momenta: tuple[tuple[float, scipy.sparse.csr_array, tuple[End, End], Complexes, Complexes], ...]
    expansion: Expansion
    across: PairsAcross

    def currents(self, phase: Floats, pairs: Numbers | None = None) -> NDArray[np.float64]:
        """Charge that flows along the axis, in e t/ħ, on each of :attr:`bonds`; ``phase`` one for each."""
        source, target = self.ends_of_bonds
        flow = np.zeros((len(self.rows) // self.dofs,) * 2)
        for weight, green, joined in self._at(phase, pairs):
            slope = 0.5j * self._along * joined
            each = np.real(self._inner(green, joined).T * slope)
            flow -= self._share * weight * self._by_sites(each)
        found: NDArray[np.float64] = flow[target, source] + flow[source, target]
        return found

    @cached_property
    def error(self) -> float:
        """Bound on the error of the current, in e t/ħ: the error of tanh, and the residual of the surfaces.

        The residual is that at the pole next to the real axis, where it is largest.
        """
        nearest, total = 1j * float(self.expansion.gamma[0]), 0.0
        for weight, _, ends, joins, _ in self.momenta:
            off = self.expansion.error + max(end.residual(nearest) for end in ends)
            total += 0.5 * self._share * weight * off * float(np.sum(np.abs(joins)))
        return total

    def potential(self, phase: Floats, pairs: Numbers | None = None) -> float:
        """Ω less that of the two sides apart, in t; ``phase`` one for each of :attr:`bonds`."""
        total = 0.0
        for weight, green, joined in self._at(phase, pairs):
            squares = float(np.sum(np.abs(joined) ** 2))
            logs = self.expansion.weights @ np.linalg.slogdet(np.eye(len(joined)) + green @ joined)[1]
            total -= self._share * weight * (0.25 * self.expansion.linear * squares + 0.5 * logs)
        return total

    def entries(self, phase: Floats, pairs: Numbers) -> Complexes:
        """f(H) = ½ (1 − tanh(H/2T)) on the bonds that cross, blocks (target, source), ``(n_across, …)``."""
        total: Complexes = np.zeros((len(pairs), self.dofs, self.dofs), complex)
        for number, (weight, green, joined) in enumerate(self._at(phase, pairs)):
            inner = self._inner(green, joined)
            tanh = self.expansion.linear * joined + 0.5 * (inner + inner.conj().T)
            total -= 0.5 * weight * self.across.entries(tanh, number)
        return total

    def levels(self, phase: Floats, pairs: Numbers | None = None) -> NDArray[np.float64]:
        """Energies of the quasiparticles that no lead lets out, ascending, in t.

        Raises
        ------
        InputError
            If the sample is infinite across the axis, or see :func:`bdg.leads.bound.require_gaps`.
        """
        ends, apart = self._gapped_ends, self.momenta[0][1]
        matrix = apart.toarray().astype(complex)
        matrix[np.ix_(self.rows, self.rows)] += next(self._at(phase, pairs))[2]
        levels = np.sort(np.abs(bound_levels(matrix, ends)))
        return levels[:: self.dofs // 2]  # with 4 dofs E and −E are one quasiparticle

    def _at(self, phase: Floats, pairs: Numbers | None) -> Iterator[tuple[float, Complexes, Complexes]]:
        """Weight, g, and V at each momentum."""
        phase_factors = self._phase_factors(phase)
        for number, (weight, _, _, joins, green) in enumerate(self.momenta):
            joined = joins * phase_factors
            yield weight, green, joined if pairs is None else joined + self.across.block(pairs, number)

    def _inner(self, green: Complexes, joined: Complexes) -> Complexes:
        """Σ_p w_p (1 + g_p V)⁻¹ g_p, shape ``(n, n)``."""
        inverse = np.linalg.solve(np.eye(len(joined)) + green @ joined, green)
        total: Complexes = np.einsum("p,pab->ab", self.expansion.weights, inverse)
        return total

    @cached_property
    def _gapped_ends(self) -> tuple[End, End]:
        """The leads, which have a gap, of a finite width."""
        if len(self.momenta) > 1:
            raise InputError("levels between leads are found in finite widths only; make the sample finite")
        require_gaps(self.momenta[0][2])
        return self.momenta[0][2]

    @property
    def _share(self) -> float:
        return 2.0 / self.dofs

    @cached_property
    def _along(self) -> NDArray[np.float64]:
        """±1 for electrons that hop along the axis, ∓1 for holes, else 0, shape ``(n, n)``."""
        return self._spread(self.crossing)

    def _phase_factors(self, phase: Floats) -> Complexes:
        phase_factors: Complexes = np.exp(0.5j * self._spread(self.crossing * phase))
        return phase_factors

    def _spread(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """A number of each bond on the entries of V: as it is from source to target, for electrons."""
        source, target = self.ends_of_bonds
        sites = np.zeros((len(self.rows) // self.dofs,) * 2)
        sites[target, source], sites[source, target] = values, -values
        kinds = np.repeat([1.0, -1.0], self.dofs // 2)
        return np.asarray(np.kron(sites, np.diag(kinds) @ _alike(self.dofs)), dtype=np.float64)

    def _by_sites(self, entries: NDArray[np.float64]) -> NDArray[np.float64]:
        n = len(entries) // self.dofs
        sums: NDArray[np.float64] = entries.reshape(n, self.dofs, n, self.dofs).sum(axis=(1, 3))
        return sums


def _alike(dofs: int) -> NDArray[np.float64]:
    """1 between electrons and between holes, shape ``(dofs, dofs)``."""
    return np.asarray(np.kron(np.eye(2), np.ones((dofs // 2, dofs // 2))), dtype=np.float64)


def open_cut(
    hamiltonian: NambuMatrix,
    sample: Sample,
    crossing: NDArray[np.float64],
    before: NDArray[np.bool_],
    axis: int,
    temperature: float,
    tolerance: float,
) -> OpenCut:
    """Make the cut: eliminate all but its sites, at every pole.

    Parameters
    ----------
    hamiltonian, sample
        H where φ = 0, and its sites.
    crossing
        1 for a bond that crosses along the axis, −1 against it, else 0; shape ``(n_bonds,)``.
    before
        Sites on the lower side of the cut, shape ``(n_sites,)``.
    axis
        The direction of the leads.
    temperature
        In t.
    tolerance
        Of tanh(E/2T).

    Raises
    ------
    InputError
        See :func:`cut_layers`.
    NumericalError
        If the surface of a lead is not found.
    """
    layers = cut_layers(sample, before, axis, temperature, hamiltonian.dofs)
    bonds, ends_of_bonds, sites = _pairs(sample, crossing)
    rows = (sites[:, None] * hamiltonian.dofs + np.arange(hamiltonian.dofs)).ravel()
    mask = np.zeros((len(sites),) * 2, dtype=bool)
    mask[ends_of_bonds[0], ends_of_bonds[1]] = mask[ends_of_bonds[1], ends_of_bonds[0]] = True
    where = np.kron(mask, np.ones((hamiltonian.dofs,) * 2, dtype=bool))
    # A slice of a lead has one neighbour more than the outermost layer of the sample: at most as much again.
    across = pairs_across(sample, crossing, sites, hamiltonian.dofs)
    alike = np.kron(np.ones((len(sites),) * 2), _alike(hamiltonian.dofs))
    bound = 2.0 * hamiltonian.norm_bound()
    expansion = tanh_expansion(temperature, bound, tolerance)
    momenta = []
    for weight, matrix in at_each_momentum(hamiltonian, sample):
        ends = ends_of(matrix, layers)
        joins = np.where(where, block_of(matrix, rows, rows), 0.0)
        apart = matrix - _placed(joins, rows, matrix.shape[0])
        green = np.array([_green(apart, ends, rows, gamma) for gamma in expansion.gamma])
        momenta.append((weight, apart, ends, joins * alike, green))
    dofs, every = hamiltonian.dofs, tuple(momenta)
    return OpenCut(bonds, crossing[bonds], ends_of_bonds, rows, dofs, every, expansion, across)


def cut_layers(
    sample: Sample, before: NDArray[np.bool_], axis: int, temperature: float, dofs: int
) -> list[NDArray[np.int64]]:
    """Rows of H of each layer of cells of a sample that a cut between two leads without end can pass.

    Parameters
    ----------
    sample, before, axis, temperature
        See :func:`open_cut`.
    dofs
        Nambu components of a site.

    Raises
    ------
    InputError
        If T = 0, the ends are no leads, see :func:`bdg.leads.ends.layers_of`, or the cut passes one.
    """
    if temperature <= 0:
        raise InputError(
            "between leads without end T = 0 is not done; a temperature of a hundredth of Δ is as good"
        )
    layers = layers_of(sample, axis, dofs)
    first, last = (layers[n][::dofs] // dofs for n in (0, -1))
    if not before[first].all() or before[last].any():
        raise InputError(
            "the cut passes an outermost layer of cells, which goes on in a lead; move it, or add layers"
        )
    return layers


def _pairs(
    sample: Sample, crossing: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """One bond for each pair of sites that bonds across join, its ends among these sites, and the sites."""
    across = np.flatnonzero(crossing)
    pairs = np.stack([sample.bonds.source[across], sample.bonds.target[across]])
    first = np.unique(np.sort(pairs, axis=0), axis=1, return_index=True)[1]
    sites, places = np.unique(pairs[:, first], return_inverse=True)
    return across[first], places.reshape(2, -1), sites.astype(np.int64)


def _placed(block: Complexes, rows: NDArray[np.int64], size: int) -> scipy.sparse.csr_array:
    """A block on some rows of a sparse matrix."""
    at = np.repeat(rows, len(rows)), np.tile(rows, len(rows))
    return scipy.sparse.csr_array((block.ravel(), at), shape=(size, size))


def _green(
    apart: scipy.sparse.csr_array, ends: tuple[End, End], rows: NDArray[np.int64], gamma: float
) -> Complexes:
    """G = (H₀ + Σ(iγ) − iγ)⁻¹ on the rows of the cut."""
    size = apart.shape[0]
    matrix = apart - 1j * gamma * scipy.sparse.eye_array(size)
    for end in ends:
        matrix = matrix + _placed(end.self_energy(1j * gamma), end.rows, size)
    source = np.zeros((size, len(rows)), complex)
    source[rows, np.arange(len(rows))] = 1.0
    green: Complexes = scipy.sparse.linalg.splu(scipy.sparse.csc_array(matrix)).solve(source)[rows]
    return green
