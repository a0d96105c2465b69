"""Parameters of spectra: energies and their broadening, sites, spins, paths through the Brillouin zone."""

from __future__ import annotations

import math
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Tag, model_validator

from bdg.config.base import (
    LIST,
    MAPPING,
    TEXT,
    WORD,
    Cell,
    Line,
    Number,
    Section,
    one_of,
    without_repeats,
)
from bdg.config.dimensions import EnergyNumber, PositiveEnergy
from bdg.config.problems import refuse
from bdg.config.values import Vector
from bdg.config.wording import quote


class EnergyRange(Section):
    """Equally spaced energies, both ends included."""

    start: EnergyNumber = Field(description="The first energy.")
    stop: EnergyNumber = Field(description="The last energy.")
    num: Annotated[int, Field(strict=True, ge=2, le=1_000_000)] = Field(401, description="How many.")

    @model_validator(mode="after")
    def _ascending(self) -> EnergyRange:
        if self.start >= self.stop:
            refuse(
                f"start {quote(self.start)} must be less than stop {quote(self.stop)}",
                "start",
                hint="exchange or correct them",
            )
        return self


def _ascending(energies: tuple[float, ...]) -> tuple[float, ...]:
    for index in range(1, len(energies)):
        if energies[index - 1] >= energies[index]:
            refuse(
                f"energies must ascend, {quote(energies[index])} follows {quote(energies[index - 1])}",
                index,
                hint="sort the list",
            )
    return energies


Energies = Annotated[
    Annotated[EnergyRange, Tag(MAPPING)]
    | Annotated[tuple[EnergyNumber, ...], Field(min_length=1), AfterValidator(_ascending), Tag(LIST)],
    one_of("{start, stop, num} or a list of numbers", MAPPING, LIST),
]
Sites = Annotated[
    Annotated[Literal["all"], Tag(WORD)]
    | Annotated[tuple[Cell, ...], Field(min_length=1), AfterValidator(without_repeats("site")), Tag(LIST)],
    one_of("all or a list of cell coordinates", WORD, LIST, words=("all",)),
]


class Spectrum(Section):
    """Energies and their broadening."""

    energies: Energies = Field(description="{start, stop, num} or an ascending list of energies.")
    broadening: PositiveEnergy = Field(0.05, description="Lorentzian half width η in ω + iη.")


def _direction(vector: tuple[float, ...]) -> tuple[float, ...]:
    if not any(vector):
        refuse("an axis must have a length", hint="write [0, 0, 1] for z")
    return vector


def _polarisation(vector: tuple[float, ...]) -> tuple[float, ...]:
    length = math.hypot(*vector)
    if length > 1 + 1e-12:
        refuse(f"a polarisation is at most 1 long, not {length:.4g}", hint="divide it by its length")
    return vector


class SiteSpectrum(Spectrum):
    """Energies and their broadening on chosen sites."""

    sites: Sites = Field("all", description="all, or a list of cell coordinates.")
    spin_axis: Annotated[Vector, AfterValidator(_direction)] = Field(
        (0.0, 0.0, 1.0), description="Axis along which up and down are told apart, where spins differ."
    )
    tip: Annotated[Vector, AfterValidator(_polarisation)] | None = Field(
        None, description="Polarisation of a spin-polarised tip: a vector, at most 1 long."
    )


ZonePoint = Annotated[
    Annotated[Line, Tag(TEXT)] | Annotated[tuple[Number, ...], Field(min_length=1, max_length=3), Tag(LIST)],
    one_of("a list of numbers or the name of a point, such as Gamma, X, M, K", TEXT, LIST),
]
"""Which names there are is for the lattice to say, when the path is checked on the sample."""


class Bands(Section):
    """A path through the Brillouin zone of an infinite sample."""

    path: Annotated[tuple[ZonePoint, ...], Field(min_length=2)] = Field(
        description="Corners: names such as Gamma, or coordinates in reciprocal vectors, [0.5, 0]."
    )
    num: Annotated[int, Field(strict=True, ge=2, le=1_000_000)] = Field(201, description="Momenta along it.")
