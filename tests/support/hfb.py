"""Time-dependent Hartree–Fock–Bogoliubov in spin orbitals, straight from Wick's theorem, for tests.

Spin orbital a = 2·site + spin. H = Σ h_ab c†_a c_b + Σ_{a<b} w_ab n_a n_b, R = ⟨Ψ†_b Ψ_a⟩ of Ψ = (c, c†),
ρ_ab = ⟨c†_b c_a⟩, κ_ab = ⟨c_b c_a⟩, and i dR/dt = [H(R), R]. It shares nothing with the package but the
list of bonds of the sample.
"""

import numpy as np
from scipy.integrate import solve_ivp

PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]])


class System:
    """Hopping −1 with Rashba coupling and phases, potentials, fields, and density interactions U and V."""

    def __init__(self, sample, mu=0.0, u=0.0, v=0.0, rashba=0.0, zeeman=(0, 0, 0), potential=None):
        self.sample, self.n, self.mu, self.rashba = sample, sample.n_sites, mu, rashba
        self.zeeman = np.einsum("a,aij->ij", np.asarray(zeeman, complex), PAULI)
        self.potential = np.zeros(self.n) if potential is None else potential
        self.w = np.zeros((2 * self.n, 2 * self.n))
        for site in range(self.n):
            self._couple(2 * site, 2 * site + 1, -u)
        for i, j in zip(sample.bonds.source, sample.bonds.target, strict=True):
            for s in range(4):
                self._couple(2 * i + s // 2, 2 * j + s % 2, -v)

    def _couple(self, a, b, w):
        self.w[a, b] += w
        self.w[b, a] += w

    def one_body(self, line_integrals=None, extra=0.0):
        """H without mean fields, h_ab, electrons of charge −1."""
        h = np.kron(np.diag(self.potential - self.mu + extra), np.eye(2)) - np.kron(
            np.eye(self.n), self.zeeman
        )
        bonds = self.sample.bonds
        along = np.zeros(len(bonds)) if line_integrals is None else line_integrals
        for i, j, d, a in zip(bonds.source, bonds.target, bonds.displacement, along, strict=True):
            # (α/2i) c†_i (σ × d)_z c_j + h.c. of the bond i → j, d = r_j − r_i
            turning = PAULI[0] * d[1] - PAULI[1] * d[0]
            hop = np.exp(-1j * a) * (-np.eye(2) + (self.rashba / 2j * turning).conj().T)
            h[2 * j : 2 * j + 2, 2 * i : 2 * i + 2] += hop
            h[2 * i : 2 * i + 2, 2 * j : 2 * j + 2] += hop.conj().T
        return h

    def fields(self, r, factor=1.0):
        """Mean fields (Γ, Δ) of R."""
        m, w = 2 * self.n, factor * self.w
        rho, kappa = r[:m, :m], r[:m, m:]
        gamma = np.diag(w @ np.real(np.diag(rho))) - w * rho
        return gamma.astype(complex), w * kappa

    @staticmethod
    def nambu(h, delta):
        return np.block([[h, delta], [-delta.conj(), -h.conj()]])

    def start(self, gamma, delta, temperature, line_integrals=None):
        """R = f(H) of given fields."""
        energies, states = np.linalg.eigh(self.nambu(self.one_body(line_integrals) + gamma, delta))
        return (states * 0.5 * (1 - np.tanh(energies / (2 * temperature)))) @ states.conj().T

    def energy(self, r, h, factor=1.0):
        gamma, delta = self.fields(r, factor)
        m = 2 * self.n
        rho, kappa = r[:m, :m], r[:m, m:]
        pairs = 0.5 * np.sum(np.real(np.conj(kappa) * delta))
        return np.real(np.trace(h @ rho)) + 0.5 * np.real(np.trace(gamma @ rho)) + pairs

    def motion(self, r, times, drive=lambda t: {}, factor=lambda t: 1.0, fields=None):
        """R at some times."""
        fields = fields or self.fields

        def slope(t, y):
            r = y.reshape(4 * self.n, -1)
            gamma, delta = fields(r, factor(t))
            h = self.nambu(self.one_body(**drive(t)) + gamma, delta)
            return (-1j * (h @ r - r @ h)).ravel()

        found = solve_ivp(
            slope, (0, times[-1]), r.astype(complex).ravel(), "DOP853", times, rtol=1e-11, atol=1e-12
        )
        return found.y.T.reshape(len(times), 4 * self.n, -1)

    def linear_motion(self, r, times, perturbation):
        """δR at some times, to first order in a perturbation of the potential: ``perturbation(t)``."""
        gamma, delta = self.fields(r)
        at_rest = self.nambu(self.one_body() + gamma, delta)

        def slope(t, y):
            change = y.reshape(4 * self.n, -1)
            felt = self.nambu(*self.fields(change))
            pushed = np.kron(np.diag(perturbation(t)), np.eye(2))
            felt = felt + self.nambu(pushed, np.zeros_like(pushed))
            return (-1j * (at_rest @ change - change @ at_rest + felt @ r - r @ felt)).ravel()

        zero = np.zeros(r.size, complex)
        found = solve_ivp(slope, (0, times[-1]), zero, "DOP853", times, rtol=1e-10, atol=1e-12)
        return found.y.T.reshape(len(times), 4 * self.n, -1)

    def density(self, r):
        return np.real(np.diag(r))[: 2 * self.n].reshape(-1, 2).sum(axis=1)

    def pairs(self, r):
        """⟨c_i↑ c_i↓⟩ = −κ of (↑, ↓)."""
        site = np.arange(self.n)
        return -r[2 * site, 2 * self.n + 2 * site + 1]
