"""Types of the parameters of a motion: formulas in t, pulses, voltages."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, Tag

from bdg.dynamics.drives import TIME, Drives, Pulse, Voltage
from bdg.errors import InputError
from bdg.expressions import Expression
from bdg.expressions.grammar import COORDINATES
from bdg.lattice import Sample
from bdg.observables.contract import Form
from bdg.observables.parameters import Axis, LengthNumber
from bdg.parameters.base import NUMBER, TEXT, Number, Positive, Section, Text, one_of
from bdg.parameters.dimensions import VECTOR_POTENTIAL, EnergyNumber, PositiveEnergy
from bdg.parameters.problems import refuse

_Potential = Annotated[Number, VECTOR_POTENTIAL]


def _formula(*variables: str) -> Any:
    """A number or a formula in some variables."""

    def check(text: str) -> str:
        try:
            return Expression(text, variables).text
        except InputError as error:
            refuse(str(error))

    return Annotated[
        Annotated[Number, Tag(NUMBER)] | Annotated[Text, AfterValidator(check), Tag(TEXT)],
        one_of(f"a number or an expression in {', '.join(variables)}", NUMBER, TEXT),
    ]


_OfTime = _formula(*TIME)


def _finite(value: Any, sample: Sample) -> str:
    text = str(value)
    Drives(interaction=text).factor(0.0)
    return text


OfTime = Annotated[Any, Form(_OfTime, _finite, example="2/3")]
"""A number or a formula in t; the function receives the text."""


def _energies(value: Any, sample: Sample) -> str:
    text = str(value)
    Drives(potential=text).energies(sample, 0.0)
    return text


OfPlaceAndTime = Annotated[Any, Form(_formula(*COORDINATES, *TIME), _energies)]
"""A number or a formula in x, y, z and t; the function receives the text."""


_Components: Any = Annotated[tuple[_OfTime, ...], Field(max_length=3)]  # type: ignore[valid-type]


def _components(values: Any, sample: Sample) -> tuple[str, ...]:
    texts = tuple(str(value) for value in values)
    if texts and len(texts) != sample.dimension:
        refuse(f"has {len(texts)} components, this lattice has {sample.dimension} directions")
    Drives(vector_potential=texts).line_integrals(sample, 0.0)
    return texts


VectorOfTime = Annotated[Any, Form(_Components, _components)]
"""A formula for each direction; the function receives their texts."""


class PulseSection(Section):
    """A pulse A_0 exp(−(t − center)²/2 width²) cos(frequency (t − center) + phase) of A, uniform."""

    amplitude: _Potential = Field(description="A_0, in ħ/(e a); the largest electric field is about A_0 ω.")
    frequency: PositiveEnergy = Field(description="ω, in t/ħ.")
    center: Number = Field(description="The time of its maximum, in ħ/t.")
    width: Positive = Field(description="Of its envelope, standard deviation, in ħ/t.")
    direction: Annotated[tuple[Number, ...], Field(min_length=1, max_length=3)] = Field(
        description="Of the field, a vector of any length."
    )
    phase: Number = Field(0.0, description="Of the oscillation at its center.")


def _pulse(section: PulseSection | None, sample: Sample) -> Pulse | None:
    if section is None:
        return None
    if len(section.direction) != sample.dimension:
        refuse(
            f"has {len(section.direction)} components, this lattice has {sample.dimension}",
            "direction",
        )
    if not any(section.direction):
        refuse("must have a length", "direction", hint="write [1, 0] for x")
    return Pulse(**section.model_dump())


PulseOfTime = Annotated[
    Any,
    Form(PulseSection | None, _pulse),
    "{amplitude, frequency, center, width, direction} of a uniform pulse of A.",
]


class VoltageSection(Section):
    """A voltage across a cut: value + amplitude cos(frequency t) more before it than behind it."""

    value: EnergyNumber = Field(description="The constant part, in t/e.")
    amplitude: EnergyNumber = Field(0.0, description="The amplitude of an alternating part, in t/e.")
    frequency: PositiveEnergy = Field(1.0, description="Its frequency, in t/ħ.")
    axis: Axis = Field(0, description="Coordinate that the cut is across.")
    at: LengthNumber | None = Field(None, description="Its place; by default the middle of the sample.")


def _voltage(section: VoltageSection | None, sample: Sample) -> Voltage | None:
    if section is None:
        return None
    found = Voltage(**section.model_dump())
    found.crossings(sample)
    return found


VoltageOfTime = Annotated[
    Any,
    Form(VoltageSection | None, _voltage),
    "{value, at} of a voltage across a junction; amplitude and frequency of an alternating part.",
]
