r"""Phases of Δ: what a number given for Δ means in a twist or a field, whatever its gauge.

A real Δ is that of a condensate at rest. In a gauge that was chosen here, not by whoever gave Δ, that is
Δ_i e^{iθ_i}, and 0 where a vortex lies on a site, with

- a twist: θ = q·r, q·L_d the phase of pairs along each direction that bonds close, so that the twist is a
  uniform vector potential, Δ as it is given;
- a uniform field on a torus: θ of Abrikosov's vortex lattice, which has the translations of the field;
- any other field: London's, which has no vortex; with a_ij = 2 (q/ħ)∫A·dl of pairs θ is the minimum of
  Σ_bonds (θ_j − θ_i − a_ij)². Across the cut of a tube of flux, a_ij is taken in [−π, π].

They turn under a change of gauge as Δ does. A vector potential that is given as such has its gauge from the
same hand as Δ, which is left as it stands there; see :func:`gauge_warnings`.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse.linalg
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array
from scipy.sparse.csgraph import connected_components

from bdg.arrays import Numbers
from bdg.conventions import ELECTRON_CHARGE
from bdg.gauge.peierls import bond_vector_potential
from bdg.gauge.quadrature import Dipole
from bdg.gauge.source import VectorPotential, periods
from bdg.gauge.transformation import between, phase_between, phase_factor
from bdg.gauge.tubes import FluxTubes
from bdg.gauge.uniform import UniformField
from bdg.gauge.vortex_lattice import VortexLattice, abrikosov, broken_translations
from bdg.kernels.ordering.graph import tree_gauge
from bdg.lattice import Sample

CORE = 1e-9
"""Share of the largest |Δ| of a vortex lattice below which a vortex lies on the site, and Δ has no phase."""

OPPOSITE = 1e-9
"""How near to π, in radians, a phase difference has two ways around."""

SOURCELESS = 1e-9
"""Share of the largest line integral below which those of a site cancel."""

OWN_GAUGE = (UniformField, VortexLattice, FluxTubes, Dipole)
"""Sources of a vector potential whose gauge is chosen here."""


def pair_factor(sample: Sample, vector_potential: Any) -> Numbers:
    """e^{iθ} of every site, shape ``(n_sites,)``, 0 in a vortex: of a Δ given as a number; real if it can be.

    Parameters
    ----------
    sample
        The sample; its twists count.
    vector_potential
        As for :func:`bdg.gauge.bond_vector_potential`.
    """
    shape, rest = _of_torus(sample, vector_potential)
    angle = twist_phase(sample) if shape is None else np.angle(shape)
    steps = np.zeros(sample.n_bonds)
    for source in rest:
        along = 2 * ELECTRON_CHARGE * source.on_bonds(sample)
        if isinstance(source, FluxTubes) and periods(sample).any():  # a cut: pairs see whole h/2e as nothing
            along -= 2 * np.pi * np.round(along / (2 * np.pi))
        steps += along
    angle = angle + _least_squares(sample, steps) if steps.any() else angle
    present = 1.0 if shape is None else np.abs(shape) > CORE
    factor: Numbers = phase_factor(angle) * present
    return factor


def factor_between(sample: Sample, factor: Numbers, phase: NDArray[np.float64]) -> Numbers:
    """e^{iθ} of pairs on bonds, shape ``(n_bonds,)``: midway between the ends, see :func:`phase_between`.

    Beside a vortex that lies on a site it is the other end's, carried along the bond.

    Parameters
    ----------
    sample
        The sample.
    factor
        Of the sites, as from :func:`pair_factor`.
    phase
        Peierls phases of the bonds, shape ``(n_bonds,)``.
    """
    angle, bonds = np.angle(factor), sample.bonds
    first, last = factor[bonds.source] != 0, factor[bonds.target] != 0
    carried = np.where(first, angle[bonds.source] + phase, angle[bonds.target] - phase)
    middle = np.where(first & last, phase_between(sample, angle, phase), carried)
    whole: Numbers = phase_factor(middle) * (first | last)
    return whole


def opposite_ends(sample: Sample, factor: Numbers, phase: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Bonds whose ends have opposite phases, so that two lie midway, shape ``(n_bonds,)``.

    Parameters as for :func:`factor_between`.
    """
    has_both: NDArray[np.bool_] = (factor[sample.bonds.source] != 0) & (factor[sample.bonds.target] != 0)
    return has_both & (np.abs(between(sample, factor, phase)) < 0.5 * OPPOSITE)


def gauge_warnings(sample: Sample, vector_potential: Any) -> tuple[str, ...]:
    """A line, where a real Δ in a vector potential given as such is no condensate at rest.

    It is one where A has no sources, at the rim neither, as a uniform A around a ring; parameters as for
    :func:`pair_factor`.
    """
    given = _given_as_such(vector_potential)
    if given is None:
        return ()
    along, bonds = bond_vector_potential(sample, given), sample.bonds
    net = np.bincount(bonds.target, along, sample.n_sites) - np.bincount(bonds.source, along, sample.n_sites)
    if np.abs(net).max() <= SOURCELESS * np.abs(along).max(initial=0.0):
        return ()
    return (
        "the given Δ stands in the gauge of the given vector potential, which has sources: the same field in"
        " another gauge is another state; give a uniform field or a flux, or an A without sources",
    )


