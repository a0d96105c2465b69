"""Values over sites: a number, an expression, one number an orbital, or one of these for each region."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field, Tag

from bdg.config.base import LIST, NUMBER, REGIONS, TEXT, Number, Section, Text, one_of
from bdg.config.problems import refuse
from bdg.config.region import Region
from bdg.errors import InputError
from bdg.expressions import Expression


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


class RegionValue(Section):
    """A value on the sites of a region."""

    region: Region = Field(description="Where.")
    value: SiteNumber = Field(description="The value there: a number or an expression in x, y, z.")


_ByRegion = Annotated[tuple[RegionValue, ...], Field(min_length=1), Tag(REGIONS)]
_ByOrbital = Annotated[tuple[Number, ...], Field(min_length=1), Tag(LIST)]

SiteValue = Annotated[
    Annotated[Number, Tag(NUMBER)] | Annotated[Formula, Tag(TEXT)] | _ByRegion,
    one_of("a number, an expression in x, y, z or a list of {region, value}", NUMBER, TEXT, REGIONS),
]

OrbitalValue = Annotated[
    Annotated[Number, Tag(NUMBER)] | Annotated[Formula, Tag(TEXT)] | _ByOrbital | _ByRegion,
    one_of(
        "a number, an expression in x, y, z, a list of numbers or a list of {region, value}",
        *(NUMBER, TEXT, LIST, REGIONS),
    ),
]


Vector = Annotated[tuple[Number, ...], Field(min_length=3, max_length=3)]
"""A spin vector [x, y, z]."""

VectorField = Annotated[tuple[SiteValue, ...], Field(min_length=3, max_length=3)]
"""A field [x, y, z], each component a value over sites."""

BY_REGION = "a list of {region, value}: 0 outside of all regions, and the last one counts where they overlap"
"""How values by region are described."""
