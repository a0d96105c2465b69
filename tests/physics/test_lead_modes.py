"""Leads at every energy: centres and edges of bands, singular hopping, modes that cross, superconductors."""

import numpy as np
import pytest

from bdg import build_model, build_sample, solve
from bdg.errors import NumericalError
from bdg.lattice import Boundary
from bdg.leads import scattering, surface_green
from bdg.leads.modes import flux, modes_of
from bdg.observables.response.conductance import conductance
from tests.support.junctions import barrier, relation, through_barrier

ENDLESS = {"leads": "semi_infinite"}


def contact(sample, first, **given):
    """A superconductor from a layer on, normal before it."""
    given = {"chemical_potential": 0.0, "fields": (), **given}
    delta = given.pop("delta", 0.0) * (sample.cells[:, 0] >= first)
    return build_model(sample, given_delta=delta, **given)


def measured(model, energies=(0.0,)):
    return solve(model, observables={"conductance": {"energies": list(energies)}})


def crossings(slice_, inward, energy, momenta=4001):
    """Channels of an infinite lead: how often a band E(k) rises through an energy."""
    k = 2 * np.pi * (np.arange(momenta) + 0.123) / momenta
    bloch = slice_ + np.exp(1j * k)[:, None, None] * inward
    levels = np.linalg.eigvalsh(bloch + np.exp(-1j * k)[:, None, None] * inward.conj().T)
    above = np.sort(levels, axis=1) > energy
    return int(np.sum(np.roll(above, -1, axis=0) & ~above))


@pytest.mark.parametrize("mu", [0.0, -0.7, 1.9])
@pytest.mark.parametrize("energy", [0.0, 1e-13, 0.4, -1.999, 1.9999999, 2.1, -3.0])
def test_the_surface_of_a_chain_is_the_closed_form(energy, mu):
    """g = (E − i√(4 − E²))/2, E from the centre of the band; beyond it the root that decays."""
    x = energy + 0j
    root = -1j * np.sqrt(4 - x**2) if abs(energy) < 2 else -np.sign(energy) * np.sqrt(x**2 - 4)
    green = surface_green(energy - mu, -mu * np.eye(1), -np.eye(1), -np.eye(1))[0, 0]
    assert green == pytest.approx((x + root) / 2, abs=1e-9)


@pytest.mark.parametrize("z", [1e-9j, 0.3 + 1e-12j, 1e-3j, 2j])
def test_the_surface_off_the_axis_too(z):
    """g = (z − √(z − 2)√(z + 2))/2, next to the level of a slice and far from it."""
    green = surface_green(z, np.zeros((1, 1)), -np.eye(1), -np.eye(1))[0, 0]
    assert green == pytest.approx((z - np.sqrt(z - 2) * np.sqrt(z + 2)) / 2, abs=1e-12)


@pytest.mark.parametrize("seed", range(6))
def test_the_surface_solves_its_equation_and_absorbs(seed):
    """A random slice, α of any rank, at a level of the slice."""
    rng = np.random.default_rng(seed)
    n = 2 + seed
    h, alpha = (rng.standard_normal((n, n)) + 1j * rng.standard_normal((n, n)) for _ in range(2))
    h, alpha = h + h.conj().T, alpha * (rng.random(n) < 0.7)
    for z in (*np.linalg.eigvalsh(h)[:2], 0.37, 1e-9j + np.linalg.eigvalsh(h)[0]):
        green = surface_green(z, h, alpha, alpha.conj().T)
        off = (z * np.eye(n) - h - alpha @ green @ alpha.conj().T) @ green - np.eye(n)
        assert np.abs(off).max() < 1e-8 * max(1, np.abs(green).max())
        assert np.linalg.eigvalsh(1j * (green - green.conj().T)).min() > -1e-8


