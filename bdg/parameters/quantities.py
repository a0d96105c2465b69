"""Quantities with a unit, ``100 meV``: what the units of the calculation are in the laboratory."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

from pydantic import (
    BeforeValidator,
    Field,
    InstanceOf,
    PlainSerializer,
    WithJsonSchema,
    model_validator,
)

from bdg.conventions import BOLTZMANN, ELEMENTARY_CHARGE
from bdg.parameters.base import Section
from bdg.parameters.problems import refuse
from bdg.parameters.scalars import FLOAT
from bdg.parameters.wording import choices, nearest, quote


def decimal(value: float) -> Fraction:
    """The decimal number that a float was written as, exactly."""
    return Fraction(repr(value))


def thousandth(value: float) -> float:
    """1e-3 of a number, with as few decimals as it has."""
    return float(decimal(value) / 1000)


ENERGY_UNITS = {
    "eV": ELEMENTARY_CHARGE,
    "meV": thousandth(ELEMENTARY_CHARGE),
    "ueV": thousandth(thousandth(ELEMENTARY_CHARGE)),
    "K": BOLTZMANN,
    "J": 1.0,
    "V": ELEMENTARY_CHARGE,
    "mV": thousandth(ELEMENTARY_CHARGE),
    "uV": thousandth(thousandth(ELEMENTARY_CHARGE)),
}
"""Energy units in J; K stands for k_B·K, and V for e·V."""

LENGTH_UNITS = {"m": 1.0, "nm": 1e-9, "um": 1e-6, "angstrom": 1e-10}
"""Length units in m."""

_SPELLINGS = {"\u00c5": "angstrom"}  # as NFKC writes Å


@dataclass(frozen=True)
class Quantity:
    """A number and its unit."""

    value: float
    unit: str

    @property
    def si(self) -> float:
        """The value in J or m."""
        return self.value * (ENERGY_UNITS | LENGTH_UNITS)[self.unit]

    @property
    def exact(self) -> Fraction:
        """The same, as the decimal number that is written."""
        return decimal(self.value) * decimal((ENERGY_UNITS | LENGTH_UNITS)[self.unit])

    def __str__(self) -> str:
        number = int(self.value) if self.value.is_integer() and self.value < 1e15 else self.value
        return f"{number} {self.unit}"


QUANTITY = re.compile(rf"\s*({FLOAT})\s*([^\W\d_]+|m?T[\s·]+[^\W\d_]+)\s*")
"""A number and its unit, or that of a field times a length."""


def spelled(unit: str) -> str:
    """A unit as the tables write it: ueV for µeV, angstrom for Å, T nm for T·nm."""
    parts = re.split(r"[\s·]+", unicodedata.normalize("NFKC", unit))
    return " ".join(_SPELLINGS.get(part, part.replace("\u03bc", "u")) for part in parts)


def _reader(noun: str, units: dict[str, float], example: str) -> Callable[[Any], Any]:
    """A validator that reads ``example``-like texts."""

    def read(value: Any) -> Any:
        if isinstance(value, Quantity):
            return value
        match = QUANTITY.fullmatch(value) if isinstance(value, str) else None
        if match is None:
            refuse(f"must be {noun} with a unit, not {quote(value)}", hint=f"write {example}, for example")
        unit = spelled(match[2])
        if unit not in units:
            meant = nearest(unit, units)
            hint = f"did you mean {quote(meant)}?" if meant else f"use {choices(units)}"
            refuse(f"unknown unit {quote(match[2])} of {noun}", hint=hint)
        number = float(match[1])
        if not 0 < number < float("inf"):
            refuse(f"must be positive and finite, not {quote(value)}", hint=f"write {example}, for example")
        return Quantity(number, unit)

    return read


def _schema(units: dict[str, float]) -> WithJsonSchema:
    return WithJsonSchema({"type": "string", "pattern": rf"^\s*{FLOAT}\s*({'|'.join(units)})\s*$"})


Energy = Annotated[
    InstanceOf[Quantity],
    BeforeValidator(_reader("an energy", ENERGY_UNITS, "100 meV")),
    PlainSerializer(str),
    _schema(ENERGY_UNITS),
]
Length = Annotated[
    InstanceOf[Quantity],
    BeforeValidator(_reader("a length", LENGTH_UNITS, "0.4 nm")),
    PlainSerializer(str),
    _schema(LENGTH_UNITS),
]


class Units(Section):
    """What the units of the calculation are in the laboratory; inputs may have units, outputs SI axes."""

    energy: Energy | None = Field(None, description="The unit of energy, the hopping t: '100 meV'.")
    length: Length | None = Field(None, description="The unit of length, the lattice constant a: '0.4 nm'.")
    layer: Length | None = Field(None, description="Spacing of the layers of a stacked 2D lattice: '1.2 nm'.")

    @model_validator(mode="after")
    def _energy_first(self) -> Units:
        if self.energy is None and (self.length is not None or self.layer is not None):
            refuse("units without the unit of energy", hint="add 'energy: 100 meV', for example")
        return self
