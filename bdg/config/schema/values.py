"""Values over sites: a number, an expression, numbers by orbital or site, by region, or from a file."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, Tag

from bdg.config.schema.region import Region
from bdg.errors import InputError
from bdg.expressions import Expression
from bdg.parameters.base import LIST, MAPPING, NUMBER, REGIONS, TEXT, Line, Number, Section, Text, one_of
from bdg.parameters.dimensions import ENERGY, VECTOR_POTENTIAL, EnergyNumber, LengthNumber
from bdg.parameters.problems import refuse


def _is_expression(text: str) -> str:
    try:
        return Expression(text).text
    except InputError as error:
        refuse(str(error))


Formula = Annotated[Text, AfterValidator(_is_expression)]
"""The text of an expression in x, y, z; see :class:`bdg.expressions.Expression`."""

SiteNumber = Annotated[
    Annotated[Number, Tag(NUMBER)] | Annotated[Formula, Tag(TEXT)],
    one_of("a number or an expression in x, y, z", NUMBER, TEXT),
]

SitePotential = Annotated[SiteNumber, VECTOR_POTENTIAL]


class RegionValue(Section):
    """A value on the sites of a region."""

    region: Region = Field(description="Where.")
    value: SiteNumber = Field(description="The value there: a number or an expression in x, y, z.")


class FileValue(Section):
    """Values from a file: one for each site, or for each of the block of cells."""

    file: Line = Field(
        description="A file .npy, or HDF5, relative to the working directory: a number for each site, or an"
        " array as large as lattice.size (with several orbitals, that and one more axis)."
    )
    dataset: Line | None = Field(None, description="Of an HDF5 file the name of the dataset, group/name.")


ANY_VALUE = (
    "a number, an expression in x, y, z, a list of numbers (one for each orbital, or each site), a list of"
    " {region, value} or {file: values.npy}"
)

SiteValue = Annotated[
    Annotated[Number, Tag(NUMBER)]
    | Annotated[Formula, Tag(TEXT)]
    | Annotated[tuple[Number, ...], Field(min_length=1), Tag(LIST)]
    | Annotated[tuple[RegionValue, ...], Field(min_length=1), Tag(REGIONS)]
    | Annotated[FileValue, Tag(MAPPING)],
    one_of(ANY_VALUE, NUMBER, TEXT, LIST, REGIONS, MAPPING),
]

GivenValue = float | str | tuple[Any, ...] | FileValue
"""A :data:`SiteValue` as it was read."""


class RegionEnergy(RegionValue):
    """An energy on the sites of a region."""

    value: Annotated[SiteNumber, ENERGY] = Field(
        description="The energy there: a number, one with a unit, or an expression in x, y, z."
    )


SiteEnergy = Annotated[
    Annotated[Number, Tag(NUMBER)]
    | Annotated[Formula, Tag(TEXT)]
    | Annotated[tuple[EnergyNumber, ...], Field(min_length=1), Tag(LIST)]
    | Annotated[tuple[RegionEnergy, ...], Field(min_length=1), Tag(REGIONS)]
    | Annotated[FileValue, Tag(MAPPING)],
    one_of(ANY_VALUE, NUMBER, TEXT, LIST, REGIONS, MAPPING),
    ENERGY,
]
"""A :data:`SiteValue` that is an energy, and a number of which may carry a unit."""

EnergyVector = Annotated[tuple[EnergyNumber, ...], Field(min_length=3, max_length=3)]
"""A spin vector times an energy."""

PlaceVector = Annotated[tuple[LengthNumber, ...], Field(min_length=3, max_length=3)]
"""A point [x, y, z], in lattice constants."""

VectorField = Annotated[tuple[SiteValue, ...], Field(min_length=3, max_length=3)]
"""A field [x, y, z], each component a value over sites."""

EnergyField = Annotated[tuple[SiteEnergy, ...], Field(min_length=3, max_length=3)]
"""A field [x, y, z] of energies."""

BY_REGION = "a list of {region, value}: 0 outside of all regions, and the last one counts where they overlap"
"""How values by region are described."""
