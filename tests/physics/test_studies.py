"""The studies in ``configs/studies``: every number of their headers, and what theory says of them."""

from __future__ import annotations

import re

import numpy as np
import pytest
from scipy.optimize import brentq, fsolve
from scipy.special import expit, xlog1py, xlogy

import bdg
from bdg.observables import Quantity
from bdg.studies.collected.derivatives import derivative
from bdg.studies.collected.statistics import mean
from bdg.studies.plan.crossings import crossing
from tests.support.studies import STUDIES, collected, stands_in_header


def energies(size):
    k = 2 * np.pi * np.arange(size) / size
    return (-2 * np.cos(k)[:, None] - 2 * np.cos(k) + 0.5).ravel()


def test_gap_of_temperature(tmp_path):
    together = collected("gap_of_temperature", tmp_path / "gap")
    temperature = together.coords["temperature"].values
    gap, entropy = together["largest_delta"].values, together["entropy"].values
    assert np.all(np.diff(gap[gap > 1e-6]) < 0)
    xi = energies(32)

    def excess(t):
        return np.mean(np.tanh(xi / (2 * t)) / (2 * xi)) - 1 / 2.5

    critical = brentq(excess, 0.2, 0.5)
    assert np.array_equal(gap > 1e-6, temperature < critical)
    e = np.sqrt(xi**2 + gap[4] ** 2)
    assert np.mean(np.tanh(e / (2 * temperature[4])) / (2 * e)) == pytest.approx(1 / 2.5, abs=1e-9)
    f = 1 / (1 + np.exp(e / temperature[4]))
    assert entropy[4] == pytest.approx(-2 * np.mean(f * np.log(f) + (1 - f) * np.log(1 - f)), rel=1e-6)
    told = f"T = 0.1 t Δ = {gap[4]:.5f} t", f"entropy {entropy[4]:.5f}", f"T_c = {critical:.4f} t"
    assert stands_in_header("gap_of_temperature", *told), told


@pytest.mark.parametrize(
    "num", [pytest.param(9, id="coarse"), pytest.param(21, id="as it stands", marks=pytest.mark.slow)]
)
def test_zeeman_first_order(tmp_path, num):
    keys = {"follow": "hamiltonian.zeeman[2]", "direction": "both"}
    values = None if num == 21 else {"hamiltonian.zeeman[2]": {"start": 0.2, "stop": 0.6, "num": num}, **keys}
    together = collected("zeeman_first_order", tmp_path / "zeeman", values=values)
    field, gap = together.coords["zeeman_2"].values, together["largest_delta"].values
    found = crossing(together["grand_potential"], "zeeman_2")
    xi, t = energies(48), 0.02
    shift = np.array([1, -1])[:, None]

    def difference(h):
        def excess(delta):
            e = np.sqrt(xi**2 + delta**2)
            return np.mean(0.5 * np.tanh((e + shift * h) / (2 * t)) / (2 * e)) * 2 - 1 / 2.5

        delta = brentq(excess, max(0.45, h + 0.05), 0.7)  # below h are the solutions that are maxima
        e = np.sqrt(xi**2 + delta**2)
        above = delta**2 / 2.5 - t * np.mean(np.log(2 * np.cosh((e + shift * h) / (2 * t)))) * 2
        return above + t * np.mean(np.log(2 * np.cosh((xi + shift * h) / (2 * t)))) * 2

    exact = brentq(difference, 0.3, 0.45)
    assert float(found.values) == pytest.approx(exact, abs=1e-4)
    assert found.error < 1e-3
    both = (gap[:, 0] > 0.4) & (gap[:, 1] < 1e-6)
    assert field[both].min() < exact < field[both].max()
    assert gap[0] == pytest.approx(gap[0, 0], abs=1e-6)  # below Δ₀/2 the normal state is left
    assert gap[-1] == pytest.approx(0.0, abs=1e-6)
    told = f"h = {exact:.4f} t", f"Δ₀ = {gap[0, 0]:.4f} t"
    assert stands_in_header("zeeman_first_order", *told), told
    if num == 21:
        told = f"from {field[both].min():.2f} t to {field[both].max():.2f} t"
        assert stands_in_header("zeeman_first_order", told), told


