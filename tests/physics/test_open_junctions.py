"""Junctions between superconductors without end: long ends, tunnelling, the formulas of short junctions."""

import numpy as np
import pytest

from bdg import build_model, build_sample, solve
from bdg.errors import InputError
from bdg.lattice import Boundary
from bdg.leads import surface_green
from tests.support.junctions import barrier, relation, through_barrier, through_weak_link, weak_link

ENDLESS = {"leads": "semi_infinite"}


def strip(half, lattice="square", **given):
    """A disordered strip of 6 layers between uniform superconductors, ``half`` layers in all on a side."""
    sample = build_sample(lattice, (2 * half, 2), "open")
    inner = np.abs(sample.cells[:, 0] - half + 0.5) < 3
    energies = np.zeros(sample.n_sites)
    energies[inner] = np.random.default_rng(4).uniform(-0.8, 0.8, inner.sum())
    if "given_bonds" not in given:
        given["given_delta"] = 0.8 * ~inner
    field = np.outer([0.1, 0.3, 0.05], inner) if "rashba" in given else 0.0
    return build_model(
        sample, chemical_potential=-0.7, onsite=energies, fields=(), temperature=0.1, zeeman=field, **given
    )


KINDS = {
    "s wave": {},
    "spin–orbit in a field": {"rashba": 0.6},
    "oblique": {"lattice": "triangular"},
    "d wave": {"given_bonds": {"d_x2_y2": 0.4, "s_extended": 0.3}},
}


@pytest.mark.parametrize("kind", KINDS)
def test_ends_that_grow_come_to_leads_without_end(kind):
    wanted = relation(strip(5, **KINDS[kind]), num=8, stop=5.0, **ENDLESS)["junction_current"].values
    off = []
    for half in (8, 16, 32):
        found = relation(strip(half, **KINDS[kind]), num=8, stop=5.0)["junction_current"].values
        off.append(np.abs(found - wanted).max())
    assert np.abs(wanted).max() > 4e-3
    assert off[1] < 0.1 * off[0]
    assert off[2] < 1e-4 * np.abs(wanted).max()


def test_levels_are_those_of_long_ends():
    long = relation(strip(30), num=5, levels=4)["junction_levels"].values
    found = relation(strip(5), num=5, levels=4, **ENDLESS)["junction_levels"].values
    assert np.isfinite(found[2]).all()
    assert found == pytest.approx(long, abs=1e-5, nan_ok=True)


def test_leads_with_levels_of_their_own_are_known():
    """A wire with h² > Δ² + (μ + 2t)² has a Majorana mode at its end; below that, levels are counted."""

    def wire(field, length, **parameters):
        sample = build_sample("chain", (length,), "open")
        given = {"chemical_potential": -2.0, "given_delta": 0.4, "rashba": 0.8, "zeeman": [0, 0, field]}
        model = build_model(sample, fields=(), temperature=0.05, **given)
        return relation(model, num=3, stop=np.pi, levels=1, **parameters)["junction_levels"].values[1:]

    assert wire(0.2, 6, **ENDLESS) == pytest.approx(wire(0.2, 120), abs=1e-5)
    with pytest.raises(InputError, match="levels of its own"):
        wire(0.8, 6, **ENDLESS)


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=() if kind == "s wave" else pytest.mark.slow) for kind in KINDS]
)
def test_the_current_is_the_derivative_of_the_potential_and_the_same_at_every_cut(kind):
    model = strip(5, **KINDS[kind])
    result = relation(model, num=2001, **ENDLESS)
    step = 2 * np.pi / 2000
    slope = np.gradient(result["junction_potential"].values, step)[1:-1]
    current = result["junction_current"].values
    assert current[1:-1] == pytest.approx(2 * slope, abs=1e-5)
    if kind != "d wave":  # Δ is given, and the strip has none: there nothing takes a charge away
        for place in (3.0, 6.2):
            other = relation(model, num=9, at=place, **ENDLESS)["junction_current"].values
            assert other == pytest.approx(current[::250], abs=1e-8)


def test_the_tunnel_current_is_the_sum_over_the_anomalous_functions_of_the_surfaces():
    """I = 4 T t'² Σ_n F_L(iω_n) F_R(iω_n) sin φ, the n of both signs, except for the order t'⁴."""
    mu, delta, temperature = -0.4, 0.3, 0.06
    pauli, flip = np.diag([1.0, -1.0]), np.array([[0.0, 1.0], [1.0, 0.0]])
    pairs = []
    for n in range(400):
        omega = np.pi * temperature * (2 * n + 1)
        surface = surface_green(1j * omega, -mu * pauli + delta * flip, -pauli, -pauli)
        pairs.append(surface[0, 1].real ** 2)
    lowest = 8 * temperature * np.sum(pairs) * np.sin(1.1)
    off = []
    for weak in (0.2, 0.1, 0.05):
        model = weak_link(4, delta, weak, chemical_potential=mu, temperature=temperature)
        found = relation(model, stop=1.1, num=2, **ENDLESS)["junction_current"].values[-1]
        off.append(1 - found / (weak**2 * lowest))
    assert abs(off[2]) < 3e-3
    assert np.divide(off[:2], off[1:]) == pytest.approx([4, 4], rel=0.1)


