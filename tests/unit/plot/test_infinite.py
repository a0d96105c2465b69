"""Samples that are infinite along some directions: profiles across strips, repeated maps, bands."""

import dataclasses

import numpy as np
import pytest

import bdg
from bdg.lattice import Boundary, UnitCell, build_sample
from bdg.observables import Quantity
from bdg.plot import bands, overview, plot, site_map
from bdg.plot.canvas.geometry import planes, profile
from bdg.plot.facts import header, numbers, parameters
from tests.store.made_up import HONEYCOMB, TRIANGULAR, result
from tests.support.figures import shapes_of, texts

BLOCH = Boundary("bloch", n_k=8)
TWO = UnitCell(np.eye(2), np.zeros((2, 2)), "two orbitals")


def drawn_lines(axes):
    return [line.get_xydata() for line in axes.lines if line.get_marker() == "o"]


def test_a_strip_is_a_line_across_it():
    made = result(build_sample("square", (9, 1), ["open", BLOCH]), is_complex=False)
    figure = site_map(made, "delta")
    (line,) = drawn_lines(figure.axes[0])
    np.testing.assert_array_equal(line, np.column_stack([np.arange(9), made.fields.delta]))
    assert "x (nm), infinite along y" in texts(figure)


def test_the_coordinate_across_a_slanted_strip_is_perpendicular_to_it():
    sample = build_sample(TRIANGULAR, (6, 1), ["open", BLOCH])
    shown = profile(sample)
    assert shown.direction @ TRIANGULAR.vectors[1] == pytest.approx(0)
    np.testing.assert_allclose(shown.places(sample.positions), np.arange(6) * np.sqrt(3) / 2)
    assert shown.name == "distance across"
    upright = profile(build_sample(TRIANGULAR, (1, 6), [BLOCH, "open"]))
    assert (upright.name, upright.note) == ("y", "infinite along x")


def test_each_sublattice_of_a_strip_is_a_line():
    sample = build_sample(HONEYCOMB, (5, 1), ["open", BLOCH])
    made = result(sample, is_complex=False)
    figure = site_map(made, "delta")
    lines = drawn_lines(figure.axes[0])
    across = profile(sample).places(sample.positions)
    for orbital, line in enumerate(lines):
        its = np.flatnonzero(sample.orbitals == orbital)
        np.testing.assert_allclose(line, np.column_stack([across[its], made.fields.delta[its]]))
    assert "orbital 1" in texts(figure)


def test_a_slab_is_a_line_and_a_wire_a_cross_section():
    slab = build_sample("cubic", (1, 1, 5), [BLOCH, BLOCH, "open"])
    assert (profile(slab).name, profile(slab).note) == ("z", "infinite along x and y")
    wire = build_sample("cubic", (4, 3, 1), ["open", "open", BLOCH])
    assert profile(wire) is None
    (plane,) = planes(wire)
    assert len(plane.sites) == 12


def test_a_strip_of_several_cells_is_a_map():
    sample = build_sample("square", (6, 2), ["open", BLOCH])
    assert profile(sample) is None
    (plane,) = planes(sample)
    assert plane.first == 12
    np.testing.assert_array_equal(plane.sites, np.tile(np.arange(12), 3))
    np.testing.assert_array_equal(plane.centers[:12], sample.positions)
    assert sorted(set(plane.centers[:, 1])) == [-2, -1, 0, 1, 2, 3]


def test_current_of_a_strip_along_and_across_it():
    sample = build_sample("square", (9, 1), ["open", BLOCH])
    made = result(sample)
    current = made["site_current"].values
    figure = plot(made, "currents")
    along, across = drawn_lines(figure.axes[0])
    np.testing.assert_allclose(along[:, 1], current[:, 1])
    np.testing.assert_allclose(across[:, 1], current[:, 0])
    assert "along it, +y" in texts(figure)
    other, one = drawn_lines(plot(made, "bond_current").axes[0])
    values = made["bond_current"].values
    step = sample.bonds.displacement
    np.testing.assert_allclose(one[:, 1], values[step[:, 1] != 0])
    np.testing.assert_allclose(other[:, 1], values[step[:, 0] != 0])


def test_an_infinite_sample_is_repeated_with_its_values():
    sample = build_sample(HONEYCOMB, (1, 1), [BLOCH, BLOCH])
    made = result(sample, is_complex=False)
    values = np.array([0.1, 0.3])
    made = dataclasses.replace(made, fields=dataclasses.replace(made.fields, delta=values))
    figure = site_map(made, "delta")
    corners, shown = shapes_of(figure.axes[0].collections[0])
    middles = np.array([shape.mean(axis=0) for shape in corners])
    cells = np.round(
        (middles - HONEYCOMB.basis[(shown == 0.3).astype(int)]) @ np.linalg.inv(HONEYCOMB.vectors)
    )
    assert sorted(map(tuple, cells)) == sorted(2 * [(i, j) for i in (-1, 0, 1) for j in (-1, 0, 1)])
    assert np.count_nonzero(shown == 0.1) == 9
    assert "repeated along infinite directions" in texts(figure)


