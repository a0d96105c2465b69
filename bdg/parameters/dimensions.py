"""Numbers that may carry a unit, ``-50 meV``, where a plain number is one in units of the calculation.

A :class:`Dimension` in the annotation of a key turns such a text into the number it stands for, by what the
section ``units`` says of t and a; everything behind the schema sees numbers only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated, Any

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic_core import core_schema

from bdg.conventions import ELEMENTARY_CHARGE, HBAR
from bdg.parameters.base import NonNegative, Number, Positive
from bdg.parameters.problems import refuse
from bdg.parameters.quantities import ENERGY_UNITS, LENGTH_UNITS, QUANTITY, Units, decimal, spelled
from bdg.parameters.scalars import FLOAT
from bdg.parameters.wording import choices, nearest, quote

UNITS = "units"
"""Key of the validation context that holds the section ``units``."""

FIELD_UNITS = {"T": 1.0, "mT": 1e-3, "uT": 1e-6, "G": 1e-4}
"""Units of a magnetic field in T."""

POTENTIAL_UNITS = {
    f"{field} {length}": FIELD_UNITS[field] * LENGTH_UNITS[length]
    for field in ("T", "mT")
    for length in ("nm", "um", "m")
}
"""Units of a vector potential in T m."""


class UnitError(ValueError):
    """A number's unit cannot be read; what is wrong and what would do."""

    def __init__(self, text: str, hint: str) -> None:
        super().__init__(text, hint)
        self.text, self.hint = text, hint


@dataclass(frozen=True)
class Dimension:
    """What a number measures, and how it is read with a unit.

    Parameters
    ----------
    noun
        For messages: "an energy".
    units
        Its units in SI.
    one
        SI value of 1 in units of the calculation, from t in J and a in m: exact, so that 1.2 nm are 3 a
        where a is 0.4 nm.
    example
        How one is written.
    needs_length
        Whether ``one`` depends on a.
    """

    noun: str
    units: Mapping[str, float]
    one: Callable[[Fraction, Fraction], Fraction]
    example: str
    needs_length: bool = True

    __hash__ = object.__hash__

    def number(self, text: str, energy: Fraction | None, length: Fraction | None = None) -> float | None:
        """The number of the calculation that a text with a unit stands for; ``None`` if it is no such text.

        Parameters
        ----------
        text
            ``-50 meV``.
        energy, length
            t in J and a in m; ``None`` where they are not known.

        Raises
        ------
        UnitError
            If the unit is of another dimension, or t or a is not known.
        """
        match = QUANTITY.fullmatch(text)
        unit = spelled(match[2]) if match else ""
        meant = nearest(unit, self.units)
        if match is None or not (meant or unit in EVERY_UNIT):
            return None
        if unit not in self.units:
            hint = f"did you mean {quote(meant)}?" if meant else f"use {choices(self.units)}"
            raise UnitError(f"{quote(match[2])} is no unit of {self.noun}", hint)
        if energy is None or (self.needs_length and length is None):
            wanted = "energy: 100 meV" + (", length: 0.4 nm" if self.needs_length else "")
            raise UnitError(
                f"{quote(text)} has a unit, and units does not say what {'t' if energy is None else 'a'} is",
                f"add 'units: {{{wanted}}}', or write a plain number in units of the calculation",
            )
        return float(Fraction(match[1]) * decimal(self.units[unit]) / self.one(energy, length or Fraction(1)))

    def _read(self, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, str):
            return value
        units: Units = Units() if info.context is None else info.context[UNITS]
        energy, length = (one.exact if one is not None else None for one in (units.energy, units.length))
        try:
            number = self.number(value, energy, length)
        except UnitError as error:
            refuse(error.text, hint=error.hint)
        return value if number is None else number

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        """Read what has a unit before the number itself is checked."""
        return core_schema.with_info_before_validator_function(self._read, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Let editors know of the text too."""
        plain = handler(schema)
        branches = plain.get("oneOf", [plain])
        if any(branch.get("type") == "string" for branch in branches):  # an expression may stand there anyway
            return plain
        pattern = rf"^\s*{FLOAT}\s*({'|'.join(self.units)})\s*$"
        with_unit = {"type": "string", "pattern": pattern}
        return (
            {**plain, "oneOf": [*branches, with_unit]} if "oneOf" in plain else {"anyOf": [plain, with_unit]}
        )


_FLUX = decimal(HBAR) / decimal(ELEMENTARY_CHARGE)

ENERGY = Dimension("an energy", ENERGY_UNITS, lambda t, a: t, "-50 meV", needs_length=False)
LENGTH = Dimension("a length", LENGTH_UNITS, lambda t, a: a, "4 nm")
MAGNETIC_FIELD = Dimension("a magnetic field", FIELD_UNITS, lambda t, a: _FLUX / a**2, "1 T")
VECTOR_POTENTIAL = Dimension("a vector potential", POTENTIAL_UNITS, lambda t, a: _FLUX / a, "20 T nm")

EVERY_UNIT = {*ENERGY_UNITS, *LENGTH_UNITS, *FIELD_UNITS, *POTENTIAL_UNITS}

EnergyNumber = Annotated[Number, ENERGY]
PositiveEnergy = Annotated[Positive, ENERGY]
NonNegativeEnergy = Annotated[NonNegative, ENERGY]
LengthNumber = Annotated[Number, LENGTH]
PositiveLength = Annotated[Positive, LENGTH]
NonNegativeLength = Annotated[NonNegative, LENGTH]
FieldNumber = Annotated[Number, MAGNETIC_FIELD]
"""Numbers that may carry a unit."""

Point = Annotated[tuple[LengthNumber, ...], Field(min_length=1, max_length=3)]
"""A point or vector with as many components as the lattice has coordinates, in lattice constants."""

PlanePoint = Annotated[tuple[LengthNumber, ...], Field(min_length=2, max_length=2)]
"""A point in the plane, in lattice constants."""
