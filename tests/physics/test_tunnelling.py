"""Tunnelling spectra against closed forms: digamma functions of levels, Dynes's formula, sums by hand."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import psi

import bdg
from bdg.errors import ConfigError, InputError
from bdg.observables import measure
from bdg.observables.tunnelling.parameters import Broadened
from bdg.observables.tunnelling.spectra import expected_energies
from bdg.simulation.validation import checked_model
from bdg.tunnelling import DynesTip, NormalTip, TabulatedTip, resolve, tunnelling_weights, window
from tests.support.states import state_of

ETA, DELTA = 0.03, 0.3
BIASES = np.array([-0.8, -0.31, -0.1, 0.0, 0.12, 0.29, 0.55])
TORUS = bdg.build_sample("square", [1, 1], bdg.Boundary("bloch", n_k=10))


def uniform(temperature):
    return state_of(TORUS, delta=DELTA, temperature=temperature)


def levels():
    """E_k and u_k² of the uniform superconductor, and those of −E_k: a level each for a spin up."""
    k = 2 * np.pi * np.arange(10) / 10
    xi = (-2 * np.cos(k)[:, None] - 2 * np.cos(k) + 0.7).ravel()
    energy = np.hypot(xi, DELTA)
    weight = 0.5 * (1 + xi / energy)
    return np.concatenate([energy, -energy]), 2 * np.concatenate([weight, 1 - weight]) / len(xi)


def occupied(bias, temperature):
    """∫ L_η(ω − E) f(ω − eV) dω less a constant, of every level: digamma, at T = 0 an arctan."""
    energy, weight = levels()
    if temperature == 0:
        return weight @ np.arctan((bias - energy) / ETA) / np.pi
    return weight @ psi(0.5 + (ETA + 1j * (bias - energy)) / (2 * np.pi * temperature)).imag / np.pi


def first_harmonic(current, bias, peak):
    """What a lock-in amplifier measures, from the current through one period."""
    phase = 2 * np.pi * (np.arange(48) + 0.5) / 48
    return 2 / peak * np.mean([current(bias + peak * s) * s for s in np.sin(phase)])


@pytest.mark.parametrize("of_tip", [0.0, 0.01, 0.06])
@pytest.mark.parametrize("of_sample", [0.0, 0.02])
def test_a_normal_tip_measures_the_closed_form_of_every_level(of_sample, of_tip):
    """The tip's temperature smears the spectrum, the sample's only fixes the zero of the current."""
    state = uniform(of_sample)
    given = {"biases": BIASES, "broadening": ETA, "accuracy": 1e-9, "tip": {"temperature": of_tip}}
    plain = measure(state, "stm", given)
    lock_in = measure(state, "stm", given | {"modulation": {"rms": 0.05 / np.sqrt(2)}})

    def current(bias):
        return occupied(bias, of_tip) - occupied(0.0, of_sample)

    np.testing.assert_allclose(plain["stm_current"].values[:, 0], [current(v) for v in BIASES], atol=1e-8)
    harmonic = [first_harmonic(current, bias, 0.05) for bias in BIASES]
    np.testing.assert_allclose(lock_in["stm_conductance"].values[:, 0], harmonic, atol=1e-8)
    slope = [(current(v - 2e-4) - 8 * current(v - 1e-4) + 8 * current(v + 1e-4) - current(v + 2e-4)) / 1.2e-3
             for v in BIASES]  # fmt: skip
    np.testing.assert_allclose(plain["stm_conductance"].values[:, 0], slope, atol=1e-7)


def two_gaps(bias, temperatures, gamma, gap=0.2):
    """I(V) of a superconducting tip by quadrature of the levels' Lorentzians and Dynes's formula."""
    energy, weight = levels()

    def integrand(omega):
        lorentz = weight @ (ETA / np.pi / ((omega - energy) ** 2 + ETA**2))
        z = omega - bias + 1j * gamma
        tip = abs((z / np.sqrt(z * z - gap**2)).real)
        arguments = zip((omega - bias, omega), temperatures, strict=True)
        f_tip, f_sample = (0.5 * (1 - np.tanh(x / (2 * t))) if t else float(x < 0) for x, t in arguments)
        return lorentz * tip * (f_tip - f_sample)

    margin = 40 * max(temperatures)
    low, high = min(0.0, bias) - margin, max(0.0, bias) + margin
    ends = sorted(
        {low, high, *(p for p in (0, bias, bias - gap, bias + gap, -DELTA, DELTA) if low < p < high)}
    )
    options = {"limit": 400, "epsabs": 1e-11, "epsrel": 1e-11}
    return sum(quad(integrand, a, b, **options)[0] for a, b in pairwise(ends))


@pytest.mark.parametrize(("of_tip", "of_sample"), [(0.0, 0.0), (0.02, 0.03), (0.015, 0.0)])
def test_a_superconducting_tip_has_the_peaks_of_both_gaps(of_tip, of_sample):
    """Coherence peaks at Δ_s + Δ_t and, with thermal quasiparticles, at Δ_s − Δ_t."""
    biases = np.array([-0.5, 0.1, 0.47])
    tip = {"delta": 0.2, "broadening": 0.02, "temperature": of_tip}
    given = {"biases": biases, "broadening": ETA, "tip": tip, "accuracy": 1e-9}
    found = measure(uniform(of_sample), "stm", given)
    expected = [two_gaps(bias, (of_tip, of_sample), 0.02) for bias in biases]
    np.testing.assert_allclose(found["stm_current"].values[:, 0], expected, atol=1e-8)
    lock_in = measure(uniform(of_sample), "stm", given | {"biases": [0.47], "modulation": {"peak": 0.01}})
    phase = np.pi * (np.arange(12) + 0.5) / 12 - np.pi / 2
    harmonic = 2 / 0.01 * np.mean(
        [two_gaps(0.47 + 0.01 * s, (of_tip, of_sample), 0.02) * s for s in np.sin(phase)]
    )  # fmt: skip
    np.testing.assert_allclose(lock_in["stm_conductance"].values[0, 0], harmonic, atol=1e-6)


def test_thermal_quasiparticles_make_a_peak_at_the_difference_of_the_gaps():
    """Between two superconductors of Dynes's formula, without a lattice."""
    sample, biases = DynesTip(0.3, 0.005), np.linspace(0.0, 0.6, 121)
    slopes = {}
    for temperature in (0.0, 0.06):
        both = (temperature, temperature)
        panels, values, _ = resolve(
            lambda e: sample.density(e)[:, None], *window(biases, both), lambda e: 0.005 + 0 * e, 1e-8
        )
        weights = tunnelling_weights(biases, panels, DynesTip(0.2, 0.005), both)
        slopes[temperature] = (weights.current @ values)[:, 0]
    near = slice(int(0.05 / 0.005), int(0.2 / 0.005))
    assert np.ptp(slopes[0.0][near]) < 0.01
    assert biases[near][np.argmax(slopes[0.06][near])] == pytest.approx(0.1, abs=0.011)
    rise = np.diff(slopes[0.0])
    assert biases[np.argmax(rise)] == pytest.approx(0.5, abs=0.011)


