"""Responses against limits in closed form, sum rules and derivatives."""

import numpy as np
import pytest
from scipy.special import ellipe, ellipk

from bdg.errors import InputError
from bdg.theory.uniform.band import panels
from bdg.theory.uniform.gap import gap_ratio, reduced_gap, solve
from bdg.theory.uniform.lattices import Dispersion, gap_form, lattice_band, momenta
from bdg.theory.uniform.response import coherence, nmr, optical, superfluid, tunnelling, ultrasound

V = np.array([0.3, 0.9, 1.1, 1.7, 2.3, 4.0])


def test_nis_at_zero_temperature():
    np.testing.assert_allclose(
        tunnelling.nis_current(V, 1.0, 0.0), np.sqrt(np.maximum(V**2 - 1, 0)), rtol=1e-9, atol=1e-14
    )
    z = V + 0.05j
    np.testing.assert_allclose(
        tunnelling.nis_current(V, 1.0, 0.0, 0.05), np.sqrt(z - 1).real * np.sqrt(z + 1).real
        - np.sqrt(z - 1).imag * np.sqrt(z + 1).imag, rtol=1e-9
    )  # fmt: skip
    np.testing.assert_allclose(tunnelling.nis_current(-V, 1.0, 0.1), -tunnelling.nis_current(V, 1.0, 0.1))


@pytest.mark.parametrize("broadening", [0.0, 0.02])
def test_nis_conductance_is_the_slope_of_the_current(broadening):
    step = 1e-4
    up, down = (tunnelling.nis_current(V + s * step, 1.0, 0.1, broadening) for s in (1, -1))
    slope = tunnelling.nis_conductance(V, 1.0, 0.1, broadening)
    np.testing.assert_allclose((up - down) / (2 * step), slope, rtol=2e-6)
    # at zero bias it is the Yosida function, integrated another way
    assert tunnelling.nis_conductance(0.0, 1.0, 0.1) == pytest.approx(superfluid.yosida(1.0, 0.1), rel=1e-9)
    np.testing.assert_allclose(tunnelling.nis_conductance(V, 0.0, 0.1), 1, rtol=1e-10)


def test_sis_at_zero_temperature():
    """Nothing below Δ₁ + Δ₂, a jump of (π/2)√(Δ₁Δ₂) there, and for equal gaps elliptic integrals above."""
    found = tunnelling.sis_current(V, (1.0, 1.0), 0.0)
    assert not found[V < 2].any()
    above = V[V > 2]
    m = ((above - 2) / (above + 2)) ** 2
    closed = (above + 2) * ellipe(m) - 4 * (above + 1) / (above + 2) * ellipk(m)
    np.testing.assert_allclose(found[V > 2], closed, rtol=1e-8)
    assert tunnelling.sis_current(2 + 1e-7, (1.0, 1.0), 0.0) == pytest.approx(np.pi / 2, rel=1e-4)
    jump = tunnelling.sis_current(np.array([2.5 - 1e-7, 2.5 + 1e-7]), (1.0, 1.5), 0.0)
    assert jump[1] - jump[0] == pytest.approx(np.pi / 2 * np.sqrt(1.5), rel=1e-4)


def test_sis_with_one_normal_side_is_nis_and_thermal_current_peaks_at_the_difference():
    np.testing.assert_allclose(
        tunnelling.sis_current(V, (0.0, 1.0), 0.2), tunnelling.nis_current(V, 1.0, 0.2), rtol=1e-12
    )
    around = tunnelling.sis_current(np.array([0.4, 0.499, 0.501, 0.7]), (1.0, 1.5), 0.3, (1e-3, 1e-3))
    assert around[1:3].min() > max(around[0], around[3])


# --- coherence factors ----------------------------------------------------------------------------


def test_hebel_slichter_peak_grows_as_the_logarithm_of_the_cut_off():
    t = np.linspace(0.7, 0.99, 30)
    for kind, cut_offs in (("broadening", (1e-1, 1e-2, 1e-3, 1e-4)), ("frequency", (1e-1, 1e-2, 1e-3, 1e-4)),
                           ("anisotropy", (1e-1, 1e-2, 1e-3, 1e-4))):  # fmt: skip
        curves = [nmr.relaxation_curve(t, **{kind: x}) for x in cut_offs]
        heights = np.array([c.max() for c in curves])
        assert t[np.argmax(curves[1])] > 0.8  # just below T_c
        assert heights[0] > 1
        steps = np.diff(heights)
        assert steps[2] == pytest.approx(steps[1], rel=0.1)  # equal for every factor of ten
        # at one temperature the logarithm is exact: Δ f′(Δ)·… per e-fold of the cut-off
        delta = float(gap_ratio() / 2 * reduced_gap(0.85))
        rates = [nmr.relaxation_curve(np.array([0.85]), **{kind: x})[0] for x in (1e-5, 1e-6)]
        expected = delta / (4 * 0.85 * np.cosh(delta / (2 * 0.85)) ** 2) * 2 * np.log(10)
        assert rates[1] - rates[0] == pytest.approx(expected, rel=1e-3)


def test_relaxation_limits():
    assert nmr.relaxation_curve(1.0, broadening=0.01) == 1
    t = np.array([0.15, 0.2])
    cold = nmr.relaxation_curve(t, anisotropy=0.01)
    slope = np.log(cold[1] / cold[0]) / (1 / t[0] - 1 / t[1])
    assert slope == pytest.approx(gap_ratio() / 2, rel=0.1)  # activated over the gap
    normal = nmr.relaxation_rate(1e-9, 1.0, broadening=1e-3)
    assert normal == pytest.approx(1, abs=1e-8)
    with pytest.raises(InputError, match="cut-off"):
        nmr.relaxation_rate(1.0, 1.0)


