"""Gaps of spectra whose Δ is known, correlations of maps whose correlation is known."""

import numpy as np
import pytest

import bdg
from bdg.errors import InputError
from bdg.observables import measure
from bdg.observables.tunnelling.gap_map import pairs_of
from bdg.tunnelling import DynesTip, NormalTip, resolve, tunnelling_weights, window
from bdg.tunnelling.dynes import Smearing, dynes_spectra, fit_dynes
from bdg.tunnelling.gaps import find_gaps
from bdg.tunnelling.statistics import correlation, sorted_means
from tests.support.states import state_of

ENERGIES = np.linspace(-3, 3, 301)
SHARP = Smearing.of()


def dynes(energies, delta, gamma):
    z = energies + 1j * gamma
    return np.abs((z / np.sqrt(z * z - delta * delta)).real)


def synthetic(count, seed, noise=0.02, wiggles=0.06):
    """Dynes's formula, a tilted normal state, three waves of a finite sample, white noise."""
    random = np.random.default_rng(seed)
    delta = random.uniform(0.6, 1.4, count)
    gamma, level = delta * random.uniform(0.02, 0.12, count), random.uniform(0.5, 2, count)
    tilt = random.uniform(-0.05, 0.05, count)
    spectra = np.array([dynes(ENERGIES, d, g) for d, g in zip(delta, gamma, strict=True)])
    waves = np.zeros_like(spectra)
    for _ in range(3):
        period, phase = random.uniform(0.15, 0.6, count), random.uniform(0, 2 * np.pi, count)
        waves += np.sin(2 * np.pi * ENERGIES / period[:, None] + phase[:, None])
    spectra *= (level[:, None] * (1 + tilt[:, None] * ENERGIES)) * (1 + wiggles * np.sqrt(2 / 3) * waves)
    return spectra + noise * level[:, None] * random.normal(size=spectra.shape), delta, gamma


def started(gaps):
    return np.column_stack([gaps.gap, gaps.gamma, gaps.level, 0 * gaps.gap])


def test_of_a_thousand_spectra_the_gap_is_found_to_two_percent_with_an_honest_error():
    spectra, delta, gamma = synthetic(1000, 7)
    gaps = find_gaps(ENERGIES, spectra, SHARP, 0.04)
    assert np.isfinite(gaps.gap).all()
    assert np.median(np.abs(gaps.gap / delta - 1)) < 0.02
    assert 0.9 <= np.mean(np.abs(gaps.gap - delta) <= gaps.error) <= 0.98
    assert abs(np.median(gaps.gap / delta - 1)) < 0.004  # no bias
    assert np.mean(np.isfinite(gaps.inner)) < 0.01
    spectra, delta, gamma = spectra[:400], delta[:400], gamma[:400]
    fits = fit_dynes(ENERGIES, spectra, started(gaps)[:400], SHARP)
    assert np.median(np.abs(fits.delta / delta - 1)) < 0.005
    assert 0.9 <= np.mean(np.abs(fits.delta - delta) <= fits.delta_error) <= 0.98
    assert 0.9 <= np.mean(np.abs(fits.gamma - gamma) <= fits.gamma_error) <= 0.98


def test_a_state_in_the_gap_is_told_from_its_edge():
    spectra, delta, _ = synthetic(60, 3, noise=0.01, wiggles=0.03)
    level = np.median(spectra[:, -60:], axis=1)
    states = sum(
        0.06**2 / ((ENERGIES - s * 0.4 * delta[:, None]) ** 2 + 0.06**2) * h for s, h in ((1, 1.6), (-1, 0.8))
    )
    gaps = find_gaps(ENERGIES, spectra + level[:, None] * states, SHARP, 0.04)
    np.testing.assert_allclose(gaps.inner, 0.4 * delta, atol=0.04)
    assert np.median(np.abs(gaps.gap / delta - 1)) < 0.02
    assert np.abs(gaps.gap / delta - 1).max() < 0.15
    np.testing.assert_allclose(gaps.inner_height, 1.6, atol=0.35)


