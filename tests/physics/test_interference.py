"""Quasiparticle interference against the T-matrix of an impurity in momentum space and sums by hand."""

import numpy as np
import pytest

import bdg
from bdg.errors import InputError
from bdg.observables import measure
from bdg.tunnelling.fourier import (
    fourier,
    fourier_at,
    same_by_symmetry,
    symmetrised,
    wave_numbers,
    window_over,
)
from bdg.tunnelling.octet import octet_tip, octet_vectors
from bdg.tunnelling.ridges import highest_maxima
from tests.support.states import state_of

MU, GAP, SECOND = -1.0, 0.1, -0.3


def normal(x, y):
    return -2 * (np.cos(x) + np.cos(y)) - 4 * SECOND * np.cos(x) * np.cos(y) - MU


def d_wave(x, y):
    return 2 * GAP * (np.cos(x) - np.cos(y))


def t_matrix(size, omega, eta, scatterer):
    """Change of N_↑ + N_↓ (spin up twice) on a torus: −(2/π) Im [G₀(r) T G₀(−r)]₀₀, T = (V⁻¹ − G₀(0))⁻¹."""
    k = 2 * np.pi * np.arange(size) / size
    x, y = np.meshgrid(k, k, indexing="ij")
    z, xi, delta = omega + 1j * eta, normal(x, y), d_wave(x, y)
    bare = np.array([[z + xi, delta], [delta, z - xi]]) / (z**2 - xi**2 - delta**2)
    local = np.fft.ifft2(bare, axes=(2, 3))
    scattering = np.linalg.inv(np.linalg.inv(scatterer) - local[:, :, 0, 0])
    back = np.roll(local[:, :, ::-1, ::-1], (1, 1), axis=(2, 3))
    changed = np.einsum("axy,ab,bxy->xy", local[0], scattering, back[:, 0])
    return -2 / np.pi * (changed.imag + local[0, 0, 0, 0].imag)


def sample_with(size, impurity, boundary="periodic"):
    sample = bdg.build_sample("square", [size, size], boundary, shells=2)
    return bdg.build_model(
        sample, hopping=[1, SECOND], chemical_potential=MU, given={"d_x2_y2": GAP}, impurities=[impurity]
    )


@pytest.mark.parametrize("origin", [None, [3, 5]])
def test_the_transform_of_a_sample_is_that_of_its_t_matrix(origin):
    """Both biases, their ratio and, with the origin at the impurity, HAEM's difference of real parts."""
    model = sample_with(16, bdg.Impurity([3, 5], potential=0.8))
    given = {"biases": [-0.3, 0.0, 0.3], "broadening": 0.1, "accuracy": 1e-9}
    asked = given if origin is None else given | {"origin": origin}
    found = bdg.solve(model, observables={"qpi": asked})
    maps = [t_matrix(16, omega, 0.1, 0.8 * np.diag([1, -1])) for omega in (-0.3, 0.0, 0.3)]
    waves = [np.fft.fftshift(np.fft.fft2(one - one.mean())) / 256 for one in maps]  # about the impurity
    for n in range(3):
        np.testing.assert_allclose(found["qpi"].values[n], np.abs(waves[n]), atol=1e-9)
    ratio = maps[2] / maps[0]
    expected = np.abs(np.fft.fftshift(np.fft.fft2(ratio - ratio.mean()))) / 256
    np.testing.assert_allclose(found["qpi_z"].values[2], expected, atol=1e-8)
    assert np.isnan(found["qpi_z"].values[1]).all()
    assert ("qpi_antisymmetrised" in found.quantities()) == (origin is not None)
    if origin is not None:
        odd = found["qpi_antisymmetrised"].values
        np.testing.assert_allclose(odd[2], np.real(waves[2] - waves[0]), atol=1e-9)
        np.testing.assert_allclose(odd[0], -odd[2], atol=1e-15)


