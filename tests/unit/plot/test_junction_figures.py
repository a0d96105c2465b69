"""Figures of junctions say what was found."""

import numpy as np

import bdg


def texts(figure):
    figure.canvas.draw()
    return " | ".join(text.get_text() for text in figure.findobj(lambda one: hasattr(one, "get_text")))


def test_current_levels_and_potential_against_the_phase():
    sample = bdg.build_sample("chain", (12,), "open")
    model = bdg.build_model(sample, given_delta=0.5, fields=(), temperature=0.05)
    result = bdg.solve(model, observables={"current_phase": {"num": 9, "levels": 2}})
    figure = bdg.plot.plot(result, "junction_levels")
    current, levels, potential = figure.axes
    assert "Junction current (e t/ħ)" in texts(figure)
    assert "Phase difference (π)" in texts(figure)
    assert "Δ is given" in texts(figure)
    size = float(result["junction_critical_current"])
    assert size >= np.abs(result["junction_current"].values).max()
    assert f"Largest: {size:.4g} either way, at 0." in texts(figure)
    assert len(levels.lines) == 2
    drawn = potential.lines[0].get_xdata()
    assert (drawn[0], drawn[-1]) == (0, 2)
    assert current.lines[0].get_ydata().max() > 0


def test_the_diffraction_pattern_beside_that_of_a_sheet():
    sample = bdg.build_sample("square", (4, 4), "open")
    model = bdg.build_model(sample, given_delta=0.5, fields=(), temperature=0.05)
    result = bdg.solve(model, observables={"fraunhofer": {"stop": 1, "num": 3, "phases": 4}})
    figure = bdg.plot.plot(result, "fraunhofer")
    assert "Flux through the junction (h/2e)" in texts(figure)
    sheet, lattice = figure.axes[0].lines
    assert sheet.get_ydata()[0] == lattice.get_ydata()[0] == result["fraunhofer"].values[0]


def test_the_current_around_a_hole_beside_that_of_its_arms():
    sample = bdg.build_sample("square", (4, 3), "open", vacancies=[[1, 1], [2, 1]])
    model = bdg.build_model(sample, given_delta=0.5, fields=(), temperature=0.05)
    result = bdg.solve(model, observables={"squid": {"stop": 1, "num": 3, "phases": 4}})
    figure = bdg.plot.plot(result, "squid")
    assert "Flux through the hole (h/2e)" in texts(figure)
    formula, lattice = figure.axes[0].lines
    arms = result["squid_arms"].values
    assert formula.get_ydata()[0] == arms.sum()
    assert formula.get_ydata()[300] < 1e-12 * arms.sum()
    assert lattice.get_ydata()[1] == result["squid"].values[1]


def test_the_page_shows_what_a_junction_was_made_for():
    sample = bdg.build_sample("square", (6, 4), "open")
    delta = 0.5 * (sample.positions[:, 0] > 2)
    model = bdg.build_model(sample, given_delta=delta, fields=(), temperature=0.05)
    asked = {
        "current_phase": {"num": 5},
        "fraunhofer": {"stop": 1, "num": 3, "phases": 4},
        "conductance": {"energies": [-0.2, 0.0, 0.2]},
    }
    page = texts(bdg.plot.plot(bdg.solve(model, observables=asked)))
    for name in (
        "Phase difference (π)",
        "Flux through the junction (h/2e)",
        "Conductance, superconductors grounded (e²/h)",
    ):
        assert name in page


def test_a_conductance_that_is_one_number_shows_no_rounding():
    model = bdg.build_model(bdg.build_sample("chain", (6,), "open"), fields=())
    result = bdg.solve(model, observables={"conductance": {"energies": [0.0, 0.3]}})
    assert np.ptp(result["conductance"].values) > 0
    low, high = bdg.plot.plot(result, "conductance").axes[0].get_ylim()
    assert high - low > 0.1


def test_numbers_of_short_bars_do_not_lie_on_their_names():
    sample = bdg.build_sample("square", (1, 1), bdg.lattice.Boundary("bloch", n_k=8))
    model = bdg.build_model(sample, given_delta=0.6, fields=(), temperature=0.05)
    figure = bdg.plot.plot(bdg.solve(model, observables=["superfluid_weight"]), "superfluid_weight")
    figure.canvas.draw()
    axes = figure.axes[0]
    assert min(bar.get_width() for bar in axes.patches) < 0
    edge = axes.get_window_extent().x0
    assert all(text.get_window_extent().x0 > edge for text in axes.texts)