def test_without_a_coherence_peak_there_is_no_gap_and_with_one_there_is_one():
    flat = np.ones((1, 301)) + 0.02 * np.sin(7 * ENERGIES)
    both = dynes(ENERGIES, 1.0, 0.05)[None]
    missing = np.where(ENERGIES > 0, both, np.minimum(both, 1.02))
    assert np.isnan(find_gaps(ENERGIES, flat, SHARP, 0.04).gap).all()
    half = find_gaps(ENERGIES, missing, SHARP, 0.04)
    assert np.isnan(half.negative).all()
    assert half.gap[0] == pytest.approx(1.0, abs=min(0.05, half.error[0]))
    whole = find_gaps(ENERGIES, both, SHARP, 0.04)
    assert whole.gap[0] == pytest.approx(1.0, abs=0.004)
    assert whole.error[0] < half.error[0]


def test_the_smeared_formula_is_the_current_of_the_same_junction():
    """Against weights on panels, which share nothing with the shifts of the fit; slopes by differences."""
    biases, known = np.array([-1.3, -0.4, 0.2, 0.95, 1.2]), np.array([[0.9, 0.08, 1.0, 0.0]])
    panels, values, _ = resolve(
        lambda e: DynesTip(0.9, 0.08).density(e)[:, None], *window(biases, (0, 0.05), 0.1),
        lambda e: 0.08 + 0 * e, 1e-9,
    )  # fmt: skip
    exact = tunnelling_weights(biases, panels, NormalTip(), (0.0, 0.05), 0.1, 0.08).conductance @ values
    form, slopes = dynes_spectra(biases, known, Smearing.of(0.05, 0.1))
    np.testing.assert_allclose(form[0], exact[:, 0], atol=1e-4)
    for n in range(4):
        shift = 1e-5 * np.eye(4)[n]
        moved = [dynes_spectra(biases, known + s * shift, Smearing.of(0.05, 0.1))[0] for s in (1, -1)]
        np.testing.assert_allclose(slopes[0, :, n], (moved[0] - moved[1])[0] / 2e-5, atol=1e-7)


@pytest.mark.parametrize("method", ["peaks", "dynes"])
def test_of_a_uniform_superconductor_it_is_the_order_parameter_everywhere(method):
    sample = bdg.build_sample("square", [1, 1], bdg.Boundary("bloch", n_k=48))
    state = state_of(sample, delta=0.4, temperature=0.02, chemical_potential=-1.5)
    given = {"biases": np.linspace(-1.2, 1.2, 121), "broadening": 0.03, "method": method, "accuracy": 1e-3}
    found = measure(state, "gap_map", given)
    error = found["tunnelling_gap_error"].values[0]
    assert found["tunnelling_gap"].values[0] == pytest.approx(0.4, abs=min(error, 0.012))
    assert "gap_correlation" not in found
    share = found["gap_histogram"]
    assert share.values.sum() * np.diff(share.coords["gap_bin"].values)[0] == pytest.approx(1)


def smooth_map(size, width, seed):
    """A random map whose correlation is a Gaussian of √2 times this width."""
    waves = np.fft.fftfreq(size) * 2 * np.pi
    k2 = waves[:, None] ** 2 + waves**2
    white = np.fft.fft2(np.random.default_rng(seed).normal(size=(size, size)))
    return np.fft.ifft2(white * np.exp(-k2 * width**2 / 2)).real.ravel()