def test_tunnelling(tmp_path):
    values = {"temperature": [0.02, 0.36]}
    together = collected("tunnelling", tmp_path / "tunnelling", values=values)
    middle = together["dos"].values[:, 100]
    energy = together["dos"].coords["energy"].values
    xi, delta = energies(128), together["largest_delta"].values[0]
    e = np.sqrt(xi**2 + delta**2)

    def lorentzian(x):
        return 0.04 / np.pi / (x**2 + 0.04**2)

    exact = np.mean((1 + xi / e) / 2 * lorentzian(0.3 - e) + (1 - xi / e) / 2 * lorentzian(0.3 + e))
    at = int(np.argmin(np.abs(energy - 0.3)))
    assert together["dos"].values[0, at] == pytest.approx(2 * exact, rel=1e-9)
    told = f"{middle[0]:.4f}/t at T = 0.02 t", f"{middle[1]:.4f}/t at T = 0.36 t"
    assert stands_in_header("tunnelling", *told), told


@pytest.mark.slow
def test_disorder(tmp_path):
    together = collected("disorder", tmp_path / "disorder")
    gap, error = mean(together["spectral_gap"], "seed")
    told = [
        f"{value:.3f} ± {width:.3f} t" for value, width in zip(gap.values[1:], error.values[1:], strict=True)
    ]
    assert stands_in_header("disorder", *told), told
    spread = together["order_parameter"].values
    share = np.mean(np.abs(spread) < 0.02, axis=(1, 2))
    told = [f"{100 * value:.0f} %" for value in share[2:]]
    assert stands_in_header("disorder", *told), told


def critical_temperature(attraction):
    xi = energies(48)
    return brentq(lambda t: np.mean(np.tanh(xi / (2 * t)) / (2 * xi)) - 1 / attraction, 0.01, 2)


@pytest.mark.slow
def test_critical_temperature(tmp_path):
    together = collected("critical_temperature", tmp_path / "tc")
    attractions = together.coords["onsite"].values
    found = together["found_temperature"].values
    assert found == pytest.approx([critical_temperature(one) for one in attractions], abs=1e-8)
    assert np.all(together["found_temperature_error"].values <= 1e-6)
    named = {1.5: "0.072006 t at the attraction 1.5 t", 2.5: "0.307140 t at 2.5 t", 4: "0.727386 t at 4 t"}
    for attraction, value in zip(attractions, found, strict=True):
        assert attraction not in named or named[attraction].startswith(f"{value:.6f}")
    assert stands_in_header("critical_temperature", *named.values())


@pytest.mark.slow
def test_critical_temperature_of_field(tmp_path):
    """Pairs in the lowest Landau level, q² = 2B, lose what pairs of a small momentum q do, in k space."""
    together = collected("critical_temperature_of_field", tmp_path / "field")
    size, found = together.coords["size_0"].values, together["critical_temperature"].values
    k = 2 * np.pi * np.arange(512) / 512

    def critical(q):
        one, other = (-2 * np.cos(k + sign * q / 2)[:, None] - 2 * np.cos(k) + 0.5 for sign in (1, -1))

        def excess(t):
            pairs = 1 - expit(-one / t) - expit(-other / t)
            return np.mean(pairs / (one + other)) - 1 / 2.5

        return brentq(excess, 0.1, 0.6)

    without = critical(1e-4)
    slope = (without - critical(0.05)) / 0.05**2
    share = (without - found) / (slope * 2 * (2 * np.pi / size**2))
    assert np.all((share > 0.9) & (share < 1))
    assert np.all(np.diff(share[1:]) > 0)  # to 1 in a small field
    told = ", ".join(f"{one:.4f}" for one in found[:3])
    told = [f"{told} and {found[3]:.4f} t", f"{without:.4f} t without", f"{100 * share[3]:.0f} %"]
    assert stands_in_header("critical_temperature_of_field", told[0], *told[1:]), told


def spinodals(t, attraction=2.5):
    """Where the gap equation ceases to have a solution, and where the normal state becomes unstable."""
    xi, shift = energies(48), np.array([1, -1])[:, None]

    def excess(delta, h):
        e = np.sqrt(xi**2 + delta**2)
        return np.mean(np.tanh((e + shift * h) / (2 * t)) / (2 * e)) - 1 / attraction

    def field(delta):
        """The largest field at which Δ is a solution."""
        grid = np.linspace(0.0, 0.7, 36)
        last = np.flatnonzero(np.diff(np.sign([excess(delta, h) for h in grid])) < 0)
        return brentq(lambda h: excess(delta, h), *grid[last[-1] : last[-1] + 2]) if len(last) else 0.0

    deltas = np.linspace(1e-6, 0.55, 56)
    top = int(np.argmax([field(delta) for delta in deltas]))
    near = np.linspace(deltas[max(0, top - 1)], deltas[min(55, top + 1)], 41)
    return field(1e-6), max(field(delta) for delta in near)


