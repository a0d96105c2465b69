"""Every function makes a figure with something in it, on every lattice; labels and scales are honest."""

import dataclasses
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.text import Text

from bdg.errors import InputError
from bdg.lattice import UnitCell, build_sample
from bdg.observables import Quantity
from bdg.observables.quantity import scalar
from bdg.plot import convergence, current_arrows, overview, plot, save_figure, site_map, spectrum
from bdg.plot.canvas.geometry import distances_from
from bdg.plot.canvas.labels import number
from bdg.plot.canvas.scale import _formatted
from bdg.plot.canvas.style import new_figure
from bdg.plot.facts import parameters
from bdg.plot.figures.spectra.spectra import on_and_off
from bdg.plot.picking import FIGURES
from bdg.result import Provenance
from bdg.scf.history import Iteration
from tests.store.made_up import TRIANGULAR, result, samples
from tests.support.figures import ink, mappables, texts


@pytest.mark.parametrize("lattice", samples())
def test_every_lattice_has_a_map(lattice):
    # A single site has text only, whose pixels depend on how a version of Matplotlib draws it.
    assert ink(site_map(result(samples()[lattice], is_complex=False), "order_parameter")) > 300


@pytest.mark.parametrize("lattice", ["single", "strip", "ring", "honeycomb", "ladder", "cubic"])
def test_every_kind_of_lattice_has_currents(lattice):
    assert ink(current_arrows(result(samples()[lattice]))) > 500


@pytest.mark.parametrize("lattice", ["single", "ring", "cubic"])
def test_overview(lattice):
    assert ink(overview(result(samples()[lattice]))) > 5000


def with_pairs(made, values):
    """The result with an anomalous density."""
    pairs = Quantity(values, ("site",), "1", "anomalous density")
    return dataclasses.replace(
        made, observables={**made.observables, "anomalous_density": {"anomalous_density": pairs}}
    )


def foot(figure):
    """The notes below the panels of an overview."""
    return figure.texts[-1].get_text()


def test_the_overview_shows_pairs_where_delta_does_not_tell_them():
    made = result(is_complex=False)
    made = dataclasses.replace(
        made, observables={name: made.observables[name] for name in ("ldos", "density")}
    )
    leaking = np.linspace(0.1, 0.2, made.sample.n_sites)
    figure = overview(with_pairs(made, leaking))
    titles = [axes.get_title() for axes in figure.axes]
    assert titles.index("Anomalous density") < titles.index("Electrons per site")
    assert foot(figure) == "Also in the file, for bdg plot FILE NAME: spin_ldos, spin_density, hartree"
    crowded = result(is_complex=False)  # currents take the place of one map
    assert "anomalous_density" in foot(overview(with_pairs(crowded, crowded.fields.delta / 2)))
    assert "anomalous_density" not in foot(overview(with_pairs(crowded, leaking)))


def test_the_overview_says_whether_the_state_is_a_minimum():
    numbers = {
        "largest_eigenvalue": scalar(0.984288, "1", "largest eigenvalue"),
        "unstable_directions": scalar(0, "1", "directions in which the energy falls"),
        "stability_eigenvalues": Quantity(np.array([0.98, 0.9]), ("mode",), "1", "eigenvalues"),
    }
    for is_minimum, word in ((True, "yes"), (False, "no")):
        group = {**numbers, "is_minimum": Quantity(np.array(is_minimum), (), "1", "whether")}
        figure = overview(result(observables={"stability": group}))
        written = texts(figure).splitlines()
        assert written[written.index("Largest eigenvalue") + 1] == "0.984288"
        assert written[written.index("Is minimum") + 1] == word
        assert foot(figure).endswith("stability_eigenvalues, hartree, numbers")
        assert f"whether\n{word}\n" in texts(plot(result(observables={"stability": group}), "numbers"))


COVERED_BELOW = {
    "overview",
    "currents",
    "spectrum",
    "convergence",
    "order_parameter",
    "density",
    "divergence",
    "starts",
    "states",
}


