"""A formula in named numbers, such as ``temperature < 0.1 and spectral_gap > 0.2``."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bdg.errors import InputError
from bdg.expressions.expression import Expression
from bdg.expressions.grammar import CONSTANTS, FUNCTIONS
from bdg.words import quoted

NAME = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?:\[\d+\])*(?:\.[A-Za-z_]\w*(?:\[\d+\])*)*(?![\w(])")
"""A dotted key, list indices in brackets; no function, which has a parenthesis behind it."""


@dataclass(frozen=True)
class Condition:
    """What an :class:`Expression` may hold, in names in place of coordinates.

    Parameters
    ----------
    text
        The formula.

    Raises
    ------
    InputError
        If it is no formula, or holds something that is not allowed.
    """

    text: str

    def __post_init__(self) -> None:
        try:
            self._filled(dict.fromkeys(self.names, 1.0))
        except InputError as error:
            raise InputError(f"{quoted(self.text)} is no condition: {error}") from None

    @property
    def names(self) -> tuple[str, ...]:
        """The names in it, in the order of their first places."""
        taken = {*CONSTANTS, *FUNCTIONS, *keyword.kwlist}
        return tuple(dict.fromkeys(name for name in NAME.findall(self.text) if name not in taken))

    def __call__(self, values: Mapping[str, Any]) -> float:
        """Its value.

        Parameters
        ----------
        values
            Finite numbers by name.

        Raises
        ------
        InputError
            If one is no number, or the value is not finite.
        """
        for name in self.names:
            if not isinstance(values[name], int | float):
                raise InputError(f"{self.text}: {name} is {values[name]!r}, no number; leave it out")

        return float(self._filled(values)().real)

    def _filled(self, values: Mapping[str, Any]) -> Expression:
        """The formula with numbers in place of its names."""
        names = self.names

        def number(found: re.Match[str]) -> str:
            return f"({float(values[found[0]])!r})" if found[0] in names else found[0]

        return Expression(NAME.sub(number, self.text))