@pytest.mark.parametrize(
    ("ends", "words"),
    [
        ([BLOCH, BLOCH], "bloch (8 × 8 k points)"),
        ([BLOCH, Boundary("bloch", n_k=3)], "bloch (8 × 3 k points)"),
        (["open", BLOCH], "open, bloch (8 k points)"),
        (["open", Boundary("bloch")], "open, bloch (1 k point)"),
        ([BLOCH, Boundary("bloch", 0.5, n_k=3)], "bloch (8 k points), bloch (3 k points) (twist 0.5)"),
        ([Boundary("bloch", n_k=8, shift=0.3)] * 2, "bloch (8 × 8 k points) (shift 0.3)"),
        (["open", "open"], "open"),
    ],
)
def test_boundaries_in_words(ends, words):
    made = result(build_sample("square", (1, 1), ends))
    assert parameters(made)["Boundary"] == words
    assert "   ·   1 site   ·   " in header(made)


@pytest.mark.parametrize(("ends", "each"), [(BLOCH, " per repeated block"), ("open", "")])
def test_numbers_of_the_whole_sample_say_of_what_they_are(ends, each):
    model = bdg.build_model(build_sample("square", (3, 1), ["open", ends]), temperature=0.1)
    made = bdg.solve(model, observables=["grand_potential", "entropy", "spectral_gap"])
    assert made["grand_potential"].long_name == f"grand potential{each}"
    assert made["free_energy"].long_name == f"free energy{each}, grand potential + mu N"
    assert made["entropy"].long_name == f"entropy{each}"
    assert made["electrons"].long_name == f"number of electrons{each}"
    shown = numbers(made)
    for name in ("Grand potential", "Free energy", "Electrons", "Entropy"):
        assert shown[name].endswith(" per block") == bool(each)
    assert not shown["Spectral gap"].endswith("block")


def test_orbitals_at_one_place_have_a_panel_each():
    sample = build_sample(TWO, (3, 4), shells=0)
    made = result(sample, is_complex=False, observables={})
    values = np.arange(24.0)
    made = dataclasses.replace(made, fields=dataclasses.replace(made.fields, delta=values))
    figure = site_map(made, "delta")
    images = [axes.images[0] for axes in figure.axes if axes.images]
    for orbital, image in enumerate(images):
        np.testing.assert_array_equal(image.get_array().T.ravel(), values[orbital::2])
        assert image.get_clim() == (0.0, 23.0)  # one scale for both
        assert f"orbital {orbital} of 2" in image.axes.get_title()
    written = texts(overview(made))
    assert "Order parameter, orbital 0 of 2" in written
    assert "Maps are of orbital 0 of 2; all of them: bdg plot FILE NAME" in written


def test_bands_are_drawn_along_their_path_with_its_points_named():
    path = Quantity(np.linspace(0, 4, 9), ("path",), "1/a", "distance")
    energies = np.stack([np.cos(path.values), 2 + np.cos(path.values)])
    notes = {"path_ticks": "0, 1.5, 1.5, 4", "path_labels": "Gamma, X, M, (0 -0.5)"}
    for dims, values in ((("band", "path"), energies), (("path", "band"), energies.T)):
        made = result(
            observables={
                "bands": {"bands": Quantity(values, dims, "t", "energy", {"path": path}, attributes=notes)}
            }
        )
        axes = plot(made, "bands").axes[0]
        curves = [line.get_xydata() for line in axes.lines if len(line.get_xydata()) == 9]
        for curve, expected in zip(curves, energies, strict=True):
            np.testing.assert_array_equal(curve, np.column_stack([path.values, expected]))
        assert list(axes.get_xticks()) == [0.0, 1.5, 4.0]
        assert [tick.get_text() for tick in axes.get_xticklabels()] == ["Γ", "X|M", "(0, −0.5)"]
        assert axes.get_xlabel() == "k along the path, points in reciprocal vectors of the sample"
        assert axes.get_title() == "Quasiparticle bands"
        assert axes.get_xlim() == (0.0, 4.0)
        assert axes.get_ylabel() == "Energy (t)"


def test_computed_bands_have_the_colours_of_electron_and_hole():
    model = bdg.build_model(build_sample(TRIANGULAR, (1, 1), [BLOCH, BLOCH]), chemical_potential=-2.0)
    measured = {"bands": {"path": ["Gamma", "M", "K"], "num": 21}}
    made = bdg.solve(model, observables=measured)
    axes = bands(made).axes[0]
    pieces = axes.collections[0]
    # Without pairing a level is all electron or all hole, and electrons have the energies ξ.
    weight = np.asarray(pieces.get_array())
    assert np.all((weight < 1e-9) | (weight > 1 - 1e-9) | np.isclose(weight, 0.5))
    assert len(pieces.get_segments()) == 2 * 20
    k_zero = {
        round(float(points[0, 1]), 6): w
        for points, w in zip(pieces.get_segments(), weight, strict=True)
        if points[0, 0] == 0
    }
    assert k_zero == {-4.0: pytest.approx(1), 4.0: pytest.approx(0)}  # ξ = −6t − μ
    assert "electron" in texts(bands(made))
    assert axes.get_xlabel() == "k along the path"
    axes.figure.draw_without_rendering()
    assert not axes.title.get_window_extent().overlaps(axes.get_legend().get_window_extent())
    assert "Γ" in texts(overview(made))
