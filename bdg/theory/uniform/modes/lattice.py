r"""Gaussian fluctuations on a lattice: M(q, ω) in the amplitudes and phases of the pairs, and the density.

With ψ_k = (c_k↑, c†_−k↓) and h_k = ξ_k τ₃ + Δ_k τ₁ the operators ρ_a = Σ_k ψ†_k V_a(k) τ_a ψ_{k+q} are the
amplitude (τ₁) and phase (τ₂) of each pair field, and the density (τ₃). Their bare response

    χ_ab(q, ω) = (1/N) Σ_k Σ_ss' [f(E_s) − f(E'_s')]/(ω + iη + E_s − E'_s') ⟨s|V_aτ_a|s'⟩⟨s'|V_bτ_b|s⟩    (24)

with s, s' = ± the two levels at k and k + q, feeds back through δH = Σ_a W_a δ⟨ρ_a⟩ ρ_a, W = −V/2z for a pair
field of multiplicity z, and for the density −V/2 (Hartree) plus v_q (Coulomb). Modes are the zeros of

    det M,    M = χ − W⁻¹  (2z/V + χ for the pairs).                                                     (25)

Without the density it is time-dependent BdG without Hartree; velocities differ much at strong coupling.

P. W. Anderson, Phys. Rev. 112, 1900 (1958); J. R. Engelbrecht, M. Randeria and C. A. R. Sá de Melo, Phys.
Rev. B 55, 15153 (1997). Energies are in the units of the hopping, q in 1/a.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from bdg.arrays import Complexes, Floats
from bdg.errors import InputError
from bdg.theory.uniform.band import Band
from bdg.theory.uniform.gap.solution import Uniform, solve
from bdg.theory.uniform.lattices import Dispersion, lattice_band, momenta, shells
from bdg.theory.uniform.thermal import fermi, fermi_slope

_TAU = (np.eye(2, dtype=complex), np.array([[0, 1], [1, 0]], complex), np.array([[0, -1j], [1j, 0]]))
_LOWEST, _BELOW_EDGE = 1e-6, 1e-9
"""Where the search for modes starts and ends, of the edge: M(0) and the poles at the edge lose digits."""
_TAU3 = np.diag([1.0 + 0j, -1.0])


@dataclass(frozen=True)
class Fluctuations:
    """A uniform superconductor on a lattice, and what its fluctuations feel.

    Parameters
    ----------
    state
        Its equilibrium.
    dispersion, size, form
        What the band was made of.
    hartree
        Whether the on-site attraction acts on the density too; for ``form = "s"`` only.
    coulomb
        e²/ε₀ of v_q = (e²/ε₀)/Σ_i 2(1 − cos q_i), charges on the sites of the same lattice; 0 for none.
    shift
        The momenta are 2π(n + shift)/L in each direction.
    """

    state: Uniform
    dispersion: Dispersion
    size: tuple[int, ...]
    form: str = "s"
    hartree: bool = False
    coulomb: float = 0.0
    shift: float = 0.0

    def band(self, steps: Sequence[int] | None = None) -> Band:
        """The states at k, or at k + q."""
        moved = np.zeros(len(self.size)) if steps is None else np.asarray(steps)
        return lattice_band(self.dispersion, self.size, self.form, 2 * np.pi * (moved + self.shift))


def fluctuations(
    dispersion: Dispersion,
    size: Sequence[int],
    attraction: float,
    *,
    temperature: float = 0.0,
    mu: float | None = None,
    filling: float | None = None,
    form: str = "s",
    hartree: bool = False,
    coulomb: float = 0.0,
    shift: float = 0.0,
) -> Fluctuations:
    """Solve the gap equation on a lattice and keep what M needs; μ includes any Hartree shift.

    Raises
    ------
    InputError
        If the metal does not superconduct there, or Hartree is asked of pairs on bonds.
    """
    if hartree and form != "s":
        raise InputError(f"hartree needs on-site pairs, not {form!r}; leave it out")
    band = lattice_band(dispersion, size, form, 2 * np.pi * shift)
    state = solve(band, attraction, temperature, mu=mu, filling=filling)
    if state.delta == 0:
        raise InputError(f"an attraction of {attraction:g} gives no superconductor here; choose a larger one")
    return Fluctuations(state, dispersion, tuple(size), form, hartree, coulomb, shift)


def fluctuation_matrix(system: Fluctuations, steps: Sequence[int], omega: complex) -> Complexes:
    """M(q, ω) of (25), Hermitian for real ω below the pair-breaking edge at T = 0.

    Parameters
    ----------
    system
        From :func:`fluctuations`.
    steps
        q as whole numbers of 2π/L in each direction.
    omega
        ω, with a positive imaginary part above the edge or at T > 0.

    Returns
    -------
    matrix
        Amplitude and phase of each pair field in turn, then the density if anything acts on it.
    """
    vertices, couplings = _channels(system, steps)
    chi = _susceptibility(system, steps, omega, vertices)
    return np.asarray(chi - np.diag(1 / couplings))


def pair_breaking_edge(system: Fluctuations, steps: Sequence[int]) -> float:
    """The smallest E_k + E_{k+q}: above it pairs break."""
    levels, shifted = (_levels(system, s)[1] for s in (None, steps))
    return float((levels + shifted).min())


def mode_energies(system: Fluctuations, steps: Sequence[int], points: int = 10) -> Floats:
    """Undamped modes at T = 0: zeros of det M between 0 and the pair-breaking edge, ascending.

    Below the edge M is Hermitian, and at each mode one of its eigenvalues changes sign, downwards where the
    mode costs energy, which all do above a ground state. So the negative eigenvalues at the two ends count
    the modes between them, however close they lie to each other or to the edge. A mode of frequency zero, of
    the broken symmetry at q = 0, is none of them.

    Parameters
    ----------
    system, steps
        As in :func:`fluctuation_matrix`.
    points
        Intervals that are counted apart, for states that are no minimum, where modes of both signs may meet.

    Raises
    ------
    InputError
        If T > 0, where every mode is damped; look at :func:`fluctuation_matrix` with a small imaginary part.
    """
    if system.state.temperature > 0:
        raise InputError(f"T = {system.state.temperature:g} damps the modes; give 0")
    edge = pair_breaking_edge(system, steps)

    def eigenvalues(omega: float) -> Floats:
        return np.asarray(np.linalg.eigvalsh(fluctuation_matrix(system, steps, omega)), float)

    grid = edge * np.concatenate([[_LOWEST], np.arange(1, points) / points, [1 - _BELOW_EDGE]])
    negative = [np.count_nonzero(eigenvalues(omega) < 0) for omega in grid]
    found = [
        brentq(lambda omega, n=n: eigenvalues(omega)[n], low, high, xtol=1e-14 * edge)
        for (low, before), (high, after) in itertools.pairwise(zip(grid, negative, strict=True))
        for n in range(*sorted((before, after)))
    ]
    return np.sort(found)


def longitudinal_response(system: Fluctuations, steps: Sequence[int], *, with_mode: bool = True) -> float:
    """Static response to a longitudinal A, over the diamagnetic part; gauge invariance wants zero.

    A = ∇χ couples to ψ†_k (ξ_{k+q} − ξ_k) ψ_{k+q}, whatever the hopping. The bare bubble leaves the
    superfluid density over; the phase mode takes it away (Anderson 1958; Nambu 1960).

    Parameters
    ----------
    system, steps
        As in :func:`fluctuation_matrix`; q ≠ 0.
    with_mode
        Whether the pairs (and the density) respond.
    """
    vertices, couplings = _channels(system, steps)
    xi, levels = _levels(system, None)
    ahead, behind = _levels(system, steps)[0], _levels(system, [-s for s in steps])[0]
    occupied = 1 - xi / levels * (1 - 2 * fermi(levels, system.state.temperature))
    diamagnetic = float(np.mean(occupied * (ahead + behind - 2 * xi)))
    gauge = ((ahead - xi), _TAU[0])
    chi = _susceptibility(system, steps, 0.0, [*vertices, gauge])
    response = chi[-1, -1]
    if with_mode:
        inner = np.diag(1 / couplings) - chi[:-1, :-1]
        response = response + chi[-1, :-1] @ np.linalg.solve(inner, chi[:-1, -1])
    return float(1 + response.real / diamagnetic)


Vertex = tuple[Floats, Complexes]


def _channels(system: Fluctuations, steps: Sequence[int]) -> tuple[list[Vertex], Floats]:
    """V_a(k) and τ_a of every operator, and its W_a."""
    kappa = momenta(system.size, 2 * np.pi * system.shift)
    q = 2 * np.pi * np.asarray(steps) / np.asarray(system.size)
    if system.form == "s":
        forms, multiplicity = [np.ones(len(kappa))], 1
    else:  # bonds along different directions fluctuate apart, seen from their middles
        bonds = shells(system.dispersion.kind, 1)[0]
        bonds = bonds if system.form == "extended_s" else bonds[np.abs(bonds[:, 2:]).sum(axis=1) == 0]
        forms, multiplicity = [2 * np.cos((kappa + q / 2) @ bond) for bond in bonds], 2
    vertices: list[Vertex] = [(form, tau) for form in forms for tau in _TAU[1:]]
    couplings = [-system.state.attraction / (2 * multiplicity)] * len(vertices)
    density = -system.state.attraction / 2 * system.hartree
    if system.coulomb:
        density += system.coulomb / float(np.sum(2 * (1 - np.cos(q))))
    if density:
        vertices.append((np.ones(len(kappa)), _TAU3))
        couplings.append(density)
    return vertices, np.array(couplings)


def _levels(system: Fluctuations, steps: Sequence[int] | None) -> tuple[Floats, Floats]:
    """ξ and E at k, or at k + q."""
    xi, gap = _nambu(system, steps)
    return xi, np.hypot(xi, gap)


def _nambu(system: Fluctuations, steps: Sequence[int] | None) -> tuple[Floats, Floats]:
    band = system.band(steps)
    return band.xi(system.state.mu), system.state.delta * band.form


def _states(system: Fluctuations, steps: Sequence[int] | None) -> tuple[Floats, Floats]:
    """Levels ±E ``(n, 2)`` and eigenvectors ``(n, 2, 2)``, the last index the level."""
    xi, gap = _nambu(system, steps)
    matrices = np.empty((len(xi), 2, 2))
    matrices[:, 0, 0], matrices[:, 1, 1] = xi, -xi
    matrices[:, 0, 1] = matrices[:, 1, 0] = gap
    levels, vectors = np.linalg.eigh(matrices)
    return levels, vectors


def _susceptibility(
    system: Fluctuations, steps: Sequence[int], omega: complex, vertices: Sequence[Vertex]
) -> Complexes:
    """χ_ab of (24)."""
    (here, left), (there, right) = _states(system, None), _states(system, steps)
    t = system.state.temperature
    change = fermi(here, t)[:, :, None] - fermi(there, t)[:, None, :]
    distance = omega + here[:, :, None] - there[:, None, :]
    # Two equal levels: the quotient is −f′, and nothing at T = 0 where both are equally full.
    equal = np.abs(distance) <= 1e-12
    slope = -fermi_slope(here, t)[:, :, None] if t > 0 and omega == 0 else 0.0
    weight = np.where(equal, slope, change / np.where(equal, 1.0, distance))
    elements = np.array(
        [v[:, None, None] * np.einsum("kis,ij,kjt->kst", left, tau, right) for v, tau in vertices]
    )
    return np.asarray(np.einsum("kst,akst,bkst->ab", weight, elements, elements.conj()) / len(here))
