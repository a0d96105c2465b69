"""Formulas in the numbers of a study: swept keys by their names or the last parts of these, quantities."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from bdg.errors import InputError
from bdg.expressions import Expression

Formula = Callable[[Mapping[str, Any]], Any]
"""Evaluates a formula with these values of its names."""


def formula(where: str, text: str, keys: Iterable[str]) -> Formula:
    """A formula in numbers with these names, dotted ones by their last parts too where they are unique.

    Parameters
    ----------
    where
        What it stands for, in errors.
    text
        The formula.
    keys
        The names that it may hold.

    Raises
    ------
    InputError
        When evaluated, if it holds another name, or a value that is no number.
    """
    keys = list(keys)
    lasts = [key.split(".")[-1] for key in keys]
    names = {key: key for key in keys} | {
        last: key for last, key in zip(lasts, keys, strict=True) if lasts.count(last) == 1
    }
    longest_first = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    pattern = re.compile(rf"(?<![\w.])({longest_first})(?![\w.(])")

    def evaluate(values: Mapping[str, Any]) -> Any:
        def number(found: re.Match[str]) -> str:
            value = values[names[found[1]]]
            if not isinstance(value, int | float):
                raise InputError(f"{where}: {found[1]} is {value!r}, no number; leave it out of the formula")
            return f"({value!r})"

        try:
            value = Expression(pattern.sub(number, text))()
        except InputError as error:
            raise InputError(f"{where}: {error}; it may hold {', '.join(sorted(set(names)))}") from None
        single = value.item()
        return int(single) if isinstance(single, float) and single.is_integer() else single

    return evaluate
