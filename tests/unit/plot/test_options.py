"""Spectra at sites, maps at an energy, cuts along a line; what does not go together is refused."""

import dataclasses
import re

import numpy as np
import pytest

from bdg.errors import InputError
from bdg.lattice import UnitCell, build_sample
from bdg.observables import Quantity
from bdg.plot import line_cut, plot, save_figure
from bdg.plot.canvas.geometry import sites_along
from bdg.store import save
from tests.store.made_up import HONEYCOMB, TRIANGULAR, result
from tests.support.figures import texts


@pytest.fixture
def made():
    return result(build_sample("square", (9, 7), vacancies=[[4, 3]]), is_complex=False)


def test_a_line_takes_the_sites_on_it_in_their_order(made):
    sample = made.sample
    sites, along = sites_along(sample, sample.site_at([8, 3]), sample.site_at([1, 3]))
    np.testing.assert_array_equal(sample.cells[sites], [[x, 3] for x in (8, 7, 6, 5, 3, 2, 1)])
    np.testing.assert_allclose(along, [0, 1, 2, 3, 5, 6, 7])
    diagonal, along = sites_along(sample, sample.site_at([0, 0]), sample.site_at([3, 3]))
    np.testing.assert_array_equal(sample.cells[diagonal], [[n, n] for n in range(4)])
    np.testing.assert_allclose(along, np.sqrt(2) * np.arange(4))


def test_a_line_on_the_honeycomb_lattice_holds_both_sublattices():
    sample = build_sample(HONEYCOMB, (5, 5))
    start, end = sample.site_at([2, 0, 0]), sample.site_at([1, 4, 1])
    sites, along = sites_along(sample, start, end)
    assert {0, 1} == set(sample.orbitals[sites])
    assert np.all(np.diff(along) > 0)


def test_spectra_along_a_line_are_a_waterfall_and_a_map(made):
    sample = made.sample
    ends = sample.site_at([0, 3]), sample.site_at([8, 3])
    sites, along = sites_along(sample, *ends)
    ldos = made["ldos"]
    figure = line_cut(made, *ends)
    left, right = figure.axes[:2]
    curves = [line.get_ydata() for line in left.lines if len(line.get_ydata()) == len(ldos.values)]
    step = float(left.get_ylabel().split("each ")[1].removesuffix("/t higher"))
    assert (left.get_title(), right.get_title()) == ("", "")
    assert "“quotes”: Local density of states\n" in texts(figure)
    assert len(curves) == len(sites)
    for n, (curve, site) in enumerate(zip(curves, sites, strict=True)):
        np.testing.assert_allclose(curve, ldos.values[:, site] + n * step)
    (mesh,) = (c for c in right.collections if c.get_array() is not None)
    np.testing.assert_array_equal(
        np.asarray(mesh.get_array()).reshape(len(sites), -1), ldos.values[:, sites].T
    )
    edges = mesh.get_coordinates()[:, 0, 1]
    assert np.all((edges[:-1] < along) & (along < edges[1:]))
    assert "Distance from [0, 3] towards [8, 3]" in texts(figure)
    assert "meV" in texts(figure)


def test_spectra_of_some_sites_only_are_cut_where_they_are_known(made):
    sample = made.sample
    known = [sample.site_at([x, 3]) for x in (7, 2, 0)]
    axis = Quantity(np.array(known), ("ldos_site",), "1", "index of the site")
    whole = made["ldos"]
    local = dataclasses.replace(
        whole,
        values=whole.values[:, known],
        dims=("energy", "ldos_site"),
        coords={**whole.coords, "ldos_site": axis},
    )
    made = dataclasses.replace(made, observables={"ldos": {"ldos": local}})
    figure = line_cut(made, sample.site_at([0, 3]), sample.site_at([8, 3]))
    (mesh,) = (c for c in figure.axes[1].collections if c.get_array() is not None)
    shown = np.asarray(mesh.get_array()).reshape(3, -1)
    np.testing.assert_array_equal(shown, whole.values[:, known[::-1]].T)
    with pytest.raises(InputError, match="ldos is known at 3 sites, a map needs all"):
        plot(made, "ldos", energy=0.5)
    with pytest.raises(InputError, match="known at 0 of the 7 sites"):
        line_cut(made, sample.site_at([0, 2]), sample.site_at([6, 2]))


