"""Turns of the phase of Δ, the slow mode of the loop, and the step along them.

A residual that turns the pairs is a current that is not conserved. With Δ_i → e^{iθ_i} Δ_i on sites, and
e^{i(θ_i + θ_j)/2} of pairs on bonds, the force on θ is

    F_i = −∂Ω/∂θ_i = 2 Im Σ_g κ_g g* r_g,    Ω = … + Σ_g κ_g |g|²,

over the numbers g of the pairs of site i and half of those of its bonds, κ = 1/U on sites. Ω grows as
½ Σ_bonds (D/4) (θ_i − θ_j)² with D = −∂J/∂A of the bond, for a pair has two charges. The step solves
Σ_j (D_ij/4) (θ_i − θ_j) = F_i and moves the pairs by iθΔ.

Without it such turns relax as heat does, the slower the larger the sample. What stays slow is the uniform
turn, which no state determines, and vortices that must travel.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.sparse
import scipy.sparse.csgraph
import scipy.sparse.linalg
from numpy.typing import NDArray

from bdg.arrays import Floats
from bdg.expectations import bond_stiffness, part
from bdg.lattice import Sample
from bdg.model import Fields, Layout, Model
from bdg.model.interactions import Pairing, acting, given_pairs
from bdg.solvers import Correlations

LONGEST = 1.0
"""Largest turn of a step, in radians: a longer one is shortened as a whole."""

FAR, MOST = 0.03, 0.5
"""A turn that is far, in radians, and the share of the residual from which on its step is most of it."""

SOFTEST = 1e-9
"""Share of the mean stiffness that holds each site: otherwise nothing holds the sample as a whole."""

DIRECT = 2
"""Most dimensions in which a direct solution is cheaper than an iterative one."""

ACCURACY = 1e-3
"""Of an iterative solution."""


def can_turn(model: Model, layout: Layout, fields: Fields) -> bool:
    """Whether pairs are free and complex, none is given, and what each weighs in Ω is known."""
    pairs = layout.pairs().free if layout.is_complex and not given_pairs(model) else ()
    weights = [
        kind.constant(model, fields[free.row.name]) for free in pairs for kind in acting(model, free.row.name)
    ]
    return bool(weights) and None not in weights


@dataclass(frozen=True, eq=False)
class Turns:
    """Turns of the pairs at the fields of an iteration.

    Parameters
    ----------
    model, layout
        The model, and how its unknowns lie in the packed vector; see :func:`can_turn`.
    fields
        Of the iteration.
    solve
        From forces on θ to turns, both of shape ``(n_sites,)``.
    """

    model: Model
    layout: Layout
    fields: Fields
    solve: Callable[[Floats], Floats]

    @classmethod
    def at(
        cls,
        model: Model,
        layout: Layout,
        fields: Fields,
        f: Correlations,
        held: NDArray[np.bool_] | None = None,
    ) -> Turns:
        """The turns at some fields, from the entries of f(H) on sites and bonds that they make.

        Parameters
        ----------
        held
            Sites where Δ keeps its phase, shape ``(n_sites,)``; ``None`` for none.
        """
        sample = model.sample
        stiffness = bond_stiffness(model.at(fields), part(f, slice(sample.n_sites, None)))
        return cls(model, layout, fields, poisson(sample, np.maximum(stiffness, 0.0) / 4, held))

    def angles(self, residual: Floats) -> Floats:
        """θ of a packed residual, shape ``(n_sites,)``, in radians."""
        angle = self.solve(self.force(residual))
        longest = np.abs(angle).max(initial=0.0)
        return angle if longest <= LONGEST else angle * (LONGEST / longest)

    def step(self, residual: Floats) -> Floats:
        """iθΔ of a packed residual, packed; 0 for what is no pair."""
        angle, pairs = self.angles(residual), self.layout.pairs()
        bonds = self.model.sample.bonds
        across = 0.5 * (angle[bonds.source] + angle[bonds.target])[:, None, None]
        moves = {
            free.row.name: 1j * (across if free.row.on_bonds else angle) * self.fields[free.row.name]
            for free in pairs.free
        }
        moved, where = pairs.pack(self.fields.having(moves)), self.layout.slices()
        step = np.zeros_like(residual)
        for name, place in pairs.slices().items():
            step[where[name]] = moved[place]
        return step

    def are_far(self, residual: Floats) -> bool:
        """Whether a packed residual turns pairs far, and does little else."""
        if np.abs(self.angles(residual)).max(initial=0.0) <= FAR:
            return False
        return bool(np.linalg.norm(self.step(residual)) > MOST * np.linalg.norm(residual))

    def force(self, residual: Floats) -> Floats:
        """F of a packed residual, shape ``(n_sites,)``, in t."""
        missing, bonds = self.layout.unpack(residual, self.fields), self.model.sample.bonds
        force = np.zeros(self.model.sample.n_sites)
        for free in self.layout.pairs().free:
            name = free.row.name
            for kind in acting(self.model, name):
                assert isinstance(kind, Pairing)
                torque = 2.0 * np.imag(kind.weighed(self.model, self.fields[name], missing[name]))
                if free.row.on_bonds:
                    np.add.at(force, bonds.source, 0.5 * torque)
                    np.add.at(force, bonds.target, 0.5 * torque)
                else:
                    force += torque
        return force


def poisson(sample: Sample, stiffness: Floats, held: NDArray[np.bool_] | None) -> Callable[[Floats], Floats]:
    """Solves Σ_j D_ij (θ_i − θ_j) = F_i, θ = 0 where it is held and of mean 0 where nothing is.

    A part of the sample that no stiffness joins to the rest turns as a whole, which costs nothing: the mean
    of F on it moves nothing.
    """
    source, target, n = sample.bonds.source, sample.bonds.target, sample.n_sites
    ends = np.concatenate([source, target]), np.concatenate([target, source])
    hops = scipy.sparse.csr_array((np.tile(stiffness, 2), ends), shape=(n, n))
    hops.setdiag(0.0)  # bonds from a site to itself
    hops.eliminate_zeros()
    degree = np.asarray(hops.sum(axis=1)).ravel()
    free = np.ones(n, bool) if held is None else ~held
    _, label = scipy.sparse.csgraph.connected_components(hops, directed=False)
    size = np.bincount(label)
    is_free = np.bincount(label[~free], minlength=len(size)) == 0
    soft = SOFTEST * float(degree.mean()) or 1.0
    matrix = (scipy.sparse.diags_array(degree + soft) - hops)[free][:, free]
    solved = _solver(matrix, sample.dimension)

    def centred(values: Floats) -> Floats:
        mean = np.where(is_free, np.bincount(label, values, minlength=len(size)) / size, 0.0)
        return np.where(free, values - mean[label], 0.0)

    def solve(force: Floats) -> Floats:
        angle = np.zeros(n)
        angle[free] = solved(centred(force)[free])
        return centred(angle)

    return solve


def _solver(matrix: scipy.sparse.csr_array, dimension: int) -> Callable[[Floats], Floats]:
    if dimension <= DIRECT:
        factors = scipy.sparse.linalg.splu(
            scipy.sparse.csc_array(matrix),
            permc_spec="MMD_AT_PLUS_A",
            diag_pivot_thresh=0.0,
            options={"SymmetricMode": True},
        )
        return lambda right: np.asarray(factors.solve(right))
    scale = scipy.sparse.diags_array(1.0 / matrix.diagonal())
    return lambda right: np.asarray(scipy.sparse.linalg.cg(matrix, right, rtol=ACCURACY, M=scale)[0])