@pytest.mark.parametrize("name", sorted({*FIGURES, "hartree", "mu", *result().quantities()} - COVERED_BELOW))
def test_everything_stored_can_be_plotted(name):
    assert ink(plot(result(), name)) > 500


def test_observables_without_a_quantity_of_their_name_can_be_plotted():
    assert "e t/ħ" in texts(plot(result(), "currents"))


def test_own_quantities_are_plotted():
    q = Quantity(np.linspace(0, 1, 20), ("q",), "1/a", "wave vector")
    line = Quantity(np.sin(q.values), ("q",), "t", "a band", {"q": q})
    many = Quantity(np.outer(np.arange(9.0), q.values), ("level", "q"), "t", "bands", {"q": q})
    few = Quantity(many.values[:3] + 1j, ("level", "q"), "t", "some bands", {"q": q})
    bare = Quantity(np.arange(4.0), ("step",), "1", "steps")
    made = result(observables={"mine": {"line": line, "many": many, "few": few, "bare": bare}})
    for name in ("line", "many", "few", "bare"):
        assert ink(plot(made, name)) > 300
    assert "Wave vector (1/a)" in texts(plot(made, "line"))


def test_unknown_names_are_refused_with_a_list():
    with pytest.raises(InputError, match=r"'delt'.*order_parameter"):
        plot(result(), "delt")
    with pytest.raises(InputError, match=r"'delt'.*order_parameter"):
        site_map(result(), "delt")
    with pytest.raises(InputError, match="no value on every site"):
        site_map(result(), "dos")
    with pytest.raises(InputError, match="add one to observables"):
        spectrum(result(observables={}))
    with pytest.raises(InputError, match="add currents to observables"):
        current_arrows(result(observables={}))
    with pytest.raises(InputError, match="no LDOS at site 999"):
        spectrum(result(), sites=[999])


def test_ticks_of_lengths_are_round_in_nanometres():
    """a = 0.4 nm: the ticks stand at round numbers of nm, at 2.5 of them a."""
    for figure in (site_map(result(is_complex=False), "order_parameter"), site_map(result(), "density")):
        figure.canvas.draw()
        axes = figure.axes[0]
        for axis in (axes.xaxis, axes.yaxis):
            shown = [tick.get_text().replace("−", "-") for tick in axis.get_ticklabels()]
            assert len(shown) > 1
            np.testing.assert_allclose(
                axis.get_majorticklocs() * 0.4, [float(text) for text in shown], atol=1e-9
            )
            assert all(len(text) <= 4 for text in shown)
    plain = site_map(result(units=False, is_complex=False), "order_parameter")
    assert "x (a)" in texts(plain)


def test_labels_have_units():
    written = texts(site_map(result(is_complex=False), "order_parameter"))
    for expected in ("Order parameter (t)", "meV", "x (nm)"):
        assert expected in written
    written = texts(spectrum(result()))
    for expected in (
        "Local density of states (1/t)",
        "Energy from the chemical potential (t)",
        "meV",
        "[3, 2]",
    ):
        assert expected in written
    written = texts(current_arrows(result()))
    assert "e t/ħ = " in written
    assert "nA" in written
    written = texts(overview(result(units=False)))
    assert "0.05 t" in written
    assert "meV" not in written


def test_scale_limits_are_the_data_limits():
    made = result()
    (drawn,) = mappables(site_map(made, "density"))
    values = made["density"].values
    assert drawn.get_clim() == (values.min(), values.max())
    modulus, phase = mappables(site_map(made, "order_parameter"))
    assert modulus.get_clim() == (np.abs(made.fields.delta).min(), np.abs(made.fields.delta).max())
    assert phase.get_clim() == (-np.pi, np.pi)


@pytest.mark.parametrize("sign", [1, -1])
def test_signed_quantities_have_symmetric_limits(sign):
    made = result()
    values = sign * np.linspace(-0.1, 0.4, made.sample.n_sites)
    made = dataclasses.replace(made, fields=dataclasses.replace(made.fields, delta=values))
    (drawn,) = mappables(site_map(made, "delta"))
    assert drawn.get_clim() == (-0.4, 0.4)
    (drawn,) = mappables(site_map(made, "divergence"))
    limit = np.abs(made["divergence"].values).max()
    assert drawn.get_clim() == (-limit, limit)
    assert "10$^{" in texts(site_map(made, "divergence"))


