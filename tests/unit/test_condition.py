"""Conditions in named numbers: what they are worth, and what is refused."""

from __future__ import annotations

import pytest

from bdg.errors import InputError
from bdg.expressions.condition import Condition

VALUES = {"temperature": 0.1, "lattice.size[0]": 6, "delta.max": 0.25, "e1": 2.0, "n": True}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("temperature", 0.1),
        ("-temperature", -0.1),
        ("2*temperature + 1e-1", 0.3),
        ("lattice.size[0]**2", 36),
        ("delta.max > 0.2 and not temperature > 0.2", 1),
        ("sqrt(delta.max)", 0.5),
        ("max(temperature, delta.max)", 0.25),
        ("e1 - 2*e/e", 0),
        ("1 if n else 0", 1),
    ],
)
def test_a_condition_is_evaluated_in_names(text, value):
    assert Condition(text)(VALUES) == pytest.approx(value)


def test_its_names_are_those_that_are_no_functions_or_constants():
    assert Condition("sqrt(a.b[2]) + pi*c if d and e else 1e3").names == ("a.b[2]", "c", "d")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a <",
        "import os",
        "a; b",
        "__import__('os')",
        "a.b()",
        "a[0:2]",
        "'text'",
        "lambda: 1",
    ],
)
def test_what_is_no_formula_is_refused(text):
    with pytest.raises(InputError):
        Condition(text)


def test_a_name_that_is_text_is_refused():
    with pytest.raises(InputError, match="a is 'x', no number"):
        Condition("a > 1")({"a": "x"})
