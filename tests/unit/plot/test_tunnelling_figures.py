"""Figures of what an STM measures: every quantity draws, with its axes and what it says."""

import numpy as np
import pytest

import bdg

BIASES = np.linspace(-1.5, 1.5, 61)


@pytest.fixture(scope="module")
def result():
    sample = bdg.build_sample("square", [8, 8], "periodic")
    model = bdg.build_model(sample, attraction=3.0, temperature=0.1, onsite="0.6*cos(3*x + y*y)")
    spectra = {"biases": BIASES, "broadening": 0.1, "accuracy": 1e-2}
    asked = {
        "stm": spectra | {"set_point": {"bias": 1.0, "decay": 2.0}},
        "gap_map": spectra,
        "qpi": {"biases": [-0.5, 0.5], "broadening": 0.1, "accuracy": 1e-2, "origin": [0, 0]},
    }
    return bdg.solve(model, observables=asked, units={"energy": "2 meV", "length": "0.4 nm"})


def shown(result, name):
    """Whether a figure has panels; of a quantity that is nowhere, the sentence that says so."""
    figure = bdg.plot.plot(result, name)
    texts = " ".join(text.get_text() for text in figure.texts)
    is_nowhere = not np.isfinite(result[name].values).any()
    return ("none on any site" in texts) if is_nowhere and "site" in result[name].dims else bool(figure.axes)


def test_every_quantity_has_a_figure(result):
    assert all(shown(result, name) for name, quantity in result.quantities().items() if quantity.dims)
    assert bdg.plot.plot(result).axes


def test_spectra_are_over_millivolts_and_called_what_they_are(result):
    axes = bdg.plot.plot(result, "stm_conductance").axes[0]
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert axes.get_xlabel() == "Bias of the sample (t/e)"
    assert axes.get_ylabel() == "dI/dV (1/t)"
    assert any(label.startswith("dI/dV at [") for label in labels)
    assert any(child.get_xlabel() == "mV" for child in axes.child_axes)
    assert (
        bdg.plot.plot(result, "stm_conductance", energy=0.7)
        .axes[0]
        .get_title()
        .startswith("dI/dV at 0.7 t/e")
    )
    assert bdg.plot.plot(result, "stm_normalised", line=(0, 7)).axes


def test_one_bias_is_drawn_too(result):
    given = {"biases": [0.3], "broadening": 0.1}
    one = bdg.solve(result.model, initial=result, observables={"stm": given})
    low, high = bdg.plot.plot(one, "stm_conductance").axes[0].get_xlim()
    assert low < 0.3 < high


def test_statistics_of_gaps_hold_histogram_spectra_and_correlations(result):
    known = result.quantities()
    first, second, third = bdg.plot.gap_statistics(result).axes
    heights = [bar.get_height() for bar in first.patches]
    np.testing.assert_allclose(heights, known["gap_histogram"].values)
    assert len(second.get_lines()) == len(known["gap_sorted_spectra"].values) == 5
    drawn = third.containers[0].lines[0].get_ydata()
    np.testing.assert_allclose(drawn, known["gap_correlation"].values)


def test_interference_is_in_momenta_with_vectors_marked(result):
    figure = bdg.plot.interference(result, "qpi", vectors={"q7": (0.5, 0.5), "far": (2 * np.pi + 0.5, 0.0)})
    axes = figure.axes[0]
    assert axes.get_xlabel() == "q$_x$ (1/nm)"
    marked = np.array([line.get_xydata()[0] for line in axes.get_lines()])
    np.testing.assert_allclose(marked * 0.4, [[0.5, 0.5], [0.5, 0.0]])
    with pytest.raises(bdg.errors.InputError, match="no transform of maps"):
        bdg.plot.interference(result, "stm_current")


@pytest.mark.parametrize(
    ("lattice", "size", "given"),
    [
        ("chain", 12, {}),
        ("cubic", [3, 3, 2], {}),
        ("honeycomb", [2, 2], {"sites": [[0, 0, 0], [1, 1, 1]]}),
        ("square", [3, 3], {"method": "dynes", "sites": [[1, 1]]}),
    ],
)
def test_small_samples_of_every_dimension_have_gap_maps_and_figures(lattice, size, given):
    model = bdg.build_model(
        bdg.build_sample(lattice, size), attraction=3.0, temperature=0.1, onsite="0.5*cos(x*x + 2*x)"
    )
    spectra = {"biases": BIASES, "broadening": 0.1, "accuracy": 1e-2} | given
    result = bdg.solve(model, observables={"gap_map": spectra})
    assert all(shown(result, name) for name, quantity in result.quantities().items() if quantity.dims)
