r"""The slow, obvious Bogoliubov-de Gennes: every formula once, in loops and dense matrices.

Nothing here is shared with the package: these functions judge it. There are four of them, and they
judge one another in ``tests/unit/test_reference.py``:

=================== ==================================================================================
:func:`solve_2n`    dense 2N matrix in (c_↑, c†_↓): spin along z is conserved
:func:`solve_4n`    dense 4N matrix in (c_↑, c_↓, c†_↓, −c†_↑): anything quadratic
:func:`solve_fock`  no Nambu trick at all: the 4^N × 4^N matrix of the Hamiltonian in Fock space
:func:`uniform`     the gap equation of a uniform superconductor, summed over the k grid of a torus
=================== ==================================================================================

The problem. Electrons (charge q = −1; ħ = k_B = e = a = 1) with

    H = − Σ_bonds Σ_σ t ( e^{iφ_ji} c†_jσ c_iσ + h.c. ) + Σ_iσ (ε_i − μ) n_iσ − Σ_i c†_i (h_i·σ) c_i
        − Σ_i U_i n_i↑ n_i↓ ,

a bond being oriented i → j, with φ_ji = q A_ij and A_ij = ∫_i^j A·dl.

The mean field. Wick's theorem on n_i↑ n_i↓ leaves three local correlators,

    F_i = ⟨c_i↑ c_i↓⟩,      ⟨n_iσ⟩,      s_i = ⟨c†_i↓ c_i↑⟩,

and the quadratic Hamiltonian

    H_MF = (one-body part) + Σ_i [ Δ_i c†_i↑ c†_i↓ + h.c. ] + Σ_iσ v_iσ n_iσ + Σ_i [ x_i c†_i↑ c_i↓ + h.c. ],
    Δ_i = U_i F_i,      v_iσ = −U_i ⟨n_i,−σ⟩,      x_i = +U_i s_i,
    constant = Σ_i U_i ( |F_i|² + ⟨n_i↑⟩⟨n_i↓⟩ − |s_i|² ),

v, x and their constants only with Hartree on. Ω = −T ln Tr e^{−H_MF/T} + constant is then stationary in
F, n and s exactly where these are the correlators of H_MF.

At T = 0 a level at zero energy is half filled, f(0) = ½: the limit T → 0, and in Fock space the
average over all ground states.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np
import scipy.optimize
import scipy.sparse

ELECTRON_CHARGE = -1.0
UP, DOWN = 0, 1
SIGMA_X = np.array([[0, 1], [1, 0]], dtype=complex)
SIGMA_Y = np.array([[0, -1j], [1j, 0]], dtype=complex)
SIGMA_Z = np.array([[1, 0], [0, -1]], dtype=complex)

ZERO_ENERGY = 1e-11
"""At T = 0, levels nearer to zero (and ground states nearer to the lowest) than this are degenerate."""


# --------------------------------------------------------------------------------------------------
# The problem
# --------------------------------------------------------------------------------------------------


class Bond(NamedTuple):
    """The hop from ``start`` = i to ``end`` = j: −t e^{iφ} c†_jσ c_iσ + h.c., with φ = φ_ji = q A_ij.

    Two sites may share several bonds, and a bond may end where it starts (a periodic direction one
    site wide): then it puts −t e^{iφ} + h.c. = −2t cos φ on the diagonal.
    """

    start: int
    end: int
    hopping: float = 1.0
    phase: float = 0.0


@dataclass
class Problem:
    """What is given; numbers stand for the same value on all sites.

    Shapes after construction: ``onsite`` (ε_i) and ``attraction`` (U_i) ``(n_sites,)``; ``zeeman``
    (h_i) ``(n_sites, 3)``, and a scalar or ``(n_sites,)`` input is h_z. ``hartree`` switches v_iσ
    and, in the 4N form, x_i.
    """

    n_sites: int
    bonds: Sequence[Bond]
    onsite: np.ndarray | float = 0.0
    mu: float = 0.0
    zeeman: np.ndarray | float = 0.0
    attraction: np.ndarray | float = 0.0
    hartree: bool = False
    temperature: float = 0.0

    def __post_init__(self):
        self.bonds = [Bond(*bond) for bond in self.bonds]
        self.onsite = np.broadcast_to(np.asarray(self.onsite, float), (self.n_sites,))
        self.attraction = np.broadcast_to(np.asarray(self.attraction, float), (self.n_sites,))
        zeeman = np.asarray(self.zeeman, float)
        if zeeman.ndim < 2:
            h_z = np.broadcast_to(zeeman, (self.n_sites,))
            zeeman = np.stack([0 * h_z, 0 * h_z, h_z], axis=1)
        if zeeman.shape != (self.n_sites, 3):
            raise ValueError(f"zeeman has shape {zeeman.shape}, not {(self.n_sites, 3)}")
        self.zeeman = zeeman

    def with_phases(self, phases) -> Problem:
        """The same problem with other Peierls phases φ_ji, one a bond."""
        bonds = [bond._replace(phase=float(p)) for bond, p in zip(self.bonds, phases, strict=True)]
        return replace(self, bonds=bonds)


@dataclass
class Local:
    """``anomalous`` F_i = ⟨c_i↑ c_i↓⟩ ``(n,)``, ``density`` ⟨n_iσ⟩ ``(n, 2)``, ``spin_flip`` s_i ``(n,)``."""

    anomalous: np.ndarray
    density: np.ndarray
    spin_flip: np.ndarray


@dataclass
class MeanField:
    """Fields of H_MF: ``delta`` Δ_i ``(n,)``, ``potential`` v_iσ ``(n, 2)``, ``exchange`` x_i ``(n,)``."""

    delta: np.ndarray
    potential: np.ndarray
    exchange: np.ndarray


def given_field(problem: Problem, delta=0.0, potential=0.0, exchange=0.0) -> MeanField:
    """Fields given from outside; numbers stand for all sites."""
    n = problem.n_sites
    return MeanField(
        delta=np.broadcast_to(np.asarray(delta, complex), (n,)),
        potential=np.broadcast_to(np.asarray(potential, float), (n, 2)),
        exchange=np.broadcast_to(np.asarray(exchange, complex), (n,)),
    )


def mean_field(problem: Problem, local: Local) -> MeanField:
    """Δ_i = U_i F_i; with Hartree also v_iσ = −U_i ⟨n_i,−σ⟩ and x_i = U_i s_i."""
    u = problem.attraction
    on = 1.0 if problem.hartree else 0.0
    return MeanField(
        delta=u * np.asarray(local.anomalous, complex),
        potential=-on * u[:, None] * np.asarray(local.density)[:, ::-1],
        exchange=on * u * np.asarray(local.spin_flip, complex),
    )


def mean_field_constants(problem: Problem, local: Local) -> dict[str, float]:
    """+Σ U|F|², and with Hartree +Σ U n_↑ n_↓ and −Σ U|s|²: what the decoupling counted twice.

    In correlators rather than as |Δ|²/U, so that sites with U = 0 need no division.
    """
    u = problem.attraction
    on = 1.0 if problem.hartree else 0.0
    return {
        "pairing": float(np.sum(u * np.abs(local.anomalous) ** 2)),
        "hartree": on * float(np.sum(u * local.density[:, UP] * local.density[:, DOWN])),
        "exchange": -on * float(np.sum(u * np.abs(local.spin_flip) ** 2)),
    }


# --------------------------------------------------------------------------------------------------
# Statistics
# --------------------------------------------------------------------------------------------------


def fermi(energy, temperature: float):
    """f(E) = 1/(e^{E/T} + 1) = ½(1 − tanh(E/2T)); at T = 0 a step with f(0) = ½."""
    energy = np.asarray(energy, float)
    if temperature == 0:
        return np.where(np.abs(energy) < ZERO_ENERGY, 0.5, 0.5 * (1 - np.sign(energy)))
    return 0.5 * (1 - np.tanh(energy / (2 * temperature)))


def log_2cosh(energy, temperature: float):
    """T ln 2cosh(E/2T), written so that it neither overflows nor fails at T = 0, where it is |E|/2."""
    energy = np.abs(np.asarray(energy, float))
    if temperature == 0:
        return energy / 2
    return energy / 2 + temperature * np.log1p(np.exp(-energy / temperature))


def mixing_entropy(energy, temperature: float):
    """−f ln f − (1 − f) ln(1 − f) of each level: ln 2 for a level at zero, also at T = 0."""
    energy = np.abs(np.asarray(energy, float))
    if temperature == 0:
        return np.where(energy < ZERO_ENERGY, math.log(2), 0.0)
    x = np.exp(-energy / temperature)  # f = x/(1+x), so S = ln(1+x) + (|E|/T) x/(1+x)
    return np.log1p(x) + (energy / temperature) * x / (1 + x)


def fermi_matrix(matrix, temperature: float):
    """f(H) = Σ_n |n⟩ f(E_n) ⟨n|, and the levels E_n."""
    assert np.allclose(matrix, matrix.conj().T, atol=1e-13, rtol=0), "H is not Hermitian"
    levels, states = np.linalg.eigh(matrix)
    return (states * fermi(levels, temperature)) @ states.conj().T, levels


@dataclass
class Solution:
    """Expectation values in one mean field.

    Attributes
    ----------
    density : (n, 2)
        ⟨n_iσ⟩.
    anomalous : (n,), complex
        F_i = ⟨c_i↑ c_i↓⟩.
    spin_flip : (n,), complex
        s_i = ⟨c†_i↓ c_i↑⟩; zero in the 2N form.
    bond_correlators : (n_bonds, 2), complex
        ⟨c†_jσ c_iσ⟩ of each bond i → j.
    levels : (2n,) or (4n,), or the 4^n many-body energies
        Ascending.
    parts : dict
        Grand potential without constants: ``trace`` = ½ tr h and ``quasiparticles`` =
        −Σ T ln 2cosh(E/2T), or in Fock space their sum, ``fock`` = −T ln Tr e^{−H/T}.
    entropy : float
    """

    density: np.ndarray
    anomalous: np.ndarray
    spin_flip: np.ndarray
    bond_correlators: np.ndarray
    levels: np.ndarray
    parts: dict[str, float]
    entropy: float

    @property
    def local(self) -> Local:
        """The correlators that the mean field is made of."""
        return Local(self.anomalous, self.density, self.spin_flip)

    @property
    def quasiparticle_potential(self) -> float:
        """Ω without the mean-field constants."""
        return sum(self.parts.values())

    @property
    def spectral_gap(self) -> float:
        """Lowest quasiparticle energy min |E_n|, which many-body energies do not show."""
        if "fock" in self.parts:
            raise ValueError("the levels of a Fock-space solution are many-body energies")
        return float(np.min(np.abs(self.levels)))


# --------------------------------------------------------------------------------------------------
# 2N: spin along z conserved
# --------------------------------------------------------------------------------------------------


def spin_block(problem: Problem, mean: MeanField, spin: int):
    """h_σ of Σ (h_σ)_ab c†_aσ c_bσ, ``(n, n)``: −t e^{iφ_ji} at (j, i), ε − μ ∓ h_z + v_σ on the diagonal."""
    h = np.zeros((problem.n_sites, problem.n_sites), dtype=complex)
    for i, j, t, phase in problem.bonds:
        h[j, i] += -t * np.exp(1j * phase)
        h[i, j] += -t * np.exp(-1j * phase)
    sign = {UP: +1, DOWN: -1}[spin]
    for i in range(problem.n_sites):
        h[i, i] += problem.onsite[i] - problem.mu - sign * problem.zeeman[i, 2] + mean.potential[i, spin]
    return h


def hamiltonian_2n(problem: Problem, mean: MeanField):
    r"""The matrix of H = Ψ† H Ψ + tr h_↓ with Ψ = (c_0↑ … c_{n−1}↑, c†_0↓ … c†_{n−1}↓); ``(2n, 2n)``.

    H = [[ h_↑,  Δ     ],      c†_a↓ c_b↓ = δ_ab − c_b↓ c†_a↓ is what turns h_↓ into −h_↓ᵀ = −h_↓^*
         [ Δ^*, −h_↓^* ]]      in the hole block and leaves tr h_↓ outside.

    All electrons first, then all holes; :func:`site_major` gives the order site by site.
    """
    if np.any(problem.zeeman[:, :2] != 0) or np.any(mean.exchange != 0):
        raise ValueError("a field across z mixes the spins: use the 4N form")
    delta = np.diag(np.asarray(mean.delta, complex))
    return np.block(
        [
            [spin_block(problem, mean, UP), delta],
            [delta.conj(), -spin_block(problem, mean, DOWN).conj()],
        ]
    )


def solve_2n(problem: Problem, mean: MeanField) -> Solution:
    """Expectation values from f(H)_ab = ⟨Ψ†_b Ψ_a⟩ of the 2N matrix.

    ⟨n_i↑⟩ = f_{i,i};  ⟨n_i↓⟩ = 1 − f_{n+i,n+i};  f_{i,n+i} = ⟨c_i↓ c_i↑⟩ = −F_i;
    ⟨c†_j↑ c_i↑⟩ = f_{i,j};  f_{n+j,n+i} = ⟨c_i↓ c†_j↓⟩ = δ_ij − ⟨c†_j↓ c_i↓⟩.
    Ω = ½(tr h_↑ + tr h_↓) − Σ_n T ln 2cosh(E_n/2T) + constants, n over all 2N levels.
    """
    n, temperature = problem.n_sites, problem.temperature
    f, levels = fermi_matrix(hamiltonian_2n(problem, mean), temperature)

    density = np.zeros((n, 2))
    anomalous = np.zeros(n, dtype=complex)
    for i in range(n):
        density[i, UP] = f[i, i].real
        density[i, DOWN] = 1 - f[n + i, n + i].real
        anomalous[i] = -f[i, n + i]
    correlators = np.zeros((len(problem.bonds), 2), dtype=complex)
    for b, (i, j, _, _) in enumerate(problem.bonds):
        correlators[b, UP] = f[i, j]
        correlators[b, DOWN] = (1.0 if i == j else 0.0) - f[n + j, n + i]

    trace = np.trace(spin_block(problem, mean, UP)) + np.trace(spin_block(problem, mean, DOWN))
    return Solution(
        density=density,
        anomalous=anomalous,
        spin_flip=np.zeros(n, dtype=complex),
        bond_correlators=correlators,
        levels=levels,
        parts={
            "trace": 0.5 * trace.real,
            "quasiparticles": -float(np.sum(log_2cosh(levels, temperature))),
        },
        entropy=float(np.sum(mixing_entropy(levels, temperature))),
    )


def site_major(matrix, n_sites: int):
    """Reorder from component after component to site after site: (Ψ_0 all components, Ψ_1 …)."""
    dofs = len(matrix) // n_sites
    order = np.arange(dofs * n_sites).reshape(dofs, n_sites).T.ravel()
    return matrix[np.ix_(order, order)]


# --------------------------------------------------------------------------------------------------
# 4N: anything quadratic, H = Σ h_ab c†_a c_b + ½ Σ (D_ab c†_a c†_b + h.c.), a = (spin, site)
# --------------------------------------------------------------------------------------------------


def one_body_matrix(problem: Problem, mean: MeanField):
    """h of Σ h_ab c†_a c_b, ``(2n, 2n)``, index a = n·spin + site (spin 0 up, 1 down).

    Zeeman −h·σ = −[[h_z, h_x − i h_y], [h_x + i h_y, −h_z]]; the exchange field x_i on c†_i↑ c_i↓.
    """
    n = problem.n_sites
    h = np.zeros((2 * n, 2 * n), dtype=complex)
    for i, j, t, phase in problem.bonds:
        add_hop(h, i, j, -t * np.exp(1j * phase) * np.eye(2))
    for i in range(n):
        h_x, h_y, h_z = problem.zeeman[i]
        block = -(h_x * SIGMA_X + h_y * SIGMA_Y + h_z * SIGMA_Z)
        block = block + (problem.onsite[i] - problem.mu) * np.eye(2) + np.diag(mean.potential[i])
        block = block + mean.exchange[i] * np.array([[0, 1], [0, 0]])
        block = block + np.conj(mean.exchange[i]) * np.array([[0, 0], [1, 0]])
        for s, r in itertools.product((UP, DOWN), repeat=2):
            h[s * n + i, r * n + i] += block[s, r]
    return h


def add_hop(h, i: int, j: int, block) -> None:
    """Add Σ_σσ' M_σσ' c†_jσ c_iσ' + h.c. to h in place; ``block`` M is ``(2, 2)``."""
    n = len(h) // 2
    for s, r in itertools.product((UP, DOWN), repeat=2):
        h[s * n + j, r * n + i] += block[s, r]
        h[r * n + i, s * n + j] += np.conj(block[s, r])


