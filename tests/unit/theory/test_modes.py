"""Collective modes against hydrodynamics, gauge invariance and closed forms."""

import numpy as np
import pytest
from scipy import constants

from bdg.errors import InputError
from bdg.theory.uniform import modes
from bdg.theory.uniform import thermodynamics as thermo
from bdg.theory.uniform.band import constant_dos
from bdg.theory.uniform.gap import two_band_gaps, two_bands
from bdg.theory.uniform.lattices import Dispersion
from bdg.theory.uniform.materials import material, materials
from bdg.theory.uniform.modes.continuum import kernel, kernel_above
from bdg.theory.uniform.response.superfluid import superfluid_weight

SQUARE = Dispersion("square", (1.0, -0.2))
PAIRINGS = [("s", -0.6, 3.0), ("d", -0.3, 3.0), ("extended_s", -3.2, 4.0)]


@pytest.mark.parametrize(("dimension", "expected"), [(1, 1.0), (2, 2**-0.5), (3, 3**-0.5)])
def test_anderson_bogoliubov_velocity(dimension, expected):
    assert modes.phase_velocity(1.0, dimension) == pytest.approx(expected, rel=1e-4)
    q = np.linspace(0.01, 6.0, 30)
    omega = modes.phase_mode(q, 1.0, 1.0, dimension)
    if dimension > 1:
        assert (omega < 2).all()  # bends and runs below the continuum
    assert omega[0] / q[0] == pytest.approx(expected, rel=1e-4)


def test_the_function_of_the_continuum_is_the_sum_over_xi():
    """(Δ²) ∫dξ (E + E')[EE' + ξξ' ± Δ²]/(2EE'[(E + E')² − ω²]) in one dimension, against (23)."""
    xi, delta = constant_dos(3000.0, finest=1e-3).energy, 1.0
    weight = constant_dos(3000.0, finest=1e-3).weight
    for p, omega in ((0.7, 0.4), (0.0, 1.2), (1.5, 1.9)):
        plus, minus = xi + p / 2, xi - p / 2
        e1, e2 = np.hypot(plus, delta), np.hypot(minus, delta)
        common = (e1 + e2) / (2 * e1 * e2 * ((e1 + e2) ** 2 - omega**2))
        gap_equation = np.sum(weight / (2 * np.hypot(xi, delta)))
        invariant = (omega**2 - p**2) / (4 * delta**2)
        phase = np.sum(weight * common * (e1 * e2 + plus * minus + delta**2)) - gap_equation
        assert phase == pytest.approx(invariant * kernel(np.array(invariant)), abs=1e-6)
        amplitude = np.sum(weight * common * (e1 * e2 + plus * minus - delta**2)) - gap_equation
        assert amplitude == pytest.approx(-(1 - invariant) * kernel(np.array(invariant)), abs=1e-6)


def test_higgs_at_twice_the_gap():
    assert modes.higgs_energy(1.3) == pytest.approx(2.6, rel=1e-6)
    near = np.array([1e-4, 1e-6])
    zero = modes.amplitude_denominator(2 * (1 - near), 0.0, 1.0, 1.0, 3).real
    np.testing.assert_allclose(zero, np.pi / 2 * np.sqrt(2 * near), rtol=2e-2)
    # continued as ω + i0: the amplitude absorbs above 2Δ
    above = modes.amplitude_denominator(np.array([2.1, 3.0]), 0.0, 1.0, 1.0, 3)
    assert (above.imag < 0).all()
    np.testing.assert_allclose(kernel_above(np.array([0.5, -0.5])), kernel(np.array([0.5, -0.5])))