def test_a_tip_without_a_gap_and_a_modulation_of_zero_change_nothing():
    state, given = uniform(0.02), {"biases": BIASES, "broadening": ETA}
    plain = measure(state, "stm", given)
    same = measure(state, "stm", given | {"tip": {"delta": 0, "broadening": 0.01}, "modulation": {"rms": 0}})
    tabulated = measure(state, "stm", given | {"tip": {"dos": [[-1, 1], [1, 1]]}})
    gapless = tunnelled_by(DynesTip(0.0, 0.01))
    for name in ("stm_conductance", "stm_current", "stm_normalised"):
        np.testing.assert_array_equal(plain[name].values, same[name].values)
        np.testing.assert_allclose(plain[name].values, tabulated[name].values, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(gapless, tunnelled_by(NormalTip()), atol=1e-12)


def tunnelled_by(tip):
    sample, both = DynesTip(0.3, 0.02), (0.03, 0.03)
    panels, values, _ = resolve(
        lambda e: sample.density(e)[:, None], *window(BIASES, both), lambda e: 0.02 + 0 * e, 1e-8
    )
    return tunnelling_weights(BIASES, panels, tip, both, 0.02, 0.02).conductance @ values


def test_the_conductance_adds_up_to_the_current_and_to_two_electrons():
    """∫dI/dV = ΔI exactly, with or without modulation; over all biases 2 less the Lorentz tails, 4η/πV."""
    nodes, shares = np.polynomial.legendre.leggauss(120)
    tip = {"delta": 0.2, "broadening": 0.05}
    given = {
        "biases": np.concatenate([[-1.0], nodes, [1.0]]),
        "broadening": 0.1,
        "tip": tip,
        "accuracy": 1e-9,
    }
    found = measure(uniform(0.03), "stm", given)
    current = found["stm_current"].values[:, 0]
    total = shares @ found["stm_conductance"].values[1:-1, 0]
    assert total == pytest.approx(current[-1] - current[0], abs=1e-7)
    wide = measure(uniform(0.03), "stm", {"biases": [-60.0, 60.0], "broadening": 0.3})["stm_current"].values
    assert wide[1, 0] - wide[0, 0] == pytest.approx(2 - 4 * 0.3 / (60 * np.pi), abs=1e-5)


def test_the_stated_error_is_one():
    state = state_of(bdg.build_sample("square", [5, 4], "periodic"), temperature=0.01, onsite="0.4*cos(2*x)")
    given = {"biases": np.linspace(-1, 1, 21), "broadening": 0.02, "modulation": {"peak": 0.03}}
    rough = measure(state, "stm", given | {"accuracy": 1e-2})
    fine = measure(state, "stm", given | {"accuracy": 1e-10})
    counts = []
    for name in ("stm_conductance", "stm_current"):
        off = np.abs(rough[name].values - fine[name].values).max()
        assert 1e-9 < off < rough[name].error
        counts.append((rough[name].attributes["energies"], fine[name].attributes["energies"]))
    assert counts[0][0] < counts[0][1]


def test_at_zero_temperature_it_is_the_ldos_with_the_broadening_of_each_energy():
    state = state_of(bdg.build_sample("square", [4, 4]), temperature=0.0)
    given = {"biases": [-0.9, 0.35, 0.8], "broadening": "0.02 + 0.1*abs(E)", "accuracy": 1e-9}
    found = measure(state, "stm", given | {"sites": [[1, 2], [0, 0]]})["stm_conductance"].values
    for row, energy in zip(found, given["biases"], strict=True):
        eta = 0.02 + 0.1 * abs(energy)
        one = {"energies": [energy], "broadening": eta, "sites": [[1, 2], [0, 0]]}
        np.testing.assert_allclose(row, measure(state, "ldos", one)["ldos"].values[0], atol=1e-7)


@pytest.mark.parametrize("terms", [{"zeeman": [0, 0, 0.2]}, {"zeeman": [0.1, 0.2, 0.1], "rashba": 0.3}])
def test_a_polarised_tip_sees_what_the_polarised_ldos_is(terms):
    state = state_of(bdg.build_sample("square", [4, 3]), temperature=0.0, **terms)
    given = {"energies": [-0.6, 0.4], "broadening": 0.05, "tip": [0.3, 0.2, 0.5]}
    direct = measure(state, "ldos", given)["tip_ldos"].values
    found = measure(
        state, "stm", {"biases": [-0.6, 0.4], "tip": {"polarisation": [0.3, 0.2, 0.5]}, "accuracy": 1e-9}
    )
    np.testing.assert_allclose(found["stm_conductance"].values, direct, atol=1e-7)


def test_a_set_point_divides_by_the_current_there():
    """By hand: I(V_s) of every site from the LDOS of levels, the heights from its logarithm."""
    state = state_of(bdg.build_sample("square", [4, 3]), temperature=0.0, onsite="0.5*x")
    given = {"biases": [0.2, 0.5], "broadening": 0.1, "accuracy": 1e-9}
    found = measure(state, "stm", given | {"set_point": {"bias": -0.7, "current": 0.2, "decay": 3.0}})
    nodes, shares = np.polynomial.legendre.leggauss(60)
    local = measure(state, "ldos", {"energies": -0.35 + 0.35 * nodes, "broadening": 0.1})["ldos"].values
    current = -0.35 * shares @ local
    np.testing.assert_allclose(found["stm_set_point_current"].values, current, atol=1e-7)
    np.testing.assert_allclose(
        found["stm_set_point_conductance"].values,
        measure(state, "ldos", {"energies": [0.2, 0.5], "broadening": 0.1})["ldos"].values * 0.2 / -current,
        atol=1e-6,
    )
    np.testing.assert_allclose(found["stm_height"].values, np.log(-current / 0.2) / 6, atol=1e-6)
    mean = measure(state, "stm", given | {"set_point": {"bias": -0.7}})["stm_set_point_conductance"]
    assert mean.attributes["set_point_current"] == pytest.approx(-current.mean(), abs=1e-7)


def test_the_normalised_conductance_is_one_where_the_bias_vanishes_and_the_logarithmic_slope_elsewhere():
    found = measure(uniform(0.02), "stm", {"biases": [0.0, 0.3999, 0.4, 0.4001], "broadening": ETA})
    ratio, current = found["stm_normalised"].values[:, 0], found["stm_current"].values[:, 0]
    assert ratio[0] == pytest.approx(1, abs=1e-9)
    assert ratio[2] == pytest.approx(np.log(current[3] / current[1]) / np.log(0.4001 / 0.3999), rel=1e-3)


@pytest.mark.parametrize("shape", ["s", "p_z", "d_x2_y2"])
@pytest.mark.parametrize("boundary", ["open", "periodic"])
def test_a_tip_at_a_height_sees_its_neighbours_and_their_images(shape, boundary):
    sample = bdg.build_sample("square", [3, 4], boundary)
    state = state_of(sample, temperature=0.0, onsite="0.3*x + 0.2*y")
    given = {"biases": [0.45], "broadening": 0.1, "accuracy": 1e-9}
    below = measure(state, "stm", given)["stm_conductance"].values[0]
    tip = {"height": 0.8, "decay": 1.5, "shape": shape}
    found = measure(state, "stm", given | {"tip": tip})["stm_conductance"].values[0]
    images = range(-4, 5) if boundary == "periodic" else [0]
    for site in (0, 7):
        total = 0.0
        for other in range(12):
            for n in images:
                for m in images:
                    x, y = sample.positions[other] + [3 * n, 4 * m] - sample.positions[site]
                    d = np.sqrt(x * x + y * y + 0.64)
                    form = {"s": 1, "p_z": 0.8 / d, "d_x2_y2": (x * x - y * y) / d**2}[shape]
                    total += form**2 * np.exp(-3 * (d - 0.8)) * below[other]
        assert found[site] == pytest.approx(total, rel=1e-5)


def test_orbitals_count_with_the_squares_of_their_amplitudes():
    state = state_of(bdg.build_sample("honeycomb", [2, 2], "periodic"), temperature=0.0, onsite="0.2*x")
    given = {"biases": [0.45], "broadening": 0.1}
    plain = measure(state, "stm", given)["stm_conductance"].values[0]
    filtered = measure(state, "stm", given | {"tip": {"orbitals": [0.5, 2.0]}})["stm_conductance"].values[0]
    factor = np.where(state.model.sample.orbitals == 0, 0.25, 4.0)
    np.testing.assert_allclose(filtered, factor * plain, rtol=1e-12)


def test_a_table_of_a_tip_is_the_tip(tmp_path):
    energies = np.linspace(-8, 8, 3201)
    file = tmp_path / "tip.txt"
    np.savetxt(file, np.column_stack([energies, DynesTip(1.0, 0.2).density(energies)]), header="mV, density")
    given = {"biases": BIASES, "broadening": ETA}
    table = measure(uniform(0.02), "stm", given | {"tip": {"dos": {"file": str(file), "unit": 0.2}}})
    formula = measure(uniform(0.02), "stm", given | {"tip": {"delta": 0.2, "broadening": 0.04}})
    np.testing.assert_allclose(table["stm_current"].values, formula["stm_current"].values, atol=1e-5)
    np.testing.assert_allclose(table["stm_conductance"].values, formula["stm_conductance"].values, atol=2e-4)
    assert TabulatedTip(np.array([0.0, 1.0]), np.array([1.0, 2.0])).density(
        np.array([-5.0, 9.0])
    ).tolist() == [1, 2]


REFUSED = [
    ("modulation: {}", "an rms or a peak amplitude"),
    ("modulation: {rms: 0.1, peak: 0.1}", "an rms or a peak amplitude"),
    ("tip: {delta: 0.2}", "has a broadening"),
    ("tip: {delta: 0.2, broadening: 0.1, dos: [[0, 1], [1, 1]]}", "remove one of them"),
    ("tip: {height: 1}", "decay of its weights"),
    ("tip: {shape: p_z}", "for a tip at a height"),
    ("tip: {orbitals: [1, 2]}", "orbitals has 2 numbers, the cell 1"),
    ("set_point: {bias: 0}", "no current flows at zero bias"),
    ("broadening: 0.1 + q", "did you mean|known are"),
    ("broadening: 0.1*x", "unknown name"),
    ("accuracy: 0.5", "accuracy"),
]


@pytest.mark.parametrize(("key", "words"), REFUSED)
def test_what_cannot_be_measured_is_refused_with_its_place(tmp_path, key, words):
    file = tmp_path / "run.yaml"
    file.write_text(
        "lattice: {kind: square, size: [4, 4]}\nhamiltonian: {chemical_potential: 0}\n"
        f"observables: {{stm: {{biases: [0.1], {key}}}}}\n"
    )
    with pytest.raises(ConfigError, match=words) as caught:
        checked_model(file)
    assert caught.value.each[0].line == 3


def test_what_only_the_numbers_show_is_refused_too(tmp_path):
    state = uniform(0.02)
    with pytest.raises(InputError, match="not positive at E = "):
        measure(state, "stm", {"biases": [0.5], "broadening": "0.1 - abs(E)"})
    with pytest.raises(InputError, match=r"nowhere.txt: can't be read"):
        measure(state, "stm", {"biases": [0.5], "tip": {"dos": {"file": str(tmp_path / "nowhere.txt")}}})
    with pytest.raises(InputError, match="which ascend"):
        measure(state, "stm", {"biases": [0.5], "tip": {"dos": [[0, 1], [0, 2]]}})
    with pytest.raises(InputError, match="lower the height or raise the decay"):
        measure(state, "stm", {"biases": [0.5], "tip": {"height": 3.0, "decay": 0.1}})


def test_biases_are_in_millivolts_where_the_configuration_has_units(tmp_path):
    file = tmp_path / "run.yaml"
    file.write_text(
        "units: {energy: 100 meV}\nlattice: {kind: square, size: [2, 2]}\n"
        "hamiltonian: {chemical_potential: 0}\ntemperature: 0.1\nobservables: {stm: {biases: [10 mV, 0.25],"
        f" broadening: 5 meV, modulation: {{rms: 1 mV}}}}}}\noutput: {tmp_path}/out.h5\n"
    )
    result = bdg.run_file(str(file))
    axis = bdg.load(result.path)["stm_conductance"].coords["bias"]
    np.testing.assert_allclose(axis.values, [0.1, 0.25])
    assert axis.units == "t/e"
    assert result.units.si("t/e") == pytest.approx((100.0, "mV"))
    assert result["stm_conductance"].attributes["modulation_peak"] == pytest.approx(0.01 * np.sqrt(2))


@pytest.mark.parametrize("temperature", [0.0, 0.04])
def test_a_forecast_of_the_energies_is_what_a_spectrum_with_structure_takes(temperature):
    state = state_of(bdg.build_sample("square", [9, 8]), temperature=temperature, onsite="0.7*cos(3*x + y*y)")
    biases, written = np.linspace(-1, 1, 21), "0.02 + 0.02*abs(E)"
    found = measure(state, "stm", {"biases": biases, "broadening": written, "sites": [[2, 3], [8, 0]]})
    forecast = expected_energies(temperature, biases, Broadened(written))
    assert 0.4 < found["stm_current"].attributes["energies"] / forecast < 2.5
