"""Plaquettes against loops found by brute force, areas, Euler's formula with holes found by flood fill."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bdg.gauge import bond_vector_potential, flux, peierls_phase, transformed_phase
from bdg.lattice import Boundary, UnitCell, build_sample, difference, disk, presets, ring

FACES = {"square": [4], "triangular": [3, 3], "honeycomb": [6], "kagome": [3, 3, 6], "lieb": [8]}
"""Sides of the faces of one cell."""


def loop_of(sample, plaquette):
    """Bonds and signs of one plaquette."""
    p = sample.plaquettes
    part = slice(p.indptr[plaquette], p.indptr[plaquette + 1])
    return p.bonds[part], p.signs[part]


def cell_area(cell):
    return abs(np.linalg.det(cell.vectors))


@pytest.mark.parametrize("name", FACES)
@pytest.mark.parametrize("size", [(1, 1), (2, 1), (2, 2), (3, 4)])
def test_faces_of_a_torus(name, size):
    sample = build_sample(name, size, "periodic")
    sides = np.diff(sample.plaquettes.indptr)
    assert sorted(sides) == sorted(FACES[name] * int(np.prod(size)))
    assert sample.n_sites - sample.n_bonds + len(sides) == 0
    assert sample.plaquettes.area.sum() == pytest.approx(np.prod(size) * cell_area(sample.cell))
    # Every bond has a plaquette on its left and one on its right.
    p = sample.plaquettes
    for sign in (1, -1):
        np.testing.assert_array_equal(np.sort(p.bonds[p.signs == sign]), np.arange(sample.n_bonds))


@pytest.mark.parametrize("name", [*FACES, "cubic"])
@pytest.mark.parametrize("boundary", ["open", "periodic"])
def test_every_loop_closes_around_its_center_and_area(name, boundary):
    sample = build_sample(name, [3] * (3 if name == "cubic" else 2), boundary)
    bonds, lengths = sample.bonds, np.array(sample.size)[:, None] * sample.cell.vectors
    for n in range(len(sample.plaquettes)):
        its, signs = loop_of(sample, n)
        steps = signs[:, None] * bonds.displacement[its]
        np.testing.assert_allclose(steps.sum(axis=0), 0, atol=1e-12)
        assert not np.any((signs[:, None] * bonds.crossing[its]).sum(axis=0))
        ends = np.where(signs > 0, bonds.target[its], bonds.source[its])
        starts = np.where(signs > 0, bonds.source[its], bonds.target[its])
        np.testing.assert_array_equal(ends, np.roll(starts, -1))
        corners = np.cumsum(np.vstack([0 * steps[:1], steps[:-1]]), axis=0)
        wanted = corners.mean(axis=0) + sample.positions[starts[0]] - sample.plaquettes.center[n]
        turns = np.linalg.solve(lengths.T, wanted)  # the center is right up to turns around the torus
        np.testing.assert_allclose(turns, np.round(turns), atol=1e-9)
        if name == "cubic":
            assert sample.plaquettes.area[n] == pytest.approx(1.0)
        else:
            x, y = corners.T
            area = 0.5 * np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))
            assert area == pytest.approx(sample.plaquettes.area[n])  # positive: counter-clockwise


def induced_cycles(sample, longest):
    """Every closed loop without chords of an open sample, as sets of sites."""
    neighbours = [set() for _ in range(sample.n_sites)]
    for i, j in zip(sample.bonds.source.tolist(), sample.bonds.target.tolist(), strict=True):
        neighbours[i].add(j)
        neighbours[j].add(i)
    found = set()

    def extend(path):
        for site in neighbours[path[-1]]:
            if site == path[0] and len(path) > 2:
                chords = sum(len(neighbours[i] & set(path)) for i in path) // 2
                if chords == len(path):
                    found.add(frozenset(path))
            elif site > path[0] and site not in path and len(path) < longest:
                extend([*path, site])

    for start in range(sample.n_sites):
        extend([start])
    return found


@pytest.mark.parametrize(("name", "size"), [("square", 5), ("triangular", 5), ("honeycomb", 4), ("lieb", 3)])
@pytest.mark.parametrize("seed", [0, 1])
def test_minimal_loops_of_a_ragged_sample_are_those_of_a_search(name, size, seed):
    mask = np.random.default_rng(seed).random((size, size)) < 0.9
    sample = build_sample(name, [size, size], region=mask)
    sides = max(FACES[name])
    loops = {cycle for cycle in induced_cycles(sample, sides) if len(cycle) == sides}
    faces = set()
    for n in range(len(sample.plaquettes)):
        its, signs = loop_of(sample, n)
        faces.add(frozenset(np.where(signs > 0, sample.bonds.source[its], sample.bonds.target[its]).tolist()))
    assert len(faces) == len(sample.plaquettes) > 0
    assert faces == loops


def test_triangles_and_hexagons_of_a_ragged_kagome():
    mask = np.random.default_rng(3).random((4, 4, 3)) < 0.92
    sample = build_sample("kagome", [4, 4], region=mask)
    cycles = induced_cycles(sample, 6)
    sides = np.diff(sample.plaquettes.indptr)
    for count in (3, 6):
        assert np.sum(sides == count) == sum(len(cycle) == count for cycle in cycles) > 0


def components(n, source, target):
    """Number of connected pieces, by flood fill."""
    neighbours = [[] for _ in range(n)]
    for i, j in zip(source, target, strict=True):
        neighbours[i].append(j)
        neighbours[j].append(i)
    seen, pieces = set(), 0
    for start in range(n):
        if start in seen:
            continue
        pieces += 1
        stack = [start]
        while stack:
            site = stack.pop()
            if site not in seen:
                seen.add(site)
                stack += neighbours[site]
    return pieces


def holes(sample):
    """Bounded pieces of the plane without a plaquette: faces of a larger sample joined across lost bonds."""
    margin = 2
    size = tuple(n + 2 * margin for n in sample.size)
    frame = build_sample(sample.cell, size)
    p = frame.plaquettes
    shift = np.sum(margin * sample.cell.vectors, axis=0)
    kept = {
        (*np.round(sample.positions[i] + shift, 5), *np.round(sample.positions[j] + shift, 5))
        for i, j in zip(sample.bonds.source, sample.bonds.target, strict=True)
    }
    at = np.round(frame.positions, 5)
    lost = np.array(
        [(*at[i], *at[j]) not in kept for i, j in zip(frame.bonds.source, frame.bonds.target, strict=True)]
    )
    faces = np.repeat(np.arange(len(p)), np.diff(p.indptr))
    sides = [[] for _ in range(frame.n_bonds)]
    for face, bond in zip(faces.tolist(), p.bonds.tolist(), strict=True):
        sides[bond].append(face)
    outside = len(p)
    broken = [[*its, outside][:2] for bond, its in enumerate(sides) if lost[bond] and its]
    source, target = zip(*broken, strict=True)
    # Faces all of whose bonds are there are pieces of their own; what is left are holes, and the outside.
    whole = sum(not lost[p.bonds[p.indptr[n] : p.indptr[n + 1]]].any() for n in range(len(p)))
    return components(len(p) + 1, source, target) - whole - 1


@pytest.mark.parametrize("name", FACES)
@pytest.mark.parametrize("seed", range(4))
def test_euler_of_ragged_samples(name, seed):
    """V − E + F = components − holes."""
    mask = np.random.default_rng(seed).random((7, 7)) < 0.85
    sample = build_sample(name, [7, 7], region=mask)
    pieces = components(sample.n_sites, sample.bonds.source.tolist(), sample.bonds.target.tolist())
    euler = sample.n_sites - sample.n_bonds + len(sample.plaquettes)
    assert euler == pieces - holes(sample)


@pytest.mark.parametrize("name", FACES)
def test_euler_of_a_disk_and_a_ring(name):
    middle = 7 * np.sum(build_sample(name, [1, 1]).cell.vectors, axis=0)
    for region, euler in [(disk(6.4, middle), 1), (ring(3.1, 6.4, middle), 0)]:
        sample = build_sample(name, [16, 16], region=region)
        loose = components(sample.n_sites, sample.bonds.source.tolist(), sample.bonds.target.tolist()) - 1
        assert loose < 9  # sites at the edge without a neighbour
        assert sample.n_sites - sample.n_bonds + len(sample.plaquettes) == euler + loose


@pytest.mark.parametrize(
    ("vectors", "shells", "sides", "area"),
    [
        ([[1, 0], [0, 1.5]], 1, None, 0.0),
        ([[1, 0], [0, 1.5]], 2, 4, 1.5),
        ([[1, 0], [0, 2.5]], 3, 4, 2.5),  # the second shell, 2 a along x, lies on the first
        ([[1, 0], [0, 1]], 2, 4, 1.0),  # diagonals cross one another
        ([[1, 0], [0.5, 0.9]], 2, 3, 0.45),  # isosceles triangles from two shells
        ([[1, 0], [0.3, 1]], 3, 3, 0.5),
        ([[0, 1], [1, 0]], 1, 4, 1.0),  # left-handed
        ([[-1, 0], [-0.5, 0.9]], 2, 3, 0.45),
    ],
)
def test_shells_join_by_length_unless_they_cross(vectors, shells, sides, area):
    sample = build_sample(UnitCell.build(vectors), [3, 3], "periodic", shells=shells)
    p = sample.plaquettes
    assert set(np.diff(p.indptr)) == (set() if sides is None else {sides})
    np.testing.assert_allclose(p.area, area)
    assert len(p) == 0 or p.area.sum() == pytest.approx(9 * cell_area(sample.cell))


def test_orbitals_at_one_place_make_one_set_of_faces():
    cell = UnitCell.build(
        [[1, 0], [0, 1]],
        [[0, 0], [0, 0]],
        hoppings=[
            (a, b, offset, 1.0) for offset in ([1, 0], [0, 1]) for a, b in itertools.product((0, 1), repeat=2)
        ]
        + [(0, 1, [0, 0], 0.2)],
    )
    p = build_sample(cell, [4, 3], "periodic").plaquettes
    assert p.area.tolist() == [1.0] * 12


def test_strip_in_the_plane_has_faces_and_a_chain_none():
    ladder = UnitCell.build([[1, 0]], [[0, 0], [0, 1]])
    for boundary, count in (("open", 5), ("periodic", 6)):
        sample = build_sample(ladder, 6, boundary)
        assert sample.plaquettes.area.tolist() == [1.0] * count
    assert len(build_sample("chain", 6, "periodic").plaquettes) == 0


def test_cubic_squares_in_three_orientations():
    sample = build_sample("cubic", [2, 3, 4])
    p = sample.plaquettes
    assert sorted(np.bincount(p.kind)) == sorted([1 * 2 * 4, 1 * 3 * 3, 2 * 2 * 3])
    field = np.array([0.3, -0.7, 1.1])
    middle = sample.positions[sample.bonds.source] + sample.bonds.displacement / 2
    symmetric = 0.5 * np.sum(np.cross(field, middle) * sample.bonds.displacement, axis=1)
    through = np.sort(np.unique(np.round(flux(sample, symmetric), 9)))
    np.testing.assert_allclose(through, np.sort(field), atol=1e-9)  # right-handed about +x, +y, +z


def test_diamond_has_hexagons():
    vectors = np.array([[0, 1, 1], [1, 0, 1], [1, 1, 0]]) * 0.5
    sample = build_sample(UnitCell.build(vectors, [[0, 0, 0], [0.25, 0.25, 0.25]]), [2, 2, 2], "periodic")
    sides = np.diff(sample.plaquettes.indptr)
    assert set(sides) == {6}
    assert len(sides) == 4 * 8  # twelve through each atom, six atoms each, two atoms a cell


@settings(max_examples=20, deadline=None)
@given(st.sampled_from([*FACES, "cubic"]), st.integers(1, 3), st.integers(0, 10**6))
def test_phases_of_plaquettes_sum_to_the_flux_in_any_gauge(name, length, seed):
    rng = np.random.default_rng(seed)
    dimension = 3 if name == "cubic" else 2
    boundary = [Boundary("periodic", rng.normal()), "open", "open"][:dimension]
    sample = build_sample(name, [length, 3, 3][:dimension], boundary)
    middle = sample.positions[sample.bonds.source] + sample.bonds.displacement / 2
    integrals = 0.7 * -middle[:, 1] * sample.bonds.displacement[:, 0]  # Landau gauge, B = 0.7 along z
    phase = peierls_phase(sample, bond_vector_potential(sample, integrals))
    through = flux(sample, phase)
    if dimension == 2:
        np.testing.assert_allclose(through, -0.7 * sample.plaquettes.area, atol=1e-12)  # q = −e
    random = rng.uniform(-9, 9, sample.n_sites)
    np.testing.assert_allclose(flux(sample, transformed_phase(sample, phase, random)), through, atol=1e-11)


def test_presets_all_have_faces_or_a_reason():
    assert {*FACES, "chain", "cubic"} == set(presets())


def test_a_sample_without_bonds_has_no_plaquettes():
    region = difference([disk(0.5, [0, 0]), disk(0.1, [3, 3])])
    sample = build_sample("square", [3, 3], region=region)
    assert (sample.n_sites, len(sample.plaquettes), len(flux(sample, np.zeros(0)))) == (1, 0, 0)