def test_higgs_on_a_lattice():
    """Particle–hole symmetry, q = 0: amplitude and phase are apart and M₁₁ = Σ (4Δ² − ω²)/E(4E² − ω²).

    A chain of 4m + 2 sites has no level at ξ = 0, so that 2Δ lies below the edge and is an undamped mode.
    """
    system = modes.fluctuations(Dispersion("chain"), (26,), 2.0, mu=0.0)
    delta = system.state.delta
    assert modes.pair_breaking_edge(system, (0,)) > 2.01 * delta
    np.testing.assert_allclose(modes.mode_energies(system, (0,), 50), [2 * delta], rtol=1e-11)
    assert abs(modes.fluctuation_matrix(system, (0,), 1.1 * delta)[0, 1]) < 1e-12
    levels = system.state.band.excitation(delta, 0.0)
    w = 1.1 * delta
    closed = np.mean((4 * delta**2 - w**2) / (levels * (4 * levels**2 - w**2)))
    assert modes.fluctuation_matrix(system, (0,), w)[0, 0].real == pytest.approx(closed, rel=1e-12)


@pytest.mark.parametrize("temperature", [0.0, 0.1])
@pytest.mark.parametrize(("form", "mu", "attraction"), PAIRINGS)
def test_gauge_invariance(form, mu, attraction, temperature):
    given = {"mu": mu, "form": form, "temperature": temperature}
    for more in ({}, {"coulomb": 2.0}) if form != "s" else ({}, {"coulomb": 2.0}, {"hartree": True}):
        system = modes.fluctuations(SQUARE, (16, 16), attraction, **given, **more)
        assert system.state.delta > 0.1
        for steps in ((1, 0), (2, 3)):
            assert modes.longitudinal_response(system, steps) == pytest.approx(0, abs=1e-11)
            assert modes.longitudinal_response(system, steps, with_mode=False) > 0.2
    neutral = modes.fluctuations(SQUARE, (16, 16), attraction, **given)
    goldstone = np.linalg.eigvalsh(modes.fluctuation_matrix(neutral, (0, 0), 0.0))
    assert np.abs(goldstone).min() < 1e-12


@pytest.mark.parametrize("hartree", [False, True])
def test_velocity_on_a_lattice_is_that_of_sound(hartree):
    """c² = D/(∂n/∂μ): stiffness and compressibility from thermodynamics, the mode from M."""
    squares, attraction = [], 4.0
    for n in (24, 48):
        system = modes.fluctuations(Dispersion(), (n, n), attraction, filling=0.7, hartree=hartree)
        omega = modes.mode_energies(system, (1, 0), 40)
        squares.append((omega[0] * n / (2 * np.pi)) ** 2)
    state = system.state
    weight = superfluid_weight(state, system.dispersion, system.size)
    stiff = 1 / thermo.compressibility(state) - attraction / 2 * hartree
    limit = (4 * squares[1] - squares[0]) / 3  # the curvature of ω(q) extrapolated away
    assert limit == pytest.approx(weight * stiff, rel=1e-4)


def test_velocity_on_a_lattice_in_weak_coupling_is_that_of_its_fermi_surface():
    """c² = ⟨v_x²⟩ over the Fermi surface, v_F²/2 where that is round; c²(q²) as a line from two momenta."""
    n, mu = 160, -2.5
    system = modes.fluctuations(Dispersion(), (n, n), 2.0, mu=mu)
    assert system.state.delta < 0.07
    q = 2 * np.pi * np.arange(1, 3) / n
    omega = [modes.mode_energies(system, (step, 0), 30)[0] for step in (1, 2)]
    slope, velocity_squared = np.polyfit(q**2, (np.array(omega) / q) ** 2, 1)
    assert slope < 0
    kx, ky = np.meshgrid(*[2 * np.pi * np.arange(1200) / 1200] * 2)
    near = np.exp(-(((-2 * np.cos(kx) - 2 * np.cos(ky) - mu) / 0.03) ** 2))
    expected = np.sqrt(np.sum(near * (2 * np.sin(kx)) ** 2) / near.sum())
    assert np.sqrt(velocity_squared) == pytest.approx(expected, rel=1e-2)