@pytest.mark.parametrize("share", [0.05, 0.4])
def test_a_short_junction_has_the_level_the_current_and_the_resistance_of_its_transmission(share):
    """E = Δ √(1 − τ sin²(φ/2)), I = (eΔ²τ/2ħE) sin φ tanh(E/2T), R_N = h/(2e² τ), where Δ/t → 0."""
    height, mu, delta = 1.6, -0.5, 2e-5
    tau = through_barrier(height, mu)
    model = barrier(3, delta, height, chemical_potential=mu, temperature=share * delta)
    result = relation(model, num=9, levels=1, **ENDLESS)
    phase = result["junction_current"].coords["phase_difference"].values
    level = np.sqrt(1 - tau * np.sin(phase / 2) ** 2)
    current = 0.5 * tau * np.sin(phase) / level * np.tanh(0.5 * level / share)
    assert result["junction_levels"].values[1:-1, 0] / delta == pytest.approx(level[1:-1], rel=1e-3)
    assert result["junction_current"].values / delta == pytest.approx(current, abs=1e-3 * current.max())
    assert float(result["normal_resistance"]) == pytest.approx(0.5 / tau, rel=1e-6)


def test_critical_current_times_resistance_of_a_tunnel_junction_and_of_a_clear_contact():
    """I_c R_N = (πΔ/2e) tanh(Δ/2T) (Ambegaokar, Baratoff); πΔ/e at T → 0 (Kulik, Omelyanchuk)."""
    delta = 1e-4
    for share in (0.1, 0.5):
        tunnel = weak_link(4, delta, 0.02, chemical_potential=-0.5, temperature=share * delta)
        assert through_weak_link(0.02, -0.5) < 2e-3
        voltage = float(relation(tunnel, **ENDLESS)["junction_voltage"])
        assert voltage / delta == pytest.approx(0.5 * np.pi * np.tanh(0.5 / share), rel=2e-3)
    clear = weak_link(4, delta, 1.0, chemical_potential=-0.5, temperature=1e-3 * delta)
    result = relation(clear, num=33, **ENDLESS)
    assert float(result["junction_voltage"]) / delta == pytest.approx(np.pi, rel=5e-3)
    place = result["junction_critical_forward"].attributes["phase_difference"]
    assert 0.97 * np.pi < place < np.pi  # I ∝ sin(φ/2), up to π


@pytest.mark.parametrize(("gate", "channels"), [(0.0, 2), (0.6, 1)])
def test_every_channel_of_a_constriction_carries_as_much(gate, channels):
    """I = N (eΔ/ħ) sin(φ/2) tanh(Δ cos(φ/2)/2T) of a smooth and short one."""
    delta, share = 1e-3, 0.1
    sample = build_sample("square", (30, 9), "open")
    x, y = sample.positions.T
    squeezed = (gate + 0.16 * (y - 4) ** 2) * np.exp(-(((x - 14.5) / 7) ** 2))
    given = {"chemical_potential": -2.5, "given_delta": delta, "temperature": share * delta}
    result = relation(build_model(sample, onsite=squeezed, fields=(), **given), num=13, **ENDLESS)
    phase = result["junction_current"].coords["phase_difference"].values
    each = np.sin(phase / 2) * np.tanh(np.cos(phase / 2) / (2 * share))
    assert result["junction_current"].values / delta == pytest.approx(channels * each, abs=0.01 * channels)
    assert float(result["normal_resistance"]) == pytest.approx(0.5 / channels, rel=0.01)


def test_momenta_across_the_leads_are_rows():
    """A strip that repeats itself, 6 momenta, carries a sixth of one that closes after 6 rows."""
    measured = []
    for rows, closed in ((6, "periodic"), (1, Boundary("bloch", n_k=6))):
        sample = build_sample("square", (6, rows), ["open", closed])
        place = sample.positions[:, 0]
        given = {"chemical_potential": -0.5, "fields": (), "temperature": 0.05}
        link = build_model(sample, given_delta=0.4 * (np.abs(place - 2.5) > 1), rashba=0.3, **given)
        joined = relation(link, num=5, **ENDLESS)
        contact = build_model(sample, given_delta=0.4 * (place > 3), onsite=0.5 * (place == 3), **given)
        through = solve(contact, observables={"conductance": {"energies": [0.0, 0.3]}})
        found = [joined["junction_current"].values, through["conductance"].values]
        found += [[1 / float(result["normal_resistance"])] for result in (joined, through)]
        measured.append(np.concatenate(found) / rows)
    assert measured[0][1] > 0.01
    assert measured[1] == pytest.approx(measured[0], abs=1e-6)


def test_what_is_no_junction_between_leads_is_refused():
    cold = weak_link(4, 0.3, 1.0)
    ring = build_model(build_sample("chain", (8,), "periodic"), given_delta=0.3, fields=(), temperature=0.1)
    normal = barrier(4, 0.0, 1.0, temperature=0.1)
    slanting = build_sample("triangular", (4, 8), "open")  # a layer leans by more than half of the length
    oblique = build_model(slanting, given_delta=0.3, fields=(), temperature=0.1)
    for model, parameters, words in (
        (cold, {}, "T = 0 is not done"),
        (ring, {}, "open them"),
        (normal, {"levels": 1}, "no gap"),
        (oblique, {}, "passes an outermost layer"),
        (normal, {"leads": "endless"}, "must be a depth or semi_infinite"),
    ):
        with pytest.raises(InputError, match=words):
            relation(model, **{**ENDLESS, **parameters})