def rashba_block(alpha: float, direction):
    """(α/2i)(σ × d̂)_z = (α/2i)(σ_x d_y − σ_y d_x): M of c†_i M c_j, d̂ pointing from i to j.

    To be added with ``add_hop(h, j, i, block)``; summed over a lattice it is α (σ × sin k)_z.
    """
    d_x, d_y = direction[:2]
    return (alpha / 2j) * (SIGMA_X * d_y - SIGMA_Y * d_x)


def pairing_matrix(problem: Problem, mean: MeanField):
    """D of ½ Σ D_ab c†_a c†_b, antisymmetric ``(2n, 2n)``: D_{i↑,i↓} = Δ_i = −D_{i↓,i↑}."""
    n = problem.n_sites
    d = np.zeros((2 * n, 2 * n), dtype=complex)
    for i in range(n):
        d[i, n + i] += mean.delta[i]
        d[n + i, i] -= mean.delta[i]
    return d


def add_bond_pairing(d, i: int, j: int, block) -> None:
    """Add Σ_σσ' Δ_{iσ,jσ'} c†_iσ c†_jσ' + h.c. to D in place; ``block`` is Δ_{iσ,jσ'}, ``(2, 2)``."""
    n = len(d) // 2
    for s, r in itertools.product((UP, DOWN), repeat=2):
        d[s * n + i, r * n + j] += block[s, r]
        d[r * n + j, s * n + i] -= block[s, r]


