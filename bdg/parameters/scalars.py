"""Plain YAML scalars by the YAML 1.2 core schema.

YAML 1.1, which PyYAML follows by itself, reads ``1e-8`` as text and ``off`` as false; the core schema
of YAML 1.2 (section 10.3.2) reads a number and a text, as every reader of a configuration expects.
"""

from __future__ import annotations

import math
import re

Scalar = None | bool | int | float | str

FLOAT = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
"""Pattern of a finite number."""

_INTEGERS = (
    (re.compile(r"[-+]?[0-9]{1,40}"), 10),
    (re.compile(r"0o[0-7]{1,40}"), 8),
    (re.compile(r"0x[0-9a-fA-F]{1,40}"), 16),
)
_FLOAT = re.compile(FLOAT)
_INFINITY = re.compile(r"[-+]?\.(?:inf|Inf|INF)")
_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
_LARGEST_INTEGER = 2**63 - 1


def resolve(text: str) -> Scalar:
    """Value of an unquoted scalar.

    Raises
    ------
    OverflowError
        A number that 64 bits can't hold.
    """
    if text in _WORDS:
        return _WORDS[text]
    for pattern, base in _INTEGERS:
        if pattern.fullmatch(text):
            integer = int(text, base)
            if abs(integer) > _LARGEST_INTEGER:
                raise OverflowError(text)
            return integer
    if _FLOAT.fullmatch(text):
        number = float(text)
        if not math.isfinite(number):
            raise OverflowError(text)
        return number
    if _INFINITY.fullmatch(text):
        return float(text.replace(".", "", 1))
    return text