@pytest.mark.parametrize("seed", range(5))
def test_as_many_modes_come_as_bands_cross_the_energy(seed):
    rng = np.random.default_rng(seed)
    n = 1 + 2 * seed
    h, alpha = (rng.standard_normal((n, n)) + 1j * rng.standard_normal((n, n)) for _ in range(2))
    h = h + h.conj().T
    for energy in rng.uniform(-3, 3, 4):
        found = modes_of(energy, h, alpha)
        assert found.incoming.shape[1] == crossings(h, alpha, energy)
        values = np.linalg.eigvalsh(flux(found.outgoing, alpha))
        assert values.min() > -1e-10  # nothing that goes out comes in
        assert np.count_nonzero(values > 1e-10) == found.incoming.shape[1]


STRIPS = {
    "chain": ("chain", (10,), 1),
    "odd strip": ("square", (8, 3), 3),
    "wide strip": ("square", (5, 13), 13),
    "triangular": ("triangular", (6, 5), None),
    "honeycomb": ("honeycomb", (6, 5), None),
    "kagome": ("kagome", (5, 3), None),
}


@pytest.mark.parametrize("rashba", [0.0, 0.4])
@pytest.mark.parametrize("kind", STRIPS)
def test_a_clean_strip_at_the_centre_of_its_band_conducts_in_every_channel(kind, rashba):
    lattice, size, modes = STRIPS[kind]
    result = measured(contact(build_sample(lattice, size, "open"), 99, rashba=rashba), [0.0, 0.37])
    channels, error = result["open_channels"].values, result["conductance_error"].values
    assert channels[1] > 0
    assert np.abs(result["conductance"].values - channels).max() < 1e-8 + error.max()
    if modes and not rashba:
        assert channels[0] == 2 * modes
        assert float(result["normal_resistance"]) == pytest.approx(0.5 / modes, rel=1e-9)
        assert error.max() < 1e-9


@pytest.mark.parametrize(("rows", "n_k", "wanted"), [(5, 2, 9), (1, 4, 1.5), (6, 1, 10), (3, 5, 5.8)])
def test_bloch_strips_at_the_centre_where_channels_open_take_the_mean_of_both_sides(rows, n_k, wanted):
    """k_y = 0 and π are at the edge of their bands there: half a channel each."""
    k = 2 * np.pi * np.arange(rows * n_k) / (rows * n_k)
    open_ = np.mean([np.abs(2 * np.cos(k) + shift) < 2 for shift in (-1e-6, 1e-6)], axis=0)
    assert 2 * open_.sum() / n_k == pytest.approx(wanted)
    sample = build_sample("square", (6, rows), ["open", Boundary("bloch", n_k=n_k)])
    result = measured(contact(sample, 99), [0.0])
    assert float(result["open_channels"].values[0]) == pytest.approx(wanted, abs=1e-9)
    assert float(result["conductance"].values[0]) == pytest.approx(wanted, abs=1e-6)
    if rows * n_k != 6:  # one opens where another one closes
        assert result["conductance"].error > 0.4 / n_k  # it jumps there, and says so
        assert any("a channel opens at 0 t" in line for line in result.warnings)


def test_conductance_steps_where_channels_open():
    sample, modes = build_sample("square", (6, 4), "open"), 2 * np.cos(np.pi * np.arange(1, 5) / 5)
    for edge in (2 - modes[0], 2 - modes[1], -2 - modes[2]):
        energies = edge + np.array([-1e-3, -1e-7, 0, 1e-7, 1e-3])
        result = measured(contact(sample, 99), energies)
        wanted = [2 * np.sum(np.abs(e + modes) < 2) for e in energies]
        wanted[2] = 0.5 * (wanted[1] + wanted[3])
        assert result["conductance"].values == pytest.approx(wanted, abs=1e-6)