def test_orbitals_within_a_cell_have_their_phases():
    """Σ_r g(r) e^{−iq·r} over the sites of a honeycomb, one by one."""
    sample = bdg.build_sample("honeycomb", [4, 3], "periodic")
    state = state_of(sample, temperature=0.0, onsite="0.3*sin(x) + 0.2*y")
    given = {"biases": [0.4], "broadening": 0.2}
    found = measure(state, "qpi", given)["qpi"]
    local = measure(state, "stm", given)["stm_conductance"].values[0]
    reciprocal = 2 * np.pi * np.linalg.inv(np.asarray(sample.cell.vectors)).T
    for n, first in enumerate(found.coords["q_first"].values):
        for m, second in enumerate(found.coords["q_second"].values):
            q = first * reciprocal[0] + second * reciprocal[1]
            total = np.sum((local - local.mean()) * np.exp(-1j * sample.positions @ q)) / sample.n_sites
            assert found.values[0, n, m] == pytest.approx(abs(total), abs=1e-12)


@pytest.mark.parametrize("kind", ["none", "hann", "gaussian"])
def test_a_window_keeps_the_mean_and_leaves_nothing_at_zero(kind):
    weights = window_over((8, 6), kind)
    values = 3 + np.random.default_rng(1).normal(size=(2, 8, 6, 1))
    found = fourier(values, np.zeros((1, 2)), (0, 0), weights)
    assert weights.mean() == pytest.approx(1)
    assert np.abs(found[:, 4, 3]).max() < 1e-14
    wave = np.cos(2 * np.pi * (2 * np.arange(8)[:, None] / 8 + np.arange(6) / 6))[None, ..., None]
    top = np.abs(fourier(wave, np.zeros((1, 2)), (0, 0), weights))[0]
    assert top[6, 4] == pytest.approx(0.5, abs=0.02)
    assert top[6, 4] == top.max() or top[2, 2] == top.max()


def test_a_symmetrised_map_has_the_symmetry_and_the_mean_of_the_map():
    for size in (6, 7):
        values = np.random.default_rng(2).random((1, size, size))
        even = symmetrised(values, "c4v")[0]
        middle = size // 2
        near = range(-(size - 1) // 2, (size + 1) // 2)
        for n in near:
            for m in near:
                same = [even[middle + a, middle + b] for a, b in ((n, m), (m, n))]
                assert same[0] == pytest.approx(same[1], abs=1e-14)
                if abs(n) < middle and abs(m) < middle:
                    assert even[middle - n, middle + m] == pytest.approx(same[0], abs=1e-14)
        assert even.sum() == pytest.approx(values.sum())
        assert even[middle, middle] == pytest.approx(values[0, middle, middle])
        np.testing.assert_array_equal(symmetrised(values, "none"), values)


def test_the_ends_of_contours_are_on_the_fermi_surface_where_the_gap_is_the_energy():
    x, y = octet_tip(normal, d_wave, 0.12)
    assert x > y > 0
    assert normal(x, y) == pytest.approx(0, abs=1e-10)
    assert abs(d_wave(x, y)) == pytest.approx(0.12, abs=1e-9)
    q = {name: np.array(vector) for name, vector in octet_vectors(normal, d_wave, 0.12).items()}
    np.testing.assert_allclose(q["q2"] + q["q7"][[1, 0]] * [1, 1], [2 * x, 0], atol=1e-12)
    np.testing.assert_allclose(q["q4"], 2 * np.array([x, y]), atol=1e-12)
    with pytest.raises(InputError, match="give an energy below the gap"):
        octet_vectors(normal, d_wave, 0.9)


REFUSED = [
    ("square", [4, 4], {"symmetry": "c4v", "origin": [9, 9]}, "outside the sample"),
    ("square", [4, 6], {"symmetry": "c4v"}, "write c2v"),
    ("triangular", [4, 4], {"symmetry": "c2v"}, "of rectangular lattices"),
    ("chain", 8, {}, "a block of cells in the plane"),
]


@pytest.mark.parametrize(("lattice", "size", "given", "words"), REFUSED)
def test_what_has_no_such_transform_is_refused(lattice, size, given, words):
    state = state_of(bdg.build_sample(lattice, size), temperature=0.1)
    with pytest.raises(InputError, match=words):
        measure(state, "qpi", {"biases": [0.1]} | given)


def peak_near(values, vector):
    """The share of the map below the highest place within one pixel, and whether it is a local maximum."""
    size = len(values)
    centre = np.rint(np.array(vector) * size / (2 * np.pi)).astype(int) + size // 2

    def around(place):
        rows, columns = ((place[d] + np.arange(-1, 2)) % size for d in (0, 1))
        return values[np.ix_(rows, columns)]

    top = np.unravel_index(np.argmax(around(centre)), (3, 3))
    place = centre + np.array(top) - 1
    return (values < around(place)[1, 1]).mean(), around(place)[1, 1] == around(place).max()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("impurity", "tip", "name", "index", "names"),
    [
        (bdg.Impurity([0, 0], potential=0.5), None, "qpi_z", 0, ("q2", "q3", "q6", "q7")),
        (
            bdg.Impurity([0, 0], moment=[0, 0, 0.5]),
            {"polarisation": [0, 0, 1]},
            "qpi",
            0,
            ("q1", "q4", "q5", "q7"),
        ),
    ],
)
def test_an_impurity_in_a_d_wave_has_peaks_at_octet_vectors(impurity, tip, name, index, names):
    """To one pixel of 64 × 64, among the highest 3 %: a potential scatters between places whose gaps have
    opposite signs, q2, q3, q6 and q7, a moment between those of the same, q1, q4 and q5 (Hanaguri et al.,
    Science 323, 923 (2009))."""
    given = {"biases": [-0.1, 0.1], "broadening": 0.02, "accuracy": 1e-3}
    found = bdg.solve(sample_with(64, impurity), observables={"qpi": given | ({"tip": tip} if tip else {})})
    vectors = octet_vectors(normal, d_wave, 0.1)
    for one in names:
        share, is_peak = peak_near(found[name].values[index], vectors[one])
        assert is_peak
        assert share > 0.97