@pytest.mark.parametrize("value", [1 / 3, -2.5, 1e-12])
def test_uniform_maps_show_one_number(value):
    made = result()
    delta = np.full(made.sample.n_sites, value) + 1e-12 * value * np.arange(made.sample.n_sites)
    made = dataclasses.replace(made, fields=dataclasses.replace(made.fields, delta=delta))
    figure = site_map(made, "delta")
    assert "uniform" in texts(figure)
    assert f"{value:.6g}".replace("-", "−") in texts(figure)


def test_what_is_zero_everywhere_is_said_in_a_sentence():
    made = result()
    still = dataclasses.replace(made.fields, hartree=0 * made.fields.hartree)
    figure = plot(dataclasses.replace(made, fields=still), "hartree")
    assert not figure.axes
    assert ": zero on every site\n" in texts(figure)


def test_long_titles_side_by_side_do_not_touch():
    made = result(build_sample("square", (10, 10)))
    mode = Quantity(made.fields.delta, ("site",), "1", "change of the order parameter in the leading mode")
    figure = plot(result(made.sample, observables={"stability": {"leading_mode": mode}}), "leading_mode")
    figure.draw_without_rendering()
    left, right = (axes.title.get_window_extent() for axes in figure.axes if axes.title.get_text())
    assert left.x1 + 10 < right.x0


@pytest.mark.parametrize("draw", [overview, spectrum])
@pytest.mark.parametrize("units", [True, False])
def test_the_legend_of_spectra_lies_over_no_line(draw, units):
    figure = draw(result(units=units))
    figure.draw_without_rendering()
    (axes,) = (axes for axes in figure.axes if axes.get_title() == "Local density of states")
    box = axes.get_legend().get_window_extent()
    for line in axes.lines:
        places = axes.transData.transform(line.get_xydata())
        assert np.all(places[:, 1] < box.y0)


def test_numbered_values_are_points_at_whole_numbers():
    values = Quantity(np.array([0.9, 0.8, 0.7]), ("mode",), "1", "eigenvalues of the map")
    figure = plot(result(observables={"stability": {"stability_eigenvalues": values}}), "stability")
    (axes,) = figure.axes
    assert [line.get_linestyle() for line in axes.lines] == ["None"]
    assert all(tick == round(tick) for tick in axes.get_xticks())
    assert (axes.get_title(), axes.get_xlabel()) == ("Eigenvalues of the map", "Mode")


def test_cells_hold_their_values_and_vacancies_are_blank():
    made = result(is_complex=False)
    (image,) = mappables(site_map(made, "order_parameter"))
    pixels = np.ma.filled(np.ma.masked_invalid(image.get_array()), np.nan)
    assert np.isnan(pixels[3, 2])
    assert np.isnan(pixels).sum() == 1
    x, y = made.sample.cells.T
    np.testing.assert_array_equal(pixels[y, x], made.fields.delta)


def test_distances_go_the_short_way_round():
    sample = build_sample("square", (10, 10), ["periodic", "open"])
    distance = distances_from(sample, sample.site_at([0, 0]))
    assert distance[sample.site_at([9, 0])] == pytest.approx(1)
    assert distance[sample.site_at([0, 9])] == pytest.approx(9)


def test_on_and_off_the_impurity():
    made = result(build_sample("square", (8, 8), "periodic"))
    delta = np.ones(64)
    on = made.sample.site_at([2, 3])
    delta[on] = 0.1
    made = dataclasses.replace(made, fields=dataclasses.replace(made.fields, delta=delta))
    assert list(on_and_off(made)) == [on, made.sample.site_at([6, 7])]
    uniform = dataclasses.replace(made, fields=dataclasses.replace(made.fields, delta=np.ones(64)))
    assert len(on_and_off(uniform)) == 1


@pytest.mark.parametrize("count", [1, 5, 12, 60])
def test_few_and_many_spectra(count):
    made = result(build_sample("square", (9, 9)))
    assert ink(spectrum(made, sites=range(count))) > 500


