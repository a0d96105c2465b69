"""Numbers that theory fixes for a metal, from the equations of ``bdg.theory.uniform``."""

from __future__ import annotations

import numpy as np
from scipy.special import ellipe, ellipk, zeta

from bdg.theory.uniform import bcs_state, cooper, modes, quasiparticles
from bdg.theory.uniform import thermodynamics as thermo
from bdg.theory.uniform.band import constant_dos
from bdg.theory.uniform.gap import critical_temperature, gap_ratio, reduced_gap, solve
from bdg.theory.uniform.isotope import critical_temperature_of_mass, isotope_exponent
from bdg.theory.uniform.response import optical, superfluid
from docs.validation.check import THEORY, Row, Rows, check

WEAK = 0.1
"""N(0)V; what is left of the cut-off is of order e^{−2/N(0)V} = 2·10⁻⁹."""


@check(THEORY, "Bardeen, Cooper and Schrieffer, Phys. Rev. 108, 1175 (1957)")
def weak_coupling() -> Rows:
    """Weak coupling: gap, T_c, specific heat, condensation energy.

    Constant density of states N(0) = 1 between ±ħω_D = ±1, N(0)V = 0.1; (1 − t) = 10⁻⁴ for the slope of Δ.
    """
    metal = constant_dos(1.0)
    critical, ground = critical_temperature(metal, WEAK, mu=0.0), solve(metal, WEAK, mu=0.0)
    at = solve(metal, WEAK, critical, mu=0.0)
    yield Row("2Δ₀/T_c", 2 * np.pi * np.exp(-np.euler_gamma), 2 * ground.delta / critical, 1e-6)
    yield Row("T_c e^{1/N(0)V}/ħω_D", 2 * np.exp(np.euler_gamma) / np.pi, critical * np.exp(1 / WEAK), 1e-6)
    yield Row("Δ₀ sinh(1/N(0)V)/ħω_D", 1.0, ground.delta * np.sinh(1 / WEAK), 1e-10)
    yield Row("ΔC/γT_c", 12 / (7 * zeta(3)), thermo.specific_heat_jump(at, "mu"), 1e-6)
    yield Row("condensation energy/N(0)Δ₀²", 0.5, thermo.condensation_energy(ground) / ground.delta**2, 1e-7)
    slope = float(reduced_gap(1 - 1e-4)) * gap_ratio() / 2 / 1e-2
    yield Row("Δ(T)/T_c√(1 − T/T_c)", np.pi * np.sqrt(8 / (7 * zeta(3))), slope, 1e-3)
    exponent = isotope_exponent(lambda mass: critical_temperature_of_mass(mass, 0.3, 1.0))
    yield Row("isotope exponent", 0.5, exponent, 1e-8)


@check(THEORY, "Cooper, Phys. Rev. 104, 1189 (1956)")
def coopers_pair() -> Rows:
    """Cooper's pair: the largest eigenvalue of a sum over levels against 2ħω_D/(e^{2/N(0)V} − 1).

    4000 levels of N(0) = 1 up to ħω_D = 1, N(0)V = 0.5; they miss the integral by the square of their spacing
    over the binding energy.
    """
    levels = (np.arange(4000) + 0.5) / 4000
    found = cooper.cooper_binding_discrete(levels, 0.5 / 4000)
    yield Row("binding energy/ħω_D", 2 / np.expm1(4.0), found, 1e-6)
    binding = cooper.cooper_binding(0.2, 1.0)
    size = cooper.cooper_pair_size(binding, 1.0, 1.0) * binding
    yield Row("root mean square radius/(ħv_F/E_b)", 2 / np.sqrt(3), size, 1e-3)


