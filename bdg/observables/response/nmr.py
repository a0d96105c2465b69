r"""Nuclear magnetic resonance, site by site: the relaxation of a nucleus and its Knight shift.

A nucleus with a contact to the spins of its site relaxes by those across the field,

    1/(T₁T) ∝ lim Im χ_aa(r, r; ω)/ω = (π/2) ∫dE (−∂f/∂E) tr S_a A(E) S_a A(E),   a across the field,

A = −(G − G†)/2πi the spectral matrix of the site at E + iη, S_a = σ_a of electrons and holes. Of singlets it
is 2π ∫(−f′)(N² + |F|²), N = −Im G_↑↑/π and F that of the pairs, with the coherence factor of Hebel and
Slichter, Phys. Rev. 113, 1504 (1959). Only entries of G on the site are needed, so that any size will do. It
is the relaxation by quasiparticles; that spins enhance each other (Moriya) is left out. The Knight shift is
the spin ⟨σ_a⟩ of the site in a uniform field along a, by the exact response, with the fields following and
held.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from bdg.arrays import Complexes, Floats
from bdg.expectations import site_pattern
from bdg.observables.parameters import Broadening
from bdg.observables.quantity import Notes, Quantity
from bdg.observables.registry import observable
from bdg.observables.response.sources import SpinAxis
from bdg.observables.response.susceptibility import LinearResponse
from bdg.observables.state import State
from bdg.solvers.thermal import fermi

REACH, POINTS = 28.0, 10
"""Temperatures from zero beyond which −f′ is nothing, and Gauss points of a panel."""

AT_ONCE = 1 << 20
"""Blocks of Green's functions held at a time."""

_SIGMA = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], dtype=np.complex128)
_SPIN = np.array([np.kron(np.eye(2), one) for one in _SIGMA])
_TURN = np.kron([[0.0, 1.0], [-1.0, 0.0]], [[0.0, 1.0], [-1.0, 0.0]])
"""Electrons to holes: A(E) = T A*(−E) Tᵀ."""


@observable(
    title="Nuclear relaxation 1/(T₁T) and Knight shift of every site.",
    group="response",
    example="{broadening: 0.05}",
)
def nmr(state: State, broadening: Broadening = 0.05) -> dict[str, Quantity]:
    """Relaxation and Knight shift for fields along x, y and z.

    Parameters
    ----------
    state
        A self-consistent state.
    broadening
        η, in t; of the relaxation alone. Without it the rate of a uniform superconductor is infinite.

    Returns
    -------
    dict
        ``relaxation_rate``, the mean of lim Im χ/ω over the two directions across the field, in 1/t², and
        ``knight_shift`` and ``bare_knight_shift``, ⟨σ⟩ along a field over the field, in 1/t; shapes
        ``(3, n_sites)``, the field along x, y and z.

    Raises
    ------
    InputError
        If T = 0 and a level lies at zero energy: its spin has no linear response.
    """
    alike = state.hamiltonian.symmetry == "singlet"
    rates, error = _relaxation(state, broadening)
    across = 0.5 * (rates.sum(axis=0) - rates)
    dims, notes = ("component", "site"), _notes(state, broadening)
    name = "relaxation rate 1/(T₁T) in a field along the axis"
    found = {"relaxation_rate": Quantity(across, dims, "1/t^2", name, error=error, attributes=notes)}
    axes: tuple[SpinAxis, ...] = ("z",) if alike else ("x", "y", "z")
    shifts = [_shift(state, axis) for axis in axes] * (3 if alike else 1)
    error = max(one[2] for one in shifts)
    for n, (name, end) in enumerate((("knight_shift", "following"), ("bare_knight_shift", "held"))):
        values, long_name = np.array([one[n] for one in shifts]), f"Knight shift, fields {end}"
        found[name] = Quantity(values, dims, "1/t", long_name, error=error, attributes=notes)
    return found


def _notes(state: State, broadening: float) -> Notes:
    return {"broadening": float(broadening), "self_consistent": state.is_converged}


def _shift(state: State, axis: SpinAxis) -> tuple[Floats, Floats, float]:
    """⟨σ⟩ of each site in a uniform field along the axis, the fields following and held, and the error."""
    response = LinearResponse.of(state, "spin", axis)
    following, held = response.to(np.ones(state.model.sample.n_sites))
    return following, held, response.derivative.error


def _relaxation(state: State, broadening: float) -> tuple[Floats, float]:
    """Lim Im χ_aa/ω of each direction a and site, shape ``(3, n_sites)``, and its error."""
    pattern, total, error = site_pattern(state.model.sample), np.zeros((3, state.model.sample.n_sites)), 0.0
    energies, weights = _quadrature(state.model.temperature, broadening)
    step = max(1, AT_ONCE // (2 * len(pattern)))
    for first in range(0, len(energies), step):
        some, weight = energies[first : first + step], weights[first : first + step]
        z = np.concatenate([some, -some]) + 1j * broadening
        greens = state.solver.greens(state.hamiltonian, z, pattern, tolerance=state.tolerance)
        for spectral, share in _both_signs(greens.blocks, weight):
            spun = [one @ spectral for one in _SPIN]
            total += share * np.array([np.einsum("iab,iba->i", one, one).real for one in spun])
        error = max(error, greens.error)
    largest = float(np.sqrt(np.abs(total).max(initial=0.0)))
    return 0.5 * np.pi * total, 4.0 * error * largest


def _quadrature(temperature: float, broadening: float) -> tuple[Floats, Floats]:
    """Positive energies and weights of ∫dE (−∂f/∂E) over half the axis; at T = 0 half of the point 0.

    Panels as wide as Lorentzians and −f′ are, whose poles are η and πT away.
    """
    if temperature == 0:
        return np.zeros(1), np.array([0.5])
    end = REACH * temperature
    edges = np.linspace(0.0, end, 1 + int(np.ceil(end / (2.0 * min(broadening, temperature)))))
    nodes, weights = np.polynomial.legendre.leggauss(POINTS)
    half = 0.5 * np.diff(edges)[:, None]
    energies = (edges[:-1, None] + half * (1.0 + nodes)).ravel()
    full = fermi(energies, temperature)
    return energies, (half * weights).ravel() * full * (1.0 - full) / temperature


def _both_signs(blocks: Complexes, weights: Floats) -> Iterator[tuple[Complexes, float]]:
    """A of the sites in 4 dofs at E and at −E, with their weights; of G at all E, then at all −E."""
    spectral = (blocks.conj().swapaxes(-1, -2) - blocks) / (2j * np.pi)
    ahead, behind = np.split(spectral, 2)
    for one, other, weight in zip(ahead, behind, weights, strict=True):
        yield _in_all_dofs(one, other), weight
        yield _in_all_dofs(other, one), weight


def _in_all_dofs(at: Complexes, opposite: Complexes) -> Complexes:
    """A(E) in (c_↑, c_↓, c†_↓, −c†_↑), of two dofs from A(E) and A(−E) in (c_↑, c†_↓)."""
    if at.shape[-1] == 4:
        return at
    both = np.zeros((2, len(at), 4, 4), np.complex128)
    for whole, part in zip(both, (at, opposite), strict=True):
        whole[:, ::2, ::2] = part
    found: Complexes = both[0] + _TURN @ both[1].conj() @ _TURN.T
    return found
