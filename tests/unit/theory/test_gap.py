"""Gap equations beyond the one constant density of states."""

import numpy as np
import pytest
from scipy.special import ellipk

from bdg.errors import InputError
from bdg.theory.uniform import thermodynamics as thermo
from bdg.theory.uniform.band import constant_dos, from_states, merged, tabulated_dos
from bdg.theory.uniform.gap import (
    contact_2d,
    contact_3d,
    critical_temperature,
    critical_temperature_from_gap,
    solve,
    two_band_critical_temperature,
    two_band_gaps,
    two_bands,
)
from bdg.theory.uniform.lattices import Dispersion, gap_form, lattice_band, momenta


def test_a_table_of_a_constant_density_is_that_density():
    table = tabulated_dos([-1.0, -0.4, 0.1, 1.0], np.full(4, 0.7), 0.0, 1e-8)
    assert solve(table, 0.5, 1e-3, mu=0.0).delta == pytest.approx(
        solve(constant_dos(1.0, 0.7), 0.5, 1e-3, mu=0.0).delta, rel=1e-13
    )


def test_a_table_of_a_lattice_is_that_lattice():
    """The square lattice's density of states, a logarithm at the van Hove energy, against its k sum."""
    edges = np.concatenate([-np.geomspace(4, 1e-6, 1500), np.geomspace(1e-6, 4, 1500)])
    dos = ellipk(1 - (edges / 4) ** 2) / (2 * np.pi**2)
    table = tabulated_dos(edges, dos, -0.5, 1e-3)
    torus = lattice_band(Dispersion("square"), (200, 200))
    assert table.capacity == pytest.approx(2, abs=1e-4)
    for filling in (0.875, 0.3):
        first, second = (solve(band, 3.0, 0.2, filling=filling) for band in (table, torus))
        assert first.delta == pytest.approx(second.delta, rel=1e-4)  # straight lines lie above the density
        assert first.mu == pytest.approx(second.mu, abs=1e-4)


@pytest.mark.parametrize(("kind", "form", "size"), [
    ("chain", "extended_s", (40,)), ("square", "s", (12, 10)), ("square", "d", (12, 12)),
    ("triangular", "s", (9, 12)), ("cubic", "extended_s", (8, 8, 8)),
])  # fmt: skip
def test_omega_is_stationary_and_density_its_derivative(kind, form, size):
    band = lattice_band(Dispersion(kind, (1.0, -0.2)), size, form)
    state = solve(band, 4.5, 0.05, filling=0.8)
    assert state.delta > 0.01
    assert state.density == pytest.approx(0.8, abs=1e-12)
    step = 1e-5

    def omega(delta, mu):
        return thermo.grand_potential(type(state)(band, 4.5, 0.05, mu, delta))

    slope = (omega(state.delta + step, state.mu) - omega(state.delta - step, state.mu)) / (2 * step)
    assert slope == pytest.approx(0, abs=1e-9)
    density = -(omega(state.delta, state.mu + step) - omega(state.delta, state.mu - step)) / (2 * step)
    assert density == pytest.approx(state.density, abs=1e-9)


@pytest.mark.parametrize("form", ["s", "d"])
def test_specific_heat_at_fixed_filling_follows_mu(form):
    band = lattice_band(Dispersion(), (16, 16), form)
    at, step = 0.2, 1e-3
    assert solve(band, 2.5, at, filling=0.6).delta > 0.1
    s = [thermo.entropy(solve(band, 2.5, at + n * step, filling=0.6)) for n in (-2, -1, 1, 2)]
    slope = (s[0] - 8 * s[1] + 8 * s[2] - s[3]) / (12 * step)
    state = solve(band, 2.5, at, filling=0.6)
    assert thermo.specific_heat(state, "filling") == pytest.approx(at * slope, rel=1e-7)
    assert thermo.specific_heat(state, "mu") > thermo.specific_heat(state, "filling")
    assert thermo.free_energy_gain(state) > 0


