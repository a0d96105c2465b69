"""What takes all eigenvectors says so before it begins; what does not, does not."""

from dataclasses import replace

import numpy as np
import pytest

from bdg.errors import ResourceError
from bdg.observables import dense, measure
from bdg.observables.loops import Loops, Watch
from tests.support.lattice_states import state_of

ENERGIES = {"energies": np.linspace(0, 2, 3)}


def told(state, name, **parameters):
    lines = []
    watched = replace(state, loops=Loops(watch=Watch(say=lines.append)))
    measure(watched, name, parameters)
    return lines


def plane(boundary):
    return state_of("square", [5, 5], boundary, given_delta=0.4, chemical_potential=-0.5)


@pytest.mark.parametrize(
    ("name", "boundary", "parameters", "hint"),
    [
        ("local_chern_marker", "open", {}, "spectral_localizer"),
        ("conductivity", "periodic", ENERGIES, "bloch"),
        ("bott", ["periodic", "periodic"], {}, "counted"),
    ],
)
def test_a_line_with_memory_and_time_comes_first(name, boundary, parameters, hint, monkeypatch):
    state = plane(boundary)
    assert told(state, name, **parameters) == []  # a moment is not worth a line
    monkeypatch.setattr(dense, "WORTH_SAYING", 0.0)
    (line,) = told(state, name, **parameters)
    assert "25 sites takes all states of 50 rows" in line
    assert " GiB and " in line
    assert hint in line


def test_what_does_not_fit_is_refused_before(monkeypatch):
    state = plane("open")
    monkeypatch.setattr("bdg.resources.available_memory", lambda: 1.0)
    monkeypatch.setattr("bdg.resources.NEGLIGIBLE", 0.0)
    with pytest.raises(
        ResourceError, match=r"local Chern marker of 25 sites needs .* measure spectral_local"
    ):
        measure(state, "local_chern_marker")


@pytest.mark.parametrize(("seconds", "words"), [(40.0, "40 s"), (720.0, "12 min"), (3.5 * 3600, "3.5 h")])
def test_times_in_words(seconds, words):
    assert dense._in_words(seconds) == words
