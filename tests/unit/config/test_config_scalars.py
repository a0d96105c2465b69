import math

import pytest

from bdg.parameters.scalars import resolve


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-8", 1e-8),
        ("1.e-8", 1e-8),
        (".5", 0.5),
        ("-.5E+3", -500.0),
        ("+12", 12),
        ("007", 7),
        ("0x10", 16),
        ("0o17", 15),
        ("-0.0", 0.0),
        ("9223372036854775807", 2**63 - 1),
        (".inf", math.inf),
        ("-.Inf", -math.inf),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
    ],
)
def test_values(text, value):
    found = resolve(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "off",
        "on",
        "yes",
        "No",
        "y",
        "1e-8x",
        "1_000",
        "1:30",
        "2024-01-01",
        "0b1",
        "0X10",
        "e5",
        ".",
        "-",
        "1 2",
        "٣",
        "inf",
        "nan",
        "-0x1",
        "+.nan",
        "tRUE",
        "<<",
        "=",
    ],
)
def test_texts(text):
    assert resolve(text) == text


def test_nan():
    assert math.isnan(resolve(".NaN"))


@pytest.mark.parametrize("text", ["1e400", "-1e400", "9223372036854775808", "0xffffffffffffffff"])
def test_too_large(text):
    with pytest.raises(OverflowError):
        resolve(text)
