"""Unit cells of one's own: lattice vectors, orbitals and the hoppings between them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, Tag, model_validator

from bdg.parameters.base import LIST, NUMBER, Line, NonNegative, Number, Positive, Section, one_of
from bdg.parameters.defaults import default_of
from bdg.parameters.dimensions import ENERGY, EnergyNumber, Point
from bdg.parameters.problems import refuse
from bdg.wannier90 import read_wannier90

Vectors = Annotated[tuple[Point, ...], Field(min_length=1, max_length=3)]
Offset = Annotated[tuple[Annotated[int, Field(strict=True)], ...], Field(min_length=1, max_length=3)]
Orbital = Annotated[int, Field(strict=True, ge=0)]
Amplitude = Annotated[
    Annotated[Number, Tag(NUMBER)]
    | Annotated[tuple[EnergyNumber, ...], Field(min_length=2, max_length=2), Tag(LIST)],
    one_of("a number or [re, im]", NUMBER, LIST),
    ENERGY,
]

_VECTORS = "Lattice vectors [[x, y], ...], one for each direction, in lattice constants."


class Hopping(Section):
    """One bond and the amplitude t of −t c†_to c_from; the Hermitian partner is implied."""

    # ``from`` is a word of Python's, so the key and the name differ.
    model_config = ConfigDict(populate_by_name=True)

    start: Orbital = Field(alias="from", description="Orbital it starts from, counted from 0.")
    end: Orbital = Field(alias="to", description="Orbital it leads to.")
    offset: Offset = Field(description="Cells from the one to the other along each direction.")
    amplitude: Amplitude = Field(description="t: a number, or [re, im] if it is complex.")

    @property
    def t(self) -> complex:
        """The amplitude as a complex number."""
        return complex(*self.amplitude) if isinstance(self.amplitude, tuple) else complex(self.amplitude)

    @property
    def bond(self) -> tuple[int, ...]:
        """What it joins, the same for both orientations."""
        return bond_name(self.start, self.end, self.offset)


def bond_name(start: int, end: int, offset: tuple[int, ...]) -> tuple[int, ...]:
    """A bond's offset and orbitals, the same for both orientations."""
    return max((*offset, start, end), (*(-step for step in offset), end, start))


class CustomCell(Section):
    """A unit cell: where its orbitals are, and perhaps which hop to which."""

    vectors: Vectors = Field(description=_VECTORS)
    basis: Annotated[tuple[Point, ...], Field(min_length=1)] | None = Field(
        None, description="Position of each orbital; several may share a place. By default one at the origin."
    )
    hoppings: tuple[Hopping, ...] | None = Field(
        None, description="The bonds and their amplitudes; by default neighbours are found by distance."
    )
    onsite: tuple[EnergyNumber, ...] | None = Field(
        None, description="Energy of each orbital, added to the on-site energies of hamiltonian."
    )

    @property
    def n_orbitals(self) -> int | None:
        """Number of orbitals."""
        return len(self.places)

    @property
    def has_places(self) -> bool:
        """Whether it is known where the orbitals are."""
        return True

    @property
    def places(self) -> tuple[tuple[float, ...], ...]:
        """Position of each orbital."""
        return self.basis if self.basis is not None else ((0.0,) * len(self.vectors[0]),)


class Wannier90(Section):
    """A cell read from a file ``seedname_hr.dat`` or ``seedname_tb.dat`` of Wannier90."""

    file: Line = Field(
        description="The file seedname_hr.dat or seedname_tb.dat, relative to the working directory."
    )
    down: Line | None = Field(None, description="The file of spin down, where file is that of spin up.")
    spinors: Literal["interleaved", "blocks", "none"] | None = Field(
        None,
        description=(
            "Of functions with spin their order: interleaved, up and down of each orbital in turn, or blocks,"
            " all up and then all down; none: they are orbitals. By default they are, with a warning where"
            " they look like spinors."
        ),
    )
    wsvec: Line = Field(
        default_of(read_wannier90, "wsvec"),
        description=(
            "The file seedname_wsvec.dat that belongs to it, or none; auto takes the one beside it, if any."
        ),
    )
    vectors: Vectors | None = Field(
        None, description=f"{_VECTORS} By default those of a _tb.dat over the length of its first."
    )
    centres: Annotated[tuple[Point, ...], Field(min_length=1)] | None = Field(
        None,
        description=(
            "Position of each Wannier function, in lattice constants; of spinors, of each or of each pair. By"
            " default those of a _tb.dat; only needed where positions matter."
        ),
    )
    cutoff: NonNegative = Field(
        default_of(read_wannier90, "cutoff"),
        description="Hoppings of at most this modulus, in eV, are left out.",
    )
    energy_unit: Positive = Field(
        default_of(read_wannier90, "energy_unit"),
        description="The unit of energy in eV; by default energies are in eV.",
    )

    @model_validator(mode="after")
    def _spin_once(self) -> Wannier90:
        if self.down is not None and self.spinors not in (None, "none"):
            refuse("a file of spin down and spinors are both given", "spinors", hint="keep one of the two")
        return self

    @property
    def n_orbitals(self) -> int | None:
        """Number of orbitals, if it is known before the file is read."""
        has_spin = self.spinors in ("interleaved", "blocks")
        return None if self.centres is None or has_spin else len(self.centres)

    @property
    def has_places(self) -> bool:
        """Whether it is known where the orbitals are."""
        return self.centres is not None or self.file.endswith("_tb.dat")
