"""Levels that only rounding keeps from zero, roots beside the ends of panels, modes beside an edge."""

import numpy as np
import pytest

from bdg.theory.uniform import modes, thermodynamics
from bdg.theory.uniform.cooper import cooper_binding_discrete
from bdg.theory.uniform.gap.solution import Uniform, filling_of
from bdg.theory.uniform.lattices import Dispersion, lattice_band
from bdg.theory.uniform.response.optical import conductivity
from bdg.theory.uniform.response.superfluid import superfluid_weight
from bdg.theory.uniform.response.tunnelling import nis_conductance, nis_current, sis_current

COLD = [0.0, 1e-300, 1e-16, 1e-14]


@pytest.mark.parametrize("temperature", COLD)
@pytest.mark.parametrize(
    ("kind", "size", "mu"),
    [
        ("chain", (400,), 0.0),
        ("square", (40, 40), 0.0),
        ("square", (40, 40), 2 * np.cos(0.3 * np.pi) - 2 * np.cos(0.2 * np.pi)),
        ("triangular", (36, 36), 2.0),
        ("cubic", (12, 12, 12), 0.0),
    ],
)
def test_levels_at_the_fermi_energy_are_half_full(kind, size, mu, temperature):
    """The filling counted in whole levels, with the cosines rounded to where they are equal."""
    band = lattice_band(Dispersion(kind), size)
    levels = (band.energy - mu).round(10)
    expected = 2 * np.mean((levels < 0) + 0.5 * (levels == 0))
    assert (levels == 0).sum() > 1
    assert filling_of(band, 0.0, mu, temperature) == pytest.approx(expected, abs=1e-13)


def test_what_follows_from_the_filling_knows_levels_at_zero_too():
    band, dispersion = lattice_band(Dispersion(), (40, 40)), Dispersion()
    normal = Uniform(band, 1.0, 0.0, 0.0, 0.0)
    at_zero = np.mean(band.energy.round(10) == 0)
    assert normal.density == pytest.approx(1, abs=1e-13)
    assert normal.spectral_gap == 0
    assert thermodynamics.entropy(normal) == pytest.approx(2 * np.log(2) * at_zero)
    cold = Uniform(band, 1.0, 1e-15, 0.0, 0.0)
    assert thermodynamics.entropy(cold) == pytest.approx(thermodynamics.entropy(normal))
    # a full level takes from ⟨−k_x⟩ what its hole adds: mean over the two ways to fill the levels at zero
    shares = [
        superfluid_weight(Uniform(band, 1.0, 0.0, mu, 0.0), dispersion, (40, 40)) for mu in (-1e-9, 1e-9)
    ]
    assert superfluid_weight(normal, dispersion, (40, 40)) == pytest.approx(np.mean(shares), abs=1e-12)


@pytest.mark.parametrize(
    ("voltage", "temperature", "expected"),
    [
        (1 + 1e-9, 0.1, 1.5931369265144062),
        (1 - 1e-9, 0.1, 1.5931369160279207),
        (1 + 1e-12, 0.01, 4.792225872794146),
        (1 + 1e-6, 0.001, 15.078492157215262),
        (1.0, 0.1, 1.5931369212711632),
        (1.001, 0.01, 4.937076998877626),
    ],
)
def test_conductance_beside_the_gap(voltage, temperature, expected):
    """By tanh-sinh quadrature of ∫ 2E/√(2Δ + s²) (−f′) ds with 30 digits, E = Δ + s²."""
    assert nis_conductance(voltage, 1.0, temperature) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("voltage", "deltas", "temperature", "expected"),
    [
        (0.5 + 1e-6, (1.0, 0.5), 0.2, 0.3353802706135431),
        (0.5 + 1e-9, (0.5, 1.0), 0.2, 0.5042992027847888),
        (0.5 - 1e-12, (1.0, 0.5), 0.2, 0.673219479250447),
        (0.75 + 1e-9, (1.0, 0.25), 0.05, 0.031336939520311025),
        (1.5 + 1e-9, (1.0, 0.5), 0.1, 1.1055609518690805),
        (1.5 - 1e-9, (1.0, 0.5), 0.1, 0.002324528700736145),
        (1.25 + 1e-12, (0.25, 1.0), 0.3, 0.7435909259586885),
        (1e-9, (1.0, 1.0), 0.3, 2.3127958115357446e-09),
        (1e-17, (1.0, 1.0), 0.3, 4.3549569439836075e-17),
    ],
)
def test_current_between_superconductors_beside_its_singularities(voltage, deltas, temperature, expected):
    """By tanh-sinh quadrature with 40 digits, split at all edges."""
    assert sis_current(voltage, deltas, temperature) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("beyond", [1e-3, 1e-6, 1e-9, 1e-13])