@check(THEORY, "closed forms, see [uniform theory](theory.md)")
def state_and_quasiparticles() -> Rows:
    """The BCS state and its quasiparticles.

    ξ = 0.3, Δ = 0.4, v = 1; the density of states at E = 1.25 Δ; the radius of the
    pair function Δ/2E, ⟨r²⟩ = ∫|∇_k F|²/∫|F|².
    """
    xi, delta = np.array([0.3]), 0.4
    energy = np.hypot(xi, delta)[0]
    u, v = bcs_state.amplitudes(xi, delta)
    yield Row("v² = ½(1 − ξ/E)", 0.5 * (1 - 0.3 / energy), abs(v[0]) ** 2, 1e-14)
    velocity = np.asarray(quasiparticles.group_velocity(xi, delta, 1.0)).item()
    yield Row("group velocity/v", 0.3 / energy, velocity, 1e-14)
    yield Row("⟨ΔN²⟩ of a pair of states", 4 * abs(u[0] * v[0]) ** 2, bcs_state.number_variance(u, v), 1e-14)
    dos = np.asarray(quasiparticles.density_of_states(np.array([1.25 * delta]), delta)).item()
    yield Row("N(E)/N(0) at E = 1.25 Δ", 1.25 / 0.75, dos, 1e-12)
    in_gap, at_edges = quasiparticles.states_moved(delta, 1e6 * delta)
    yield Row("states at the edges/states of the gap", 1.0, at_edges / in_gap, 1e-5)
    energies, step = np.linspace(-400, 400, 800_001, retstep=True)
    pair = np.abs(bcs_state.pair_function(energies, 1.0))
    radius = np.sqrt(np.sum(np.gradient(pair, step) ** 2) / np.sum(pair**2))
    yield Row("radius of a pair/(ħv_F/πΔ₀)", np.pi / np.sqrt(8), radius * np.pi, 1e-3)


@check(
    THEORY, "Anderson, Phys. Rev. 112, 1900 (1958); Bogoliubov, Tolmachev and Shirkov (1958); Higgs mode: 2Δ"
)
def collective_modes() -> Rows:
    """Collective modes: the velocity of the phase, the energy of the amplitude.

    Weak coupling, v_F = Δ = 1.
    """
    for dimension, value in ((1, 1.0), (2, 2**-0.5), (3, 3**-0.5)):
        velocity = modes.phase_velocity(1.0, dimension)
        yield Row(f"velocity/v_F, {dimension}D", value, velocity, 1e-4)
    yield Row("amplitude mode/Δ", 2.0, modes.higgs_energy(1.0), 1e-5)


@check(THEORY, "Yosida, Phys. Rev. 110, 769 (1958); Gor'kov (1959); d wave: Won and Maki (1994)")
def superfluid_fractions() -> Rows:
    """Superfluid fractions of a Fermi surface.

    The slope at T_c is taken at 1 − t = 10⁻⁴, that of the d wave at T = 0.01 Δ.
    """
    cold = superfluid.yosida(1.0, 0.02)
    yield Row("Y(T) √(T/2πΔ) e^{Δ/T} as T → 0", 1.0, cold * np.sqrt(0.02 / (2 * np.pi)) * np.exp(50), 2e-2)
    near = np.array([0.9999])
    yield Row("clean: n_s/n(1 − t) at T_c", 2.0, superfluid.superfluid_curve(near)[0] * 1e4, 1e-2)
    dirty = superfluid.superfluid_curve(near, dirty=True)[0] * 1e4
    yield Row("dirty: n_s/n(1 − t) at T_c", 2.66, dirty, 1e-2)
    slope = (1 - superfluid.d_wave_fraction(1.0, 0.01)) / 0.01
    yield Row("d wave: (1 − n_s/n)Δ/T as T → 0", 2 * np.log(2), slope, 1e-2)


@check(THEORY, "Mattis and Bardeen, Phys. Rev. 111, 412 (1958): elliptic integrals at T = 0")
def mattis_bardeen() -> Rows:
    """Conductivity of a dirty superconductor, σ₁ and σ₂ over σ_n.

    From the integrals over energies; the closed forms hold at T = 0.
    """
    for ratio in (1.25, 2.0, 4.0):
        omega = np.array([2 * ratio])
        first, second = (float(part[0]) for part in optical.conductivity(omega, 1.0, 0.0))
        k = (omega[0] - 2) / (omega[0] + 2)
        closed = (1 + 2 / omega[0]) * ellipe(k**2) - 4 / omega[0] * ellipk(k**2)
        yield Row(f"σ₁/σ_n at ħω = {ratio:g}·2Δ", closed, first, 1e-7)
        prime = 1 - k**2
        closed = 0.5 * ((1 + 2 / omega[0]) * ellipe(prime) - (1 - 2 / omega[0]) * ellipk(prime))
        yield Row(f"σ₂/σ_n at ħω = {ratio:g}·2Δ", closed, second, 1e-7)
