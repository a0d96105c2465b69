"""What a user may say of how figures look: colours, ends of scales, size in print, insets, films."""

import dataclasses
import re

import numpy as np
import pytest
from matplotlib.colors import LogNorm, SymLogNorm
from PIL import Image

import bdg
from bdg.errors import InputError
from bdg.plot import Looks, overlay, plot, save_figure
from bdg.plot.animation import frames_of, save_film
from bdg.plot.canvas.insets import round_below
from bdg.plot.canvas.scale import amount_scale
from tests.store.made_up import result
from tests.support.figures import texts

VALUES = np.geomspace(0.01, 100.0, 1000)


def scale_of(values=VALUES, *, signed=False, **asked):
    with Looks(**asked).opened():
        return amount_scale(values, "amount", "t", signed=signed)


@pytest.fixture(scope="module")
def stack():
    return result(bdg.build_sample("cubic", (4, 3, 3)), is_complex=False)


@pytest.fixture(scope="module")
def plane():
    made = result(bdg.build_sample("square", (9, 7)), is_complex=False)
    return dataclasses.replace(made, units=bdg.Units(energy=1.6e-20, length=4e-10))


def image_of(figure):
    return next(image for axes in figure.axes for image in axes.images)


def test_ends_of_the_colours_are_those_that_are_given_and_the_bar_shows_what_lies_beyond():
    found = scale_of(vmin=1.0, vmax=10.0)
    assert (found.low, found.high, found.beyond) == (1.0, 10.0, "both")
    assert scale_of(vmax=10.0).beyond == "max"
    assert scale_of(vmin=1.0).beyond == "min"
    assert scale_of().beyond == "neither"
    assert scale_of(-VALUES, vmin=-10.0, vmax=0.0).low == -10.0


def test_of_percentiles_one_percent_lies_beyond_each_end():
    found = scale_of(scale="percentile")
    assert np.mean(found.low > VALUES) == pytest.approx(0.01, abs=2e-3)
    assert np.mean(found.high < VALUES) == pytest.approx(0.01, abs=2e-3)
    both = scale_of(np.concatenate([VALUES, -VALUES / 2]), scale="percentile")
    assert both.low == -both.high


def test_a_logarithmic_scale_is_linear_about_zero_only_where_both_signs_are():
    norm = scale_of(scale="log").look["norm"]
    assert isinstance(norm, LogNorm)
    assert norm(1.0) == pytest.approx(0.5)
    assert norm.vmin == 0.01
    zeros = scale_of(np.append(VALUES, 0.0), scale="log").look["norm"]
    assert zeros.vmin == 0.01
    signed = scale_of(np.concatenate([VALUES, -VALUES]), scale="log").look["norm"]
    assert isinstance(signed, SymLogNorm)
    assert signed(0.0) == pytest.approx(0.5)
    assert signed(10.0) - signed(1.0) == pytest.approx(signed(100.0) - signed(10.0))


def test_a_colour_map_is_of_amounts_and_not_of_phases(plane):
    complex_one = result(bdg.build_sample("square", (9, 7)), is_complex=True)
    figure = plot(complex_one, "delta", looks=Looks(cmap="magma"))
    assert [image.get_cmap().name for axes in figure.axes for image in axes.images] == ["magma", "twilight"]
    assert image_of(plot(plane, "delta", looks=Looks(cmap="magma"))).get_cmap().name == "magma"
    assert image_of(plot(plane, "delta")).get_cmap().name != "magma"


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"cmap": "viridish"}, "no colour map 'viridish'"),
        ({"scale": "cubic"}, "no scale 'cubic'"),
        ({"vmin": 1.0, "vmax": 1.0}, "let vmin be below vmax"),
        ({"size": "triple"}, "single, double or a width"),
        ({"size": 300.0}, "300 inches wide is impossible"),
        ({"inset": ((3.0, 3.0), (3.0, 4.0))}, "an inset has no area"),
    ],
)
def test_what_cannot_be_is_refused(asked, message):
    with pytest.raises(InputError, match=message):
        Looks(**asked)