def test_onsets_at_zero_temperature(beyond):
    v = 1 + beyond
    assert nis_current(v, 1.0, 0.0) == pytest.approx(np.sqrt((v - 1) * (v + 1)), rel=1e-12)
    assert nis_current(1 - beyond, 1.0, 0.0) == 0
    assert sis_current(1.5 - beyond, (1.0, 0.5), 0.0) == 0
    jump = np.pi / 2 * np.sqrt(0.5)  # and a slope of order 1 above it
    assert sis_current(1.5 + beyond, (1.0, 0.5), 0.0) == pytest.approx(jump, rel=3 * beyond + 1e-12)


@pytest.mark.parametrize(
    ("frequency", "temperature", "expected"),
    [
        (2 + 1e-9, 0.05, 1.6099007600052551e-09),
        (2 - 1e-9, 0.3, 0.035580593898727586),
        (2 + 1e-6, 0.3, 0.035581303760261605),
        (1e-6, 0.3, 3.02508038240532),
        (1e-6, 0.05, 9.608647059743638e-07),
    ],
)
def test_absorption_beside_the_edge_and_at_small_frequency(frequency, temperature, expected):
    """By tanh-sinh quadrature with 30 digits."""
    first, _ = conductivity([frequency], 1.0, temperature)
    assert first[0] == pytest.approx(expected, rel=1e-9)


def test_the_logarithm_of_two_gaps_is_infinite_where_they_meet():
    assert sis_current(0.5, (1.0, 0.5), 0.2) == np.inf
    assert sis_current(-0.5, (1.0, 0.5), 0.2) == -np.inf
    assert sis_current(0.5, (1.0, 0.5), 0.0) == 0
    near = sis_current(0.5 + np.array([1e-6, 1e-8, 1e-10]), (1.0, 0.5), 0.2)
    np.testing.assert_allclose(np.diff(near)[0], np.diff(near)[1], rtol=1e-4)  # ln|V − V₀|


@pytest.mark.parametrize("points", [1, 2, 20])
def test_modes_beside_the_edge_are_found_on_any_grid(points):
    """With particle–hole symmetry and q = 0 the amplitude mode is at 2Δ, closely below the edge."""
    for size, close in ((102, 2e-2), (402, 2e-3), (1602, 1e-4)):
        system = modes.fluctuations(Dispersion("chain"), (size,), 2.0, mu=0.0)
        twice = 2 * system.state.delta
        assert 0 < 1 - twice / modes.pair_breaking_edge(system, (0,)) < close
        np.testing.assert_allclose(modes.mode_energies(system, (0,), points), [twice], rtol=1e-9)


def test_modes_of_equal_energy_are_both_found():
    """At the corner of the zone d-wave pairs on x and y bonds oscillate alike: a mode each."""
    system = modes.fluctuations(Dispersion("square", (1.0, -0.2)), (16, 16), 3.0, mu=-0.3, form="d")
    first, second = modes.mode_energies(system, (8, 8))
    assert first == pytest.approx(second, rel=1e-10)
    values = np.linalg.eigvalsh(modes.fluctuation_matrix(system, (8, 8), first))
    assert (np.abs(values) < 1e-10).sum() == 2


def test_few_modes_are_those_of_a_fine_grid():
    for form, mu, attraction in (("s", -0.6, 3.0), ("extended_s", -3.2, 4.0)):
        system = modes.fluctuations(Dispersion("square", (1.0, -0.2)), (10, 10), attraction, mu=mu, form=form)
        for steps in ((1, 0), (3, 2)):
            edge = modes.pair_breaking_edge(system, steps)
            grid = edge * np.linspace(1e-4, 1 - 1e-5, 150)
            signs = [np.linalg.det(modes.fluctuation_matrix(system, steps, w)).real > 0 for w in grid]
            crossed = grid[1:][np.diff(signs)]
            found = modes.mode_energies(system, steps)
            np.testing.assert_allclose(found[found < grid[-1]], crossed, atol=grid[1] - grid[0])


def test_shifted_momenta_are_those_of_a_twisted_sample():
    """Half a step is a twist of π; a mode does not notice where the momenta lie, once they are many."""
    plain, half = (modes.fluctuations(Dispersion(), (32, 32), 4.0, mu=-0.5, shift=x) for x in (0.0, 0.5))
    twisted = lattice_band(Dispersion(), (32, 32), twist=np.pi)
    np.testing.assert_allclose(half.state.band.energy, twisted.energy, atol=1e-14)
    assert half.state.delta == pytest.approx(plain.state.delta, abs=1e-6)
    one, other = (modes.mode_energies(system, (1, 0))[0] for system in (plain, half))
    assert one == pytest.approx(other, rel=1e-5)
    assert modes.longitudinal_response(half, (1, 0)) == pytest.approx(0, abs=1e-11)


def test_binding_of_levels_is_counted_from_twice_the_fermi_energy():
    """One level at ξ: the pair is at 2ξ − V."""
    for xi, attraction in ((0.0, 0.3), (0.1, 0.5), (1.0, 0.5)):
        assert cooper_binding_discrete([xi], attraction) == pytest.approx(attraction - 2 * xi)
