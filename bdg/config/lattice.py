"""The section ``lattice``: which sites there are."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, Tag, model_validator

from bdg.config.base import (
    MAPPING,
    WORD,
    Cell,
    Count,
    Number,
    Section,
    one_of,
    single_or_list,
    without_repeats,
)
from bdg.config.region import Region

Kind = Literal["chain", "square", "cubic"]

DIMENSIONS: dict[str, int] = {"chain": 1, "square": 2, "cubic": 3}
"""Number of directions of each kind of lattice."""


class Twist(Section):
    """A periodic boundary with a phase: ψ(r + L) = e^{i·twist} ψ(r)."""

    twist: Number = Field(description="The phase in radians.")


Boundary = Annotated[
    Annotated[Literal["open", "periodic"], Tag(WORD)] | Annotated[Twist, Tag(MAPPING)],
    one_of("open, periodic or {twist: number}", WORD, MAPPING, words=("open", "periodic")),
]


class Lattice(Section):
    """The sites of the sample."""

    kind: Kind = Field(description="The lattice; its constant is the unit of length.")
    size: Annotated[tuple[Count, ...], Field(min_length=1, max_length=3)] = Field(
        description="Number of unit cells along each direction."
    )
    boundary: Annotated[tuple[Boundary, ...], Field(min_length=1, max_length=3)] = Field(
        ("open",),
        description="Boundary of all directions, or a list, one for each: open, periodic, {twist: phase}.",
        json_schema_extra=single_or_list,
    )
    region: Region | None = Field(None, description="Keep only the sites in this region (2D lattices).")
    vacancies: Annotated[tuple[Cell, ...], AfterValidator(without_repeats("vacancy"))] = Field(
        (), description="Cells without a site: a list of coordinates counted from 0."
    )

    @property
    def dimension(self) -> int:
        """Number of directions."""
        return DIMENSIONS[self.kind]

    @model_validator(mode="before")
    @classmethod
    def _boundary_of_all(cls, data: Any) -> Any:
        """Repeat a single boundary along all directions."""
        if not isinstance(data, dict):
            return data
        boundary, kind = data.get("boundary", "open"), data.get("kind")
        if isinstance(boundary, list | tuple):
            return data
        directions = DIMENSIONS.get(kind, 1) if isinstance(kind, str) else 1
        return {**data, "boundary": [boundary] * directions}