@pytest.mark.parametrize(
    ("values", "asked", "message"),
    [
        (VALUES, {"vmin": 200.0}, "a scale from 200 to 100 is empty; its values go from 0.01 to 100"),
        (VALUES, {"scale": "log", "vmin": -1.0}, "cannot begin at -1"),
        (-VALUES, {"scale": "log"}, "no positive value"),
    ],
)
def test_what_does_not_go_with_the_values_is_refused(values, asked, message):
    with pytest.raises(InputError, match=message):
        scale_of(values, **asked)


@pytest.mark.parametrize(
    ("size", "points", "name"),
    [("single", 243.0, "delta"), ("double", 504.0, "ldos"), (5.0, 360.0, "bond_current")],
)
def test_a_file_for_print_is_exactly_as_wide_as_asked(plane, tmp_path, size, points, name):
    save_figure(plot(plane, name, looks=Looks(size=size)), tmp_path / "a.pdf")
    box = re.search(rb"/MediaBox \[ 0 0 ([\d.]+) ([\d.]+) \]", (tmp_path / "a.pdf").read_bytes())
    assert float(box[1]) == pytest.approx(points, abs=0.5)
    assert 0.2 * points < float(box[2]) < 2.0 * points


def test_in_print_letters_have_eight_points_and_the_caption_is_the_title(plane):
    figure = plot(plane, "delta", looks=Looks(size="single"))
    assert plane.title not in texts(figure)
    assert figure.axes[0].xaxis.label.get_fontsize() == 8.0
    assert plane.title in texts(plot(plane, "delta"))


def test_the_page_of_all_has_no_size_in_print(plane):
    with pytest.raises(InputError, match="name the quantity"):
        plot(plane, looks=Looks(size="single"))


def test_results_beside_each_other_look_so_too(plane):
    figure = overlay(plane, plane, "delta", looks=Looks(size="double", cmap="magma", vmax=0.4))
    assert figure.get_figwidth() == 7.0
    images = [image for axes in figure.axes for image in axes.images]
    assert {image.get_cmap().name for image in images} == {"magma"}


def test_one_layer_of_a_stack(stack):
    every, one = plot(stack, "delta"), plot(stack, "delta", looks=Looks(layer=2))
    assert (len(image_list(every)), len(image_list(one))) == (3, 1)
    np.testing.assert_array_equal(image_list(one)[0].get_array(), image_list(every)[2].get_array())
    with pytest.raises(InputError, match="no layer 3; the sample has 3"):
        plot(stack, "delta", looks=Looks(layer=3))


def image_list(figure):
    return [image for axes in figure.axes for image in axes.images]


def test_a_bar_is_as_long_as_it_says(plane):
    figure = plot(plane, "delta", looks=Looks(scale_bar=True))
    (bar,) = (line for line in figure.axes[0].lines if line.get_linewidth() == 2.0)
    start, end = bar.get_xdata()
    assert 0.4 * (end - start) == pytest.approx(0.5)  # nm in a lattice constant of 0.4 nm
    assert "0.5 nm" in texts(figure)
    assert not figure.axes[0].axison
    without = plot(dataclasses.replace(plane, units=None), "delta", looks=Looks(scale_bar=True))
    assert "2 a" in texts(without)


@pytest.mark.parametrize(("length", "round_one"), [(1.0, 1.0), (9.99, 5.0), (0.021, 0.02), (470.0, 200.0)])
def test_lengths_of_bars_are_round(length, round_one):
    assert round_below(length) == pytest.approx(round_one)


