"""The sections ``interaction`` and ``field``: what makes the fields, and what acts on them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Tag

from bdg.config.base import LIST, NUMBER, Number, Section, one_of, without_repeats
from bdg.config.region import Region


class RegionValue(Section):
    """A value on the sites of a region."""

    region: Region = Field(description="Where.")
    value: Number = Field(description="The value there.")


Attraction = Annotated[
    Annotated[Number, Tag(NUMBER)] | Annotated[tuple[RegionValue, ...], Field(min_length=1), Tag(LIST)],
    one_of("a number or a list of {region, value}", NUMBER, LIST),
]


class Given(Section):
    """A fixed order parameter."""

    onsite: Number = Field(description="Δ on every site, not made self-consistent.")


class Interaction(Section):
    """The interaction and the mean fields it makes."""

    onsite: Attraction = Field(
        0.0,
        description=(
            "On-site attraction U in −U n↑n↓ (U > 0 attracts), or a list of {region, value}: "
            "0 outside of all regions, and the last one counts where they overlap."
        ),
    )
    fields: Annotated[tuple[Literal["pairing", "hartree"], ...], AfterValidator(without_repeats("field"))] = (
        Field(("pairing",), description="The self-consistent fields: pairing (Δ), hartree (the density's).")
    )
    given: Given | None = Field(None, description="A fixed Δ instead of a self-consistent one.")

    @property
    def attracts(self) -> bool:
        """Whether the interaction is nonzero anywhere."""
        if isinstance(self.onsite, tuple):
            return any(entry.value != 0 for entry in self.onsite)
        return self.onsite != 0


class ExternalField(Section):
    """The electromagnetic field."""

    vector_potential: Annotated[tuple[Number, ...], Field(min_length=1, max_length=3)] | None = Field(
        None, description="A uniform vector potential A, one component for each direction, in ħ/(e a)."
    )
