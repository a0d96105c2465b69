r"""The BCS state |Ψ⟩ = Π_k (u_k + v_k c†_k↑ c†_−k↓)|0⟩: what it holds, and what becomes of it at fixed N.

    v_k² = ½(1 − ξ_k/E_k),   u_k v_k = Δ_k/2E_k,   ⟨N⟩ = 2Σ v²,   ⟨ΔN²⟩ = 4 Σ u²v²                      (14)

⟨ΔN²⟩ ∝ ⟨N⟩, so that the number is uncertain by √N only. The state is a superposition of all even N, which
e^{iθN} tells apart: it turns v_k into v_k e^{2iθ}, another state of the same energy. Its part with N = 2P
electrons follows from the elementary symmetric polynomials of (v_k/u_k)², and has a lower energy yet.

J. Bardeen, L. N. Cooper and J. R. Schrieffer, Phys. Rev. 108, 1175 (1957). Numbers count electrons; energies
are in the units of the levels.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from bdg.arrays import Complexes, Floats
from bdg.errors import InputError
from bdg.theory.uniform.checks import require_positive


def amplitudes(xi: ArrayLike, delta: ArrayLike) -> tuple[Floats, Complexes]:
    """u_k ≥ 0 and v_k of (14), v with the phase of Δ; half and half where ξ = Δ = 0.

    Parameters
    ----------
    xi, delta
        ξ_k and Δ_k; they broadcast.
    """
    x, gap = np.broadcast_arrays(np.asarray(xi, float), np.asarray(delta, complex))
    level = np.hypot(x, np.abs(gap))
    cosine = np.divide(x, level, out=np.zeros(x.shape), where=level > 0)
    # The smaller of the two from uv = |Δ|/2E, not from 1 − |ξ|/E, which would cancel.
    large = np.sqrt(0.5 * (1 + np.abs(cosine)))
    ratio = np.divide(np.abs(gap), level, out=np.ones(x.shape), where=level > 0)
    small = ratio / (2 * large)
    phase = np.exp(1j * np.angle(gap))
    u, v = np.where(x >= 0, large, small), np.where(x >= 0, small, large)
    return u, np.asarray(v * phase)


def occupation(xi: ArrayLike, delta: ArrayLike) -> Floats:
    """v_k², the chance that the pair (k↑, −k↓) is there."""
    return np.asarray(np.abs(amplitudes(xi, delta)[1]) ** 2)


def pair_function(xi: ArrayLike, delta: ArrayLike) -> Complexes:
    """⟨c_−k↓ c_k↑⟩ = u_k v_k = Δ_k/2E_k, the pair amplitude, largest at the Fermi surface."""
    u, v = amplitudes(xi, delta)
    return np.asarray(u * v)


def rotated(v: ArrayLike, theta: float) -> Complexes:
    """v_k e^{2iθ}: what e^{iθN} makes of the state. Observables that keep N do not notice."""
    return np.asarray(np.asarray(v, complex) * np.exp(2j * theta))


def number(v: ArrayLike) -> float:
    """⟨N⟩ = 2 Σ_k |v_k|², electrons."""
    return float(2 * np.sum(np.abs(v) ** 2))


def number_variance(u: ArrayLike, v: ArrayLike) -> float:
    """⟨N²⟩ − ⟨N⟩² = 4 Σ_k |u_k v_k|²."""
    return float(4 * np.sum(np.abs(np.asarray(u) * np.asarray(v)) ** 2))


def number_distribution(v: ArrayLike) -> Floats:
    """Chance of 0, 2, 4, … electrons, ``(n_pairs + 1,)``: every k is a coin of its own."""
    chances = np.ones(1)
    for p in np.abs(np.asarray(v)).ravel() ** 2:
        chances = np.convolve(chances, [1 - p, p])
    return chances


@dataclass(frozen=True)
class PairLevels:
    """The reduced Hamiltonian H = Σ_k 2ε_k b†_k b_k − G Σ_kk' b†_k b_k', b†_k = c†_k↑ c†_−k↓.

    Parameters
    ----------
    energy
        ε_k of the levels, ``(n,)``, each for one pair.
    attraction
        G = V/volume > 0.
    """

    energy: Floats
    attraction: float

    def expectation(self, u: ArrayLike, v: ArrayLike) -> float:
        """⟨H⟩ in the BCS state: Σ_k 2ε_k|v|² − G |Σ_k uv|² − G Σ_k |v|⁴."""
        u, v = np.asarray(u, float), np.asarray(v, complex)
        kinetic = 2 * np.sum(self.energy * np.abs(v) ** 2)
        scattered = np.abs(np.sum(u * v)) ** 2 + np.sum(np.abs(v) ** 4)
        return float(kinetic - self.attraction * scattered)


def bcs_state_of(levels: PairLevels, n_pairs: float) -> tuple[Floats, Complexes, float]:
    """u, v and Δ of the gap equation 1/G = Σ_k 1/2E_k with ⟨N⟩ = 2 n_pairs.

    The term −G Σ|v|⁴, of order one level, is left out of the gap equation as in the thermodynamic limit.

    Raises
    ------
    InputError
        If the number of pairs does not fit or the attraction is too weak for these levels.
    """
    require_positive("the attraction", levels.attraction, "positive values attract")
    if not 0 < n_pairs < levels.energy.size:
        raise InputError(f"{n_pairs:g} pairs do not fit; choose between 0 and {levels.energy.size}")

    def gap(mu: float) -> float:
        largest = levels.attraction * levels.energy.size

        def excess(delta: float) -> float:
            return float(np.sum(0.5 / np.hypot(levels.energy - mu, delta))) - 1 / levels.attraction

        return (
            float(brentq(excess, 1e-12 * largest, largest, xtol=1e-15))
            if excess(1e-12 * largest) > 0
            else 0.0
        )

    def surplus(mu: float) -> float:
        return float(np.sum(occupation(levels.energy - mu, gap(mu)))) - n_pairs

    reach = levels.attraction * levels.energy.size + float(np.ptp(levels.energy)) + 1
    mu = float(brentq(surplus, levels.energy.min() - reach, levels.energy.max() + reach, xtol=1e-14))
    delta = gap(mu)
    if delta == 0:
        raise InputError(
            f"an attraction of {levels.attraction:g} does not pair these levels; choose a larger one"
        )
    u, v = amplitudes(levels.energy - mu, delta)
    return u, v, delta


def projected_energy(levels: PairLevels, u: ArrayLike, v: ArrayLike, n_pairs: int) -> float:
    """⟨H⟩ in the part of the BCS state with exactly ``n_pairs`` pairs.

    With x_k = (v_k/u_k)² and e_P(x) the elementary symmetric polynomials, ‖P-part‖² ∝ e_P(x),
    ⟨b†_k b_k⟩ = x_k e_{P−1}(without k)/e_P and ⟨b†_k b_k'⟩ = √(x_k x_k') e_{P−1}(without k, k')/e_P.
    """
    g = np.abs(np.asarray(v)) / np.asarray(u, float)
    x, n = g**2, levels.energy.size
    norm = _symmetric(x, n_pairs)
    total = 0.0
    for k in range(n):
        rest = np.delete(x, k)
        occupied = x[k] * _symmetric(rest, n_pairs - 1)
        total += (2 * levels.energy[k] - levels.attraction) * occupied
        for other in range(k):
            hop = g[k] * g[other] * _symmetric(np.delete(rest, other), n_pairs - 1)
            total -= 2 * levels.attraction * hop
    return float(total / norm)


def exact_energy(levels: PairLevels, n_pairs: int) -> float:
    """Ground-state energy of the reduced Hamiltonian with ``n_pairs`` pairs, by diagonalisation."""
    n = levels.energy.size
    states = list(itertools.combinations(range(n), n_pairs))
    index = {state: i for i, state in enumerate(states)}
    h = np.zeros((len(states), len(states)))
    for state, i in index.items():
        h[i, i] = sum(2 * levels.energy[k] - levels.attraction for k in state)
        for out, into in itertools.product(state, range(n)):
            if into not in state:
                target = tuple(sorted((*(k for k in state if k != out), into)))
                h[index[target], i] -= levels.attraction
    return float(np.linalg.eigvalsh(h)[0])


def _symmetric(x: Floats, order: int) -> float:
    """The elementary symmetric polynomial e_order(x)."""
    e = np.zeros(order + 1)
    e[0] = 1.0
    for value in x:
        e[1:] += value * e[:-1].copy()
    return float(e[order])