def test_an_inset_shows_its_part_in_the_corner_that_is_farthest(plane):
    figure = plot(plane, "delta", looks=Looks(inset=((0.0, 0.0), (2.0, 2.0))))
    (inside,) = (one for one in figure.axes[0].child_axes if one.images)
    assert (inside.get_xlim(), inside.get_ylim()) == ((0.0, 2.0), (0.0, 2.0))
    figure.draw_without_rendering()
    whole, part = figure.axes[0].get_window_extent(), inside.get_window_extent()
    assert part.x0 > (whole.x0 + whole.x1) / 2
    assert part.y0 > (whole.y0 + whole.y1) / 2
    with pytest.raises(InputError, match="does not lie in the map"):
        plot(plane, "delta", looks=Looks(inset=((6.0, 6.0), (20.0, 20.0))))


@pytest.mark.parametrize("ending", ["gif", "png", "webp"])
def test_a_film_has_a_figure_for_each_energy_in_the_same_colours(plane, tmp_path, ending):
    frames = frames_of(plane, "ldos", "energy")
    energies = plane["ldos"].coords["energy"].values
    assert len(frames) == len(energies)
    save_film(frames[:3], tmp_path / f"film.{ending}", dpi=40, rate=4)
    with Image.open(tmp_path / f"film.{ending}") as film:
        film.load()
        assert film.n_frames == 3
        assert film.info["loop"] == 0
        assert film.info["duration"] == 250


def test_the_scale_of_a_film_holds_the_values_of_all_its_figures(plane, tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(
        "bdg.plot.animation._widen", lambda figure, limits: seen.append(image_of(figure).norm)
    )
    frames = frames_of(plane, "ldos", "energy")
    save_film(frames[:3], tmp_path / "film.gif", dpi=20)
    values = plane["ldos"].values[:3]
    assert {(norm.vmin, norm.vmax) for norm in seen} == {(values.min(), values.max())}


def test_lines_of_a_film_have_the_same_limits(plane, tmp_path, monkeypatch):
    kept = []
    monkeypatch.setattr("bdg.plot.animation._same_size", lambda pictures: pictures)
    figures = [lambda top=top: line_figure(top, kept) for top in (1.0, 3.0)]
    save_film(figures, tmp_path / "film.gif", dpi=20)
    assert kept[-1].axes[0].get_ylim() == kept[-2].axes[0].get_ylim()
    assert kept[-1].axes[0].get_ylim()[1] > 3.0


def line_figure(top, kept):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(2, 2))
    figure.subplots().plot([0, 1], [0, top])
    kept.append(figure)
    return figure


def test_what_is_no_film_is_refused(plane, tmp_path):
    frames = frames_of(plane, "ldos", "energy")
    with pytest.raises(InputError, match="unknown kind of film"):
        save_film(frames, tmp_path / "film.avi")
    with pytest.raises(InputError, match="1 figures are no film"):
        save_film(frames[:1], tmp_path / "film.gif")
    with pytest.raises(InputError, match="0 figures a second"):
        save_film(frames, tmp_path / "film.gif", rate=0)
    with pytest.raises(InputError, match="has no axis 'bias' to animate; its axes: energy, site"):
        frames_of(plane, "ldos", "bias")
    with pytest.raises(InputError, match="a resolution of 0 is impossible"):
        save_film(frames, tmp_path / "film.gif", dpi=0)
    assert not any(tmp_path.iterdir())


def test_other_axes_are_named_in_the_title(plane):
    quantity = bdg.Quantity(
        np.arange(3 * plane.sample.n_sites, dtype=float).reshape(3, -1),
        ("delay", "site"),
        "t",
        "change",
        {"delay": bdg.Quantity(np.array([0.0, 0.5, 1.0]), ("delay",), "hbar/t", "delay")},
    )
    more = dataclasses.replace(plane, observables={**plane.observables, "own": {"change": quantity}})
    figure = frames_of(more, "change", "delay")[1]()
    assert "delay 0.5 ħ/t" in texts(figure)
    np.testing.assert_array_equal(np.sort(np.ravel(image_of(figure).get_array())), quantity.values[1])