def test_ldos_at_some_sites_only():
    made = result()
    some = Quantity(np.array([3, 5]), ("ldos_site",), "1", "index of the site")
    full = made["ldos"]
    local = dataclasses.replace(
        full,
        values=full.values[:, [3, 5]],
        dims=("energy", "ldos_site"),
        coords={**full.coords, "ldos_site": some},
    )
    made = dataclasses.replace(made, observables={"ldos": {"ldos": local}})
    assert "[0, 3]" in texts(spectrum(made))
    with pytest.raises(InputError, match="no LDOS at site 4"):
        spectrum(made, sites=[4])


def test_convergence_shows_the_tolerance_and_leaves_out_what_is_zero():
    written = texts(convergence(result()))
    assert "tolerance 1e-08" in written
    assert "Hartree potential" in written
    assert "electrons per site" not in written
    assert "nothing to iterate" in texts(convergence(result(history=())))


def test_no_currents_are_said_to_be_none():
    made = result()
    currents = made.observables["currents"]
    still = {
        **currents,
        "site_current": dataclasses.replace(
            currents["site_current"], values=0 * currents["site_current"].values
        ),
    }
    made = dataclasses.replace(made, observables={**made.observables, "currents": still})
    assert "Current: none\n" in texts(current_arrows(made))
    still["site_current"].values[0, 0] = 1e-15
    assert "Current: none (at most 1e-15 e t/ħ)" in texts(current_arrows(made))


def test_powers_of_ten_stand_with_the_axis_they_belong_to():
    figure = site_map(result(build_sample("square", (12, 12)), is_complex=False), "spin_ldos", energy=0.5)
    assert "10$^{-3}$ 1/meV" in texts(figure)
    every = [*figure.axes, *(child for axes in figure.findobj(Axes) for child in axes.child_axes)]
    written = [axis.get_offset_text().get_text() for axes in every for axis in (axes.xaxis, axes.yaxis)]
    assert set(written) == {""}


@pytest.mark.parametrize("largest", [0.0101, 0.00999, 9990.0])
def test_no_colour_bar_has_a_power_of_ten_of_matplotlib(largest):
    axes = new_figure(3, 3).subplots()
    _formatted(axes.yaxis, largest)
    axes.set_ylim(0, largest)
    axes.figure.draw_without_rendering()
    assert axes.yaxis.get_offset_text().get_text() == ""


def test_titles_of_maps_by_spin_leave_room_for_the_si_unit():
    figure = site_map(result(build_sample("square", (10, 8)), is_complex=False), "spin_ldos", energy=0.5)
    figure.draw_without_rendering()
    titles = [axes.title for axes in figure.axes if axes.title.get_text()]
    assert [title.get_text() for title in titles] == [f"Spin {s} at 0.5 t = 50 meV" for s in ("up", "down")]
    units = figure.findobj(lambda item: isinstance(item, Text) and "1/meV" in item.get_text())
    for title in titles:
        assert not any(title.get_window_extent().overlaps(unit.get_window_extent()) for unit in units)


def current_lines(figure):
    """Places and values of the lines of currents along a chain."""
    return [line.get_xydata() for line in figure.axes[0].lines if line.get_marker() == "o"]


def test_each_shell_of_a_ring_is_a_line():
    sample = build_sample("chain", 12, "periodic", shells=3)
    for name in ("currents", "bond_current"):
        figure = plot(result(sample), name)
        lines = current_lines(figure)
        assert [len(line) for line in lines] == [12, 12, 12]
        for shell, line in enumerate(lines, start=1):
            np.testing.assert_allclose(line[:, 0], np.arange(12) + shell / 2)
            np.testing.assert_array_equal(
                line[:, 1], result(sample)["bond_current"].values[sample.bonds.shell == shell]
            )
        assert "shell 3" in texts(figure)