@pytest.mark.parametrize("symmetry", ["none", "c4v"])
def test_a_cut_at_momenta_that_the_sample_allows_is_that_of_the_t_matrix(symmetry):
    model = sample_with(16, bdg.Impurity([3, 5], potential=0.8))
    asked = {"biases": [-0.3, 0.3], "broadening": 0.1, "accuracy": 1e-9, "symmetry": symmetry, "num": 9}
    found = bdg.solve(model, observables={"qpi": {**asked, "path": ["Gamma", "X"]}})
    maps = [t_matrix(16, omega, 0.1, 0.8 * np.diag([1, -1])) for omega in (-0.3, 0.3)]
    waves = np.array([np.fft.fft2(one - one.mean())[:9, 0] / 256 for one in maps])
    np.testing.assert_allclose(found["qpi_cut"].values, np.abs(waves), atol=1e-9)
    ratio = maps[1] / maps[0]
    expected = np.abs(np.fft.fft2(ratio - ratio.mean())[:9, 0]) / 256
    np.testing.assert_allclose(found["qpi_z_cut"].values[1], expected, atol=1e-8)
    assert found["qpi_cut"].coords["path"].values[-1] == pytest.approx(np.pi)
    step = np.pi / 8
    for values, places in zip(found["qpi_cut"].values, found["qpi_peaks"].values, strict=True):
        known = places[np.isfinite(places)] / step
        assert all(values[round(at)] >= max(values[round(at) - 1], values[round(at) + 1]) for at in known)


@pytest.mark.parametrize("window", ["none", "hann", "gaussian"])
def test_the_transform_at_any_momentum_is_the_sum_over_the_sites(window):
    rng = np.random.default_rng(3)
    values, offsets = rng.normal(size=(2, 5, 4, 2)), np.array([[0.0, 0.0], [1 / 3, 0.25]])
    weights, origin = window_over((5, 4), window), (2, 1)
    momenta = rng.uniform(-1, 1, size=(7, 2))
    mean = np.average(values, axis=(1, 2, 3), weights=np.repeat(weights[..., None], 2, -1)[None].repeat(2, 0))
    expected = np.zeros((2, 7), complex)
    for i, j, orbital in np.ndindex(5, 4, 2):
        place = np.array([i, j]) + offsets[orbital] - origin
        wave = np.exp(-2j * np.pi * momenta @ place)
        expected += weights[i, j] * (values[:, i, j, orbital] - mean)[:, None] * wave / 40
    np.testing.assert_allclose(fourier_at(values, offsets, origin, weights, momenta), expected, atol=1e-13)


