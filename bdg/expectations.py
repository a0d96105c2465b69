r"""Expectation values from the entries of f(H), ⟨Ψ†_b Ψ_a⟩ = f_ab, in either Nambu space.

(M15) and (M18) of docs/theory/mean_field.md.

All of them come from two 2×2 spin matrices for each entry (row i, column j) of a pattern,

    N_σσ' = ⟨c†_jσ' c_iσ⟩,      A_σσ' = ⟨c_jσ' c_iσ⟩.

Spin-collinear, (c_i↑, c†_i↓)::

    f[0, 0] = ⟨c†_j↑ c_i↑⟩ = N_↑↑            f[0, 1] = ⟨c_j↓ c_i↑⟩ = A_↑↓
    f[1, 0] = ⟨c†_j↑ c†_i↓⟩ = −A*_↓↑         f[1, 1] = ⟨c_j↓ c†_i↓⟩ = δ_ij − N*_↓↓

General, (c_i↑, c_i↓, c†_i↓, −c†_i↑): N = f[:2, :2], and the columns of f[:2, 2:] are A_·↓ and −A_·↑.

These sit below the self-consistency loop because screening needs currents inside it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bdg.arrays import Numbers
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


def normal(sample: Sample, correlations: Correlations) -> Numbers:
    """N_σσ' = ⟨c†_column,σ' c_row,σ⟩ of every entry, shape ``(n_entries, 2, 2)``; index 0 up, 1 down."""
    f = correlations.blocks
    if f.shape[1] == 4:
        return f[:, :2, :2]
    pattern = correlations.pattern
    same: NDArray[np.float64] = (pattern.rows == pattern.columns).astype(np.float64)
    if pattern.crossings is not None:  # δ between repetitions, as the sum over k makes it
        same *= (np.cos(pattern.crossings @ sample.momenta.k.T) @ sample.momenta.weight).round(12)
    found = np.zeros_like(f)
    found[:, 0, 0] = f[:, 0, 0]
    found[:, 1, 1] = same - np.conj(f[:, 1, 1])
    return found


def anomalous(correlations: Correlations) -> Numbers:
    """A_σσ' = ⟨c_column,σ' c_row,σ⟩ of every entry, shape ``(n_entries, 2, 2)``; index 0 up, 1 down."""
    f = correlations.blocks
    found = np.zeros_like(f[:, :2, :2])
    if f.shape[1] == 4:
        found[:, :, 0], found[:, :, 1] = -f[:, :2, 3], f[:, :2, 2]
    else:
        found[:, 0, 1], found[:, 1, 0] = f[:, 0, 1], -np.conj(f[:, 1, 0])
    return found


def spin_density(on_sites: Correlations) -> NDArray[np.float64]:
    """⟨n_iσ⟩, shape ``(2, n_sites)``, up then down."""
    f = on_sites.blocks
    return np.stack([f[:, 0, 0].real, f[:, 1, 1].real if f.shape[1] == 4 else 1.0 - f[:, 1, 1].real])


def spin_flip(on_sites: Correlations) -> Numbers:
    """⟨c†_i↓ c_i↑⟩, shape ``(n_sites,)``; zero where spin along z is conserved."""
    f = on_sites.blocks
    return f[:, 0, 1] if f.shape[1] == 4 else np.zeros(len(f))


def magnetisation(on_sites: Correlations) -> NDArray[np.float64]:
    """⟨c†_i σ c_i⟩, shape ``(3, n_sites)``, x, y, z; each at most 1."""
    density, flip = spin_density(on_sites), spin_flip(on_sites)
    return np.stack([2 * np.real(flip), -2 * np.imag(flip), density[0] - density[1]])


def anomalous_density(on_sites: Correlations) -> Numbers:
    """⟨c_i↑ c_i↓⟩, shape ``(n_sites,)``; positive in the uniform ground state with Δ > 0."""
    amplitude: Numbers = -on_sites.blocks[:, 0, on_sites.blocks.shape[1] // 2]
    return amplitude


def bond_current(model: Model, on_bonds: Correlations) -> NDArray[np.float64]:
    """Charge flowing source → target, J = −∂Ω/∂A = 2q Σ_σσ' Im ⟨tσ|h|sσ'⟩⟨c†_tσ c_sσ'⟩, in e t/ħ.

    Spin–orbit hopping included. Shape ``(n_bonds,)``.
    """
    return current_of(model, normal(model.sample, on_bonds))


def current_of(model: Model, hops: Numbers) -> NDArray[np.float64]:
    """The same of N_σσ' = ⟨c†_sσ' c_tσ⟩ of each bond, or of changes of them, shape ``(n_bonds, 2, 2)``."""
    if model.spin_orbit is None:
        flow = np.imag(model.amplitude * np.conj(hops[:, 0, 0] + hops[:, 1, 1]))
    else:
        flow = np.imag(model.spin_amplitude * np.conj(hops)).sum(axis=(1, 2))
    current: NDArray[np.float64] = 2.0 * ELECTRON_CHARGE * flow
    return current


def bond_stiffness(model: Model, on_bonds: Correlations) -> NDArray[np.float64]:
    """−∂J/∂A of a bond with its correlations held fixed: −2q² Re ⟨t|h|s⟩⟨c†_t c_s⟩*, in t, ``(n_bonds,)``.

    The diamagnetic response, minus the kinetic energy of the bond; what is paramagnetic takes from it.
    """
    flow = np.real(model.spin_amplitude * np.conj(normal(model.sample, on_bonds))).sum(axis=(1, 2))
    stiffness: NDArray[np.float64] = -2.0 * ELECTRON_CHARGE**2 * flow
    return stiffness


def divergence(sample: Sample, current: NDArray[np.float64]) -> NDArray[np.float64]:
    """Net current out of every site, in e t/ħ; zero at self-consistency. Shape ``(n_sites,)``."""
    net = np.zeros(sample.n_sites)
    np.add.at(net, sample.bonds.source, current)
    np.subtract.at(net, sample.bonds.target, current)
    return net


CORRELATORS: dict[str, tuple[str, Callable[[Sample, Correlations], Any]]] = {
    "anomalous_density": ("site", lambda sample, f: anomalous_density(f)),
    "spin_density": ("site", lambda sample, f: spin_density(f)),
    "spin_flip": ("site", lambda sample, f: spin_flip(f)),
    "anomalous": ("bond", lambda sample, f: anomalous(f).swapaxes(1, 2)),
    "normal": ("bond", normal),
}
"""⟨c_↑ c_↓⟩, ⟨n_σ⟩ and ⟨c†_↓ c_↑⟩ of each site; of each bond, like the fields that are made of them,
⟨c_source,σ' c_target,σ⟩ by (source, target) and ⟨c†_source,σ' c_target,σ⟩."""