def test_bonds_across_a_strip_are_not_drawn_as_along_it():
    sample = build_sample("square", (12, 1), "periodic", shells=2)
    made = result(sample)
    bonds = sample.bonds
    lines = current_lines(current_arrows(made))
    assert [len(line) for line in lines] == [12, 12, 12]  # one of shell 1, two slants of shell 2
    drawn = np.sort(np.concatenate(lines)[:, 1])
    lengthwise = bonds.displacement[:, 0] != 0
    np.testing.assert_allclose(drawn, np.sort(made["bond_current"].values[lengthwise]))


def test_currents_against_the_axis_change_sign():
    backwards = UnitCell.build([[-1.0]], name="backwards")
    sample = build_sample(backwards, 5)
    (line,) = current_lines(current_arrows(result(sample)))
    np.testing.assert_allclose(line[:, 1], -result(sample)["bond_current"].values[::-1])


def test_long_bonds_do_not_cover_short_ones():
    sample = build_sample("square", (5, 4), shells=3)
    figure = plot(result(sample), "bond_current")
    (lines,) = [
        drawn for axes in figure.axes for drawn in axes.collections if isinstance(drawn, LineCollection)
    ]
    widths, segments = np.array(lines.get_linewidths()), lines.get_segments()
    assert len(segments) == 2 * sample.n_bonds
    assert np.all(np.diff(widths) >= 0)  # the longest first, and thinnest
    # A bond of two lattice constants is an arc, every other one straight.
    chord = [np.linalg.norm(np.diff(points, axis=0), axis=1).sum() for points in segments]
    bent = [
        length > np.linalg.norm(points[-1] - points[0]) + 1e-6
        for length, points in zip(chord, segments, strict=True)
    ]
    assert bent == [width < widths[-1] / 2.5 for width in widths]
    assert lines.get_array().shape == (len(segments),)
    shortest = np.flatnonzero(sample.bonds.shell == 1)
    size = np.abs(result(sample)["bond_current"].values[shortest])
    np.testing.assert_array_equal(lines.get_array()[-2 * len(shortest) :], np.repeat(size, 2))


def given_delta(**changes):
    """A result of a fixed Δ, whose currents are not conserved."""
    made = result(history=(Iteration(1, 0.0, 0.0, 0.0, 0.3, -0.5),), **changes)
    currents = {
        name: dataclasses.replace(quantity, attributes={"self_consistent": False})
        for name, quantity in made.observables["currents"].items()
    }
    return dataclasses.replace(made, observables={**made.observables, "currents": currents})


@pytest.mark.filterwarnings("error")
def test_a_given_delta_has_nothing_to_iterate():
    figure = convergence(given_delta())
    assert "nothing to iterate: Δ is given" in texts(figure)
    assert "converged" not in texts(figure)
    broken = convergence(result(history=(Iteration(1, *[np.nan] * 5),), status="broken"))
    assert "NaN or infinity" in texts(broken)


@pytest.mark.parametrize(
    ("lattice", "name"),
    [
        *(("square", name) for name in ("currents", "bond_current", "divergence")),
        *(("chain", name) for name in ("currents", "divergence", "overview")),
    ],
)
def test_figures_say_that_currents_need_not_be_conserved(lattice, name):
    made = given_delta(sample=samples()[lattice])
    assert "Δ is given: currents need not be conserved" in texts(plot(made, name))


def test_figures_of_conserved_currents_have_no_caveat():
    assert "need not be conserved" not in texts(current_arrows(result()))


def test_figures_of_a_run_that_did_not_converge_say_so():
    made = dataclasses.replace(given_delta(), history=result().history, status="not_converged")
    assert "Not converged: currents need not be conserved" in texts(current_arrows(made))
    assert "Δ is given" not in texts(convergence(made))


def test_numbers_in_words():
    units = result().units
    assert number(-0.05, "t", units) == "−0.05 t = −5 meV"
    assert number(300.0, "t", units) == "300 t = 30 eV"
    assert number(0.5, "1", units) == "0.5"
    assert number(0.5, "t", None) == "0.5 t"


