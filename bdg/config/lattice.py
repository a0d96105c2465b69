"""The section ``lattice``: which sites there are."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, Tag, ValidationInfo, field_validator, model_validator

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
from bdg.config.problems import refuse
from bdg.config.region import Region
from bdg.config.wording import quote

Kind = Literal["chain", "square", "cubic"]

DIMENSIONS: dict[str, int] = {"chain": 1, "square": 2, "cubic": 3}
"""Number of directions of each kind of lattice."""


def _half(shift: float) -> float:
    if shift not in (0, 0.5):
        refuse(f"must be 0 or 0.5, not {quote(shift)}", hint="0.5 leaves out k = 0")
    return shift


class Ends(Section):
    """A periodic boundary with a phase, or a direction without an end."""

    twist: Number | None = Field(
        None, description="A phase: ψ(r + L) = e^{i·twist} ψ(r); with bloch, over all repetitions together."
    )
    bloch: Count | None = Field(
        None, description="The sample is repeated without end: the number of Bloch momenta to sum over."
    )
    shift: Annotated[float, Field(strict=True), AfterValidator(_half)] = Field(
        0.0, description="Shift of the Bloch momenta in units of their spacing: 0, or 0.5 to leave out k = 0."
    )

    @model_validator(mode="after")
    def _something(self) -> Ends:
        if self.twist is None and self.bloch is None:
            refuse("names neither twist nor bloch", hint="write {bloch: 32} or {twist: 0.3}")
        if self.shift and self.bloch is None:
            refuse("a shift is for the momenta of an infinite direction", "shift", hint="add bloch: 32")
        return self


Boundary = Annotated[
    Annotated[Literal["open", "periodic"], Tag(WORD)] | Annotated[Ends, Tag(MAPPING)],
    one_of(
        "open, periodic, {twist: number} or {bloch: number of momenta}",
        WORD,
        MAPPING,
        words=("open", "periodic"),
    ),
]


class Lattice(Section):
    """The sites of the sample."""

    kind: Kind = Field(description="The lattice; its constant is the unit of length.")
    size: Annotated[tuple[Count, ...], Field(min_length=1, max_length=3)] = Field(
        description="Number of unit cells along each direction."
    )
    boundary: Annotated[tuple[Boundary, ...], Field(min_length=1, max_length=3)] = Field(
        ("open",),
        description=(
            "Boundary of all directions, or a list, one for each: open, periodic, {twist: phase}, "
            "{bloch: number of momenta} for an infinite direction."
        ),
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

    @field_validator("size", mode="before")
    @classmethod
    def _size_is_a_list(cls, size: Any, known: ValidationInfo) -> Any:
        """A single number is refused with the list that would do for the kind of lattice."""
        if isinstance(size, int) and not isinstance(size, bool) and "kind" in known.data:
            listed = quote([size] * DIMENSIONS[known.data["kind"]])
            refuse(f"must be a list, not {quote(size)}", hint=f"write {listed}")
        return size

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
