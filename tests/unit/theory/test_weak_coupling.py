"""The numbers that weak-coupling BCS theory fixes, each computed and compared with its closed form."""

import numpy as np
import pytest
from scipy.special import zeta

from bdg.theory.uniform import thermodynamics as thermo
from bdg.theory.uniform.band import constant_dos, fermi_surface, panels
from bdg.theory.uniform.gap import (
    critical_temperature,
    critical_temperature_from_gap,
    gap_ratio,
    reduced_gap,
    solve,
    weak_critical_temperature,
    zero_temperature_gap,
)
from bdg.theory.uniform.isotope import critical_temperature_of_mass, isotope_exponent
from bdg.theory.uniform.materials import reference_gap

WEAK = 0.1
"""N(0)V; what is left of the cut-off is of order e^{−2/N(0)V} = 2e-9."""


@pytest.fixture(scope="module")
def metal():
    return constant_dos(1.0)


@pytest.fixture(scope="module")
def critical(metal):
    return critical_temperature(metal, WEAK, mu=0.0)


def test_gap_ratio(metal, critical):
    exact = 2 * np.pi * np.exp(-np.euler_gamma)
    assert gap_ratio() == pytest.approx(exact, rel=1e-13)
    assert 2 * solve(metal, WEAK, mu=0.0).delta / critical == pytest.approx(exact, abs=1e-6)


def test_specific_heat_jump(metal, critical):
    state = solve(metal, WEAK, critical, mu=0.0)
    for fixed in ("mu", "filling"):
        assert thermo.specific_heat_jump(state, fixed) == pytest.approx(12 / (7 * zeta(3)), abs=1e-6)
    assert thermo.specific_heat(state.normal) == pytest.approx(
        thermo.normal_specific_heat(1.0, critical), rel=1e-7
    )
    below = solve(metal, WEAK, critical * (1 - 1e-6), mu=0.0)
    assert thermo.specific_heat(below) / thermo.specific_heat(below.normal) == pytest.approx(
        1 + 12 / (7 * zeta(3)), abs=1e-5
    )


def test_muehlschlegels_table_to_its_printed_digits():
    t, printed = reference_gap()
    assert len(t) == 42
    np.testing.assert_allclose(reduced_gap(t), printed, rtol=0, atol=0.50001e-4)


@pytest.mark.parametrize("t", [0.1, 0.4, 0.8, 0.99])
def test_the_limit_is_that_of_the_gap_equation(metal, critical, t):
    ratio = solve(metal, WEAK, t * critical, mu=0.0).delta / solve(metal, WEAK, mu=0.0).delta
    assert ratio == pytest.approx(float(reduced_gap(t)), abs=2e-8)


def test_gap_near_tc():
    """Δ² = (8π²/7ζ(3)) T_c² (1 − t) [1 + O(1 − t)]; the correction is extrapolated away."""
    t = 1 - np.array([1e-4, 2e-4])
    slopes = (reduced_gap(t) * gap_ratio() / 2) ** 2 / (1 - t)
    assert np.sqrt(2 * slopes[0] - slopes[1]) == pytest.approx(np.pi * np.sqrt(8 / (7 * zeta(3))), rel=1e-7)
    assert np.sqrt(slopes[0]) == pytest.approx(3.0633, abs=1e-3)


@pytest.mark.parametrize("coupling", [0.15, 0.5, 2.0])
def test_zero_temperature_gap_at_every_coupling(metal, coupling):
    assert solve(metal, coupling, mu=0.0).delta == pytest.approx(
        zero_temperature_gap(coupling, 1.0), rel=1e-13
    )


def test_critical_temperature_both_ways_and_in_weak_coupling(metal, critical):
    assert critical == pytest.approx(weak_critical_temperature(WEAK, 1.0), rel=1e-12)
    for coupling in (WEAK, 0.3, 1.0):
        linear = critical_temperature(metal, coupling, mu=0.0)
        assert critical_temperature_from_gap(metal, coupling, mu=0.0) == pytest.approx(linear, rel=1e-10)
    assert critical_temperature(metal, 1.0, mu=0.0) > 1.05 * weak_critical_temperature(1.0, 1.0)


def test_condensation_energy_and_critical_field(metal, critical):
    ground = solve(metal, WEAK, mu=0.0)
    assert thermo.condensation_energy(ground) == pytest.approx(0.5 * ground.delta**2, rel=1e-8)
    strong = solve(metal, 0.5, mu=0.0)  # no cancellation here: the two ways to the same difference
    difference = thermo.grand_potential(strong.normal) - thermo.grand_potential(strong)
    assert thermo.condensation_energy(strong) == pytest.approx(difference, rel=1e-11)
    t = np.linspace(0.0, 1.0, 41)
    states = [solve(metal, WEAK, value * critical, mu=0.0) for value in t]
    field = np.array([thermo.critical_field(state) for state in states])
    deviation = thermo.deviation_function(field / field[0], t)
    assert deviation.min() == pytest.approx(-0.037, abs=5e-4)  # Mühlschlegel (1959)
    assert deviation[[0, -1]] == pytest.approx(0, abs=1e-8)


@pytest.mark.parametrize("t", [0.3, 0.9])
def test_entropy_and_specific_heat_are_derivatives(metal, t):
    """S = −∂Ω/∂T and C = T ∂S/∂T along the solutions, by differences."""
    coupling = 0.4
    at = t * critical_temperature(metal, coupling, mu=0.0)
    step = 1e-3 * at

    def along(function):
        values = [function(solve(metal, coupling, at + n * step, mu=0.0)) for n in (-2, -1, 1, 2)]
        return (values[0] - 8 * values[1] + 8 * values[2] - values[3]) / (12 * step)

    state = solve(metal, coupling, at, mu=0.0)
    assert -along(thermo.grand_potential) == pytest.approx(thermo.entropy(state), rel=1e-7)
    assert at * along(thermo.entropy) == pytest.approx(thermo.specific_heat(state), rel=1e-7)


def test_isotope_exponent_is_one_half_and_less_with_repulsion():
    bare = isotope_exponent(lambda m: critical_temperature_of_mass(m, 0.3, 1.0))
    assert bare == pytest.approx(0.5, abs=1e-10)
    repulsion, fermi = 0.2, 200.0
    weakened = isotope_exponent(lambda m: critical_temperature_of_mass(m, 0.3, 1.0, repulsion, fermi))
    mu_star = repulsion / (1 + repulsion * np.log(fermi))
    assert weakened == pytest.approx(0.5 * (1 - (mu_star / (0.3 - mu_star)) ** 2), abs=2e-4)
    assert weakened < 0.4


def test_d_wave_on_a_fermi_surface():
    """2Δ_max/T_c = 4.28 and a jump of 0.95: Won and Maki, Phys. Rev. B 49, 1397 (1994)."""
    angle, weight = panels(np.linspace(0, np.pi / 2, 9))
    metal = fermi_surface(np.cos(2 * angle), weight, 1.0)
    critical = critical_temperature(metal, 0.2, mu=0.0)
    assert 2 * solve(metal, 0.2, mu=0.0).delta / critical == pytest.approx(4.28, abs=3e-3)
    # (⟨φ²⟩²/⟨φ⁴⟩)·12/7ζ(3), and ⟨φ²⟩²/⟨φ⁴⟩ = 2/3
    jump = thermo.specific_heat_jump(solve(metal, 0.2, critical, mu=0.0))
    assert jump == pytest.approx(8 / (7 * zeta(3)), abs=1e-4)