def test_charge_lifts_the_phase_mode_to_the_plasma_frequency():
    """ω² = ω_p² + O(q²): the difference falls as 1/L², and its limit is D e²/ε₀."""
    squares = []
    for n in (24, 48):
        system = modes.fluctuations(Dispersion(), (n, n), 4.0, filling=0.7, coulomb=1.0)
        squares.append(modes.mode_energies(system, (1, 0), 40)[0] ** 2)
    plasma = modes.lattice_plasma_frequency(system)
    assert (4 * squares[1] - squares[0]) / 3 == pytest.approx(plasma**2, rel=1e-3)
    assert modes.plasma_frequency_si(18.1e28) == pytest.approx(15.8, abs=0.1)  # aluminium
    assert modes.meissner_depth_si(18.1e28) == pytest.approx(12.5, abs=0.1)


def test_leggett_mode():
    bands = two_bands([[0.3, 0.0005], [0.0005, 0.295]], [1.0, 1.3], 1.0)
    omega = modes.leggett_frequency(bands)
    assert omega < np.abs(two_band_gaps(bands)).min()
    assert omega == pytest.approx(modes.leggett_estimate(bands), rel=5e-3)
    # in weak coupling, the determinant of K − N_i ∫dξ 2E/(4E² − ω²) straight from the sums
    weak = two_bands([[0.15, 1e-4], [1e-4, 0.147]], [1.0, 1.02], 1.0)
    shell, gaps, omega = constant_dos(1.0), two_band_gaps(weak), modes.leggett_frequency(weak)
    lowest = []
    for w in (0.0, omega):
        levels = [np.hypot(shell.energy, gap) for gap in gaps]
        sums = [np.sum(shell.weight * 2 * e / (4 * e**2 - w**2)) for e in levels]
        kernel = np.linalg.inv(weak.coupling) - np.diag(weak.density * sums)
        lowest.append(np.linalg.eigvalsh(kernel))
    assert abs(lowest[1][1]) < 1e-5 * lowest[0][1]
    with pytest.raises(InputError, match="between the bands"):
        modes.leggett_frequency(two_bands([[0.1, 0.3], [0.3, 0.1]], [1, 1], 1.0))
    with pytest.raises(InputError, match="not coupled"):
        modes.leggett_frequency(two_bands([[0.3, 0], [0, 0.2]], [1, 1], 1.0))


def test_temperature_damps_modes():
    system = modes.fluctuations(Dispersion(), (8, 8), 4.0, mu=-0.5, temperature=0.1)
    with pytest.raises(InputError, match=r"T = 0\.1 damps"):
        modes.mode_energies(system, (1, 0))


def test_materials():
    assert 3 < min(m.gap_ratio for m in materials().values()) < 3.5278
    assert max(m.gap_ratio for m in materials().values()) < 4.7
    assert material("Al").pairs_in_a_pair == pytest.approx(1.55e12, rel=1e-2)
    assert material("Pb").coherence_length_nm == pytest.approx(281, rel=1e-2)
    assert material("V").pairs_in_a_pair is None
    with pytest.raises(InputError, match="no data for 'Xx'"):
        material("Xx")


def test_columns_of_the_table_of_elements_agree_with_each_other():
    """v_F = ħ(3π²n)^⅓/m of free electrons; T_c by McMillan's formula, μ* = 0.13 in transition metals."""
    for found in materials().values():
        if found.density is not None:
            fermi = constants.hbar * np.cbrt(3 * np.pi**2 * found.density) / constants.m_e
            assert found.fermi_velocity == pytest.approx(fermi, abs=0.008e6), found.name
        repulsion = 0.13 if found.symbol in ("Nb", "Ta", "V") else 0.10
        weakened = found.coupling - repulsion * (1 + 0.62 * found.coupling)
        predicted = found.theta_d / 1.45 * np.exp(-1.04 * (1 + found.coupling) / weakened)
        assert predicted == pytest.approx(found.t_c, rel=0.13), found.name
