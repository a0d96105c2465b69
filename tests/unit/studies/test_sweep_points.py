"""The points of a sweep: which there are, in which order, and what each sets."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from bdg.config.schema.sweep import Sweep
from bdg.errors import InputError
from bdg.studies.collected.keys import short_names, unit_of
from bdg.studies.plan.axes import axes_of, values_of
from bdg.studies.plan.points import points_of


def points(**given):
    return points_of(Sweep.model_validate(given))


def test_keys_span_a_grid_whose_last_key_is_the_fastest():
    found = [
        tuple(one.values.values())
        for one in points(temperature=[0.1, 0.2], **{"interaction.onsite": [1, 2, 3]})
    ]
    assert found == [(0.1, 1), (0.1, 2), (0.1, 3), (0.2, 1), (0.2, 2), (0.2, 3)]


@pytest.mark.parametrize(
    ("given", "values"),
    [
        ({"start": 0.0, "stop": 0.3, "num": 4}, [0.0, 0.1, 0.2, 0.3]),
        ({"start": 1, "stop": 100, "num": 3, "spacing": "log"}, [1, 10, 100]),
        ({"start": 0.5, "stop": -0.5, "num": 2}, [0.5, -0.5]),
        ({"count": 3}, [0, 1, 2]),
        ({"count": 2, "first": 7}, [7, 8]),
        (["square", "chain"], ["square", "chain"]),
        ([[1, 2], [3, 4]], [[1, 2], [3, 4]]),
    ],
)
def test_ranges_and_lists(given, values):
    (axis,) = axes_of(Sweep.model_validate({"temperature": given}))
    assert list(axis.values[0]) == values  # rounded: 0.3 and not 0.30000000000000004


def test_keys_that_advance_together_are_one_axis():
    found = points(
        temperature=[0.1, 0.2],
        **{"scf.seed": {"count": 2}, "interaction.onsite": [5, 6]},
        zip=[["temperature", "interaction.onsite"]],
    )
    assert [tuple(one.values.values()) for one in found] == [
        (0.1, 5, 0),
        (0.1, 5, 1),
        (0.2, 6, 0),
        (0.2, 6, 1),
    ]


def test_conditions_leave_points_out_and_formulas_add_keys():
    found = points(
        temperature=[0.1, 0.2, 0.4],
        **{"interaction.onsite": [1, 2]},
        where="temperature < onsite / 4",
        derived={"hamiltonian.chemical_potential": "2*interaction.onsite - temperature"},
    )
    assert [one.settings for one in found] == [
        {
            "temperature": t,
            "interaction.onsite": u,
            "hamiltonian.chemical_potential": pytest.approx(2 * u - t),
        }
        for t, u in [(0.1, 1), (0.1, 2), (0.2, 1), (0.2, 2), (0.4, 2)]
    ]
    assert [one.number for one in found] == list(range(5))


def test_whole_numbers_from_formulas_are_whole():
    found = points(**{"lattice.size[0]": [4, 6]}, derived={"lattice.size[1]": "size[0] / 2"})
    assert [one.derived["lattice.size[1]"] for one in found] == [2, 3]
    assert all(isinstance(one.derived["lattice.size[1]"], int) for one in found)


@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_a_followed_key_makes_chains(direction):
    found = points(
        temperature=[0.1, 0.2, 0.3], **{"scf.seed": [0, 1]}, follow="temperature", direction=direction
    )
    before = {None if one.after is None else found[one.after].values["temperature"] for one in found}
    order = [0.1, 0.2, 0.3] if direction == "forward" else [0.3, 0.2, 0.1]
    assert before == {None, *order[:2]}
    for one in found:
        if one.after is not None:
            assert one.after < one.number
            assert found[one.after].values["scf.seed"] == one.values["scf.seed"]
            assert (
                order.index(one.values["temperature"])
                == order.index(found[one.after].values["temperature"]) + 1
            )


def test_both_ways_make_two_branches_and_a_gap_is_stepped_over():
    found = points(
        temperature=[0.1, 0.2, 0.3], follow="temperature", direction="both", where="temperature != 0.2"
    )
    told = [(one.values["temperature"], one.branch, one.after) for one in found]
    assert told == [
        (0.1, "forward", None),
        (0.3, "forward", 0),
        (0.3, "backward", None),
        (0.1, "backward", 2),
    ]


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({}, "no key is swept"),
        ({"temperature": {"start": 1}}, "gives no numbers"),
        ({"temperature": {"start": 1, "stop": 2, "num": 3, "count": 2}}, "gives no numbers"),
        ({"temperature": {"start": 0, "stop": 2, "num": 3, "spacing": "log"}}, "above 0"),
        ({"temperature": []}, "at least 1"),
        ({"output": ["a.h5"]}, "not a key that can be swept"),
        ({"a b": [1]}, "not a key that can be swept"),
        ({"temperature": [1], "zip": [["temperature", "x"]]}, "'x' is not swept"),
        ({"temperature": [1], "follow": "x"}, "'x' is not swept"),
        ({"temperature": [1], "derived": {"temperature": "2"}}, "is swept"),
        ({"a": [1], "b": [1], "c": [1], "zip": [["a", "b"], ["b", "c"]]}, "in two groups"),
    ],
)
def test_what_makes_no_sweep_is_refused(given, problem):
    with pytest.raises(ValidationError, match=problem):
        Sweep.model_validate(given)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"a": [1, 2], "b": [1], "zip": [["a", "b"]]}, "as many values each, not a 2, b 1"),
        ({"a": [1, 1.0, 1]}, "stands twice"),
        ({"a": [1, 2], "where": "a > 5"}, "no point is left"),
        ({"a": [1, 2], "where": "b > 5"}, "unknown name"),
        ({"a": ["x"], "where": "a > 5"}, "no number"),
        ({"a": [0], "derived": {"b": "1/a"}}, "not finite"),
        ({"a": [1], "derived": {"b": "__import__('os')"}}, "derived.b"),
    ],
)
def test_what_cannot_be_evaluated_is_refused(given, problem):
    with pytest.raises(InputError, match=problem):
        points(**given)


def test_units_and_names_of_keys():
    assert [unit_of(key) for key in ("temperature", "interaction.onsite", "hamiltonian.disorder.width")] == [
        "t"
    ] * 3
    assert unit_of("field.uniform") == "hbar/(e a^2)"
    assert [unit_of(key) for key in ("hamiltonian.filling", "scf.seed", "lattice.size[0]", "no.such")] == [
        "1"
    ] * 4
    assert short_names(["interaction.bonds[0].value"]) == {"interaction.bonds[0].value": "bonds_0_value"}
    assert short_names(["temperature", "a.width", "b.width", "lattice.size[0]"]) == {
        "temperature": "temperature",
        "a.width": "a_width",
        "b.width": "b_width",
        "lattice.size[0]": "size_0",
    }


def test_numbers_of_a_range_are_those_of_python():
    assert values_of([1.5]) == (1.5,)
    assert isinstance(
        values_of(Sweep.model_validate({"a": {"start": 0, "stop": 1, "num": 3}}).axes["a"])[1], float
    )
