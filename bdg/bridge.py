"""From a Bogoliubov–de Gennes result to the macroscopic wave function Ψ(r) = √n_s e^{iθ}, and London's
current from it.

θ is the phase of Δ, n_s what the superfluid stiffness D = q²n_s/m of the site says. Pairs have q = −2e and,
to give n_s a number, the mass of two electrons of the band −2t cos k, m = ħ²/ta²: then n_s = D/4. London's
current J = (q n_s/m)(ħ∇θ − qA) = D (ħ∇θ/q − A) does not depend on m.

Beside the current of the quasiparticles it says how local the answer of the superconductor is: they agree
where Δ, D and the flow vary slowly over a coherence length, and differ in the core of a vortex or next to an
impurity.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bdg.arrays import Floats
from bdg.conventions import ELECTRON_CHARGE
from bdg.errors import InputError
from bdg.gauge import bond_vector_potential, peierls_phase
from bdg.gauge.peierls import VectorPotentialLike
from bdg.lattice import Sample
from bdg.observables.local.bond_order import largest_symmetry
from bdg.result import Result
from bdg.theory.macroscopic import Carriers
from bdg.theory.macroscopic.wave import Fluxoid, loop_fluxoid, wave_function

LATTICE_PAIRS = Carriers(charge=2 * ELECTRON_CHARGE, mass=1.0)
"""Pairs in units of ħ, e, t and a: q = −2e, m = ħ²/ta²."""

NOTHING = 1e-6
"""Share of the largest |Δ| below which a site is normal: its phase means nothing."""


@dataclass(frozen=True)
class MacroscopicState:
    """Ψ on the sites of a sample.

    Parameters
    ----------
    sample
        The sample.
    psi
        Ψ of each site, shape ``(n_sites,)``, |Ψ|² = n_s in carriers a site.
    stiffness
        D along each coordinate, shape ``(dimension, n_sites)``, in e² t a²/ħ².
    phases
        (q/ħ)∫A·dl of pairs along each bond, twists included, shape ``(n_bonds,)``.
    is_normal
        Sites without order parameter, shape ``(n_sites,)``.
    """

    sample: Sample
    psi: NDArray[np.complex128]
    stiffness: Floats
    phases: Floats
    is_normal: NDArray[np.bool_]

    @property
    def density(self) -> Floats:
        """n_s = |Ψ|², shape ``(n_sites,)``."""
        return np.asarray(np.abs(self.psi) ** 2, np.float64)

    @cached_property
    def phase_steps(self) -> Floats:
        """Δθ − (q/ħ)∫A·dl of each bond in (−π, π], gauge-invariant; zero next to a normal site."""
        bonds = self.sample.bonds
        phase = np.exp(1j * np.angle(self.psi))
        steps = np.angle(phase[bonds.target] * phase[bonds.source].conj() * np.exp(-1j * self.phases))
        return np.where(self.is_normal[bonds.source] | self.is_normal[bonds.target], 0.0, steps)

    @cached_property
    def wave_vector(self) -> Floats:
        """K = ∇θ − qA/ħ of each site, shape ``(n_sites, dimension)``, in 1/a.

        The vector that fits d·k = Δθ − (q/ħ)∫A·dl best, in least squares over the bonds d of the site; on
        square and cubic lattices the mean of both sides.
        """
        bonds, dimension = self.sample.bonds, self.sample.dimension
        counted = ~(self.is_normal[bonds.source] | self.is_normal[bonds.target])
        d = bonds.displacement * counted[:, None]
        squares = np.zeros((self.sample.n_sites, dimension, dimension))
        sums = np.zeros((self.sample.n_sites, dimension))
        for ends in (bonds.source, bonds.target):
            np.add.at(squares, ends, d[:, :, None] * d[:, None, :])
            np.add.at(sums, ends, d * self.phase_steps[:, None])
        fitted: Floats = np.einsum("nab,nb->na", np.linalg.pinv(squares), sums)
        return fitted

    @property
    def velocity(self) -> Floats:
        """v_s = ħk/m, shape ``(n_sites, dimension)``, in t a/ħ."""
        return self.wave_vector * (LATTICE_PAIRS.hbar / LATTICE_PAIRS.mass)

    @property
    def current(self) -> Floats:
        """London's J = D (ħ∇θ/q − A) of each site, shape ``(n_sites, dimension)``, in e t/ħ.

        To compare with the observable ``site_current``.
        """
        return self.stiffness.T * self.wave_vector / LATTICE_PAIRS.charge

    def fluxoid(self, loop: Sequence[int]) -> Fluxoid:
        """∮(ΛJ + A)·dl = n h/q around a closed way over bonds, in ħ/e; see
        :class:`bdg.theory.macroscopic.wave.Fluxoid`.

        Parameters
        ----------
        loop
            Sites in order, each joined to the next and the last to the first by a bond. The way may close
            through the ends of a ring or torus.

        Raises
        ------
        InputError
            If two sites in a row have no bond, or one is normal.
        """
        sites = np.asarray(loop, np.intp)
        if self.is_normal[sites].any():
            site = int(sites[self.is_normal[sites]][0])
            raise InputError(f"site {site} on the loop is normal and has no phase; lead the loop around it")
        bonds, signs = self._bonds_of(sites)
        return loop_fluxoid(self.psi[sites], signs * self.phases[bonds], LATTICE_PAIRS)

    def kinetic_of(self, current: ArrayLike, loop: Sequence[int]) -> float:
        """∮(J/D)·dl of a given current around a loop, in ħ/e: ``Fluxoid.kinetic``, if London's equation held.

        Parameters
        ----------
        current
            J of each site, shape ``(n_sites, dimension)``: ``result["site_current"]``.
        loop
            As for :meth:`fluxoid`.
        """
        sites = np.asarray(loop, np.intp)
        bonds, signs = self._bonds_of(sites)
        momentum = np.asarray(current, np.float64)[sites] / self.stiffness.T[sites]
        steps = signs[:, None] * self.sample.bonds.displacement[bonds]
        return float(np.sum(0.5 * (momentum + np.roll(momentum, -1, axis=0)) * steps))

    def _bonds_of(self, sites: NDArray[np.intp]) -> tuple[NDArray[np.intp], Floats]:
        """The bond from each site of a loop to the following one, and ±1 along or against it."""
        bonds = self.sample.bonds
        along = {
            pair: n for n, pair in enumerate(zip(bonds.source.tolist(), bonds.target.tolist(), strict=True))
        }
        found, signs = [], []
        for here, there in zip(sites.tolist(), np.roll(sites, -1).tolist(), strict=True):
            if (here, there) in along:
                found.append(along[here, there])
                signs.append(1.0)
            elif (there, here) in along:
                found.append(along[there, here])
                signs.append(-1.0)
            else:
                raise InputError(
                    f"sites {here} and {there} of the loop have no bond; name the sites between them"
                )
        return np.array(found, np.intp), np.array(signs)


def macroscopic_state(
    result: Result,
    stiffness: ArrayLike | None = None,
    *,
    vector_potential: VectorPotentialLike | None = None,
    phase: ArrayLike | None = None,
) -> MacroscopicState:
    """Ψ = √n_s e^{iθ} of a result.

    Parameters
    ----------
    result
        Computed or loaded.
    stiffness
        D, in e² t a²/ħ²: a number, one for each site, or shape ``(dimension, n_sites)``. If nothing is said,
        the ``local_stiffness`` of the observable ``superfluid_weight``; of a strip that along it.
    vector_potential
        As for :func:`bdg.gauge.bond_vector_potential`, what the model was built with. If nothing is said,
        that of the result's own model; where an older file from Python keeps none, zero is taken.
        That of screening currents is added to either.
    phase
        θ of each site, shape ``(n_sites,)``. If nothing is said, that of Δ; where no site has one, that of
        the largest symmetry of the pairs on bonds, which the observable ``bond_order`` gives.

    Raises
    ------
    InputError
        If there is no stiffness or no phase, a shape does not fit, or a stiffness is negative.
    """
    sample = result.sample
    order = _order(result)
    angle = np.angle(order) if phase is None else np.asarray(phase, np.float64)
    if angle.shape != (sample.n_sites,):
        raise InputError(
            f"phase has shape {angle.shape}, the sample has {sample.n_sites} sites; give one each"
        )
    d = _stiffness(result, stiffness)
    size = np.abs(order) if phase is None else np.ones(sample.n_sites)
    density = LATTICE_PAIRS.mass / LATTICE_PAIRS.charge**2 * d.mean(axis=0)
    return MacroscopicState(
        sample,
        wave_function(density, angle),
        d,
        2 * _electron_phases(result, vector_potential),
        size <= NOTHING * size.max(initial=0.0),
    )


def rectangle_loop(sample: Sample, corner: Sequence[int], opposite: Sequence[int]) -> list[int]:
    """Sites counter-clockwise around a rectangle of cells of a square lattice, for
    :meth:`MacroscopicState.fluxoid`.

    Parameters
    ----------
    corner, opposite
        Cells [x, y] of its lower left and upper right sites.
    """
    (left, low), (right, high) = corner, opposite
    if not (left < right and low < high):
        raise InputError(
            f"no rectangle from {list(corner)} to {list(opposite)}; give lower left and upper right"
        )
    cells = [(x, low) for x in range(left, right)] + [(right, y) for y in range(low, high)]
    cells += [(x, high) for x in range(right, left, -1)] + [(left, y) for y in range(high, low, -1)]
    return [sample.site_at(cell) for cell in cells]


def _order(result: Result) -> NDArray[np.complex128]:
    """Δ of each site; where it is zero, the largest symmetry of the pairs on bonds."""
    delta = result.fields.delta
    if delta.any():
        return delta.astype(np.complex128)
    if "bond_order" not in result.observables:
        raise InputError("no site has an order parameter; measure bond_order, or give the phase")
    return np.asarray(largest_symmetry(result.observables["bond_order"]), np.complex128)


def _stiffness(result: Result, given: ArrayLike | None) -> Floats:
    """D of each coordinate and site."""
    sample = result.sample
    if given is None:
        known = result.quantities()
        if "local_stiffness" not in known:
            raise InputError(
                "the result has no local_stiffness; measure superfluid_weight, or give the stiffness"
            )
        given = known["local_stiffness"].values
        if len(given) != sample.dimension:  # there is none along open ends, where a uniform A is a pure gauge
            given = given.mean(axis=0)
    d, shape = np.asarray(given, np.float64), (sample.dimension, sample.n_sites)
    if d.shape not in ((), shape[1:], shape):
        raise InputError(f"the stiffness has shape {d.shape}; give a number, or shape {shape[1:]} or {shape}")
    if not np.all(d >= 0):
        raise InputError(f"a stiffness of {d.min():.3g} is negative, no density of carriers; give D ≥ 0")
    return np.broadcast_to(d, shape)


def _electron_phases(result: Result, vector_potential: VectorPotentialLike | None) -> Floats:
    """Peierls phases of electrons on the bonds, twists included."""
    sample, is_known = result.sample, result.made_from is not None or result.provenance.config_resolved
    if vector_potential is None and is_known:
        phases = result.model.peierls_phase
    else:
        phases = peierls_phase(sample, bond_vector_potential(sample, vector_potential))
    induced = result.fields.vector_potential
    return phases if induced is None else phases + ELECTRON_CHARGE * induced