def field_warnings(sample: Sample, vector_potential: Any) -> tuple[str, ...]:
    """The warnings of the fields on a torus; parameters as for :func:`pair_factor`."""
    sources = vector_potential if isinstance(vector_potential, list | tuple) else (vector_potential,)
    found = list[str]()
    for source in sources:
        if isinstance(source, VortexLattice):
            found += broken_translations(sample, source.field(sample), source.geometry)
        elif isinstance(source, UniformField):
            found += broken_translations(sample, source, "triangular")
    return tuple(found)


def _given_as_such(vector_potential: Any) -> Any:
    """The part of a vector potential whose gauge was not chosen here; ``None`` for none."""
    is_list = isinstance(vector_potential, list | tuple)
    parts = vector_potential if is_list else [vector_potential]
    if not any(isinstance(part, VectorPotential) for part in parts):
        return vector_potential if len(parts) else None
    return [part for part in parts if not isinstance(part, OWN_GAUGE)] or None


def start_shape(sample: Sample, vector_potential: Any) -> NDArray[np.complex128] | None:
    """Δ over its size that a loop may start from, at most 1 in size; ``None`` for 1 everywhere.

    That of the vortex lattice in a field on a torus, else the phases of the twist. Parameters as for
    :func:`pair_factor`.
    """
    shape = _of_torus(sample, vector_potential)[0]
    if shape is None:
        angle = twist_phase(sample)
        shape = np.exp(1j * angle) if angle.any() else None
    return shape


def twist_phase(sample: Sample, gained: NDArray[np.float64] | None = None) -> NDArray[np.float64]:
    """θ = q·r of the twists alone, shape ``(n_sites,)``.

    Along a direction around which no closed way of bonds leads, a twist is a pure gauge: there θ is what
    takes it away, 0 where no bond passes the ends.

    Parameters
    ----------
    sample
        The sample.
    gained
        q·L_d, shape ``(n_directions,)``; by default :attr:`bdg.lattice.Boundary.pair_twist` of each.
    """
    if gained is None:
        gained = np.array([ends.pair_twist for ends in sample.boundary])
    if not gained.any():
        return np.zeros(sample.n_sites)
    bonds, lengths = sample.bonds, np.array(sample.size)[:, None] * sample.cell.vectors
    closed, angle = np.zeros(len(gained)), np.zeros(sample.n_sites)
    for d in np.flatnonzero(gained):
        passed = bonds.crossing[:, d].astype(np.float64)
        across = tree_gauge(sample.n_sites, bonds.source, bonds.target, passed)
        closed[d] = np.any(passed + across[bonds.target] - across[bonds.source])
        angle += (1.0 - closed[d]) * gained[d] * across
    angle += sample.positions @ (np.linalg.pinv(lengths) @ (gained * closed))
    return angle


def _of_torus(
    sample: Sample, vector_potential: Any
) -> tuple[NDArray[np.complex128] | None, list[VectorPotential]]:
    """Δ of a vortex lattice, if there is one, and the other sources whose gauge is chosen here."""
    sources = vector_potential if isinstance(vector_potential, list | tuple) else (vector_potential,)
    shape, rest = None, list[VectorPotential]()
    for source in sources:
        found = None
        if shape is None and isinstance(source, VortexLattice):
            found = abrikosov(sample, source.field(sample), source.geometry)
        elif shape is None and isinstance(source, UniformField):
            found = abrikosov(sample, source, "triangular")
        if found is not None:
            shape = found
        elif isinstance(source, OWN_GAUGE):
            rest.append(source)
    return shape, rest


def _least_squares(sample: Sample, steps: NDArray[np.float64]) -> NDArray[np.float64]:
    """θ of the least Σ_bonds (θ_target − θ_source − step)², its mean 0 on each connected part."""
    n, bonds = sample.n_sites, sample.bonds
    ends = np.concatenate([bonds.target, bonds.source])
    signs = np.repeat([1.0, -1.0], sample.n_bonds)
    rows = np.tile(np.arange(sample.n_bonds), 2)
    slope = csr_array((signs, (rows, ends)), shape=(sample.n_bonds, n))
    laplacian = csr_array(slope.T @ slope)
    _, part = connected_components(laplacian, directed=False)
    free = np.ones(n, bool)
    free[np.unique(part, return_index=True)[1]] = False  # the first site of each part is pinned
    angle = np.zeros(n)
    if free.any():
        inner = csc_array(laplacian[free][:, free])
        angle[free] = scipy.sparse.linalg.spsolve(inner, (slope.T @ steps)[free])
    mean = np.bincount(part, angle) / np.bincount(part)
    return np.asarray(angle - mean[part], dtype=np.float64)
