"""The section ``lattice``: which sites there are."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, Tag, ValidationInfo, field_validator, model_validator

from bdg import lattice
from bdg.config.schema.cell import CustomCell, Wannier90
from bdg.config.schema.region import Region
from bdg.parameters.base import (
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
from bdg.parameters.defaults import default_of
from bdg.parameters.problems import Problem, refusal, refuse
from bdg.parameters.wording import quote

Kind = Literal["chain", "square", "triangular", "honeycomb", "kagome", "lieb", "cubic"]

DIMENSIONS: dict[str, int] = {
    "chain": 1,
    "square": 2,
    "triangular": 2,
    "honeycomb": 2,
    "kagome": 2,
    "lieb": 2,
    "cubic": 3,
}
"""Number of directions, and of coordinates, of each kind of lattice."""

ORBITALS: dict[str, int] = {**dict.fromkeys(DIMENSIONS, 1), "honeycomb": 2, "kagome": 3, "lieb": 3}
"""Number of orbitals in a cell of each kind of lattice."""

SPACE: Any = ((1.0, 0.0, 0.0),) * 3
"""As many vectors and components as those of a file have."""


class Ends(Section):
    """A periodic boundary with a phase, or a direction without an end."""

    twist: Number | None = Field(
        None,
        description=(
            "A phase φ: ψ(r + L) = e^{iφ} ψ(r), a uniform vector potential φ/L, every Δ that is given or"
            " found having the phase 2φ along L, less whole 2π; with bloch, over all repetitions together."
        ),
    )
    bloch: Count | None = Field(
        None, description="The sample is repeated without end: the number of Bloch momenta to sum over."
    )
    shift: Number = Field(
        default_of(lattice.Boundary, "shift"),
        description=(
            "Shift s of the Bloch momenta in units of their spacing: ψ(r + L) = e^{2πis} ψ(r) over all"
            " repetitions; 0.5 leaves out k = 0, and pairs at rest."
        ),
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

    kind: Kind | None = Field(
        None, description="The lattice; the distance of nearest neighbours is the unit of length."
    )
    cell: CustomCell | None = Field(None, description="A unit cell of one's own, in place of a kind.")
    wannier90: Wannier90 | None = Field(None, description="A cell from a file of Wannier90's.")
    size: Annotated[tuple[Count, ...], Field(min_length=1, max_length=3)] = Field(
        description="Number of unit cells along each direction."
    )
    boundary: Annotated[tuple[Boundary, ...], Field(min_length=1, max_length=3)] = Field(
        (default_of(lattice.build_sample, "boundary"),),
        description=(
            "Boundary of all directions, or a list, one for each: open, periodic, {twist: phase}, "
            "{bloch: number of momenta} for an infinite direction."
        ),
        json_schema_extra=single_or_list,
    )
    region: Region | None = Field(None, description="Keep only the sites in this region.")
    vacancies: Annotated[tuple[Cell, ...], AfterValidator(without_repeats("vacancy"))] = Field(
        (),
        description="Sites taken out: cells counted from 0, [x, y]; with several orbitals [x, y, orbital].",
    )

    @property
    def name(self) -> str:
        """What errors call it."""
        return self.kind or "custom"

    @property
    def own(self) -> CustomCell | Wannier90 | None:
        """The cell, if it is not a preset's."""
        return self.cell or self.wannier90

    @property
    def n_directions(self) -> int:
        """Number of lattice vectors."""
        return DIMENSIONS[self.kind] if self.kind else len(self._given.vectors or SPACE)

    @property
    def dimension(self) -> int:
        """Number of coordinates of a position."""
        return DIMENSIONS[self.kind] if self.kind else len((self._given.vectors or SPACE)[0])

    @property
    def n_orbitals(self) -> int | None:
        """Number of sites in a cell, if it is known before a file is read."""
        return ORBITALS[self.kind] if self.kind else self._given.n_orbitals

    @property
    def has_places(self) -> bool:
        """Whether it is known where the orbitals are."""
        return self.kind is not None or self._given.has_places

    @property
    def brings_hoppings(self) -> bool:
        """Whether the cell says which orbitals hop to which."""
        return self.wannier90 is not None or (self.cell is not None and self.cell.hoppings is not None)

    @property
    def _given(self) -> CustomCell | Wannier90:
        assert self.own is not None  # one of the three is there
        return self.own

    @field_validator("size", mode="before")
    @classmethod
    def _size_is_a_list(cls, size: Any, known: ValidationInfo) -> Any:
        """A single number is refused with the list that would do for the lattice."""
        if isinstance(size, int) and not isinstance(size, bool):
            listed = quote([size] * _directions(known.data))
            refuse(f"must be a list, not {quote(size)}", hint=f"write {listed}")
        return size

    @model_validator(mode="before")
    @classmethod
    def _boundary_of_all(cls, data: Any) -> Any:
        """Repeat a single boundary along all directions."""
        if not isinstance(data, dict):
            return data
        boundary = data.get("boundary", default_of(lattice.build_sample, "boundary"))
        if isinstance(boundary, list | tuple):
            return data
        return {**data, "boundary": [boundary] * _directions(data)}

    @model_validator(mode="after")
    def _exactly_one(self) -> Lattice:
        given = [name for name in ("kind", "cell", "wannier90") if getattr(self, name) is not None]
        if not given:
            refuse("names no lattice", hint="add 'kind: square', a cell, or wannier90")
        if len(given) > 1:
            raise refusal(
                Problem(
                    (given[1],),
                    f"{' and '.join(given)} are both given",
                    "keep one",
                    rivals=tuple((name,) for name in given),
                )
            )
        return self


def _directions(data: dict[str, Any]) -> int:
    """Number of directions of what may yet turn out wrong; 1 where it can't be seen."""
    kind = data.get("kind")
    if isinstance(kind, str):
        return DIMENSIONS.get(kind, 1)
    for name in ("cell", "wannier90"):
        cell = data.get(name)
        vectors = cell.get("vectors") if isinstance(cell, dict) else getattr(cell, "vectors", None)
        if isinstance(vectors, list | tuple) and 0 < len(vectors) <= 3:
            return len(vectors)
        if name == "wannier90" and cell is not None and vectors is None:
            return len(SPACE)
    return 1