def test_knight_shift_and_sound():
    t = np.array([0.1, 0.5, 0.9, 1.0, 1.2])
    k = nmr.knight_shift(t)
    assert k[0] < 1e-6
    np.testing.assert_allclose(k[3:], 1, rtol=1e-12)
    assert (np.diff(k[:4]) > 0).all()
    delta = gap_ratio() / 2 * reduced_gap(t)
    np.testing.assert_allclose(ultrasound.attenuation_curve(t), 2 / (np.exp(delta / t) + 1), rtol=1e-14)
    # N² − M² of Dynes, integrated with the thermal slope, tends to 2f(Δ)
    e, de = np.linspace(0, 40, 2_000_001, retstep=True)
    n, m = nmr._dynes(e, 1.0, 1e-4)
    slope = 1 / (4 * 0.5 * np.cosh(e / 1.0) ** 2)
    total = 2 * np.sum(slope * (n**2 - m**2)) * de
    assert total == pytest.approx(ultrasound.attenuation(1.0, 0.5), rel=1e-3)


# --- light ----------------------------------------------------------------------------------------


def test_mattis_bardeen_at_zero_temperature():
    """σ₁ = (1 + 2Δ/ω) E(k) − (4Δ/ω) K(k), k = (ω − 2Δ)/(ω + 2Δ), from 2Δ on (Mattis and Bardeen 1958)."""
    omega = np.array([0.5, 1.9, 2.5, 4.0, 20.0])
    first, second = optical.conductivity(omega, 1.0, 0.0)
    assert not first[:2].any()
    k = np.abs(omega - 2) / (omega + 2)
    closed = (1 + 2 / omega) * ellipe(k**2) - 4 / omega * ellipk(k**2)
    np.testing.assert_allclose(first[2:], closed[2:], rtol=1e-8)
    prime = 1 - k**2
    closed = 0.5 * ((1 + 2 / omega) * ellipe(prime) - (1 - 2 / omega) * ellipk(prime))
    np.testing.assert_allclose(second, closed, rtol=1e-7)


@pytest.mark.parametrize("temperature", [0.0, 0.3])
def test_missing_absorption_is_the_superfluid(temperature):
    """∫(1 − σ₁)dω = (π/2) lim ω σ₂; beyond X the integrand is below 2 ln(2X)/X²."""
    end = 1e6
    edges = np.concatenate([[0], np.geomspace(1e-9, 1.9, 25), 2 + np.geomspace(1e-6, end, 50)])
    omega, weight = panels(np.sort(np.append(edges, 2.0)))
    first, _ = optical.conductivity(omega, 1.0, temperature)
    strength = optical.superfluid_strength(1.0, temperature)
    assert np.sum(weight * (1 - first)) == pytest.approx(np.pi / 2 * strength, abs=3 * np.log(2 * end) / end)
    low = 1e-3
    assert low * optical.conductivity(low, 1.0, temperature)[1] == pytest.approx(strength, rel=2e-3)


# --- superfluid -----------------------------------------------------------------------------------


def test_yosida():
    assert superfluid.yosida(0.0, 0.7) == pytest.approx(1, abs=1e-13)
    cold = superfluid.yosida(1.0, 0.02)
    assert cold == pytest.approx(np.sqrt(2 * np.pi / 0.02) * np.exp(-50), rel=0.02)
    t = np.array([0.9999])
    assert superfluid.superfluid_curve(t)[0] / (1 - t[0]) == pytest.approx(2, abs=1e-2)  # Gor'kov
    assert superfluid.superfluid_curve(t, dirty=True)[0] / (1 - t[0]) == pytest.approx(2.66, abs=1e-2)
    assert superfluid.d_wave_fraction(1.0, 0.01) == pytest.approx(1 - 2 * np.log(2) * 0.01, abs=1e-4)
    assert superfluid.penetration_depth_ratio(0.25) == 2


@pytest.mark.parametrize("form", ["s", "d"])
@pytest.mark.parametrize("temperature", [0.0, 0.2])
def test_superfluid_weight_is_the_second_derivative_of_omega(form, temperature):
    """Ω(A) with the pairs at rest in that gauge: k + A for one electron of a pair, −k + A for the other."""
    size, twist, dispersion = (10, 10), 0.4, Dispersion("square", (1.0, -0.2))
    band = lattice_band(dispersion, size, form, twist)
    state = solve(band, 3.0, temperature, mu=-0.6)
    kappa = momenta(size, twist)
    phi = gap_form("square", form, kappa)[0]

    def omega(a):
        plus, minus = (dispersion.energy(s * kappa + [a, 0]) - state.mu for s in (1, -1))
        even, odd = (plus + minus) / 2, (plus - minus) / 2
        root = np.hypot(even, state.delta * phi)
        levels = np.stack([odd + root, -odd + root])
        thermal = (
            temperature * np.log1p(np.exp(-levels / temperature))
            if temperature
            else np.minimum(-levels, 0) * 0
        )
        return np.mean(even - root - thermal.sum(axis=0))

    step = 1e-3
    second = (omega(step) - 2 * omega(0.0) + omega(-step)) / step**2
    weight = superfluid.superfluid_weight(state, dispersion, size, twist)
    assert weight > 0.1
    assert weight == pytest.approx(second, abs=2e-6)


def test_pairs_overlap_by_the_million():
    length = coherence.coherence_length_si(2.03e6, 0.17) * 1e-9
    assert length == pytest.approx(2.5e-6, rel=0.05)
    assert coherence.overlapping_pairs(1.81e29, 1.6e-6) == pytest.approx(1.55e12, rel=0.01)