@pytest.mark.parametrize("padding", [1, 3])
def test_padding_makes_the_grid_finer_and_changes_nothing_on_it(padding):
    rng = np.random.default_rng(4)
    values, offsets = rng.normal(size=(3, 6, 5, 2)), np.array([[0.0, 0.0], [0.5, 0.25]])
    weights = window_over((6, 5), "hann")
    fine = fourier(values, offsets, (1, 2), weights, padding)
    first, second = (wave_numbers(padding * n) for n in (6, 5))
    grid = np.stack(np.meshgrid(first, second, indexing="ij"), -1).reshape(-1, 2)
    expected = fourier_at(values, offsets, (1, 2), weights, grid).reshape(fine.shape)
    np.testing.assert_allclose(fine, expected, atol=1e-13)
    coarse = fourier(values, offsets, (1, 2), weights)
    places = [
        np.searchsorted(wide, narrow - 1e-9)
        for wide, narrow in zip((first, second), map(wave_numbers, (6, 5)), strict=True)
    ]
    np.testing.assert_allclose(fine[:, places[0][:, None], places[1]], coarse, atol=1e-13)


def test_momenta_that_are_the_same_by_symmetry():
    momenta = np.array([[0.1, 0.3]])
    assert len(same_by_symmetry(momenta, "none")) == 1
    every = {tuple(np.round(one[0], 12)) for one in same_by_symmetry(momenta, "c4v")}
    assert every == {(a * x, b * y) for x, y in ((0.1, 0.3), (0.3, 0.1)) for a in (1, -1) for b in (1, -1)}
    assert len(same_by_symmetry(momenta, "c2v")) == 4


def test_maxima_follow_a_dispersion():
    """Waves cos 2kx in a window: the transform along q has its maximum at 2k, wherever k lies."""
    weights, places = window_over((64, 4), "hann"), np.arange(64)
    for k in (0.61, 0.74, 0.883, 1.1):
        map_ = np.cos(2 * k * places)[:, None, None] * np.ones((1, 4, 1))
        q = np.linspace(0, 0.5, 257)
        cut = np.abs(fourier_at(map_, np.zeros((1, 2)), (0, 0), weights, np.stack([q, 0 * q], 1)))
        (at,) = highest_maxima(cut, 1)
        assert 2 * np.pi * at / 512 == pytest.approx(2 * k, abs=2e-3)


def test_maxima_are_the_highest_in_their_order_and_none_is_made_up():
    curve = np.zeros(40)
    curve[[5, 15, 30]] = [1.0, 3.0, 2.0]
    np.testing.assert_allclose(highest_maxima(curve, 2), [15, 30])
    np.testing.assert_array_equal(highest_maxima(curve, 5)[3:], [np.nan, np.nan])
    assert np.isnan(highest_maxima(np.linspace(0, 1, 9), 2)).all()
    assert np.isnan(highest_maxima(np.full(9, np.nan), 2)).all()
    assert np.isnan(highest_maxima(np.ones(9), 1)).all()
    curve = -((np.arange(9) - 4.3) ** 2) + 20.0
    assert highest_maxima(curve, 1)[0] == pytest.approx(4.3)


def test_a_padded_observable_says_so_on_its_axes():
    model = sample_with(6, bdg.Impurity([3, 3], potential=0.8), boundary="open")
    asked = {"biases": [-0.3], "broadening": 0.2, "accuracy": 1e-3, "window": "hann", "padding": 4}
    found = bdg.solve(model, observables={"qpi": asked})
    assert found["qpi"].values.shape == (1, 24, 24)
    np.testing.assert_allclose(np.diff(found["qpi"].coords["q_first"].values), 1 / 24)
