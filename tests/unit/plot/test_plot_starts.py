"""Several starts: their energies above the best one, and the different states they led to."""

import dataclasses

import numpy as np
import pytest

from bdg.errors import InputError
from bdg.ground_state import Candidate
from bdg.lattice import build_sample
from bdg.observables.quantity import scalar
from bdg.plot import overview, plot, starts
from tests.store.made_up import result
from tests.support.figures import texts

ENERGIES = {"vortex": -10.0, "uniform": -9.5, "again": -9.5, "random": -9.0, "broken": np.nan}


@pytest.fixture
def made():
    one = result(build_sample("square", (6, 5)))

    def candidate(name, energy):
        status = {"random": "not_converged", "broken": "broken"}.get(name, "converged")
        delta = one.fields.delta if name == "vortex" else np.abs(one.fields.delta) * (1 + abs(energy))
        fields = dataclasses.replace(one.fields, delta=one.fields.delta if np.isnan(energy) else delta)
        ranked = scalar(energy, "t", "grand potential", 1e-9)
        return Candidate(name, status, ranked, fields, one.history, "uniform" if name == "again" else "")

    return dataclasses.replace(one, starts=tuple(candidate(*each) for each in ENERGIES.items()))


def test_starts_are_ranked_by_their_energy_above_the_best(made):
    axes = starts(made).axes[0]
    dots = {int(line.get_ydata()[0]): line for line in axes.lines if line.get_marker() == "o"}
    for row, (energy, dot) in enumerate(zip(ENERGIES.values(), dots.values(), strict=True)):
        np.testing.assert_allclose(dot.get_xdata()[0], energy + 10.0)
        assert (dot.get_markerfacecolor() == "white") == (row >= 3)  # not converged, broken
    assert [tick.get_text() for tick in axes.get_yticklabels()] == list(ENERGIES)
    assert axes.yaxis_inverted()
    written = texts(plot(made, "starts"))
    for expected in (
        "Grand potential above the best (t)",
        "−10 t",
        "+0.5 t",
        "meV",
        "the same state as uniform",
    ):
        assert expected in written
    assert "not converged" in written


def test_starts_of_one_state_are_drawn_at_one_energy(made):
    uniform, again = (start for start in made.starts if start.name in ("uniform", "again"))
    again = dataclasses.replace(again, energy=scalar(-9.5 + 7e-14, "t", "grand potential", 1e-9))
    axes = starts(dataclasses.replace(made, starts=(uniform, again))).axes[0]
    assert [line.get_xdata()[0] for line in axes.lines if line.get_marker() == "o"] == [0.0, 0.0]
    assert axes.get_xlim()[1] > 1e-3  # not a scale of rounding errors


def test_each_different_state_has_its_modulus_and_phase(made):
    figure = starts(made)
    images = [axes.images[0] for axes in figure.axes if axes.images]
    states = [start for start in made.starts if not start.same_as]
    assert [image.axes.get_title() for image in images] == 2 * [start.name for start in states]
    x, y = made.sample.cells.T
    for start, modulus, phase in zip(states, images, images[len(states) :], strict=False):
        np.testing.assert_allclose(np.asarray(modulus.get_array())[y, x], np.abs(start.fields.delta))
        np.testing.assert_allclose(np.asarray(phase.get_array())[y, x], np.angle(start.fields.delta))
    assert len({image.get_clim() for image in images}) == 2  # one scale for each row


def test_the_page_ranks_them_too(made):
    assert "Best start: vortex" in texts(overview(made))


def test_one_start_has_no_ranking():
    with pytest.raises(InputError, match=r"list several in scf\.initial"):
        plot(result(), "starts")