@pytest.mark.parametrize("form", ["s", "extended_s", "d"])
def test_critical_temperature_both_ways_on_a_lattice(form):
    band = lattice_band(Dispersion(), (24, 24), form)
    mu = -3.0 if form == "extended_s" else -0.4
    linear = critical_temperature(band, 3.0, mu=mu)
    assert critical_temperature_from_gap(band, 3.0, mu=mu) == pytest.approx(linear, rel=1e-9)
    filling = solve(band, 3.0, linear, mu=mu).density
    assert critical_temperature(band, 3.0, filling=filling) == pytest.approx(linear, rel=1e-11)


def test_no_pairing_without_states_at_the_fermi_energy():
    """Nor on a finite lattice whose levels leave a gap: the sum at Δ = 0 is finite."""
    band = from_states([-1.0, 1.0])
    assert solve(band, 1.0, mu=0.0).delta == 0
    assert critical_temperature(band, 1.0, mu=0.0) == 0
    assert solve(band, 3.0, mu=0.0).delta == pytest.approx(np.sqrt(1.5**2 - 1), rel=1e-13)


def test_forms_and_dispersions_have_the_symmetry_of_the_lattice():
    kappa = momenta((6, 6), 0.3)
    swapped = kappa[:, ::-1]
    for shells in ((1.0,), (1.0, -0.3, 0.1)):
        square = Dispersion("square", shells)
        np.testing.assert_allclose(square.energy(kappa), square.energy(swapped), atol=1e-14)
    for form, sign in (("extended_s", 1), ("d", -1)):
        np.testing.assert_allclose(
            gap_form("square", form, kappa)[0], sign * gap_form("square", form, swapped)[0], atol=1e-14
        )
    turned = np.stack([kappa[:, 0] - kappa[:, 1], kappa[:, 0]], axis=1)  # by 60 degrees
    triangular = Dispersion("triangular", (1.0, 0.2))
    np.testing.assert_allclose(triangular.energy(kappa), triangular.energy(turned), atol=1e-14)
    step = 1e-4
    e = [Dispersion("square", (1.0, -0.3)).energy(kappa + np.array([n * step, 0])) for n in (-1, 0, 1)]
    one = Dispersion("square", (1.0, -0.3))
    np.testing.assert_allclose((e[2] - e[0]) / (2 * step), one.velocity(kappa), atol=1e-7)
    np.testing.assert_allclose((e[2] - 2 * e[1] + e[0]) / step**2, one.curvature(kappa), atol=1e-6)


@pytest.mark.parametrize("form", ["s", "extended_s", "d"])
def test_merging_equal_states_changes_nothing(form):
    band = lattice_band(Dispersion("square", (1.0, -0.3)), (32, 32), form, np.pi)
    few = merged(band)
    assert few.energy.size < 32 * 32 / 6
    first, second = (solve(b, 4.0, 0.1, filling=0.4) for b in (band, few))
    assert first.delta > 0.1
    assert first.delta == pytest.approx(second.delta, rel=1e-11)
    assert first.mu == pytest.approx(second.mu, abs=1e-11)
    for value in (thermo.grand_potential, thermo.entropy, thermo.specific_heat):
        assert value(first) == pytest.approx(value(second), rel=1e-9)


def test_two_bands():
    one = constant_dos(1.0, 2.0)
    same = two_bands([[0.15, 0.15], [0.15, 0.15]], [1.0, 1.0], 1.0)  # one band of twice the states
    assert two_band_critical_temperature(same) == pytest.approx(
        critical_temperature(one, 0.15, mu=0.0), rel=1e-12
    )
    np.testing.assert_allclose(two_band_gaps(same), solve(one, 0.15, mu=0.0).delta, rtol=1e-10)
    weakly = two_bands([[0.3, 1e-6], [1e-6, 0.2]], [1.0, 1.5], 1.0)
    alone = [solve(constant_dos(1.0, n), v, mu=0.0).delta for v, n in ((0.3, 1.0), (0.2, 1.5))]
    np.testing.assert_allclose(two_band_gaps(weakly), alone, rtol=1e-4)
    repelling = two_bands([[0.3, -0.05], [-0.05, 0.2]], [1.0, 1.0], 1.0)
    attracting = two_bands([[0.3, 0.05], [0.05, 0.2]], [1.0, 1.0], 1.0)
    tc = two_band_critical_temperature(attracting)
    for t in (0.0, 0.5, 0.95):
        a, b = two_band_gaps(attracting, t * tc), two_band_gaps(repelling, t * tc)
        np.testing.assert_allclose(a, b * [1, -1], rtol=1e-8)
        assert a.min() > 0
    assert not two_band_gaps(attracting, 1.001 * tc).any()


