"""Cells of sites: they tile the lattice, hold the points nearest to their site, and end where it does."""

import dataclasses

import numpy as np
import pytest
from matplotlib.collections import PathCollection
from matplotlib.colors import Normalize

from bdg.lattice import UnitCell, build_sample, difference, disk, preset, sample_of_positions
from bdg.plot.canvas.cells import area, outline, places, site_cells
from bdg.plot.canvas.geometry import planes
from bdg.plot.canvas.style import new_figure
from bdg.plot.canvas.tiles import draw_cells
from bdg.plot.figures.sample.maps import site_map
from tests.store.made_up import HONEYCOMB, LADDER, LIEB, TRIANGULAR, result
from tests.support.figures import shapes_of

KAGOME = UnitCell.build(
    [[2.0, 0.0], [1.0, np.sqrt(3)]], [[0.0, 0.0], [1.0, 0.0], [0.5, np.sqrt(3) / 2]], name="kagome"
)
SLANTED = UnitCell.build([[1.0, 0.0], [7.3, 1.1]], [[0.0, 0.0], [3.4, -0.6], [9.0, 5.2]], name="slanted")
RECTANGULAR = UnitCell.build([[3.0, 0.0], [0.0, 0.2]], name="rectangular")
ZIGZAG = UnitCell.build([[1.0, 0.0]], [[0.0, 0.0], [0.5, 0.6]], name="zigzag")
FCC = UnitCell.build([[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]], name="fcc")
FILLING = [preset("square"), TRIANGULAR, HONEYCOMB, KAGOME, LIEB, SLANTED, RECTANGULAR]


def named(cells):
    return pytest.mark.parametrize("cell", cells, ids=[cell.name for cell in cells])


def holds(corners, points):
    """Which points lie inside a convex polygon that runs counter-clockwise."""
    step = np.roll(corners, -1, axis=0) - corners
    offset = points[:, None] - corners[None]
    return np.all(step[:, 0] * offset[..., 1] - step[:, 1] * offset[..., 0] > -1e-9, axis=1)


@named(FILLING)
def test_cells_tile_the_plane(cell):
    total = sum(area(shape.corners) for shape in site_cells(cell))
    assert total == pytest.approx(abs(np.linalg.det(cell.vectors)), rel=1e-9)


@named(FILLING)
def test_a_point_is_in_the_cell_of_the_nearest_site_only(cell):
    sample = build_sample(cell, (80, 24), shells=0)
    middle = sample.positions[np.flatnonzero((sample.cells == [40, 12]).all(axis=1))[0]]
    points = middle + 0.9 * np.random.default_rng(0).uniform(-1, 1, (300, 2))
    nearest = np.argmin(np.linalg.norm(points[:, None] - sample.positions[None], axis=-1), axis=1)
    cells = site_cells(cell)
    for site in np.unique(nearest):
        inside = holds(cells[sample.orbitals[site]].corners + sample.positions[site], points)
        np.testing.assert_array_equal(np.flatnonzero(inside), np.flatnonzero(nearest == site))


@pytest.mark.parametrize(
    ("cell", "corners"),
    [(TRIANGULAR, [6]), (HONEYCOMB, [3, 3]), (KAGOME, [4, 4, 4]), (LIEB, [4, 6, 6]), (LADDER, [4, 4])],
    ids=lambda value: getattr(value, "name", ""),
)
def test_known_polygons(cell, corners):
    assert [len(shape.corners) for shape in site_cells(cell)] == corners


def test_lattices_that_do_not_fill_the_plane_have_cells_of_finite_depth():
    assert [area(shape.corners) for shape in site_cells(LADDER)] == pytest.approx([1.0, 1.0])
    heights = [np.ptp(shape.corners[:, 1]) for shape in site_cells(ZIGZAG)]
    assert max(heights) < 1.0


def test_planes_of_a_slanted_three_dimensional_lattice():
    # Every plane of the fcc lattice is a square lattice of distance √2.
    (shape,) = site_cells(FCC)
    assert len(shape.corners) == 4
    assert area(shape.corners) == pytest.approx(2.0)