def hamiltonian_4n(h, d):
    r"""The matrix of H = ½ Ψ† H Ψ + ½ tr h with Ψ = (c_↑, c_↓, c†_↓, −c†_↑), n sites in each; ``(4n, 4n)``.

    The holes are W c† with W = iσ_y (c† ↦ (c†_↓, −c†_↑)), so c†D c†ᵀ = c† (D Wᵀ) (W c†) and

    H = [[ h,       D Wᵀ     ],
         [ W D†,   −W h^* Wᵀ ]] ;  a singlet D = Δ iσ_y gives D Wᵀ = Δ·1.
    """
    w = hole_rotation(len(h) // 2)
    return np.block([[h, d @ w.T], [w @ d.conj().T, -w @ h.conj() @ w.T]])


def hole_rotation(n_sites: int):
    """W = iσ_y ⊗ 1: (c†_↑, c†_↓) ↦ (c†_↓, −c†_↑); ``(2n, 2n)``."""
    return np.kron(np.array([[0, 1], [-1, 0]]), np.eye(n_sites))


@dataclass
class Quadratic:
    """Expectation values of any quadratic Hamiltonian: index a = n·spin + site.

    ``normal[a, b]`` = ⟨c†_b c_a⟩ (the order of f(H)), ``anomalous[a, b]`` = ⟨c_a c_b⟩, both ``(2n, 2n)``.
    """

    normal: np.ndarray
    anomalous: np.ndarray
    levels: np.ndarray
    parts: dict[str, float]
    entropy: float


def solve_quadratic_4n(h, d, temperature: float) -> Quadratic:
    """Expectation values of Σ h c†c + ½ Σ (D c†c† + h.c.) from f(H) of the 4N matrix.

    f_{a,b} = ⟨c†_b c_a⟩ in the electron block; in the electron–hole block f_{a,β} = ⟨(Wc)_β c_a⟩ =
    −Σ_b ⟨c_a c_b⟩ W_βb. Ω = ½ tr h − ½ Σ_n T ln 2cosh(E_n/2T), n over all 4N levels, each physical
    quasiparticle counted at +E and at −E.
    """
    f, levels = fermi_matrix(hamiltonian_4n(h, d), temperature)
    m = len(h)
    return Quadratic(
        normal=f[:m, :m],
        anomalous=-f[:m, m:] @ hole_rotation(m // 2),
        levels=levels,
        parts={
            "trace": 0.5 * np.trace(h).real,
            "quasiparticles": -0.5 * float(np.sum(log_2cosh(levels, temperature))),
        },
        entropy=0.5 * float(np.sum(mixing_entropy(levels, temperature))),
    )


def solve_4n(problem: Problem, mean: MeanField) -> Solution:
    """:func:`solve_2n` without the assumption that spin along z is conserved."""
    quadratic = solve_quadratic_4n(
        one_body_matrix(problem, mean), pairing_matrix(problem, mean), problem.temperature
    )
    n = problem.n_sites
    sites = np.arange(n)
    correlators = np.zeros((len(problem.bonds), 2), dtype=complex)
    for b, (i, j, _, _) in enumerate(problem.bonds):
        for s in (UP, DOWN):
            correlators[b, s] = quadratic.normal[s * n + i, s * n + j]
    return Solution(
        density=quadratic.normal.diagonal().real.reshape(2, n).T.copy(),
        anomalous=quadratic.anomalous[sites, n + sites],
        spin_flip=quadratic.normal[sites, n + sites],
        bond_correlators=correlators,
        levels=quadratic.levels,
        parts=quadratic.parts,
        entropy=quadratic.entropy,
    )


# --------------------------------------------------------------------------------------------------
# Fock space: no Nambu spinors, no Bogoliubov transformation
# --------------------------------------------------------------------------------------------------


@functools.cache
def annihilators(n_modes: int):
    """Jordan–Wigner: c_a = Z ⊗ … ⊗ Z ⊗ [[0, 1], [0, 0]] ⊗ 1 ⊗ … ⊗ 1, sparse, 2^n_modes × 2^n_modes."""
    string = scipy.sparse.csr_array(np.diag([1.0, -1.0]))
    lower = scipy.sparse.csr_array(np.array([[0.0, 1.0], [0.0, 0.0]]))
    identity = scipy.sparse.csr_array(np.eye(2))
    operators = []
    for a in range(n_modes):
        operator = scipy.sparse.csr_array(np.eye(1))
        for b in range(n_modes):
            operator = scipy.sparse.kron(
                operator, string if b < a else lower if b == a else identity, format="csr"
            )
        operators.append(operator)
    return tuple(operators)


def dagger(operator):
    """The Hermitian conjugate."""
    return operator.conj().T


def fock_hamiltonian(problem: Problem, mean: MeanField):
    """H_MF written with operators as on paper, no constants; dense ``(4^n, 4^n)``, n ≤ 5.

    Modes are numbered n·spin + site: those of ``annihilators(2 * n)``.
    """
    n = problem.n_sites
    modes = annihilators(2 * n)
    c = {UP: modes[:n], DOWN: modes[n:]}
    total = scipy.sparse.csr_array((4**n, 4**n), dtype=complex)
    for i, j, t, phase in problem.bonds:
        for s in (UP, DOWN):
            hop = -t * np.exp(1j * phase) * (dagger(c[s][j]) @ c[s][i])
            total = total + hop + dagger(hop)
    for i in range(n):
        h_x, h_y, h_z = problem.zeeman[i]
        n_up, n_down = dagger(c[UP][i]) @ c[UP][i], dagger(c[DOWN][i]) @ c[DOWN][i]
        total = total + (problem.onsite[i] - problem.mu) * (n_up + n_down) - h_z * (n_up - n_down)
        total = total + mean.potential[i, UP] * n_up + mean.potential[i, DOWN] * n_down
        # −h_x σ_x − h_y σ_y = −(h_x − i h_y) c†_↑ c_↓ + h.c.
        flip = (mean.exchange[i] - (h_x - 1j * h_y)) * (dagger(c[UP][i]) @ c[DOWN][i])
        pair = mean.delta[i] * (dagger(c[UP][i]) @ dagger(c[DOWN][i]))
        total = total + flip + dagger(flip) + pair + dagger(pair)
    return total.toarray()


def fock_quadratic(h, d):
    """Σ h_ab c†_a c_b + ½ Σ (D_ab c†_a c†_b + h.c.) as a dense ``(2^m, 2^m)`` matrix, m = len(h) ≤ 10."""
    m = len(h)
    c = annihilators(m)
    total = scipy.sparse.csr_array((2**m, 2**m), dtype=complex)
    for a, b in itertools.product(range(m), repeat=2):
        pair = 0.5 * d[a, b] * (dagger(c[a]) @ dagger(c[b]))
        total = total + h[a, b] * (dagger(c[a]) @ c[b]) + pair + dagger(pair)
    return total.toarray()


def gibbs(matrix, temperature: float):
    """Weights p_n, energies E_n and states of a many-body matrix; Ω = −T ln Σ e^{−E_n/T} and S = −Σ p ln p.

    At T = 0 all ground states weigh the same.
    """
    assert np.allclose(matrix, matrix.conj().T, atol=1e-13, rtol=0), "H is not Hermitian"
    energies, states = np.linalg.eigh(matrix)
    above = energies - energies[0]
    if temperature == 0:
        weights = (above < ZERO_ENERGY).astype(float)
        omega = energies[0]
    else:
        weights = np.exp(-above / temperature)
        omega = energies[0] - temperature * math.log(np.sum(weights))
    weights /= np.sum(weights)
    populated = weights[weights > 0]
    return weights, energies, states, float(omega), -float(np.sum(populated * np.log(populated)))


def solve_quadratic_fock(h, d, temperature: float) -> Quadratic:
    """What :func:`solve_quadratic_4n` computes, from Tr ρ c†_b c_a and Tr ρ c_a c_b."""
    m = len(h)
    c = annihilators(m)
    weights, energies, states, omega, entropy = gibbs(fock_quadratic(h, d), temperature)
    rho = (states * weights) @ states.conj().T
    normal, anomalous = np.zeros((m, m), dtype=complex), np.zeros((m, m), dtype=complex)
    for a, b in itertools.product(range(m), repeat=2):
        normal[a, b] = expectation(rho, dagger(c[b]) @ c[a])
        anomalous[a, b] = expectation(rho, c[a] @ c[b])
    return Quadratic(normal, anomalous, energies, {"fock": omega}, entropy)


def expectation(rho, operator) -> complex:
    """Tr ρ O = Σ_ab O_ab ρ_ba for a sparse O."""
    entries = operator.tocoo()
    return complex(np.sum(entries.data * rho[entries.col, entries.row]))


def solve_fock(problem: Problem, mean: MeanField) -> Solution:
    """What :func:`solve_2n` and :func:`solve_4n` compute, from ρ = e^{−H/T}/Z in Fock space; n ≤ 5."""
    n = problem.n_sites
    modes = annihilators(2 * n)
    c = {UP: modes[:n], DOWN: modes[n:]}
    weights, energies, states, omega, entropy = gibbs(fock_hamiltonian(problem, mean), problem.temperature)
    rho = (states * weights) @ states.conj().T
    density = [[expectation(rho, dagger(c[s][i]) @ c[s][i]).real for s in (UP, DOWN)] for i in range(n)]
    anomalous = [expectation(rho, c[UP][i] @ c[DOWN][i]) for i in range(n)]
    spin_flip = [expectation(rho, dagger(c[DOWN][i]) @ c[UP][i]) for i in range(n)]
    correlators = [
        [expectation(rho, dagger(c[s][bond.end]) @ c[s][bond.start]) for s in (UP, DOWN)]
        for bond in problem.bonds
    ]
    return Solution(
        density=np.array(density),
        anomalous=np.array(anomalous),
        spin_flip=np.array(spin_flip),
        bond_correlators=np.array(correlators, dtype=complex).reshape(-1, 2),
        levels=energies,
        parts={"fock": omega},
        entropy=entropy,
    )


# --------------------------------------------------------------------------------------------------
# Observables
# --------------------------------------------------------------------------------------------------


def grand_potential(problem: Problem, local: Local, solve: Callable = solve_2n) -> dict[str, float]:
    """Ω[F, n, s], its parts and their sum ``total``, as a functional of any correlators.

    H_MF is made of ``local``, self-consistent or not; ∂Ω/∂F_i^* = U_i (F_i − ⟨c_i↑ c_i↓⟩) (so that
    ∂Ω/∂Δ_i^* = F_i − ⟨c_i↑ c_i↓⟩) and ∂Ω/∂n_iσ = U_i (n_i,−σ − ⟨n_i,−σ⟩).
    """
    parts = {**solve(problem, mean_field(problem, local)).parts, **mean_field_constants(problem, local)}
    return {**parts, "total": sum(parts.values())}


def bond_currents(problem: Problem, bond_correlators):
    """J_{i→j,σ} = −2 q t Im(e^{iφ_ji} ⟨c†_jσ c_iσ⟩), ``(n_bonds, 2)``: charge i → j; sum over axis 1.

    J = −∂Ω/∂A_ij at fixed mean field, since φ_ji = q A_ij.
    """
    currents = np.zeros((len(problem.bonds), 2))
    for b, (_, _, t, phase) in enumerate(problem.bonds):
        for s in (UP, DOWN):
            currents[b, s] = -2 * ELECTRON_CHARGE * t * (np.exp(1j * phase) * bond_correlators[b, s]).imag
    return currents


def divergence(problem: Problem, currents):
    """Net current out of each site, both spins, ``(n,)``: zero at self-consistency."""
    out = np.zeros(problem.n_sites)
    for bond, current in zip(problem.bonds, np.sum(currents, axis=1), strict=True):
        out[bond.start] += current
        out[bond.end] -= current
    return out


def ldos_2n(problem: Problem, mean: MeanField, energies, broadening: float):
    """N_iσ(ω) = −(1/π) Im G_iσ,iσ(ω + iη), G = (ω + iη − H)⁻¹; ``(n_energies, n, 2)``.

    The hole block holds c†_↓, so N_i↓(ω) is its spectral function at −ω.
    """
    n = problem.n_sites
    h = hamiltonian_2n(problem, mean)
    result = np.zeros((len(energies), n, 2))
    for e, energy in enumerate(energies):
        electron = np.linalg.inv((energy + 1j * broadening) * np.eye(2 * n) - h)
        hole = np.linalg.inv((-energy + 1j * broadening) * np.eye(2 * n) - h)
        for i in range(n):
            result[e, i, UP] = -electron[i, i].imag / math.pi
            result[e, i, DOWN] = -hole[n + i, n + i].imag / math.pi
    return result


def ldos_4n(problem: Problem, mean: MeanField, energies, broadening: float):
    """:func:`ldos_2n` from the 4N matrix, where both spins are electrons; ``(n_energies, n, 2)``."""
    n = problem.n_sites
    h = hamiltonian_4n(one_body_matrix(problem, mean), pairing_matrix(problem, mean))
    result = np.zeros((len(energies), n, 2))
    for e, energy in enumerate(energies):
        green = np.linalg.inv((energy + 1j * broadening) * np.eye(4 * n) - h)
        for i, s in itertools.product(range(n), (UP, DOWN)):
            result[e, i, s] = -green[s * n + i, s * n + i].imag / math.pi
    return result


def ldos_fock(problem: Problem, mean: MeanField, energies, broadening: float):
    """Lehmann: N_iσ(ω) = Σ_mn (p_m + p_n) |⟨m|c_iσ|n⟩|² (η/π)/((ω − E_n + E_m)² + η²); as the others."""
    n = problem.n_sites
    modes = annihilators(2 * n)
    p, levels, states, _, _ = gibbs(fock_hamiltonian(problem, mean), problem.temperature)
    transition = levels[None, :] - levels[:, None]
    result = np.zeros((len(energies), n, 2))
    for i, s in itertools.product(range(n), (UP, DOWN)):
        element = np.abs(states.conj().T @ (modes[s * n + i] @ states)) ** 2 * (p[:, None] + p[None, :])
        for e, energy in enumerate(energies):
            lorentzian = (broadening / math.pi) / ((energy - transition) ** 2 + broadening**2)
            result[e, i, s] = np.sum(element * lorentzian)
    return result


# --------------------------------------------------------------------------------------------------
# Self-consistency
# --------------------------------------------------------------------------------------------------


@dataclass
class SelfConsistent:
    """A fixed point: the problem (with the μ found), the correlators, what they give, and how good it is."""

    problem: Problem
    local: Local
    mean: MeanField
    solution: Solution
    grand_potential: dict[str, float]
    residual: float
    filling_error: float
    iterations: int
    converged: bool

    @property
    def free_energy(self) -> float:
        """F = Ω + μN."""
        return self.grand_potential["total"] + self.problem.mu * float(np.sum(self.solution.density))


def starting_point(problem: Problem, anomalous=0.3, density=0.5, spin_flip=0.0) -> Local:
    """Correlators to start from; numbers stand for all sites. A real start keeps a real problem real."""
    n = problem.n_sites
    return Local(
        anomalous=np.broadcast_to(np.asarray(anomalous, complex), (n,)),
        density=np.broadcast_to(np.asarray(density, float), (n, 2)),
        spin_flip=np.broadcast_to(np.asarray(spin_flip, complex), (n,)),
    )


def self_consistent(
    problem: Problem,
    start: Local | None = None,
    *,
    filling: float | None = None,
    solve: Callable = solve_2n,
    damping: float = 0.7,
    tolerance: float = 1e-13,
    max_iterations: int = 5000,
) -> SelfConsistent:
    """Iterate local ← (1 − damping)·local + damping·(what it gives) until both agree to ``tolerance``.

    With ``filling`` (electrons per site) μ is found by bracketing in every iteration. The residual is
    the largest un-mixed change of any F_i, n_iσ, s_i.
    """
    local = start or starting_point(problem)
    iteration, residual = 0, math.inf
    while residual > tolerance and iteration < max_iterations:
        iteration += 1
        mean = mean_field(problem, local)
        if filling is not None:
            problem = replace(problem, mu=find_mu(problem, mean, filling, solve))
        new = solve(problem, mean).local
        residual = max(
            np.max(np.abs(new.anomalous - local.anomalous)),
            np.max(np.abs(new.density - local.density)),
            np.max(np.abs(new.spin_flip - local.spin_flip)),
        )
        if residual > tolerance:
            local = Local(
                anomalous=(1 - damping) * local.anomalous + damping * new.anomalous,
                density=(1 - damping) * local.density + damping * new.density,
                spin_flip=(1 - damping) * local.spin_flip + damping * new.spin_flip,
            )
    mean = mean_field(problem, local)
    solution = solve(problem, mean)
    reached = float(np.sum(solution.density)) / problem.n_sites
    filling_error = 0.0 if filling is None else abs(reached - filling)
    return SelfConsistent(
        problem=problem,
        local=local,
        mean=mean,
        solution=solution,
        grand_potential=grand_potential(problem, local, solve),
        residual=float(residual),
        filling_error=filling_error,
        iterations=iteration,
        converged=bool(residual <= tolerance and filling_error < 1e-11),
    )


def find_mu(problem: Problem, mean: MeanField, filling: float, solve: Callable = solve_2n) -> float:
    """The μ at which Σ_iσ n_iσ = filling · n_sites in a fixed mean field, where N(μ) never falls."""

    def excess(mu):
        return np.sum(solve(replace(problem, mu=mu), mean).density) - filling * problem.n_sites

    half_width = 1e-2
    while excess(problem.mu - half_width) > 0 or excess(problem.mu + half_width) < 0:
        half_width *= 4
        if half_width > 1e6:
            raise ValueError(f"no chemical potential gives {filling} electrons per site")
    low, high = problem.mu - half_width, problem.mu + half_width
    return scipy.optimize.brentq(excess, low, high, xtol=1e-15, rtol=1e-15, maxiter=500)


# --------------------------------------------------------------------------------------------------
# A torus, in real space and in k space
# --------------------------------------------------------------------------------------------------


def shell_displacements(dimension: int, shell: int) -> list[tuple[int, ...]]:
    """Displacements of neighbour shell 1, 2, … of the hypercubic lattice, one of each pair ±d."""
    reach = range(-shell, shell + 1)
    vectors = [v for v in itertools.product(reach, repeat=dimension) if any(v)]
    distances = sorted({sum(x * x for x in v) for v in vectors})
    wanted = distances[shell - 1]
    return [v for v in vectors if sum(x * x for x in v) == wanted and v > tuple(-x for x in v)]


def torus(
    size: Sequence[int], hoppings: Sequence[float] = (1.0,), vector_potential=0.0, **given
) -> tuple[Problem, np.ndarray]:
    """A periodic chain, square or cubic sample, and the displacement of each bond, ``(n_bonds, dimension)``.

    Site (x, y, …) has number ``np.ravel_multi_index((x, y, …), size)``. ``hoppings`` go by neighbour
    shell; from every site every displacement d of a shell starts one bond, wrapped around, with the
    phase φ = q A·d of a uniform A. So directions two sites wide have two bonds between the same
    sites, and directions one site wide have bonds from a site to itself.
    """
    size = tuple(size)
    a = np.broadcast_to(np.asarray(vector_potential, float), (len(size),))
    bonds, displacements = [], []
    for position in itertools.product(*(range(length) for length in size)):
        for shell, t in enumerate(hoppings, start=1):
            for d in shell_displacements(len(size), shell):
                target = tuple((x + dx) % length for x, dx, length in zip(position, d, size, strict=True))
                i, j = (int(np.ravel_multi_index(p, size)) for p in (position, target))
                bonds.append(Bond(i, j, t, ELECTRON_CHARGE * float(np.dot(a, d))))
                displacements.append(d)
    return Problem(math.prod(size), bonds, **given), np.array(displacements)


def torus_current_density(problem: Problem, displacements, bond_correlators):
    """j = (1/N) Σ_bonds J_bond d = −(1/N) ∂Ω/∂A for uniform A, ``(dimension,)``."""
    currents = np.sum(bond_currents(problem, bond_correlators), axis=1)
    return currents @ displacements / problem.n_sites


@dataclass
class Band:
    """ε(k + A) on the k grid 2πm/L of a torus: c_i = N^{−½} Σ_k e^{ik·r_i} c_k turns the hops into it.

    ``energy`` and ``mirrored`` are ε at k and at −k (where the partner of k sits), ``(n_k,)``;
    ``velocity`` is ∂ε(k + A)/∂k, ``(n_k, dimension)``. A twist θ_a of the boundary condition
    (the hop across the edge in +a gets e^{iθ_a}) is the same torus, in another gauge, as A_a = −θ_a/L_a.
    """

    energy: np.ndarray
    mirrored: np.ndarray
    velocity: np.ndarray


def band(size: Sequence[int], hoppings: Sequence[float] = (1.0,), vector_potential=0.0, onsite=0.0) -> Band:
    """ε(k) = ε_0 − Σ_shells t Σ_d 2cos((k + A)·d), one d of each pair ±d (q = −1: k − qA = k + A)."""
    dimension = len(size)
    a = np.broadcast_to(np.asarray(vector_potential, float), (dimension,))
    energy, mirrored, velocity = [], [], []
    for m in itertools.product(*(range(length) for length in size)):
        k = np.array([2 * math.pi * mi / length for mi, length in zip(m, size, strict=True)])
        e_plus, e_minus, v = onsite, onsite, np.zeros(dimension)
        for shell, t in enumerate(hoppings, start=1):
            for d in shell_displacements(dimension, shell):
                e_plus += -2 * t * math.cos(np.dot(k - ELECTRON_CHARGE * a, d))
                e_minus += -2 * t * math.cos(np.dot(-k - ELECTRON_CHARGE * a, d))
                v += 2 * t * math.sin(np.dot(k - ELECTRON_CHARGE * a, d)) * np.array(d)
        energy.append(e_plus)
        mirrored.append(e_minus)
        velocity.append(v)
    return Band(np.array(energy), np.array(mirrored), np.array(velocity))


def quasiparticles(bands: Band, mu: float, delta: float):
    """ξ̄_k, ε_k and the levels E± of [[ξ_k, Δ], [Δ, −ξ_{−k}]].

    With ξ̄ = (ξ_k + ξ_{−k})/2 and the Doppler shift w = (ξ_k − ξ_{−k})/2: ε = √(ξ̄² + Δ²), E± = w ± ε.
    """
    even = (bands.energy + bands.mirrored) / 2 - mu
    odd = (bands.energy - bands.mirrored) / 2
    root = np.sqrt(even**2 + delta**2)
    return even, root, odd + root, odd - root


def occupation_difference(odd, root, temperature: float):
    """f(w − ε) − f(w + ε) = sinh(ε/T) / (cosh(w/T) + cosh(ε/T)); tanh(ε/2T) without Doppler shift.

    Scaled by the larger exponential: exact digits for small ε, no overflow for small T.
    """
    if temperature == 0:
        return fermi(odd - root, 0) - fermi(odd + root, 0)
    a, b = root / temperature, np.abs(odd) / temperature
    top = np.maximum(a, b)
    numerator = -np.expm1(-2 * a) * np.exp(a - top)
    return numerator / (np.exp(a - top) + np.exp(-a - top) + np.exp(b - top) + np.exp(-b - top))


def pair_susceptibility(bands: Band, mu: float, delta: float, temperature: float) -> float:
    """χ = F/Δ = (1/N) Σ_k [f(E−) − f(E+)]/2ε, without Doppler shift (1/N) Σ tanh(E/2T)/2E; 1/U at the gap.

    A level at ε = 0 counts with the limit −f′(w) = f(w)(1 − f(w))/T, infinite at T = 0.
    """
    _, root, plus, minus = quasiparticles(bands, mu, delta)
    odd = (plus + minus) / 2
    zero = root < 1e-14
    if np.any(zero) and temperature == 0:
        return math.inf
    terms = np.zeros(len(root))
    terms[~zero] = occupation_difference(odd[~zero], root[~zero], temperature) / (2 * root[~zero])
    if np.any(zero):
        f = fermi(odd[zero], temperature)
        terms[zero] = f * (1 - f) / temperature
    return float(np.mean(terms))


def gap_equation(bands: Band, mu: float, attraction: float, temperature: float) -> float:
    """The largest Δ ≥ 0 with pair susceptibility = 1/U, bracketed; 0 when there is none.

    χ(Δ) ≤ 1/2Δ, so Δ ≤ U/2. With a Doppler shift χ(Δ) need not fall steadily, and the scan comes down
    from U/2; without one it does, and there is only one root.
    """
    if attraction <= 0:
        return 0.0

    def excess(delta):
        return pair_susceptibility(bands, mu, delta, temperature) * attraction - 1

    grid = np.linspace(attraction / 2 * (1 + 1e-9), 0.0, 65)
    if np.array_equal(bands.energy, bands.mirrored):
        grid = grid[[0, -1]]
    for high, low in itertools.pairwise(grid):
        if excess(low) > 0:
            low = low if low > 0 else 2 * ZERO_ENERGY  # χ(0) may be infinite at T = 0
            if excess(low) <= 0:
                return 0.0
            return bracketed(excess, low, high)
    return 0.0


def uniform_density(bands: Band, mu: float, delta: float, temperature: float) -> float:
    """Electrons per site: n = (1/N) Σ_k [1 − (ξ̄/ε)(f(E−) − f(E+))]; for Δ = 0 (1/N) Σ 2f(ξ_k)."""
    even, root, plus, minus = quasiparticles(bands, mu, delta)
    ratio = np.divide(even, root, out=np.zeros_like(even), where=root > 0)
    return float(np.mean(1 - ratio * (fermi(minus, temperature) - fermi(plus, temperature))))


@dataclass
class Uniform:
    """The uniform state; grand potential, its parts, entropy and current density are per site.

    ``density`` counts electrons (both spins) per site; ``free_energy`` = Ω + μ n per site.
    """

    delta: float
    mu: float
    density: float
    hartree: float
    grand_potential: float
    parts: dict[str, float] = field(repr=False)
    entropy: float
    spectral_gap: float
    current_density: np.ndarray

    @property
    def free_energy(self) -> float:
        """F/N = Ω/N + μ n."""
        return self.grand_potential + self.mu * self.density


def uniform(
    size: Sequence[int],
    attraction: float,
    *,
    temperature: float = 0.0,
    mu: float | None = None,
    filling: float | None = None,
    hartree: bool = False,
    hoppings: Sequence[float] = (1.0,),
    vector_potential=0.0,
    onsite: float = 0.0,
    delta: float | None = None,
) -> Uniform:
    """The uniform superconductor on the k grid of a torus, at given ``mu`` or ``filling``.

    Hartree moves every level by −Un/2, so all is a function of μ* = μ + Un/2: the filling fixes μ*
    directly, a given μ fixes it through μ* − U n(μ*)/2 = μ. ``delta`` given: no gap equation is solved,
    and the constant stays Δ²/U (zero for U = 0).
    """
    if (mu is None) == (filling is None):
        raise ValueError("give either mu or filling")
    bands = band(size, hoppings, vector_potential, onsite)
    shift = attraction / 2 if hartree else 0.0

    def gap(mu_star):
        return gap_equation(bands, mu_star, attraction, temperature) if delta is None else delta

    def density(mu_star):
        return uniform_density(bands, mu_star, gap(mu_star), temperature)

    if filling is not None:
        edge = np.max(np.abs(bands.energy)) + 10 * attraction + 60 * temperature + 1
        mu_star = bracketed(lambda x: density(x) - filling, -edge, edge)
    elif shift:
        mu_star = only_root(lambda x: x - shift * density(x) - mu, mu - 1e-3, mu + 2 * shift + 1e-3)
    else:
        mu_star = mu

    d = gap(mu_star)
    even, root, plus, minus = quasiparticles(bands, mu_star, d)
    n = uniform_density(bands, mu_star, d, temperature)
    # occupation of k for one spin, u² f(E+) + v² f(E−), u² = ½(1 + ξ̄/ε); −k for the other spin is the same
    ratio = np.divide(even, root, out=np.zeros_like(even), where=root > 0)
    occupation = (1 + ratio) / 2 * fermi(plus, temperature) + (1 - ratio) / 2 * fermi(minus, temperature)
    parts = {
        "trace": float(np.mean(even)),
        "quasiparticles": -float(np.mean(log_2cosh(plus, temperature) + log_2cosh(minus, temperature))),
        "pairing": d**2 / attraction if attraction else 0.0,
        "hartree": shift * n**2 / 2,
    }
    return Uniform(
        delta=d,
        mu=mu_star - shift * n,
        density=n,
        hartree=-shift * n,
        grand_potential=sum(parts.values()),
        parts=parts,
        entropy=float(np.mean(mixing_entropy(plus, temperature) + mixing_entropy(minus, temperature))),
        spectral_gap=float(np.min(np.abs(np.concatenate([plus, minus])))),
        current_density=2 * ELECTRON_CHARGE * np.mean(bands.velocity * occupation[:, None], axis=0),
    )


def only_root(function: Callable, low: float, high: float) -> float:
    """:func:`bracketed`, but refused where a scan finds several zeros: the caller must choose a state."""
    grid = np.linspace(low, high, 33)
    signs = np.array([function(x) > 0 for x in grid])
    changes = np.flatnonzero(signs[1:] != signs[:-1])
    if len(changes) != 1:
        raise ValueError(
            f"{len(changes)} uniform solutions between {low} and {high}: give the filling instead"
        )
    return bracketed(function, grid[changes[0]], grid[changes[0] + 1])


def bracketed(function: Callable, low: float, high: float) -> float:
    """The zero of a function between two signs; a jump across zero is refused, not returned."""
    root = scipy.optimize.brentq(function, low, high, xtol=1e-16, rtol=1e-15, maxiter=500)
    if abs(function(root)) > 1e-9:
        raise ValueError(f"the condition jumps across zero at {root}: no uniform solution there")
    return root


def critical_temperature(
    size: Sequence[int],
    attraction: float,
    *,
    mu: float | None = None,
    filling: float | None = None,
    hartree: bool = False,
    hoppings: Sequence[float] = (1.0,),
    vector_potential=0.0,
    onsite: float = 0.0,
    lowest: float = 1e-4,
) -> float:
    """The highest T at which the normal state has pair susceptibility 1/U; 0 if none above ``lowest``.

    χ ≤ 1/4T, so T_c ≤ U/4, and the scan comes down from there. At fixed filling, or with Hartree, the
    normal state's own μ* is found at each T.
    """
    bands = band(size, hoppings, vector_potential, onsite)

    def excess(temperature):
        normal = uniform(
            size,
            attraction,
            temperature=temperature,
            mu=mu,
            filling=filling,
            hartree=hartree,
            hoppings=hoppings,
            vector_potential=vector_potential,
            onsite=onsite,
            delta=0.0,
        )
        mu_star = normal.mu - normal.hartree
        return pair_susceptibility(bands, mu_star, 0.0, temperature) * attraction - 1

    grid = np.geomspace(attraction / 4 * (1 + 1e-9), lowest, 33)
    for high, low in itertools.pairwise(grid):
        if excess(low) > 0:
            return bracketed(excess, low, high)
    return 0.0


# --------------------------------------------------------------------------------------------------
# Tools for tests
# --------------------------------------------------------------------------------------------------


def derivative(function: Callable[[float], float], at: float = 0.0, step: float = 3e-3) -> float:
    """f′ by the sixth-order central difference: error ~ step⁶ f⁽⁷⁾/140 + 10⁻¹⁶ |f|/step."""
    weights = {1: 3 / 4, 2: -3 / 20, 3: 1 / 60}
    return sum(w * (function(at + m * step) - function(at - m * step)) for m, w in weights.items()) / step


def gauge_transform(problem: Problem, local: Local, chi: Iterable[float]) -> tuple[Problem, Local]:
    """c_i → e^{iχ_i} c_i: φ_ji → φ_ji + χ_j − χ_i and F_i → e^{2iχ_i} F_i; densities and s_i stay."""
    chi = np.asarray(chi, float)
    phases = [bond.phase + chi[bond.end] - chi[bond.start] for bond in problem.bonds]
    rotated = replace(local, anomalous=np.exp(2j * chi) * local.anomalous)
    return problem.with_phases(phases), rotated


def random_cluster(
    n_sites: int,
    seed: int,
    *,
    temperature: float = 0.2,
    hartree: bool = True,
    complex_hopping: bool = True,
    zeeman: str = "z",
    self_bonds: bool = True,
) -> Problem:
    """A cluster with random bonds, some double, one from a site to itself; ``zeeman``: none, z or vector."""
    rng = np.random.default_rng(seed)
    pairs = [(i, i + 1) for i in range(n_sites - 1)] + [(i, j) for j in range(n_sites) for i in range(j)]
    if self_bonds:
        pairs.append((n_sites - 1, n_sites - 1))
    phase = math.pi if complex_hopping else 0.0
    bonds = [Bond(i, j, rng.uniform(0.3, 1.2), phase * rng.uniform(-1, 1)) for i, j in pairs]
    components = {"none": [0, 0, 0], "z": [0, 0, 1], "vector": [1, 1, 1]}[zeeman]
    return Problem(
        n_sites,
        bonds,
        onsite=rng.uniform(-0.4, 0.4, n_sites),
        mu=rng.uniform(-0.4, 0.2) - (1.6 if hartree else 0.0),  # about U/2, which Hartree takes away
        zeeman=rng.uniform(-0.3, 0.3, (n_sites, 3)) * components,
        attraction=rng.uniform(2.5, 4.0, n_sites),
        hartree=hartree,
        temperature=temperature,
    )


def random_local(problem: Problem, seed: int, *, spin_flip: bool = False) -> Local:
    """Random correlators, far from self-consistent."""
    rng = np.random.default_rng(seed)
    n = problem.n_sites
    flip = 0.2 * (rng.normal(size=n) + 1j * rng.normal(size=n))
    return Local(
        anomalous=0.3 * (rng.normal(size=n) + 1j * rng.normal(size=n)),
        density=rng.uniform(0.1, 0.9, (n, 2)),
        spin_flip=flip if spin_flip else 0 * flip,
    )
