"""The builder's gate, disorder, fields and gauges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bdg.errors import InputError
from bdg.gauge import bond_vector_potential, peierls_phase, real_gauge, transformed_phase
from bdg.lattice import Boundary, build_sample
from bdg.model import TABLE, Disorder, Fields, Free, Impurity, Layout, Term, build_model
from bdg.model.terms.disorder import uniform_at_sites


def test_disorder_belongs_to_the_place_not_to_the_sample():
    disorder = Disorder(2.0, seed=7)
    small, large = build_sample("square", [4, 5]), build_sample("square", [9, 9], vacancies=[[0, 0], [2, 2]])
    here, there = disorder.energies(small), disorder.energies(large)
    for site, cell in enumerate(small.cells.tolist()):
        if cell not in ([0, 0], [2, 2]):
            assert there[large.site_at(cell)] == here[site]


@pytest.mark.parametrize(
    ("distribution", "mean_square", "largest"),
    [("uniform", 1 / 3, 1.0), ("normal", 4.0, 12.0), ("binary", 1.0, 1.0)],
)
def test_moments_of_disorder(distribution, mean_square, largest):
    sample = build_sample("square", [200, 200])
    energies = Disorder(2.0, 3, distribution).energies(sample)
    assert abs(energies.mean()) < 5 * np.sqrt(mean_square / sample.n_sites)
    assert np.mean(energies**2) == pytest.approx(mean_square, rel=0.03)
    assert np.abs(energies).max() <= largest
    neighbours = energies[sample.bonds.source] * energies[sample.bonds.target]
    assert abs(neighbours.mean()) < 5 * mean_square / np.sqrt(sample.n_bonds)


def test_seeds_and_streams_are_independent():
    sample = build_sample("square", [100, 100])
    draws = [uniform_at_sites(sample, seed, stream) for seed in (0, 1, 2**64 - 1) for stream in (0, 1)]
    correlation = np.corrcoef(draws) - np.eye(len(draws))
    assert np.abs(correlation).max() < 0.05
    assert all(draw.min() > 0 and draw.max() < 1 for draw in draws)


SAMPLE = build_sample("square", [3, 3])


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"hopping": [1.0, 0.5]}, "shells=2"),
        ({"hopping": np.nan}, "finite"),
        ({"chemical_potential": 0.0, "filling": 1.0}, "keep one"),
        ({"filling": 2.5}, "between 0 and 2"),
        ({"chemical_potential": np.inf}, "finite"),
        ({"temperature": -0.1}, "temperature"),
        ({"temperature": np.nan}, "temperature"),
        ({"fields": ["fock"]}, "fock"),
        ({"given_delta": 0.3, "fields": ["pairing"]}, "exclude"),
        ({"given_delta": 0.3, "attraction": 2.0}, "exclude"),
        ({"given_delta": [0.1, 0.2], "fields": []}, "9 sites"),
        ({"given_delta": np.nan, "fields": []}, "finite"),
        ({"impurities": [Impurity([3, 0], 1.0)]}, "outside"),
        ({"disorder": Disorder(-1.0)}, "width"),
        ({"disorder": Disorder(1.0, -1)}, "seed"),
        ({"disorder": Disorder(1.0, 0, "cauchy")}, "cauchy"),
        ({"vector_potential": [1.0, 2.0, 3.0]}, "components"),
        ({"vector_potential": [np.nan, 0.0]}, "finite"),
        ({"attraction": [1.0, 2.0]}, "shape"),
    ],
)
def test_impossible_models_are_refused(arguments, word):
    with pytest.raises(InputError, match=word):
        build_model(SAMPLE, **arguments)


def test_terms_add_up():
    model = build_model(
        SAMPLE,
        onsite=lambda x, y: x,
        impurities=[Impurity([1, 1], 2.0, 0.3)],
        zeeman=0.1,
        disorder=Disorder(0.0),
    )
    assert model.onsite[SAMPLE.site_at([1, 1])] == 3.0
    assert model.zeeman[2, SAMPLE.site_at([1, 1])] == pytest.approx(-0.2)  # +moment σ_z = −(−moment) σ_z
    assert model.onsite[SAMPLE.site_at([2, 0])] == 2.0


def test_moments_and_fields_have_three_components_or_one_along_z():
    z_only, all_three = Impurity([1, 1], 0.0, 0.3), Impurity([1, 1], 0.0, [0.1, 0.2, 0.3])
    site = SAMPLE.site_at([1, 1])
    np.testing.assert_allclose(build_model(SAMPLE, terms=[z_only]).zeeman[:, site], [0, 0, -0.3])
    model = build_model(SAMPLE, impurities=[all_three, z_only], zeeman=[0.5, "0.1*x", lambda x, y: y])
    x, y = SAMPLE.positions[site]
    np.testing.assert_allclose(model.zeeman[:, site], [0.5 - 0.1, 0.1 * x - 0.2, y - 0.6])
    np.testing.assert_array_equal(build_model(SAMPLE, zeeman=model.zeeman).zeeman, model.zeeman)
    with pytest.raises(InputError, match=r"moment .* is impossible; give one number, or three"):
        build_model(SAMPLE, impurities=[Impurity([1, 1], 0.0, [0.1, 0.2])])


def test_spin_orbit_couplings_of_a_bond():
    """Along x: −iα σ_y/2 and iβ σ_x/2; along y: iα σ_x/2 and −iβ σ_y/2; α the mean of both ends."""
    bonds = SAMPLE.bonds
    along_x = bonds.displacement[:, 0] == 1
    found = build_model(SAMPLE, rashba="0.2*x", dresselhaus=0.3).spin_orbit
    middle = 0.2 * 0.5 * (SAMPLE.positions[bonds.source, 0] + SAMPLE.positions[bonds.target, 0])
    np.testing.assert_allclose(found[:, 0], 0.5j * np.where(along_x, 0.3, middle))
    np.testing.assert_allclose(found[:, 1], -0.5j * np.where(along_x, middle, 0.3))
    assert not found[:, 2].any()
    by_bond = build_model(SAMPLE, rashba=middle, dresselhaus=0.3).spin_orbit
    np.testing.assert_allclose(by_bond, found)


def test_the_phase_of_a_complex_hopping_is_not_that_of_the_coupling():
    t = np.exp(0.3j * np.arange(SAMPLE.n_bonds))
    plain = build_model(SAMPLE, rashba=0.2, vector_potential=[0.1, 0.4])
    turned = build_model(SAMPLE, rashba=0.2, vector_potential=[0.1, 0.4], hopping=t)
    peierls, eye = np.exp(1j * plain.phase), np.eye(2)
    expected = plain.spin_amplitude + (peierls * (1 - t))[:, None, None] * eye
    np.testing.assert_allclose(turned.spin_amplitude, expected, atol=1e-15)


def test_a_term_of_ones_own_may_couple_spins():
    class Mine(Term):
        def spin_orbit(self, sample):
            return np.full((sample.n_bonds, 3), [0, 0.1j, 0.2])

    model = build_model(SAMPLE, terms=[Mine(), Mine()])
    np.testing.assert_allclose(model.spin_orbit, np.full((SAMPLE.n_bonds, 3), [0, 0.2j, 0.4]))
    assert build_model(SAMPLE, rashba=np.zeros(SAMPLE.n_sites)).spin_orbit is None


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"intrinsic_soc": 0.1}, "build it with shells=2"),
        ({"rashba": np.zeros(5)}, "rashba has shape .5,., the sample has"),
        ({"rashba": 1j}, "rashba is complex"),
        ({"zeeman": [0, 0, 1j]}, "zeeman is complex"),
        ({"least_dofs": 3}, "least_dofs 3 is impossible; use 2 or 4"),
    ],
)
def test_what_cannot_be_coupled_is_refused(given, words):
    with pytest.raises(InputError, match=words):
        build_model(SAMPLE, **given)


def test_intrinsic_coupling_needs_one_way_between_second_neighbours():
    with pytest.raises(InputError, match="there are 2 ways; use a honeycomb"):
        build_model(build_sample("square", [3, 3], shells=2), intrinsic_soc=0.1)


@given(
    st.integers(1, 5),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.booleans(),
    st.integers(0, 10**6),
)
def test_pack_and_unpack_are_inverse(n, delta, hartree, mu, is_complex, spin_resolved, exchange, seed):
    rng = np.random.default_rng(seed)
    values, flips = rng.normal(size=(2, n)) + (1j * rng.normal(size=(2, n)) if is_complex else 0)
    potential = rng.normal(size=(2, n))
    if not spin_resolved:
        potential[1] = potential[0]
    fields = Fields(values, potential, float(rng.normal()), flips if exchange else None)
    on = {"delta": delta, "hartree": hartree, "exchange": exchange, "mu": mu}
    shapes = {"delta": (n,), "hartree": (2, n), "exchange": (n,), "mu": ()}
    free = [
        Free(TABLE[name], shapes[name], alike=name == "hartree" and not spin_resolved)
        for name in on
        if on[name]
    ]
    layout = Layout(tuple(free), is_complex, spin_resolved)
    vector = layout.pack(fields)
    back = layout.unpack(vector, fields)
    np.testing.assert_array_equal(back.delta, fields.delta)
    np.testing.assert_array_equal(back.hartree, fields.hartree)
    np.testing.assert_array_equal(back.exchange, fields.exchange)
    assert back.mu == fields.mu
    np.testing.assert_array_equal(layout.pack(back), vector)
    assert vector.dtype == np.float64
    assert len(vector) == sum(part.stop - part.start for part in layout.slices().values())


def test_twist_and_vector_potential_agree_on_the_flux():
    length, flux = 5, 0.7
    twisted = build_sample("chain", length, Boundary("periodic", flux))
    plain = build_sample("chain", length, "periodic")
    one = peierls_phase(twisted, bond_vector_potential(twisted, None))
    two = peierls_phase(plain, bond_vector_potential(plain, [flux / length]))
    assert one.sum() == pytest.approx(two.sum())
    assert one.sum() == pytest.approx(-flux)  # q = −1


@given(st.integers(0, 10**6))
def test_real_gauge_is_found_when_every_flux_is_trivial(seed):
    rng = np.random.default_rng(seed)
    sample = build_sample("square", [3, 4], ["periodic", "open"], shells=2)
    angle = rng.uniform(-9, 9, sample.n_sites)
    phase = transformed_phase(sample, np.pi * rng.integers(0, 2, sample.n_bonds), angle)
    bare = np.zeros(sample.n_bonds)
    found = real_gauge(sample, transformed_phase(sample, bare, angle))
    assert found is not None
    turned = transformed_phase(sample, transformed_phase(sample, bare, angle), found)
    np.testing.assert_allclose(np.sin(turned), 0, atol=1e-11)
    signs = real_gauge(sample, phase)
    assert signs is not None
    np.testing.assert_allclose(np.sin(transformed_phase(sample, phase, signs)), 0, atol=1e-11)
    flux = phase.copy()
    flux[0] += 0.3
    assert real_gauge(sample, flux) is None


def test_real_phases_stay_as_they_are():
    sample = build_sample("chain", 4, "periodic")
    found = real_gauge(sample, np.array([0, np.pi, -np.pi, 3 * np.pi]))
    assert found is not None
    assert not found.any()


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_an_orbital_of_which_every_site_is_vacant_is_no_hindrance(gone):
    vacancies = [[x, y, gone] for x in range(2) for y in range(2)]
    sample = build_sample("lieb", (2, 2), "periodic", vacancies=vacancies)
    onsite = np.array([0.1, 0.2, 0.3])[sample.orbitals]
    assert build_model(sample, onsite=onsite, vector_potential=[0.1, 0.0]).onsite == pytest.approx(onsite)