def test_correlations_are_those_of_all_pairs_and_their_length_that_of_the_map():
    sample = bdg.build_sample("square", [24, 24], "periodic")
    pairs, first = pairs_of(sample), smooth_map(24, 1.5, 1)
    other = first + 0.5 * first.std() * smooth_map(24, 1.0, 2) / smooth_map(24, 1.0, 2).std()
    other[[5, 77]] = np.nan
    found = correlation(pairs, first, other)
    known = np.isfinite(other)
    one, two = first - first[known].mean(), other - other[known].mean()
    away = sample.positions[:, None] - sample.positions
    away -= 24 * np.rint(away / 24)
    distance = np.linalg.norm(away, axis=2)
    for n in (0, 1, 4):
        i, j = np.nonzero((np.rint(distance) == n) & known[:, None] & known)
        assert found.values[n] == pytest.approx(
            (one[i] * two[j]).mean() / (one[known].std() * two[known].std())
        )
    itself = correlation(pairs, first, first)
    assert itself.values[0] == pytest.approx(1)
    assert itself.errors[0] == pytest.approx(0, abs=1e-12)
    assert correlation(pairs, first, -first).values[0] == pytest.approx(-1)
    lengths = [correlation(pairs, m, m) for m in (smooth_map(24, 1.5, seed) for seed in range(20))]
    off = np.array([(one.length - 3.0) / one.length_error for one in lengths])
    assert np.mean([one.length for one in lengths]) == pytest.approx(3.0, abs=0.15)  # e^{−r²/4·1.5²} = 1/e
    assert np.mean(np.abs(off) < 2) > 0.7


def test_pairs_reach_over_ends_that_are_joined_alone():
    closed, ends = (pairs_of(bdg.build_sample("chain", 8, each)) for each in ("periodic", "open"))
    assert {(0, 7), (7, 0)} <= set(zip(closed.first, closed.second, strict=True))
    assert (0, 7) not in set(zip(ends.first, ends.second, strict=True))
    np.testing.assert_allclose(closed.distances, [0, 1, 2, 3, 4])


def test_sorted_means_are_of_equally_large_groups():
    values, spectra = np.array([3.0, np.nan, 1.0, 2.0, 4.0]), np.arange(10.0).reshape(5, 2)
    groups, means = sorted_means(values, spectra, 2)
    np.testing.assert_allclose(groups, [1.5, 3.5])
    np.testing.assert_allclose(means, [[5, 6], [4, 5]])


REFUSED = [
    ({"biases": np.linspace(0.1, 2, 101)}, "both sides of zero"),
    ({"biases": np.linspace(-1, 1, 11)}, "31 biases at least"),
    ({"biases": np.sort(np.append(np.linspace(-1, 1, 41), 0.01))}, "evenly spaced"),
    ({"biases": np.linspace(-1, 1, 41), "tip": {"delta": 0.1, "broadening": 0.1}}, "of a normal tip"),
    ({"biases": np.linspace(-1, 1, 41), "broadening": 0.2, "accuracy": 1e-3}, "no site has coherence peaks"),
]


@pytest.mark.parametrize(("given", "words"), REFUSED)
def test_what_has_no_gap_map_is_refused(given, words):
    metal = bdg.build_sample("square", [1, 1], bdg.Boundary("bloch", n_k=32))
    state = state_of(metal, delta=0.0, temperature=0.1)
    with pytest.raises(InputError, match=words):
        measure(state, "gap_map", given)


@pytest.mark.slow
def test_the_histogram_of_a_disordered_sample_stays_when_the_sample_is_doubled():
    """48 × 48 sites with ends that are joined, and 96 × 96 with the same disorder four times."""
    biases, found = np.linspace(-1.6, 1.6, 161), []
    for boundary in ("periodic", bdg.Boundary("bloch", n_k=2)):
        sample = bdg.build_sample("square", [48, 48], boundary)
        model = bdg.build_model(
            sample, chemical_potential=-0.5, attraction=2.5, temperature=0.05,
            disorder=bdg.Disorder(width=1.5, seed=4),
        )  # fmt: skip
        given = {"biases": biases, "broadening": 0.08, "accuracy": 1e-3, "bins": 40}
        found.append(bdg.solve(model, observables={"gap_map": given}))
    one, other = (result["gap_histogram"].values for result in found)
    width = 1.6 / 40
    assert 0.5 * np.abs(one - other).sum() * width < 0.05  # a share of the sites that changed their bin
    means = [float(result["mean_tunnelling_gap"].values) for result in found]
    assert means[1] == pytest.approx(means[0], rel=0.005)