@named([TRIANGULAR, HONEYCOMB, KAGOME, LIEB])
def test_values_are_drawn_at_their_sites_without_overlap(cell):
    region = difference([disk(4.0, [6.0, 5.0]), disk(1.2, [6.0, 5.0])])
    sample = build_sample(cell, (9, 9), region=region)
    made = result(sample, is_complex=False, observables={})
    values = 0.1 + np.arange(sample.n_sites)
    made = dataclasses.replace(made, fields=dataclasses.replace(made.fields, delta=values))
    figure = site_map(made, "delta")
    (drawn,) = (c for axes in figure.axes for c in axes.collections if isinstance(c, PathCollection))
    corners, shown = shapes_of(drawn)
    cells = site_cells(cell)
    total = sum(area(shape) for shape in corners)
    assert total == pytest.approx(sum(area(cells[n].corners) for n in sample.orbitals))
    for site, position in enumerate(sample.positions):
        (polygon,) = (n for n, shape in enumerate(corners) if holds(shape, position[None])[0])
        assert shown[polygon] == values[site]
    every = np.concatenate(corners)
    (left, right), (bottom, top) = drawn.axes.get_xlim(), drawn.axes.get_ylim()
    assert left <= every[:, 0].min()
    assert right >= every[:, 0].max()
    assert bottom <= every[:, 1].min()
    assert top >= every[:, 1].max()


def enclosed(segments):
    """Area that closed outlines enclose, holes taken off: ½ Σ x dy − y dx, each cell's edge to its left."""
    (x, y), (u, v) = segments[:, 0].T, segments[:, 1].T
    return 0.5 * np.sum(x * v - y * u)


@named([preset("square"), TRIANGULAR, HONEYCOMB, KAGOME, LIEB, SLANTED])
def test_the_outline_encloses_the_sample_and_leaves_out_its_holes(cell):
    region = disk(5.0, [9.0, 5.0])
    sample = build_sample(cell, (14, 9), region=region, shells=0)
    gone = sample.cells[sample.n_sites // 2]
    vacancies = [[*gone, 0] if cell.n_orbitals > 1 else gone]
    sample = build_sample(cell, (14, 9), region=region, vacancies=vacancies, shells=0)
    cells = site_cells(cell)
    ends, seams = outline(sample, np.arange(sample.n_sites), sample.positions, cells)
    assert len(seams) == 0
    assert enclosed(ends) == pytest.approx(sum(area(cells[n].corners) for n in sample.orbitals))


@pytest.mark.parametrize("boundary", ["open", "periodic", ["periodic", "open"]], ids=str)
def test_edges_are_bonds_within_bonds_around_or_missing_ones(boundary):
    # On the honeycomb lattice every edge of a cell is a nearest-neighbour bond of the infinite lattice.
    sample = build_sample(HONEYCOMB, (4, 5), boundary, vacancies=[[2, 2, 1]])
    ends, seams = outline(sample, np.arange(sample.n_sites), sample.positions, site_cells(HONEYCOMB))
    assert len(seams) == 2 * np.count_nonzero(sample.bonds.crossing.any(axis=1))
    assert len(ends) == 3 * sample.n_sites - 2 * sample.n_bonds


def test_vacancies_are_blank():
    sample = build_sample(LIEB, (4, 3), vacancies=[[1, 1, 2]])
    (plane,) = planes(sample)
    axes = new_figure(3, 3).subplots()
    drawn = draw_cells(axes, sample, plane, np.ones(sample.n_sites), cmap="viridis", norm=Normalize(0, 2))
    corners, _ = shapes_of(drawn)
    hole = np.array([[2.0, 3.0]])
    assert not any(holds(shape, hole)[0] for shape in corners)
    assert len(corners) == 4 * 3 * 3 - 1


def test_orbitals_at_one_place_have_its_cell():
    two = UnitCell(np.eye(2), np.zeros((2, 2)), "two orbitals")
    np.testing.assert_array_equal(places(two), [0, 0])
    assert [area(shape.corners) for shape in site_cells(two)] == pytest.approx([1.0, 1.0])
    assert len(set(places(KAGOME))) == 3


def test_a_sample_by_itself_is_drawn_as_a_piece():
    """A square by its positions: inner cells are unit squares, those at the rim end beyond the sites."""
    sample = build_sample("square", [6, 5])
    free = sample_of_positions(sample.positions, radius=1.0)
    shapes = site_cells(free.cell, is_alone=True)
    inner = [n for n, (x, y) in enumerate(sample.cells) if 0 < x < 5 and 0 < y < 4]
    assert [area(shapes[n].corners) for n in inner] == pytest.approx([1.0] * len(inner))
    rim = [shape.beyond[:, 0].min() for n, shape in enumerate(shapes) if n not in inner]
    assert rim == [-1] * len(rim)
    assert max(np.abs(shape.corners).max() for shape in shapes) == pytest.approx(0.9)
    ends, seams = outline(free, np.arange(30), free.positions, shapes)
    assert len(seams) == 0
    assert np.abs(ends - [2.5, 2.0]).max(axis=(0, 1)) == pytest.approx([2.5 + 0.9, 2.0 + 0.9])
