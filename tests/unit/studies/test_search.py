"""Searches over a key, on curves whose places are known: the stated error covers them, in few steps."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from bdg.config.schema.added import Find
from bdg.config.schema.sweep import Sweep
from bdg.studies.plan.planning import Group
from bdg.studies.plan.search import Search


def searched(curve, between, tolerance, at="value", **given):
    """The place that a search ends with and how many numbers it took; ``curve`` gives one for each branch."""
    find = Find.model_validate(
        {"key": "x", "quantity": "q", "between": between, "tolerance": tolerance, "at": at, **given}
    )
    search, numbers = Search(find), {}
    following = [(x,) for x in between]
    while following:
        assert len(numbers) <= find.at_most
        for (x,) in following:
            numbers[x,] = tuple(np.atleast_1d(curve(x)).astype(float))
        following = search.following(Group({}, ("",), numbers))
    return search.place(Group({}, ("",), numbers)), len(numbers)


@pytest.mark.parametrize("tolerance", [1e-3, 1e-6, 1e-9])
@pytest.mark.parametrize(
    ("curve", "between", "exact", "most"),
    [
        pytest.param(lambda x: np.cos(x) - x, (0.0, 2.0), 0.7390851332151607, 12, id="smooth"),
        pytest.param(lambda x: np.exp(8 * x) - 2, (-1.0, 2.0), np.log(2) / 8, 16, id="steep"),
        pytest.param(lambda x: x - 0.3, (0.0, 1.0), 0.3, 9, id="a line"),
        pytest.param(lambda x: (x - 0.3) ** 3, (-1.0, 2.0), 0.3, 36, id="flat"),
        pytest.param(lambda x: np.sign(0.3137 - x), (-1.0, 2.0), 0.3137, 36, id="a jump"),
        pytest.param(
            lambda x: abs(x) ** 0.5 * np.sign(x), (-1.1, 2.0), 0.0, 40, id="a root with infinite slope"
        ),
    ],
)
def test_a_value(curve, between, exact, most, tolerance):
    place, count = searched(curve, between, tolerance)
    assert abs(place.value - exact) <= place.error <= tolerance
    assert count <= most


@pytest.mark.parametrize("tolerance", [1e-3, 1e-5])
@pytest.mark.parametrize(
    ("curve", "exact"),
    [
        pytest.param(lambda x: np.sqrt(max(0.0, 0.3071 - x)), 0.3071, id="√"),
        pytest.param(lambda x: -2 * np.sqrt(max(0.0, x - 0.3071)), 0.3071, id="√ from above, negative"),
        pytest.param(lambda x: np.tanh(1.74 * np.sqrt(max(0.0, 0.3071 / x - 1))), 0.3071, id="as after BCS"),
        pytest.param(lambda x: 0.5 * (x < 0.3071), 0.3071, id="a jump"),
        pytest.param(
            lambda x: 0.3 + np.sqrt(max(0.0, 0.3071 - x)) if x < 0.3071 else 0.0, 0.3071, id="a spinodal"
        ),
        pytest.param(lambda x: max(0.0, 0.3071 - x), 0.3071, id="linear"),
    ],
)
def test_an_onset(curve, exact, tolerance):
    place, count = searched(curve, (0.02, 0.6), tolerance, "onset")
    assert abs(place.value - exact) <= place.error < 1.3 * tolerance + 3e-3
    assert count <= 24


def test_what_is_small_counts_as_vanished_and_the_error_says_how_far_that_reaches():
    place, _ = searched(lambda x: np.sqrt(max(0.0, 0.3071 - x)), (0.02, 0.6), 1e-8, "onset", at_most=60)
    assert 1e-6 < abs(place.value - 0.3071) <= place.error < 1e-4


@pytest.mark.parametrize("tolerance", [1e-2, 1e-4])
@pytest.mark.parametrize(
    ("curve", "exact"),
    [
        (lambda x: np.sin(x) * np.exp(-x), np.pi / 4),
        (lambda x: -abs(x - 0.77), 0.77),
        (lambda x: -((x - 1.3) ** 4), 1.3),
        (lambda x: -x, 0.0),
        (lambda x: x**3, 3.0),
    ],
)
def test_a_maximum_and_a_minimum(curve, exact, tolerance):
    for sign, at in ((1, "maximum"), (-1, "minimum")):
        place, count = searched(lambda x, sign=sign: sign * curve(x), (0.0, 3.0), tolerance, at)
        assert abs(place.value - exact) <= place.error <= tolerance
        assert count <= 24


def energies(x, first=0.1, last=0.7):
    """Two branches that cross at 0.2685 and are one state outside of an interval."""
    a, b = -1 - 0.1 * x, -0.9463 - 0.3 * x
    return (a, a if x < first else b) if x <= last else (b, b)


@pytest.mark.parametrize("between", [(0.0, 1.0), (0.15, 1.0), (0.0, 0.5), (0.15, 0.5)])
def test_a_crossing_of_two_branches_that_are_one_state_elsewhere(between):
    place, count = searched(energies, between, 1e-6, "crossing")
    assert place.is_bracketed
    assert abs(place.value - 0.2685) <= place.error + 1e-9
    assert count <= 14


def test_where_there_is_nothing_nothing_is_said():
    assert np.isnan(searched(lambda x: 1 + x * x, (-1.0, 1.0), 1e-6)[0].value)
    assert np.isnan(searched(lambda x: 0.3, (-1.0, 1.0), 1e-6, "onset")[0].value)
    place, _ = searched(energies, (0.0, 0.2), 1e-4, "crossing")
    assert not place.is_bracketed


def test_points_that_did_not_converge_are_passed_over():
    place, _ = searched(lambda x: np.nan if x == 1.0 else np.cos(x) - x, (0.0, 2.0), 1e-6)
    assert abs(place.value - 0.7390851332151607) <= place.error <= 1e-6
    place, count = searched(lambda x: np.nan if x > 0.7 else np.cos(x) - x, (0.0, 2.0), 1e-6)
    assert np.isnan(place.value)
    assert count == 2


FIND = {"key": "temperature", "between": [0.1, 0.2], "quantity": "largest_delta", "tolerance": 1e-3}


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"between": [0.2, 0.1]}, "must ascend"),
        ({"quantity": ""}, "names no quantity"),
        ({"at": "maximum", "value": 0.1}, "no meaning for a maximum"),
        ({"at": "crossing"}, "needs two branches"),
        ({"tolerance": 0}, "greater than 0|above 0"),
    ],
)
def test_what_is_no_search_is_refused(given, problem):
    with pytest.raises(ValidationError, match=problem):
        Sweep.model_validate({"find": FIND | given})


def test_the_key_that_is_searched_is_not_swept():
    with pytest.raises(ValidationError, match="'temperature' is swept"):
        Sweep.model_validate({"temperature": [0.1], "find": FIND})
    refine = {"keys": ["a"], "quantity": "q", "tolerance": 0.1}
    with pytest.raises(ValidationError, match="refine and find do not go together"):
        Sweep.model_validate({"a": [0.1, 0.2], "find": FIND, "refine": refine})