@pytest.mark.slow
def test_pauli_limit(tmp_path):
    together = collected("pauli_limit", tmp_path / "pauli")
    found, error = together["found_zeeman_2"].values, together["found_zeeman_2_error"].values
    temperature = together.coords["temperature"].values
    assert together["found_zeeman_2"].dims == ("temperature", "branch")
    for n, t in enumerate(temperature):
        lower, upper = spinodals(t)
        assert abs(found[n, 1] - lower) <= error[n, 1] + 1e-4
        assert abs(found[n, 0] - upper) <= error[n, 0] + 1e-4
    told = [f"from {found[n, 1]:.3f} t to {found[n, 0]:.3f} t" for n in (0, 3)]
    assert stands_in_header("pauli_limit", *told, f"{found[6, 0]:.3f} t at T = 0.2 t"), told
    assert found[5:, 0] == pytest.approx(found[5:, 1], abs=1e-3)
    assert temperature[5] / critical_temperature(2.5) == pytest.approx(0.55, abs=0.005)


@pytest.mark.slow
def test_rashba_phase_diagram(tmp_path):
    together = collected("rashba_phase_diagram", tmp_path / "rashba")
    mu, h = (together.coords[name].values for name in ("chemical_potential", "zeeman_2"))
    invariant = together["pfaffian_invariant"].values
    inside = 0.16 + (mu[:, None] + 2) ** 2 - h**2
    there = np.isfinite(invariant) & (np.abs(inside) > 1e-9)
    assert np.array_equal(invariant[there], np.sign(inside)[there])
    assert np.isfinite(invariant).sum() == 440
    assert (np.diff(mu).min(), np.diff(h).min()) == pytest.approx((1.6 / 64, 1 / 40))
    assert stands_in_header("rashba_phase_diagram", "440 points", f"has {65 * 41}")


@pytest.mark.slow
def test_s_or_d_wave(tmp_path):
    together = collected("s_or_d_wave", tmp_path / "symmetry")
    k = 2 * np.pi * (np.arange(64) + 0.5) / 64
    strengths = together.coords["bonds_0_value"].values
    found = together["found_filling"].values

    def free_energy(sign, filling, strength, t=0.02):
        """Of the state of one symmetry, Δ_k = 2 Δ (cos k_x ± cos k_y)."""
        form = 2 * (np.cos(k)[:, None] + sign * np.cos(k))
        band = -2 * np.cos(k)[:, None] - 2 * np.cos(k)

        def off(unknowns):
            delta, mu = unknowns
            e = np.sqrt((band - mu) ** 2 + (delta * form) ** 2)
            weight = np.tanh(e / (2 * t)) / e
            return np.mean(form**2 * weight) - 8 / strength, np.mean(1 - (band - mu) * weight) - filling

        delta, mu = fsolve(off, (0.3, -1.0), xtol=1e-12)
        e = np.sqrt((band - mu) ** 2 + (delta * form) ** 2)
        omega = (
            np.mean(band - mu) - 2 * t * np.mean(np.log(2 * np.cosh(e / (2 * t)))) + 4 * delta**2 / strength
        )
        return omega + mu * filling

    for strength, filling in zip(strengths, found, strict=True):
        exact = brentq(lambda n, v=strength: free_energy(1, n, v) - free_energy(-1, n, v), 0.38, 0.42)
        assert filling == pytest.approx(exact, abs=1e-5)
    told = ", ".join(f"{one:.4f}" for one in found[:4])
    assert stands_in_header("s_or_d_wave", told, f"and {found[4]:.4f}"), told


