"""Samples: sites, bonds, boundaries, regions, vacancies."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bdg.errors import InputError
from bdg.lattice import (
    Boundary,
    build_sample,
    disk,
    half_plane,
    polygon,
    preset,
    presets,
    rectangle,
    ring,
    site_values,
)
from bdg.lattice.regions import difference, intersection, union

CELLS = {name: preset(name) for name in presets() if preset(name).n_directions == 2}


def brute_force_bonds(sample, n_shells):
    """Multiset of (source, target, displacement) found by distance among all images of all sites."""
    distances = sample.bonds.kinds.distance[:n_shells]
    images = [range(-4, 5) if ends.is_periodic else (0,) for ends in sample.boundary]
    lengths = np.array(sample.size)[:, None] * sample.cell.vectors
    found = []
    for turn in itertools.product(*images):
        shift = np.array(turn) @ lengths
        for i in range(sample.n_sites):
            d = sample.positions + shift - sample.positions[i]
            for j in np.flatnonzero(
                np.min(np.abs(np.linalg.norm(d, axis=1)[:, None] - distances), axis=1) < 1e-6
            ):
                found.append((i, int(j), *np.round(d[j], 5)))
    return sorted(found)


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(list(CELLS)),
    st.tuples(st.integers(1, 4), st.integers(1, 4)),
    st.tuples(st.sampled_from(["open", "periodic"]), st.sampled_from(["open", "periodic"])),
    st.integers(1, 2),
    st.sets(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=3),
)
def test_bonds_are_those_of_a_search_by_distance(name, size, ends, n_shells, holes):
    cell = CELLS[name]
    vacancies = [
        (*place, orbital) if cell.n_orbitals > 1 else place
        for place in holes
        if place[0] < size[0] and place[1] < size[1]
        for orbital in (range(1) if cell.n_orbitals == 1 else (0,))
    ]
    if len(vacancies) >= size[0] * size[1] * cell.n_orbitals:
        vacancies = []
    sample = build_sample(cell, size, ends, shells=n_shells, vacancies=vacancies)
    bonds = sample.bonds
    forward = zip(bonds.source, bonds.target, np.round(bonds.displacement, 5), strict=True)
    backward = zip(bonds.target, bonds.source, np.round(-bonds.displacement, 5), strict=True)
    both = sorted((int(i), int(j), *(d + 0.0)) for i, j, d in [*forward, *backward])
    expected = sorted((i, j, *(np.array(d) + 0.0)) for i, j, *d in brute_force_bonds(sample, n_shells))
    assert both == expected


def test_crossing_and_displacement_agree_with_positions():
    sample = build_sample("square", [3, 2], "periodic", shells=3)
    bonds, lengths = sample.bonds, np.diag([3, 2])
    straight = sample.positions[bonds.target] + bonds.crossing @ lengths - sample.positions[bonds.source]
    np.testing.assert_allclose(straight, bonds.displacement, atol=1e-12)


@pytest.mark.parametrize(
    ("size", "boundary", "n_bonds"),
    [([5], "open", 4), ([5], "periodic", 5), ([1], "periodic", 1), ([2], "periodic", 2), ([1], "open", 0)],
)
def test_number_of_bonds_of_a_chain(size, boundary, n_bonds):
    assert build_sample("chain", size, boundary).n_bonds == n_bonds


def test_one_wide_direction_joins_a_site_to_itself():
    bonds = build_sample("chain", 1, "periodic").bonds
    assert (bonds.source[0], bonds.target[0], bonds.crossing[0, 0]) == (0, 0, 1)


def test_site_lookup():
    sample = build_sample("square", [3, 4], vacancies=[[1, 1]])
    assert sample.n_sites == 11
    for site in range(sample.n_sites):
        assert sample.site_at(sample.cells[site].tolist()) == site
    for place, word in [([1, 1], "vacancy"), ([3, 0], "outside"), ([0, -1], "outside"), ([0], "wants 2")]:
        with pytest.raises(InputError, match=word):
            sample.site_at(place)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        ({"size": [3]}, "directions"),
        ({"size": [3, 0]}, "at least 1"),
        ({"size": [3, 3], "boundary": ["open"]}, "boundaries"),
        ({"size": [3, 3], "boundary": "closed"}, "closed"),
        ({"size": [3, 3], "vacancies": [[3, 3]]}, "outside"),
        ({"size": [3, 3], "region": disk(0.2, [0.5, 0.5])}, "no sites"),
        ({"size": [1, 1], "vacancies": [[0, 0]]}, "no sites"),
    ],
)
def test_impossible_samples_are_refused(arguments, word):
    with pytest.raises(InputError, match=word):
        build_sample("square", **arguments)


def test_regions_by_hand():
    grid = np.stack(np.meshgrid(np.arange(-3, 4), np.arange(-3, 4)), -1).reshape(-1, 2).astype(float)
    assert disk(1)(grid).sum() == 5
    assert disk(2)(grid).sum() == 13
    assert ring(1, 2)(grid).sum() == 12
    assert rectangle([2, 4])(grid).sum() == 3 * 5
    assert half_plane([0, 0], [1, 0])(grid).sum() == 4 * 7
    triangle = polygon([[0, 0], [3, 0], [0, 3]])
    assert triangle(grid).sum() == 10
    assert polygon([[0, 0], [0, 3], [3, 0]])(grid).sum() == 10  # either orientation
    assert union([disk(1), triangle])(grid).sum() == 12
    assert intersection([disk(1), triangle])(grid).sum() == 3
    assert difference([disk(2), disk(1)])(grid).sum() == 8
    assert difference([disk(2)])(grid).sum() == 13


def test_regions_of_a_line_and_of_space():
    line = np.arange(-3.0, 4.0)[:, None]
    assert disk(1, [1])(line).tolist() == [False] * 3 + [True] * 3 + [False]
    assert rectangle([3], [0.5])(line).sum() == 4
    assert half_plane([0], [-2])(line).sum() == 4
    axis = np.arange(-3, 4)
    space = np.stack(np.meshgrid(axis, axis, axis), -1).reshape(-1, 3).astype(float)
    assert disk(1)(space).sum() == 7
    assert ring(1, 2, [0, 0, 0])(space).sum() == 6 + 12 + 8 + 6
    assert rectangle([2, 4, 0.5])(space).sum() == 3 * 5
    assert half_plane([0, 0, 1], [0, 0, 3])(space).sum() == 5 * 49
    assert polygon([[0, 0], [3, 0], [0, 3]])(space).sum() == 10 * 7  # a prism


def test_half_plane_keeps_the_side_the_normal_points_away_from():
    assert half_plane([0, 0], [0, 2])(np.array([[0, -1.0], [0, 1.0]])).tolist() == [True, False]


def test_values_over_sites():
    sample = build_sample("square", [2, 2])
    np.testing.assert_array_equal(site_values(sample, 2), [2, 2, 2, 2])
    np.testing.assert_array_equal(site_values(sample, lambda x, y: x + 10 * y), [0, 10, 1, 11])
    for bad, word in [([1, 2, 3], "shape"), (np.nan, "finite")]:
        with pytest.raises(InputError, match=word):
            site_values(sample, bad)


def test_boundary_of_each_direction():
    sample = build_sample("square", [3, 3], [Boundary("periodic", 0.2), "open"])
    assert sample.n_bonds == 9 + 6
