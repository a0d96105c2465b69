"""Semi-infinite leads: transmission of a barrier, Andreev reflection, its clear and its tunnelling limit."""

import numpy as np
import pytest

from bdg import Disorder, build_model, build_sample, solve
from bdg.errors import InputError
from bdg.leads import surface_green
from bdg.result import Units
from tests.support.junctions import through_barrier


def contact(height, delta, mu=-0.5, **given):
    """A normal and a superconducting half chain, and a site of energy V without Δ between them."""
    sample = build_sample("chain", (12,), "open")
    place = sample.positions[:, 0]
    return build_model(
        sample,
        chemical_potential=mu,
        onsite=height * (place == 5),
        given_delta=delta * (place > 5),
        fields=(),
        **given,
    )


def measured(model, energies, name="conductance"):
    return solve(model, observables={"conductance": {"energies": energies}})[name].values


def test_the_surface_of_a_chain():
    """g = (E − √(E² − 4t²))/2t², retarded."""
    for energy in (-1.7, 0.3, 2.5):
        z = energy + 1e-8j
        found = surface_green(z, np.zeros((1, 1)), -np.eye(1), -np.eye(1))[0, 0]
        root = np.sqrt(z - 2) * np.sqrt(z + 2)
        assert found == pytest.approx((z - root) / 2, abs=1e-7)


@pytest.mark.parametrize("energy", [-0.8, 0.0, 0.6])
def test_the_transmission_of_a_barrier_between_normal_leads(energy):
    for height in (0.4, 3.0):
        found = measured(contact(height, 0.0), [energy])
        assert found[0] == pytest.approx(2 * through_barrier(height, -0.5 + energy), abs=1e-6)


def test_channels_of_a_clean_strip_are_all_open_and_disorder_closes_them():
    sample = build_sample("square", (8, 5), "open")
    modes = 2 * np.cos(np.pi * np.arange(1, 6) / 6)
    for mu in (-2.9, -0.5):
        open_ = np.sum(np.abs(mu + modes) < 2)
        clean = build_model(sample, chemical_potential=mu, fields=())
        assert measured(clean, [0.0])[0] == pytest.approx(2 * open_, abs=1e-5)
        assert measured(clean, [0.0], "open_channels")[0] == 2 * open_
    inner = lambda positions: np.abs(positions[:, 0] - 3.5) < 2  # noqa: E731
    dirty = build_model(sample, chemical_potential=-0.5, fields=(), disorder=Disorder(2.0, 3, region=inner))
    general = build_model(
        sample, chemical_potential=-0.5, fields=(), disorder=Disorder(2.0, 3, region=inner), least_dofs=4
    )
    through = measured(dirty, [0.1])[0]
    assert 1 < through < 9
    assert measured(general, [0.1])[0] == pytest.approx(through, abs=1e-6)


def test_a_clear_contact_doubles_the_conductance_and_a_barrier_makes_it_small():
    """At ω = 0 the conductance is (4e²/h) τ²/(2 − τ)², τ of the normal state, as Δ/t → 0."""
    delta = 2e-4
    clear = measured(contact(0.0, delta), [0.0, 0.5 * delta, 20 * delta])
    assert clear[:2] == pytest.approx(4, abs=1e-3)
    assert clear[2] == pytest.approx(2, rel=2e-3)
    for height in (0.7, 2.0, 6.0):
        tau = through_barrier(height, -0.5)
        found = measured(contact(height, delta), [0.0])[0]
        assert found == pytest.approx(4 * tau**2 / (2 - tau) ** 2, rel=1e-3)


def test_the_resistance_is_that_of_the_contact_without_its_pairs():
    """R_N = h/(2e² τ) and, with the units of t, in kΩ."""
    for height in (0.7, 2.0):
        result = solve(contact(height, 0.3), observables={"conductance": {"energies": [0.1]}})
        resistance = result["normal_resistance"]
        assert float(resistance) == pytest.approx(0.5 / through_barrier(height, -0.5), rel=1e-6)
    factor, name = Units(1.6e-22).si(resistance.units)
    assert (name, factor) == ("kΩ", pytest.approx(25.812807459, rel=1e-10))
    in_gap = contact(0.0, 0.1, mu=-2.5)
    result = solve(in_gap, observables={"conductance": {"energies": [0.0]}})
    assert "normal_resistance" not in result.quantities()  # no channel is open


def test_tunnelling_shows_the_density_of_states():
    """G_NS/G_NN → ω/√(ω² − Δ²) above the gap, and nothing in it, as τ → 0."""
    delta, energies = 1e-3, np.array([0.3, 1.2, 2.0, 4.0])
    height = 60.0
    normal = measured(contact(height, 0.0), [0.0])[0]
    found = measured(contact(height, delta), delta * energies) / normal
    wanted = energies[1:] / np.sqrt(energies[1:] ** 2 - 1)
    assert found[1:] == pytest.approx(wanted, rel=5e-3)
    assert found[0] < 5e-3


def test_spins_count_one_by_one_in_a_field():
    """With 2 dofs spin down is a hole at −ω; with 4 both spins are electrons."""
    given = {"zeeman": [0.0, 0.0, 0.02]}
    two = measured(contact(0.8, 0.1, **given), [-0.07, 0.05, 0.11])
    four = measured(contact(0.8, 0.1, least_dofs=4, **given), [-0.07, 0.05, 0.11])
    assert two == pytest.approx(four, abs=1e-6)
    assert abs(two[0] - measured(contact(0.8, 0.1), [-0.07])[0]) > 1e-3


def test_what_has_no_leads_is_refused():
    ring = build_model(build_sample("chain", (8,), "periodic"), fields=())
    superconductor = build_model(build_sample("chain", (8,), "open"), given_delta=0.3, fields=())
    for model, words in ((ring, "open them"), (superconductor, "let Δ be 0 at that end")):
        with pytest.raises(InputError, match=words):
            measured(model, [0.0])
