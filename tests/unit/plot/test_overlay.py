"""Several results in one figure: lines over each other, maps side by side with one scale."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import bdg
from bdg.config import ConfigSource
from bdg.errors import InputError
from bdg.plot import overlay, table
from bdg.plot.canvas.lines_over import are_lines
from bdg.plot.overlay import labels_of
from bdg.simulation.run import run

WIRE = """
title: A wire
lattice: {kind: chain, size: [10]}
hamiltonian: {chemical_potential: -0.5}
interaction: {onsite: 2.5}
temperature: 0.05
observables: {spectral_gap: {}, ldos: {energies: {start: -2, stop: 2, num: 31}, sites: all}}
"""
PLANE = """
title: A plane
lattice: {kind: square, size: [5, 4]}
hamiltonian: {chemical_potential: -0.5, impurities: [{site: [2, 2], potential: 3.0}]}
interaction: {onsite: 3.0}
temperature: 0.05
observables: {density: {}, ldos: {energies: {start: -2, stop: 2, num: 31}, sites: all}, currents: {}}
"""


def ran(text, *overrides):
    source = ConfigSource(text, "my.yaml", overrides)
    return run(source.parse(), source)


@pytest.fixture(scope="module")
def wires():
    return [ran(WIRE), ran(WIRE, "temperature=0.2"), ran(WIRE, "temperature=0.2", "scf.max_iterations=2")]


@pytest.fixture(scope="module")
def planes():
    return [ran(PLANE), ran(PLANE, "interaction.onsite=2.6")]


def lines_of(axes):
    return [line for line in axes.lines if line.get_transform() == axes.transData]


def names_of(figure):
    return [text.get_text() for text in figure.legends[0].get_texts()]


def maps_of(figure):
    """Of each panel with a map its values and the ends of its scale."""
    found = []
    for axes in figure.axes:
        drawn = [one for one in [*axes.images, *axes.collections] if one.get_array() is not None]
        found += [
            (np.ma.getdata(one.get_array()), one.get_clim())
            for one in drawn
            if axes.get_label() != "<colorbar>"
        ]
    return found


def titles_of(figure):
    return [one.get_suptitle() for one in figure.subfigs]


def test_lines_share_axes_and_are_named_by_what_differs(wires):
    figure = overlay(*wires[:2], "delta")
    (axes,) = figure.axes
    lines = lines_of(axes)
    for line, result in zip(lines, wires, strict=False):
        np.testing.assert_array_equal(line.get_ydata(), result.fields.delta)
    assert len(lines) == 2
    assert lines[0].get_color() != lines[1].get_color()
    assert names_of(figure) == ["temperature 0.05", "temperature 0.2"]
    low, high = axes.get_ylim()
    every = np.concatenate([result.fields.delta for result in wires[:2]])
    assert low < every.min() < every.max() < high
    assert figure.get_suptitle() == "A wire"


def test_lines_of_several_kinds_have_a_dash_each(wires):
    figure = overlay(*wires[:2], "ldos", sites=[0, 5])
    lines = lines_of(figure.axes[0])
    kinds = {line.get_linestyle() for line in lines}
    assert len(kinds) == 3  # two sites, and the gaps
    assert names_of(figure)[2:] == ["LDOS at [0]", "LDOS at [5]", "± spectral gap"]
    for site, dash in ((0, "-"), (5, "--")):
        drawn = [line.get_ydata() for line in lines if line.get_linestyle() == dash]
        for values, result in zip(drawn, wires, strict=False):
            np.testing.assert_array_equal(values, result["ldos"].values[:, site])


def test_what_did_not_converge_says_so_in_its_name(wires):
    figure = overlay(*wires, quantity="delta")
    first, second, third = names_of(figure)
    assert first == "temperature 0.05"
    assert second == "result 2: temperature 0.2"
    assert third.startswith("result 3: temperature 0.2, not converged")


def test_maps_have_one_scale_and_a_difference(planes):
    figure = overlay(*planes, "density")
    one, two, apart = maps_of(figure)
    a, b = (result["density"].values for result in planes)
    assert one[1] == two[1] == (min(a.min(), b.min()), max(a.max(), b.max()))
    np.testing.assert_allclose(np.sort(one[0].ravel()), np.sort(a))
    np.testing.assert_allclose(np.sort(apart[0].ravel()), np.sort(a - b), atol=1e-15)
    assert apart[1] == (-np.abs(a - b).max(), np.abs(a - b).max())
    assert titles_of(figure) == ["onsite 3", "onsite 2.6", "Difference, first less second"]


def test_a_uniform_map_is_a_colour_of_the_common_scale(planes):
    fields = replace(planes[0].fields, delta=np.full(20, 0.1))
    figure = overlay(planes[0], replace(planes[1], fields=fields), "delta")
    one, two, _ = maps_of(figure)
    assert one[1] == two[1]
    assert one[1][0] == pytest.approx(0.1)
    assert np.ptp(two[0]) == 0


def test_a_map_at_an_energy_and_a_cut_go_the_same_way(planes):
    one, two, apart = maps_of(overlay(*planes, "ldos", energy=0.4))
    at = np.argmin(np.abs(planes[0]["ldos"].coords["energy"].values - 0.4))
    a, b = (result["ldos"].values[at] for result in planes)
    assert one[1] == two[1]
    np.testing.assert_allclose(np.sort(apart[0].ravel()), np.sort(a - b), atol=1e-15)
    ends = (planes[0].sample.site_at([0, 1]), planes[0].sample.site_at([4, 1]))
    lines = lines_of(overlay(*planes, "density", line=ends).axes[0])
    assert [len(line.get_ydata()) for line in lines] == [5, 5]
    cut = maps_of(overlay(*planes, "ldos", line=ends))
    assert cut[0][1] == cut[1][1]
    assert cut[2][1][0] == -cut[2][1][1]  # a difference has both signs


def test_of_three_there_is_no_difference(planes):
    figure = overlay(*planes, planes[0], quantity="density")
    assert len(maps_of(figure)) == 3
    assert len(titles_of(figure)) == 3
    assert not any("Difference" in title for title in titles_of(figure))


@pytest.mark.slow
def test_on_other_sites_there_is_no_difference_and_sites_are_found_by_their_cells(planes):
    other = ran(PLANE, "lattice.size=[7, 6]")
    assert not any("Difference" in title for title in titles_of(overlay(planes[0], other, "density")))
    site = planes[0].sample.site_at([3, 1])
    first, second = (
        line.get_ydata() for line in lines_of(overlay(planes[0], other, "ldos", sites=[site]).axes[0])[:2]
    )
    np.testing.assert_array_equal(first, planes[0]["ldos"].values[:, site])
    np.testing.assert_array_equal(second, other["ldos"].values[:, other.sample.site_at([3, 1])])


@pytest.mark.parametrize("phase", [0.4, pytest.param(3.0, marks=pytest.mark.slow)])
def test_the_difference_of_complex_numbers_is_up_to_a_phase(planes, phase):
    shape = np.exp(1j * np.linspace(0, 2, 20))
    fields = [
        replace(planes[0].fields, delta=values * planes[0].fields.delta)
        for values in (shape, np.exp(1j * phase) * shape)
    ]
    figure = overlay(*(replace(planes[0], fields=one) for one in fields), "delta")
    texts = [text.get_text() for one in figure.subfigs for text in one.texts]
    values = maps_of(figure)[4:]
    assert (
        any("zero on every site" in text for text in texts) or max(np.abs(v).max() for v, _ in values) < 1e-12
    )


def test_arrows_of_the_whole_result_stand_side_by_side():
    field = [ran(PLANE, f"field={{uniform: {value}}}") for value in (0.2, 0.3)]
    figure = overlay(*field, "currents")
    assert titles_of(figure) == ["uniform 0.2", "uniform 0.3", "Difference, first less second"]


def test_other_units_have_no_axes_in_units(wires):
    scaled = replace(wires[0], units=bdg.Units.of({"energy": "100 meV"}))
    assert overlay(scaled, scaled, "delta").axes[0].child_axes
    assert not overlay(scaled, wires[1], "delta").axes[0].child_axes


def test_a_figure_of_a_users_own_is_laid_over_too(wires, monkeypatch):
    def draw(result, name):
        from bdg.plot.canvas.style import new_figure

        figure = new_figure(3, 2)
        figure.subplots().plot([0, 1], [0, float(result[name].values)])
        return figure

    monkeypatch.setattr(table, "_ROWS", list(table._ROWS))
    bdg.plot.add_figure(draw, names=("spectral_gap",))
    lines = lines_of(overlay(*wires[:2], "spectral_gap").axes[0])
    assert [line.get_ydata()[1] for line in lines] == [float(one["spectral_gap"]) for one in wires[:2]]


def test_figures_with_other_panels_are_not_laid_over(wires, planes):
    assert are_lines([bdg.plot.plot(result, "delta") for result in wires[:2]])
    assert not are_lines([bdg.plot.plot(result, "density") for result in planes])
    assert not are_lines([bdg.plot.plot(wires[0], "delta"), bdg.plot.plot(wires[0], "spectral_gap")])


def test_labels_name_what_all_have_first_and_leave_the_technical_out(wires):
    dirty = ran(WIRE, "hamiltonian.disorder={width: 0.5}", "temperature=0.1", "scf.damping=0.5")
    assert labels_of([wires[0], dirty]) == [
        "temperature 0.05, distribution not set, width not set, …",
        "temperature 0.1, distribution uniform, width 0.5, …",
    ]
    assert labels_of([wires[0], ran(WIRE, "scf.damping=0.5")]) == ["damping 1", "damping 0.5"]
    assert labels_of([wires[0], wires[0]]) == ["result 1", "result 2"]


def test_what_cannot_be_drawn_together_is_refused(wires, tmp_path):
    with pytest.raises(InputError, match="give at least two"):
        overlay(wires[0], "delta")
    with pytest.raises(InputError, match="name the quantity"):
        overlay(*wires)
    with pytest.raises(InputError, match=r"temperature 0\.05: there is nothing called 'entropy'"):
        overlay(*wires[:2], "entropy")
    with pytest.raises(InputError, match="no such file"):
        overlay(wires[0], tmp_path / "none.h5", "delta")
    bdg.save(wires[1], tmp_path / "warm.h5")
    assert names_of(overlay(wires[0], str(tmp_path / "warm.h5"), "delta"))[1] == "temperature 0.2"