@pytest.mark.slow
def test_specific_heat(tmp_path):
    """C of each state and slopes of the entropy against a sum over momenta, Δ from the gap equation there."""
    together = collected("specific_heat", tmp_path / "heat")
    temperature, delta = together.coords["temperature"].values, together["largest_delta"].values
    slope, heat = derivative(together["entropy"], "temperature"), together["specific_heat_mu"].values
    xi = energies(64)

    def gap(t):
        def excess(delta):
            e = np.sqrt(xi**2 + delta**2)
            return np.mean(np.tanh(e / (2 * t)) / (2 * e)) - 1 / 2

        return brentq(excess, 1e-9, 1) if excess(1e-9) > 0 else 0.0

    def entropy(t):
        f = expit(-np.sqrt(xi**2 + gap(t) ** 2) / t)
        return -2 * np.mean(xlogy(f, f) + xlog1py(1 - f, -f))

    critical = brentq(lambda t: np.mean(np.tanh(xi / (2 * t)) / (2 * xi)) - 1 / 2, 0.1, 0.3)
    assert np.array_equal(delta > 1e-6, temperature < critical)
    assert delta == pytest.approx([gap(t) for t in temperature], abs=1e-6)
    places = [int(np.argmin(np.abs(temperature - t))) for t in (0.1, 0.1775, 0.2)]
    for at in places[:2]:
        t = temperature[at]
        exact = (entropy(t + 1e-5) - entropy(t - 1e-5)) / 2e-5
        assert slope.values[at] == pytest.approx(exact, rel=0.02)
        assert heat[at] == pytest.approx(t * exact, rel=1e-5)
    told = [f"{slope.values[at]:.2f}" for at in places]
    told = [f"C/T = {told[0]} k_B²/t at T = 0.1 t, {told[1]} below T_c and {told[2]} above"]
    told += [f"Δ = {delta[0]:.4f} t", f"T_c = {critical:.4f} t", f"the {len(delta)} temperatures"]
    each = [f"{heat[at]:.5f}" for at in places]
    told += [f"C = {each[0]} k_B at T = 0.1 t, {each[1]} at T = 0.1775 t and {each[2]} at T = 0.2 t"]
    assert stands_in_header("specific_heat", *told), told


@pytest.mark.slow
def test_critical_current(tmp_path):
    together = collected("critical_current", tmp_path / "current")
    current, delta = together["junction_critical_current"].values, together["largest_delta"].values
    temperature = together.coords["temperature"].values
    fall = -np.diff(np.log(current)) / np.diff(temperature)
    assert np.all(np.diff(fall) > 0)  # ever steeper: towards exp(−L/ξ_T)
    shares = current / current[0]
    at = [int(np.argmin(np.abs(temperature - t))) for t in (0.1, 0.18)]
    told = [f"{current[0]:.4f} e t/ħ a row", f"{100 * shares[at[0]]:.1f} % are left at 0.10 t"]
    told += [f"{100 * shares[at[1]]:.1f} % at 0.18 t", f"has lost {100 * (1 - delta[-1] / delta[0]):.0f} %"]
    assert stands_in_header("critical_current", *told), told
    phase = together["junction_current"].coords["phase_difference"].values
    coldest = together["junction_current"].values[0]
    assert coldest[np.argmin(np.abs(phase - np.pi)) + 1] > 0


@pytest.mark.slow
def test_magnetisation_loop(tmp_path):
    together = collected("magnetisation_loop", tmp_path / "loop")
    field, moment = together.coords["applied"].values, together["moment_per_area"].values
    energy, winding = together["energy"].values, together["total_winding"].values
    entered = int(np.argmax(winding[:, 0] < 0))
    assert np.all(winding[:entered, 0] == 0)
    slope = (energy[2:entered, 0] - energy[: entered - 2, 0]) / (field[2:entered] - field[: entered - 2])
    area = -slope / moment[1 : entered - 1, 0]  # dG/dB is minus the moment
    assert area == pytest.approx(area[0], rel=3e-3)
    told = f"between {field[entered - 1]:.2f} and {field[entered]:.2f}", f"{moment[0, 1]:.3f} e t/ħ"
    told += (
        f"{-winding[0, 1]:.0f} vortices",
        f"{moment[entered - 1, 0]:.3f} to {moment[entered, 0]:.3f} e t/ħ",
    )
    assert stands_in_header("magnetisation_loop", *told), told


@pytest.mark.slow
def test_stiffness_of_disorder(tmp_path):
    together = collected("stiffness_of_disorder", tmp_path / "stiffness")
    stiffness = together["phase_stiffness_temperature"]
    seeds = np.isfinite(stiffness.values).sum(axis=1)
    value, error = (one.values for one in mean(stiffness, "seed"))
    assert np.all((error <= 0.004) | (seeds == 24))
    gap, spread = (one.values for one in mean(together["spectral_gap"], "seed"))
    assert value[2] / value[0] < 0.05 < 0.5 < gap[2] / gap[0]
    digits, coarse = (3, 3, 3, 4), (3, 3, 3, 2)
    told = [f"{value[n]:.{d}f} ± {error[n]:.{d}f} t" for n, d in enumerate(digits)]
    told += [f"{gap[n]:.{d}f} ± {spread[n]:.{d}f} t" for n, d in enumerate(coarse)]
    told += [f"from {seeds[0]}, {seeds[1]}, {seeds[2]} and {seeds[3]} seeds"]
    assert stands_in_header("stiffness_of_disorder", *told), told