def test_other_quantities_along_a_line_are_curves(made):
    sample = made.sample
    ends = sample.site_at([4, 0]), sample.site_at([4, 6])
    sites, along = sites_along(sample, *ends)
    for name, values in (("delta", made.fields.delta), ("density", made["density"].values)):
        (line,) = plot(made, name, line=ends).axes[0].lines
        np.testing.assert_array_equal(line.get_xydata(), np.column_stack([along, values[sites]]))
    ldos = made["ldos"]
    nearest = int(np.argmin(np.abs(ldos.coords["energy"].values - 0.52)))
    (line,) = plot(made, line=ends, energy=0.52).axes[0].lines
    np.testing.assert_array_equal(line.get_ydata(), ldos.values[nearest, sites])


def test_a_map_at_an_energy_says_which(made):
    figure = plot(made, energy=0.52)
    ldos = made["ldos"]
    nearest = int(np.argmin(np.abs(ldos.coords["energy"].values - 0.52)))
    (image,) = figure.axes[0].images
    pixels = np.ma.filled(np.ma.masked_invalid(image.get_array()), np.nan)
    x, y = made.sample.cells.T
    np.testing.assert_array_equal(pixels[y, x], ldos.values[nearest])
    assert np.isnan(pixels).sum() == 1
    assert "at 0.5 t = 50 meV" in texts(figure)


def test_spectra_at_sites_and_by_spin(made):
    at = made.sample.site_at([2, 5])
    curves = plot(made, sites=[at]).axes[0].lines
    (shown,) = (line for line in curves if "[2, 5]" in str(line.get_label()))
    np.testing.assert_array_equal(shown.get_ydata(), made["ldos"].values[:, at])
    written = texts(plot(made, "spin_ldos", sites=[at]))
    assert "LDOS at [2, 5], spin down" in written


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("delta", {"energy": 0.1}, "the axes of delta: site"),
        ("dos", {"energy": 0.1}, "the axes of dos: energy"),
        ("ldos", {"energy": 7.0}, "energy 7 t is outside the spectrum, which goes from −2 t = −200 meV"),
        ("delta", {"sites": [0]}, "delta has no spectrum at a site"),
        ("ldos", {"sites": [0], "line": (0, 5)}, "give one of the three"),
        ("ldos", {"sites": [999]}, "no LDOS at site 999"),
        ("overview", {"line": (0, 5)}, "overview takes no energy, site or line"),
        ("bond_current", {"line": (0, 5)}, "no value on every site"),
        ("ldos", {"line": (3, 3)}, "to itself"),
    ],
)
def test_options_that_do_not_go_with_a_quantity(made, name, options, words):
    with pytest.raises(InputError, match=words):
        plot(made, name, **options)


def test_without_a_local_spectrum_it_is_said_to_be_missing(made):
    with pytest.raises(InputError, match="the result has no ldos; add it to observables"):
        plot(dataclasses.replace(made, observables={}), line=(0, 5))


def test_resolution_decides_the_size_of_a_png(made, tmp_path):
    sizes = {}
    for dpi in (50, 100):
        save_figure(plot(made, "convergence"), tmp_path / "a.png", dpi=dpi)
        width = (tmp_path / "a.png").read_bytes()[16:20]
        sizes[dpi] = int.from_bytes(width, "big")
    assert sizes[100] == pytest.approx(2 * sizes[50], abs=4)
    with pytest.raises(InputError, match="a resolution of 5 is impossible"):
        save_figure(plot(made, "convergence"), tmp_path / "a.png", dpi=5)


def rotating(sample):
    """Currents around the middle, 1/r."""
    away = sample.positions - sample.positions.mean(axis=0)
    return np.stack([-away[:, 1], away[:, 0]], axis=1) / ((away**2).sum(axis=1) + 1.0)[:, None]


@pytest.mark.parametrize(("lattice", "side"), [("square", 9), ("square", 60), (TRIANGULAR, 30)])
def test_arrows_stand_where_the_current_is_and_point_along_it(lattice, side):
    sample = build_sample(lattice, (side, side))
    made = result(sample)
    vectors = rotating(sample)
    group = made.observables["currents"]
    turned = {**group, "site_current": dataclasses.replace(group["site_current"], values=vectors)}
    made = dataclasses.replace(made, observables={**made.observables, "currents": turned})
    figure = plot(made, "currents")
    axes = figure.axes[0]
    (arrows,) = (c for c in axes.collections if hasattr(c, "U"))
    assert len(arrows.U) <= 30**2
    middle = sample.positions.mean(axis=0)
    away = arrows.XY - middle
    far = np.linalg.norm(away, axis=1) > 5.0
    direction = np.stack([arrows.U, arrows.V], axis=1)
    turning = away[:, 0] * direction[:, 1] - away[:, 1] * direction[:, 0]
    size = np.linalg.norm(away, axis=1) * np.linalg.norm(direction, axis=1)
    assert np.all(turning[far] > 0.95 * size[far])
    assert ("each arrow the mean" in texts(figure)) == (len(arrows.U) < sample.n_sites)
    if len(arrows.U) == sample.n_sites:
        np.testing.assert_allclose(direction, vectors)
    # The map under them has the size of every site's own.
    (under,) = (
        drawn
        for drawn in [*axes.images, *axes.collections]
        if drawn.get_array() is not None and np.ma.count(drawn.get_array()) == sample.n_sites
    )
    np.testing.assert_allclose(np.sort(np.ravel(under.get_array())), np.sort(np.linalg.norm(vectors, axis=1)))