def test_contact_in_three_dimensions():
    unitary = contact_3d(0.0)
    assert unitary.delta == pytest.approx(0.6864, abs=1e-4)  # Marini, Pistolesi and Strinati (1998)
    assert unitary.mu == pytest.approx(0.5906, abs=1e-4)
    bcs = contact_3d(-4.0)
    assert bcs.delta == pytest.approx(8 * np.exp(-2 - 2 * np.pi), rel=1e-3)
    assert bcs.mu == pytest.approx(1, abs=1e-4)
    molecules = contact_3d(8.0)
    assert molecules.mu == pytest.approx(-(8.0**2), rel=1e-3)  # half of the binding energy 2/(k_F a)²
    assert molecules.delta == pytest.approx(np.sqrt(16 * 8 / (3 * np.pi)), rel=1e-2)
    assert molecules.spectral_gap == pytest.approx(np.hypot(molecules.mu, molecules.delta))


def test_contact_in_two_dimensions():
    """The closed form against the gap equation of a constant density of states with a far cut-off."""
    binding, cutoff = 0.5, 2e4
    delta, mu = contact_2d(binding)
    coupling = 2 / np.log1p(2 * cutoff / binding)  # 1/V = ∫₀ dε/(2ε + ε_b)
    e = np.concatenate([[0], np.geomspace(1e-3, cutoff, 400)])
    band = tabulated_dos(e, np.ones_like(e), 1.0, 1e-3)
    state = solve(band, coupling, filling=2.0)  # n = 2 N E_F with E_F = 1
    assert state.delta == pytest.approx(delta, rel=1e-4)
    assert state.mu == pytest.approx(mu, abs=2e-4)


def test_crossover_on_a_lattice():
    """At strong attraction and low density the pairs are local: Δ = (U/2)√(n(2 − n)), E ≈ −U/2."""
    band, n = lattice_band(Dispersion(), (24, 24)), 0.4
    strong = solve(band, 200.0, filling=n)
    assert strong.delta == pytest.approx(100 * np.sqrt(n * (2 - n)), rel=1e-3)
    assert strong.mu == pytest.approx(-100 * (1 - n), rel=1e-3)
    weak = solve(band, 2.5, filling=n)
    assert -4 < weak.mu < 0


@pytest.mark.parametrize(("attempt", "message"), [
    (lambda: solve(constant_dos(1.0), -1.0, mu=0.0), "attraction must be positive, not -1"),
    (lambda: solve(constant_dos(1.0), 1.0, -0.1, mu=0.0), "temperature cannot be -0.1"),
    (lambda: solve(constant_dos(1.0), 1.0), "one of the two"),
    (lambda: solve(lattice_band(Dispersion(), (4, 4)), 1.0, filling=2.5), "between 0 and 2"),
    (lambda: lattice_band(Dispersion("chain"), (8,), "d"), "no gap of form 'd'"),
    (lambda: Dispersion("cube"), "unknown lattice 'cube'"),
    (lambda: tabulated_dos([0, 0], [1, 1], 0.0, 1.0), "must increase"),
    (lambda: two_bands([[-1, 0], [0, -1]], [1, 1], 1.0), "attracts"),
])  # fmt: skip
def test_impossible_values_are_quoted(attempt, message):
    with pytest.raises(InputError, match=message):
        attempt()