@pytest.mark.parametrize("suffix", ["png", "pdf", "svg"])
def test_saved_files_are_the_same_each_time(tmp_path, suffix):
    for name in ("a", "b"):
        save_figure(convergence(result()), tmp_path / "new" / f"{name}.{suffix}")
    one, other = ((tmp_path / "new" / f"{name}.{suffix}").read_bytes() for name in ("a", "b"))
    assert one == other
    assert len(one) > 2000
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [f"a.{suffix}", f"b.{suffix}"]


def test_unknown_picture_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"\.png, \.pdf or \.svg"):
        save_figure(convergence(result()), tmp_path / "a.bmp")


def test_user_settings_and_global_state_stay_out():
    script = """
import matplotlib, sys
matplotlib.rcParams["font.size"] = 3
from tests.store.made_up import result
from bdg.plot import overview
overview(result())
assert matplotlib.rcParams["font.size"] == 3
assert "matplotlib.pyplot" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_computing_and_storing_do_not_need_matplotlib():
    script = "import sys, bdg.store, bdg.observables; assert 'matplotlib' not in sys.modules"
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize(
    ("lattice", "side"), [("square", 300), (TRIANGULAR, 120)], ids=["square", "triangular"]
)
def test_large_maps_have_few_artists(lattice, side):
    """One for all sites: drawing takes as long as there are artists."""
    figure = site_map(result(build_sample(lattice, (side, side)), observables={}), "delta")
    drawn = [artist for axes in figure.axes for artist in (*axes.collections, *axes.images, *axes.patches)]
    assert 0 < len(drawn) < 20


@pytest.mark.parametrize("lattice", ["square", "chain", "cubic"])
def test_the_page_says_what_the_sample_is_and_no_text_lies_on_another(lattice):
    made = dataclasses.replace(result(samples()[lattice]), title="A title that takes more than one line " * 4)
    figure = overview(made)
    written = texts(figure)
    for expected in (made.sample.cell.name, f"{made.sample.n_sites} sites", "T = 0.05 t = 58.02 K"):
        assert expected in written
    panels = [axes.get_tightbbox() for axes in figure.axes]
    header = [text.get_window_extent() for text in figure.texts]
    for n, box in enumerate(header):
        assert not any(box.overlaps(other) for other in [*panels, *header[n + 1 :]])
    (facts,) = (axes for axes in figure.axes if len(axes.texts) > 8)
    lines = [text.get_window_extent() for text in facts.texts]
    for n, box in enumerate(lines):
        assert not any(box.overlaps(other) for other in lines[n + 1 :])


def test_facts_of_an_older_file_come_from_the_configuration_that_it_keeps():
    resolved = """
lattice: {kind: square, size: [7, 5], boundary: [periodic, {twist: 0.3}], vacancies: [[2, 3]]}
hamiltonian: {hopping: [1.0], chemical_potential: -0.5, onsite: 0.0, zeeman: [0.0, 0.0, 0.0],
  impurities: [{site: [1, 2], potential: 8.0, moment: [0.0, 0.0, 0.0]}]}
interaction: {onsite: 1.5, fields: [pairing, hartree]}
"""
    facts = parameters(result(provenance=Provenance(config_resolved=resolved)))
    assert facts["Boundary"] == "periodic, periodic (twist 0.3)"
    assert list(facts)[4:] == ["Hopping", "On-site energy", "On-site attraction", "Self-consistent"]
    assert facts["On-site energy"] == "0 to 8"
    assert facts["Self-consistent"] == "pairing, hartree"
    assert list(parameters(result(provenance=Provenance())))[-1] == "Temperature"


@pytest.mark.parametrize("suffix", ["png", "pdf", "svg"])
def test_the_page_can_be_written_as_each_kind_of_file(tmp_path, suffix):
    save_figure(overview(result(samples()["honeycomb"])), tmp_path / f"page.{suffix}")
    begins = {"png": b"\x89PNG\r\n", "pdf": b"%PDF-1.", "svg": b"<?xml"}[suffix]
    ends = {"png": b"IEND\xaeB`\x82", "pdf": b"%%EOF", "svg": b"</svg>"}[suffix]
    written = (tmp_path / f"page.{suffix}").read_bytes().strip()
    assert written.startswith(begins)
    assert written.endswith(ends)
