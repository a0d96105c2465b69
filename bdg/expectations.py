r"""Expectation values from the entries of f(H), in the spin-collinear Nambu space (c_i↑, c†_i↓).

From ⟨Ψ†_b Ψ_a⟩ = f_ab, for the block of f at (row i, column j)::

    f[0, 0] = ⟨c†_j↑ c_i↑⟩     f[0, 1] = ⟨c_j↓ c_i↑⟩
    f[1, 0] = ⟨c†_j↑ c†_i↓⟩    f[1, 1] = ⟨c_j↓ c†_i↓⟩ = δ_ij − ⟨c†_i↓ c_j↓⟩

These sit below the self-consistency loop because screening needs currents inside it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bdg.conventions import ELECTRON_CHARGE
from bdg.lattice import Sample
from bdg.model import Model
from bdg.solvers import Correlations, Pattern


def site_pattern(sample: Sample) -> Pattern:
    """The diagonal: every site with itself."""
    sites = np.arange(sample.n_sites, dtype=np.int32)
    return Pattern(sites, sites)


def bond_pattern(sample: Sample) -> Pattern:
    """Every bond once: row = target, column = source."""
    return Pattern(sample.bonds.target, sample.bonds.source, _repetitions(sample, 0))


def site_and_bond_pattern(sample: Sample) -> Pattern:
    """Every site with itself, then every bond once: row = target, column = source."""
    sites = np.arange(sample.n_sites, dtype=np.int32)
    rows = np.concatenate([sites, sample.bonds.target])
    columns = np.concatenate([sites, sample.bonds.source])
    return Pattern(rows, columns, _repetitions(sample, sample.n_sites))


def _repetitions(sample: Sample, n_sites: int) -> NDArray[np.int16] | None:
    """Repetitions of an infinite sample that each bond reaches over, behind zeros for sites."""
    if not sample.is_infinite:
        return None
    infinite = np.array([ends.is_infinite for ends in sample.boundary])
    own = np.zeros((n_sites, len(infinite)), np.int16)
    return np.concatenate([own, sample.bonds.crossing * infinite]).astype(np.int16)


def part(correlations: Correlations, entries: slice) -> Correlations:
    """Some of the entries."""
    pattern = correlations.pattern
    reach = None if pattern.crossings is None else pattern.crossings[entries]
    some = Pattern(pattern.rows[entries], pattern.columns[entries], reach)
    return Correlations(some, correlations.blocks[entries], correlations.error)


def spin_density(on_sites: Correlations) -> NDArray[np.float64]:
    """⟨n_iσ⟩, shape ``(2, n_sites)``, up then down."""
    return np.stack([on_sites.blocks[:, 0, 0].real, 1.0 - on_sites.blocks[:, 1, 1].real])


def anomalous_density(on_sites: Correlations) -> NDArray[np.float64] | NDArray[np.complex128]:
    """⟨c_i↑ c_i↓⟩, shape ``(n_sites,)``; positive in the uniform ground state with Δ > 0."""
    amplitude: NDArray[np.float64] | NDArray[np.complex128] = -on_sites.blocks[:, 0, 1]
    return amplitude


def bond_correlator(sample: Sample, on_bonds: Correlations) -> NDArray[np.float64] | NDArray[np.complex128]:
    """⟨c†_target,σ c_source,σ⟩ of every bond, shape ``(2, n_bonds)``."""
    pattern = on_bonds.pattern
    same: NDArray[np.float64] = (pattern.rows == pattern.columns).astype(np.float64)
    if pattern.crossings is not None:  # δ between repetitions, as the sum over k makes it
        same *= (np.cos(pattern.crossings @ sample.momenta.k.T) @ sample.momenta.weight).round(12)
    return np.stack([np.conj(on_bonds.blocks[:, 0, 0]), same - on_bonds.blocks[:, 1, 1]])


def bond_current(model: Model, on_bonds: Correlations) -> NDArray[np.float64]:
    """Charge flowing source → target, J = −∂Ω/∂A = −2qt Σ_σ Im(e^{iφ}⟨c†_target c_source⟩), in e t/ħ.

    Shape ``(n_bonds,)``.
    """
    amplitude = model.amplitude  # −t e^{iφ}
    flow = np.imag(amplitude * bond_correlator(model.sample, on_bonds).sum(axis=0))
    current: NDArray[np.float64] = 2.0 * ELECTRON_CHARGE * flow
    return current


def divergence(sample: Sample, current: NDArray[np.float64]) -> NDArray[np.float64]:
    """Net current out of every site, in e t/ħ; zero at self-consistency. Shape ``(n_sites,)``."""
    net = np.zeros(sample.n_sites)
    np.add.at(net, sample.bonds.source, current)
    np.subtract.at(net, sample.bonds.target, current)
    return net
