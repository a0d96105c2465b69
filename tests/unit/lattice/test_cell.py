"""Cells with hoppings of their own, orbitals at one place, masks."""

import numpy as np
import pytest

from bdg.errors import InputError
from bdg.lattice import UnitCell, build_sample, preset
from bdg.model import build_model

SQUARE = [[1, 0], [0, 1]]
PAIR = [[0, 0], [0, 0]]


def test_a_hopping_against_its_orientation_is_turned():
    one = UnitCell.build(SQUARE, PAIR, hoppings=[(0, 1, [-1, 0], 0.3 + 0.2j), (1, 0, [0, 0], 2j)]).hoppings
    two = UnitCell.build(SQUARE, PAIR, hoppings=[(1, 0, [1, 0], 0.3 - 0.2j), (0, 1, [0, 0], -2j)]).hoppings
    for name in ("source", "target", "offset", "shell", "displacement", "distance", "amplitude"):
        np.testing.assert_array_equal(getattr(one, name), getattr(two, name))
    assert one.distance.tolist() == [1.0]
    assert one.amplitude.tolist() == [-2j, 0.3 - 0.2j]


@pytest.mark.parametrize(
    ("hoppings", "word"),
    [
        ([(0, 1, [0, 0], 1), (1, 0, [0, 0], 1)], "hopping 0 again"),
        ([(0, 0, [1, 0], 1), (0, 0, [0, 1], 1), (0, 0, [1, 0], 2)], "hopping 0 again"),
        ([(0, 2, [0, 0], 1)], "orbital 2"),
        ([(0, -1, [0, 0], 1)], "orbital -1"),
        ([(0, 1, [0], 1)], "2 whole numbers"),
        ([(0, 1, [0.5, 0], 1)], "whole numbers"),
        ([(1, 1, [0, 0], 1)], "on-site energy"),
        ([(0, 1, [0, 0], np.nan)], "not finite"),
        ([(0, 1, 1)], "four values"),
    ],
)
def test_impossible_hoppings_are_refused(hoppings, word):
    with pytest.raises(InputError, match=word):
        UnitCell.build(SQUARE, PAIR, hoppings=hoppings)


@pytest.mark.parametrize("onsite", [[1.0], [1.0, np.inf], 1.0])
def test_onsite_energies_are_one_an_orbital(onsite):
    with pytest.raises(InputError, match="2 orbitals"):
        UnitCell.build(SQUARE, PAIR, onsite=onsite)


def test_own_hoppings_decide_the_bonds():
    cell = preset("square").with_hoppings([(0, 0, [2, 1], 0.5)])
    sample = build_sample(cell, [4, 4])
    assert sample.n_bonds == 2 * 3
    assert np.all(sample.bonds.displacement == [2, 1])
    with pytest.raises(InputError, match="decide its bonds"):
        build_sample(cell, [4, 4], shells=1)
    assert build_sample(cell.with_hoppings(None), [4, 4], shells=1).n_bonds == 24
    assert build_sample(cell.with_hoppings([]), [4, 4]).n_bonds == 0


def test_amplitudes_become_modulus_and_phase():
    cell = UnitCell.build(
        SQUARE, PAIR, onsite=[0.5, -0.5], hoppings=[(0, 0, [1, 0], -0.7), (0, 1, [0, 0], 0.6j)]
    )
    model = build_model(build_sample(cell, [2, 1]), onsite=1.0)
    own = model.sample.bonds.kinds.amplitude[model.sample.bonds.kind]
    np.testing.assert_allclose(model.hopping * np.exp(1j * model.phase), own, atol=1e-15)
    assert model.hopping.tolist() == [0.6, 0.6, -0.7]  # a real hopping keeps its sign, and has no phase
    assert model.phase.tolist() == [np.pi / 2, np.pi / 2, 0.0]
    assert model.onsite.tolist() == [1.5, 0.5, 1.5, 0.5]


def test_hoppings_of_the_model():
    sample = build_sample("square", [3, 3], shells=2)
    assert set(build_model(sample).hopping) == {0.0, 1.0}
    values = np.exp(1j * np.arange(sample.n_bonds)) * (1 + np.arange(sample.n_bonds))
    model = build_model(sample, hopping=values, vector_potential=[0.2, 0.0])
    peierls = np.exp(-0.2j * sample.bonds.displacement[:, 0])
    np.testing.assert_allclose(model.amplitude, -values * peierls, atol=1e-12)
    own = build_sample(preset("square").with_hoppings([(0, 0, [1, 0], 3.0), (0, 0, [1, 1], 5.0)]), [3, 3])
    assert build_model(own, hopping=[2.0, 0.1]).hopping.tolist() == [2.0] * 6 + [0.1] * 4
    for bad, word in [
        (1j, "direction"),
        ([1, 2, 3], "3 shells"),
        (np.full(sample.n_bonds, np.inf), "finite"),
    ]:
        with pytest.raises(InputError, match=word):
            build_model(sample, hopping=bad)


def test_masks_and_predicates():
    mask = np.zeros((3, 4), bool)
    mask[1, 2:] = True
    whole = build_sample("honeycomb", [3, 4], region=mask)
    assert whole.cells.tolist() == [[1, 2], [1, 2], [1, 3], [1, 3]]
    by_orbital = np.repeat(mask[..., None], 2, axis=-1)
    by_orbital[1, 2, 0] = False
    assert build_sample("honeycomb", [3, 4], region=by_orbital).orbitals.tolist() == [1, 0, 1]
    flat = build_sample("honeycomb", [3, 4], region=by_orbital.ravel())
    assert (flat.cells.tolist(), flat.orbitals.tolist()) == ([[1, 2], [1, 3], [1, 3]], [1, 0, 1])
    cut = build_sample("cubic", [3, 3, 3], region=lambda r: r.sum(axis=1) < 1.5)
    assert cut.n_sites == 4
    for bad, word in [
        (mask.T, "shape"),
        (mask.ravel(), r"shape \(12,\); give booleans of shape \(3, 4\), \(3, 4, 2\) or \(24,\)"),
        (mask.astype(int), "int64"),
        (lambda r: r, "one boolean"),
        (lambda r: True, "one boolean"),
    ]:
        with pytest.raises(InputError, match=word):
            build_sample("honeycomb", [3, 4], region=bad)


def test_positions_of_ragged_samples():
    cell = preset("kagome")
    sample = build_sample(cell, [3, 4], region=lambda r: r[:, 1] < 4)
    np.testing.assert_allclose(
        sample.positions, sample.cells @ cell.vectors + cell.basis[sample.orbitals], atol=1e-12
    )
    assert sample.positions[:, 1].max() < 4