@pytest.mark.parametrize("power", [1, 2, 3])
def test_a_crossing_of_polynomials_is_exact_and_its_error_covers_it(power):
    x = np.linspace(0, 1, 9)
    first, second = 1 + 0.3 * x**power, 1.07 + 0 * x
    coords = {
        "h": Quantity(x, ("h",), "t", "h"),
        "branch": Quantity(np.array(["a", "b"]), ("branch",), "1", ""),
    }
    energy = Quantity(np.stack([first, second], axis=1), ("h", "branch"), "t", "F", coords)
    found = crossing(energy, "h")
    exact = (0.07 / 0.3) ** (1 / power)
    assert float(found.values) == pytest.approx(exact, abs=1e-12)
    with pytest.raises(bdg.errors.InputError, match="do not cross"):
        crossing(Quantity(energy.values * 0 + [1.0, 2.0], energy.dims, "t", "F", coords), "h")
    with pytest.raises(bdg.errors.InputError, match="needs the axes"):
        crossing(Quantity(first, ("h",), "t", "F", coords), "h")


def test_a_jump_beyond_a_crossing_is_in_its_error():
    """One branch gains or loses something next to the crossing: the cubic is wrong by less than it says."""
    x = np.linspace(0, 1, 11)
    for edge in (0.35, 0.55):
        step = 0.05 * ((x > edge) if edge > 0.45 else (x < edge))
        energies = np.stack([x, 0.45 + 0.1 * (x - 0.45) - step], axis=1)
        coords = {
            "h": Quantity(x, ("h",), "t", "h"),
            "branch": Quantity(np.array(["a", "b"]), ("branch",), "1", ""),
        }
        found = crossing(Quantity(energies, ("h", "branch"), "t", "F", coords), "h")
        assert 1e-3 < abs(float(found.values) - 0.45) < found.error * (1 + 1e-9)


def test_every_study_stands_in_the_table_of_its_page():
    page = (STUDIES.parents[1] / "docs/studies.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `(\w+)` \|", page.split("## Studies that come with it")[1], re.MULTILINE)
    assert sorted(listed) == sorted(path.stem for path in STUDIES.glob("*.yaml"))


@pytest.mark.slow
def test_channel_of_disorder(tmp_path):
    """What neighbours attract is d wave where it is clean, and lost to pairs on sites where it is dirty."""
    together = collected("channel_of_disorder", tmp_path / "channel")
    critical, shares = (together[name].values for name in ("critical_temperature", "share_d_x2_y2"))
    first = shares[:, 0]
    assert np.all(np.diff(first[:5]) < 0)
    assert critical.argmin() == 3  # where the two meet
    assert np.abs(together["pairing_eigenvalues"].values[:, 0] - 1).max() < 1e-6
    on_sites = together["share_s"].values[4, 0]
    told = (
        ", ".join(f"{one:.4f}" for one in critical[:5]) + f" and {critical[5]:.4f} t",
        ", ".join(f"{one:.3f}" for one in first[:5]) + f" and {first[5]:.3f}",
        f"on sites to {on_sites:.3f}",
    )
    assert stands_in_header("channel_of_disorder", *told), told


@pytest.mark.slow
def test_critical_disorder(tmp_path):
    """The place and its standard error from the means close to it and their spread over seeds."""
    together = collected("critical_disorder", tmp_path / "critical")
    width, stiffness = together.coords["width"].values, together["phase_stiffness_temperature"].values
    found, error = together["found_width"].values, together["found_width_error"].values
    assert together["found_width"].dims == ("temperature",)
    for n, temperature in enumerate(together.coords["temperature"].values):
        there = np.flatnonzero(np.isfinite(stiffness[n]).all(axis=0))
        means = stiffness[n][:, there].mean(axis=0)
        at = int(np.argmax(means < temperature))
        ends = there[[at - 1, at]]
        slope = (means[at] - means[at - 1]) / np.diff(width[ends])[0]
        straight = width[ends[0]] + (temperature - means[at - 1]) / slope
        assert found[n] == pytest.approx(straight, abs=0.02)
        spread = stiffness[n][:, ends].std(axis=0, ddof=1).mean() / np.sqrt(6)
        assert error[n] == pytest.approx(spread / abs(slope), rel=0.6)
    told = [f"{found[n]:.2f} ± {error[n]:.2f} t at T = {t} t" for n, t in ((0, 0.05), (1, 0.1))]
    assert stands_in_header("critical_disorder", *told), told
