r"""The states that pair: energies, weights and the form of the gap.

Uniform BCS theory needs of a metal no more than sums Σ_k over its states. A :class:`Band` holds them:
ε_k, the weight w_k of each, and the form φ_k of the gap, Δ_k = Δ φ_k. A constant density of states, a
tabulated one, a Fermi surface with an anisotropic gap and a lattice are four ways to make one, and every
function of the gap equation and of thermodynamics takes any of them.

Units are the reader's: ħ = k_B = 1, energies in whatever ε_k is in.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from bdg.arrays import Floats
from bdg.errors import InputError
from bdg.theory.uniform.checks import require_positive

_NODES = 12
"""Gauss–Legendre points in a panel."""

_ROUNDING = 16 * float(np.finfo(float).eps)
"""Of the largest energy: a sum of cosines, and μ taken from it, is off by less."""


@dataclass(frozen=True)
class Band:
    r"""States per spin (and per site, on a lattice), as a weighted sum.

    Parameters
    ----------
    energy
        ε_k, shape ``(n,)``; the chemical potential is not yet taken off.
    weight
        w_k ``(n,)``; Σ_k w_k is the number of states per spin.
    form
        φ_k ``(n,)``, real, of either sign.
    multiplicity
        z in 1/V = (1/z) Σ_k w_k φ_k² tanh(E_k/2T)/2E_k: 1, or for pairs on bonds the number of neighbours,
        which makes Δ the order parameter on a bond.
    """

    energy: Floats
    weight: Floats
    form: Floats
    multiplicity: float = 1.0

    @property
    def capacity(self) -> float:
        """Electrons a full band holds, both spins."""
        return 2.0 * float(self.weight.sum())

    @cached_property
    def largest(self) -> float:
        """The largest |ε_k|."""
        return float(np.abs(self.energy).max())

    def xi(self, mu: float) -> Floats:
        """ξ_k = ε_k − μ, and 0 for a level that only rounding keeps from the Fermi energy.

        At T = 0 its sign would fill or empty such a level, where f(0) = ½.
        """
        return without_rounding(self.energy - mu, self.largest + abs(mu))

    def excitation(self, delta: float, mu: float) -> Floats:
        """E_k = √(ξ_k² + Δ² φ_k²)."""
        return np.hypot(self.xi(mu), delta * self.form)


def from_states(
    energy: ArrayLike, weight: ArrayLike | None = None, form: ArrayLike = 1.0, multiplicity: float = 1.0
) -> Band:
    """A band from energies of one's own; equal weights that sum to 1 unless given.

    Raises
    ------
    InputError
        If there are no energies, or some are not finite.
    """
    energies = np.asarray(energy, float).ravel()
    if not energies.size or not np.isfinite(energies).all():
        raise InputError("a band needs finite energies; give at least one")
    weights = np.full(energies.size, 1 / energies.size) if weight is None else np.asarray(weight, float)
    forms = np.broadcast_to(np.asarray(form, float), energies.shape).ravel()
    return Band(energies, np.broadcast_to(weights, energies.shape).ravel(), forms, multiplicity)


def constant_dos(cutoff: float, density: float = 1.0, finest: float | None = None) -> Band:
    """The metal of BCS: N(0) states per energy and spin from −ħω_D to ħω_D around the Fermi energy.

    Parameters
    ----------
    cutoff
        ħω_D.
    density
        N(0) per spin.
    finest
        The smallest energy (Δ or T) that the sums must resolve; by default 1e-8 ħω_D.

    Notes
    -----
    With ξ = s sinh x, s the finest scale, a function of √(ξ² + Δ²) is analytic within π/2 of the real x axis
    for every Δ ≥ s: panels of equal width in x resolve all scales from s to ħω_D alike, to rounding.

    Raises
    ------
    InputError
        If a number is not positive.
    """
    require_positive("the cut-off", cutoff, "it is ħω_D")
    require_positive("the density of states", density, "it is N(0) per spin")
    scale = 1e-8 * cutoff if finest is None else finest
    require_positive("the finest energy", scale, "choose it below Δ and T")
    ends = np.arcsinh(cutoff / scale)
    x, dx = panels(np.linspace(-ends, ends, 2 * int(np.ceil(ends / 0.6)) + 1))
    xi = scale * np.sinh(x)
    return from_states(xi, density * scale * np.cosh(x) * dx)


def tabulated_dos(energies: ArrayLike, dos: ArrayLike, fermi_level: float, finest: float) -> Band:
    """A density of states given on a grid of energies, straight lines in between.

    Parameters
    ----------
    energies
        Increasing, shape ``(n,)``.
    dos
        States per energy and spin, ``(n,)``, not negative.
    fermi_level
        The energy around which the sums are made fine.
    finest
        The smallest energy (Δ or T) they must resolve there.

    Raises
    ------
    InputError
        If the table is not increasing, has fewer than two lines or a negative density.
    """
    at, n = np.asarray(energies, float), np.asarray(dos, float)
    if at.ndim != 1 or at.shape != n.shape or at.size < 2:
        raise InputError("a table of the density of states needs two columns of at least two lines")
    if not (np.diff(at) > 0).all():
        raise InputError("the energies of the table must increase; sort them and drop what is there twice")
    if n.min() < 0:
        raise InputError(f"the density of states cannot be {n.min():g}; give values of 0 or more")
    require_positive("the finest energy", finest, "choose it below Δ and T")
    widest = max(at[-1] - fermi_level, fermi_level - at[0], 2 * finest)
    steps = finest * 1.6 ** np.arange(np.ceil(np.log(widest / finest) / np.log(1.6)) + 1)
    edges = np.concatenate([at, fermi_level - steps, [fermi_level], fermi_level + steps])
    e, de = panels(np.unique(edges[(edges >= at[0]) & (edges <= at[-1])]))
    return from_states(e, np.interp(e, at, n) * de)


def fermi_surface(
    form: ArrayLike, weight: ArrayLike, cutoff: float, density: float = 1.0, finest: float | None = None
) -> Band:
    """A constant density of states whose gap varies over the Fermi surface, Δ(θ) = Δ φ(θ).

    Parameters
    ----------
    form, weight
        φ at points of the Fermi surface and their shares, ``(n_angles,)``; the shares are made to sum to 1.
    cutoff, density, finest
        As in :func:`constant_dos`.
    """
    shell, phi = constant_dos(cutoff, density, finest), np.asarray(form, float)
    share = np.asarray(weight, float) / np.sum(weight)
    energy = np.repeat(shell.energy, phi.size)
    return Band(energy, np.outer(shell.weight, share).ravel(), np.tile(phi, shell.energy.size))


def without_rounding(values: Floats, scale: float) -> Floats:
    """The values, and 0 for those below what rounding leaves of a difference of numbers of that scale."""
    return np.where(np.abs(values) <= _ROUNDING * scale, 0.0, values)


def merged(band: Band) -> Band:
    """The same sums with fewer terms: states of equal ε and |φ|, which symmetry makes many, count as one.

    Equal means to 1e-12 of the largest; the sign of φ, which no sum of equilibrium knows, is dropped.
    """
    scale = max(float(np.abs(band.energy).max()), float(np.abs(band.form).max()))
    pairs = np.stack([band.energy, np.abs(band.form)], axis=1)
    _, first, group = np.unique(
        (pairs / (1e-12 * scale)).round(), axis=0, return_index=True, return_inverse=True
    )
    weight = np.zeros(first.size)
    np.add.at(weight, group.ravel(), band.weight)
    return Band(band.energy[first], weight, np.abs(band.form[first]), band.multiplicity)


def panels(edges: ArrayLike, nodes: int = _NODES) -> tuple[Floats, Floats]:
    """Gauss–Legendre points and weights on every interval between neighbouring edges, each flat."""
    bounds = np.asarray(edges, float)
    x, w = np.polynomial.legendre.leggauss(nodes)
    half, middle = np.diff(bounds) / 2, (bounds[1:] + bounds[:-1]) / 2
    return (middle[:, None] + half[:, None] * x).ravel(), (half[:, None] * w).ravel()