def test_a_chain_in_cells_of_two_and_three_sites_is_a_chain():
    """The bands are folded: modes that go out and come in share one λ, and α is of rank 1."""
    for n in (2, 3):
        h, alpha = -np.eye(n, k=1) - np.eye(n, k=-1), np.zeros((n, n))
        alpha[n - 1, 0] = -1.0
        for z in (1e-9j, 0.2, 1.0, -1.7):
            wanted = (z - np.sqrt(z - 2 + 0j) * np.sqrt(z + 2 + 0j)) / 2
            if np.imag(z) == 0:
                wanted = (z - 1j * np.sqrt(4 - z**2)) / 2
            green = surface_green(z, h, alpha, alpha.T)
            assert green[0, 0] == pytest.approx(wanted, abs=1e-6)


@pytest.mark.parametrize("height", [0.0, 0.6, 3.0])
def test_a_contact_at_the_centre_of_the_band_is_that_of_blonder_tinkham_and_klapwijk(height):
    """With Z = V/ħv = V/2: 2e²/h (1 + A − B) as Δ/t → 0."""
    delta, z2 = 1e-4, (height / 2) ** 2
    assert through_barrier(height, 0.0) == pytest.approx(1 / (1 + z2))
    sample = build_sample("chain", (12,), "open")
    model = contact(sample, 6, delta=delta, onsite=height * (sample.cells[:, 0] == 5))
    x = np.array([0.0, 0.4, 0.9, 1.5, 4.0])
    within = x < 1
    root = np.sqrt(np.abs(x**2 - 1))
    andreev = 1 / (x**2 + (1 - x**2) * (1 + 2 * z2) ** 2)
    u2 = 0.5 * (1 + root / np.maximum(x, 1))
    gamma = u2 + z2 * (2 * u2 - 1)
    above = 1 + u2 * (1 - u2) / gamma**2 - (2 * u2 - 1) ** 2 * z2 * (1 + z2) / gamma**2
    wanted = 2 * np.where(within, 2 * andreev, above)
    result = measured(model, delta * x)
    assert result["conductance"].values == pytest.approx(wanted, abs=2e-3)
    assert result["conductance_error"].values.max() < 1e-8
    assert float(result["normal_resistance"]) == pytest.approx(0.5 * (1 + z2), rel=1e-9)


def test_wide_contacts_at_the_centre_double_what_every_channel_carries():
    for lattice, size, channels in (("square", (8, 3), 3), ("square", (8, 7), 7), ("chain", (8,), 1)):
        result = measured(contact(build_sample(lattice, size, "open"), 4, delta=1e-5), [0.0, 3e-6])
        assert result["conductance"].values == pytest.approx([4 * channels] * 2, rel=1e-3)
        assert (result["andreev_reflection"].values <= result["open_channels"].values).all()


def test_critical_current_times_resistance_at_the_centre_of_the_band():
    """I_c R_N → πΔ/e of a clear contact, and R_N = h/(2e²τ)."""
    delta = 1e-4
    for height in (0.0, 1.2, 4.0):
        model = barrier(3, delta, height, chemical_potential=0.0, temperature=0.02 * delta)
        result = relation(model, num=17, **ENDLESS)
        tau = through_barrier(height, 0.0)
        assert float(result["normal_resistance"]) == pytest.approx(0.5 / tau, rel=1e-8)
        phase = np.linspace(0, np.pi, 4001)[1:-1]
        level = np.sqrt(1 - tau * np.sin(phase / 2) ** 2)
        current = 0.5 * tau * np.sin(phase) / level * np.tanh(level / 0.04)
        voltage = 2 * np.pi * current.max() * 0.5 / tau
        assert float(result["junction_voltage"]) / delta == pytest.approx(voltage, rel=5e-3)
        assert result["junction_voltage"].error < 1e-3 * float(result["junction_voltage"])