def test_heads_on_bonds_point_where_the_charge_flows():
    sample = build_sample(HONEYCOMB, (3, 3))
    made = result(sample)
    axes = plot(made, "bond_current").axes[0]
    (heads,) = (c for c in axes.collections if hasattr(c, "U"))
    current, bonds = made["bond_current"].values, sample.bonds
    flowing = np.flatnonzero(np.abs(current) > 0.02 * np.abs(current).max())
    towards = np.sign(current[flowing])[:, None] * bonds.displacement[flowing]
    drawn = np.stack([heads.U, heads.V], axis=1)
    np.testing.assert_allclose(drawn / np.linalg.norm(drawn, axis=1)[:, None], towards)  # bonds of length 1
    middle = sample.positions[bonds.source[flowing]] + 0.5 * bonds.displacement[flowing]
    np.testing.assert_allclose(heads.XY + 0.5 * drawn, middle)
    np.testing.assert_array_equal(heads.get_array(), np.abs(current[flowing]))


def test_currents_between_the_orbitals_of_two_places_are_summed():
    # Twice the same lattice at one place: every current is drawn once, twice as large.
    cell = UnitCell(HONEYCOMB.vectors, np.repeat(HONEYCOMB.basis, 2, axis=0), "double")
    sample = build_sample(cell, (3, 2), shells=0)
    single = build_sample(HONEYCOMB, (3, 2))
    one = single.bonds
    orbital = np.array([0, 2])
    kinds = dataclasses.replace(
        one.kinds,
        source=np.repeat(orbital[one.kinds.source], 2) + [0, 1] * len(one.kinds),
        target=np.repeat(orbital[one.kinds.target], 2) + [0, 1] * len(one.kinds),
        offset=np.repeat(one.kinds.offset, 2, axis=0),
        shell=np.repeat(one.kinds.shell, 2),
        displacement=np.repeat(one.kinds.displacement, 2, axis=0),
    )
    bonds = dataclasses.replace(
        one,
        source=np.repeat(2 * one.source, 2) + [0, 1] * len(one),
        target=np.repeat(2 * one.target, 2) + [0, 1] * len(one),
        kind=np.repeat(2 * one.kind, 2) + [0, 1] * len(one),
        crossing=np.repeat(one.crossing, 2, axis=0),
        kinds=kinds,
    )
    sample = dataclasses.replace(sample, bonds=bonds)
    made, reference = result(sample), result(single)
    (heads,), (expected,) = (
        [c for c in plot(each, "bond_current").axes[0].collections if hasattr(c, "U")]
        for each in (made, reference)
    )
    np.testing.assert_allclose(np.sort(heads.get_array()), 2 * np.sort(expected.get_array()))
    drawn, wanted = (np.column_stack([c.XY, c.U, c.V]).round(6) for c in (heads, expected))
    assert {tuple(row) for row in drawn} == {tuple(row) for row in wanted}


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("vortices", "bdg measure FILE vortices adds it"),
        ("superfluid_weight", "bdg measure FILE superfluid_weight adds it"),
        ("ldso", "did you mean 'ldos'?"),
        ("Delta", "did you mean 'delta'?"),
        ("superfluid_wieght", "did you mean 'superfluid_weight'?"),
    ],
)
def test_what_there_is_not_to_plot_is_refused_with_what_would_do(made, name, hint):
    with pytest.raises(InputError, match=re.escape(f"nothing called {name!r} to plot; {hint}")):
        plot(made, name)


def test_a_file_is_drawn_as_its_result_and_nothing_else_is(made, tmp_path):
    path = save(made, tmp_path / "made.h5")
    assert texts(plot(str(path or tmp_path / "made.h5"), "delta")) == texts(plot(made, "delta"))
    for other in (made.sample, {"a": made}, None):
        with pytest.raises(
            InputError, match=f"a result or its file, not a {type(other).__name__}; a study is"
        ):
            plot(other)