@pytest.mark.parametrize("seed", range(8))
def test_probabilities_add_up_at_any_energy(seed):
    """Strips with disorder, spin–orbit coupling and fields, before superconductors with and without a gap."""
    rng = np.random.default_rng(seed)
    lattice = ("square", "triangular", "honeycomb", "kagome")[seed % 4]
    sample = build_sample(lattice, (6, int(rng.integers(1, 5))), "open")
    x = sample.cells[:, 0]
    model = build_model(
        sample,
        fields=(),
        chemical_potential=0.0 if seed % 2 else float(rng.uniform(-2, 2)),
        given_delta=0.3 * (x >= 3) * (1 - 0.5 * (seed % 3 == 0) * rng.random(sample.n_sites) * (x < 4)),
        onsite=rng.uniform(-1, 1, sample.n_sites) * ((x > 1) & (x < 4)),
        rashba=0.4 * (seed > 3),
        zeeman=[0.1 * (seed > 5), 0.0, 0.35 * (seed % 3 == 1)],
    )
    result = measured(model, [0.0, *rng.uniform(-3, 3, 3), 0.3, 2.0])
    channels, through, turned, error = (
        result[name].values
        for name in ("open_channels", "transmission", "andreev_reflection", "conductance_error")
    )
    assert np.isfinite(error).all()
    assert (through >= 0).all()
    assert (turned >= 0).all()
    assert (through + turned <= channels + error).all()
    assert (result["conductance"].values >= 0).all()


@pytest.mark.parametrize(
    ("kind", "mu", "energy"), [("lieb", 0.0, 0.0), ("lieb", 0.4, -0.4), ("kagome", 2.0, 0.0)]
)
def test_at_a_flat_band_the_conductance_is_that_on_both_sides(kind, mu, energy):
    """Every λ solves for a mode there; what conducts does not feel it."""
    sample = build_sample(kind, (6, 3), ["open", "periodic"])
    model = contact(sample, 99, chemical_potential=mu, onsite=0.3 * (sample.cells[:, 0] == 3))
    values = measured(model, energy + np.array([-1e-6, 0.0, 1e-6]))["conductance"].values
    assert values[1] == pytest.approx(0.5 * (values[0] + values[2]), abs=1e-3)


@pytest.mark.parametrize(
    ("kind", "size", "mu"),
    [
        ("triangular", (7, 5), 1.0),
        ("square", (9, 7), 0.0),
        ("square", (5, 1), 0.0),
        ("triangular", (7, 2), 1.0),
    ],
)
@pytest.mark.parametrize("delta", [0.1, 0.4])
def test_superconducting_leads_whose_slices_have_a_level_at_the_energy(kind, size, mu, delta):
    """T and R_A are continuous there, and share the open channels."""
    sample = build_sample(kind, size, "open")
    model = contact(sample, size[0] // 2, chemical_potential=mu, delta=delta)
    result = measured(model, [-1e-7, 0.0, 1e-7])
    for name in ("transmission", "andreev_reflection", "open_channels"):
        values = result[name].values
        assert (values >= 0).all()
        assert values[1] == pytest.approx(values[[0, 2]].mean(), abs=1e-5)
    total = result["transmission"].values + result["andreev_reflection"].values
    assert (total <= result["open_channels"].values + 1e-9).all()


def test_a_wall_in_the_leads_and_ends_cut_off_take_no_digits():
    """Rows of energy 10⁶ t beside two clean ones, sites joined to nothing, at the centre of the band."""
    sample = build_sample("square", (6, 4), "open")
    y = sample.cells[:, 1]
    walled = contact(sample, 99, onsite=1e6 * (y >= 2))
    result = measured(walled, [0.0, 0.5])
    assert result["conductance"].values == pytest.approx([4, 4], abs=1e-5)
    lone = contact(build_sample("square", (6, 3), "open"), 99, hopping=1.0)
    assert measured(lone)["conductance"].values == pytest.approx([6])


def test_what_is_not_found_is_nan_and_costs_nothing_else(monkeypatch):
    def fails(hamiltonian, sample, energy, axis=0, *, normal=False):
        if energy == 0.25 or normal:
            raise NumericalError("not found")
        return scattering(hamiltonian, sample, energy, axis, normal=normal)

    monkeypatch.setattr(conductance_module_of(), "scattering", fails)
    result = measured(contact(build_sample("chain", (8,), "open"), 99), [0.0, 0.25, 0.5])
    assert result["conductance"].values == pytest.approx([2, np.nan, 2], nan_ok=True)
    assert np.isnan(float(result["normal_resistance"]))
    assert any("not found at 0.25 t" in line for line in result.warnings)
    joined = relation(barrier(3, 0.1, 1.0, temperature=0.02), num=5, **ENDLESS)
    assert np.isfinite(joined["junction_current"].values).all()
    assert np.isnan(float(joined["junction_voltage"]))


def conductance_module_of():
    """The module, whose function has its name."""
    import sys

    return sys.modules[conductance.__module__]


def test_a_superconductor_between_normal_leads_is_grounded_and_says_so():
    """Walled off from the upper lead, it conducts by Andreev reflection; that lead gets nothing."""
    sample = build_sample("chain", (16,), "open")
    x = sample.cells[:, 0]
    within = 0.4 * ((x > 4) & (x < 13))
    given = {"fields": (), "given_delta": within, "chemical_potential": -0.3}
    walled = measured(build_model(sample, onsite=1e4 * (x == 12), **given))
    assert float(walled["conductance"].values[0]) > 1
    assert float(walled["transmission"].values[0]) < 1e-6
    assert "grounded" in walled["conductance"].long_name
    assert any("both leads are normal" in line for line in walled.warnings)
    assert any("both leads are normal" in line for line in measured(build_model(sample, **given)).warnings)
    for model in (contact(sample, 8, delta=0.2), contact(sample, 99)):
        assert not measured(model).warnings


def test_the_current_of_a_junction_has_an_error_and_survives_levels_that_are_not_found(monkeypatch):
    model = barrier(3, 0.6, 0.8, chemical_potential=0.0, temperature=0.05)
    sharp = relation(model, num=7, levels=1, **ENDLESS)
    long = relation(barrier(60, 0.6, 0.8, chemical_potential=0.0, temperature=0.05), num=7)
    off = np.abs(sharp["junction_current"].values - long["junction_current"].values).max()
    assert off < sharp["junction_current"].error + 1e-9 < 1e-7

    def fails(matrix, ends):
        raise NumericalError("not found")

    monkeypatch.setattr("bdg.leads.cut.bound_levels", fails)
    result = relation(model, num=7, levels=1, **ENDLESS)
    np.testing.assert_array_equal(result["junction_current"].values, sharp["junction_current"].values)
    assert np.isnan(result["junction_levels"].values).all()
    assert result.warnings == ("junction_levels: no levels are found at 7 of 7 phase differences",)


@pytest.mark.parametrize("weak", [1e-2, 1e-4, 1e-6])
def test_a_level_between_two_weak_links_is_as_sharp_as_they_make_it(weak):
    """2e²/h / (1 + (E/2t'²)²), down to a width of 10⁻¹² t."""
    sample = build_sample("chain", (9,), "open")
    source, target = sample.bonds.source, sample.bonds.target
    hops = np.where((source == 4) | (target == 4), weak, 1.0)
    x = np.array([0.0, 0.5, -1.0, 3.0])
    result = measured(contact(sample, 99, hopping=hops), 2 * weak**2 * x)
    assert result["conductance"].values == pytest.approx(2 / (1 + x**2), rel=1e-3)


def test_a_site_that_nothing_joins_is_as_good_as_none():
    sample, left = (build_sample("square", (8, 3), "open", vacancies=v) for v in ([], [[4, 1]]))
    lone = sample.site_at([4, 1])
    hops = np.where((sample.bonds.source == lone) | (sample.bonds.target == lone), 0.0, 1.0)
    for delta in (0.0, 0.2):
        found = measured(contact(sample, 4, delta=delta, hopping=hops))["conductance"].values
        wanted = measured(contact(left, 4, delta=delta))["conductance"].values
        assert found == pytest.approx(wanted, abs=1e-9)
