"""Parameters of topological invariants and of Majorana modes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Tag

from bdg.config.base import NUMBER, WORD, Count, Positive, Section, one_of
from bdg.config.dimensions import PositiveEnergy, PositiveLength
from bdg.config.spectra import Sites

Mesh = Annotated[
    Annotated[Literal["auto"], Tag(WORD)] | Annotated[int, Field(strict=True, ge=3, le=10_000), Tag(NUMBER)],
    one_of("auto or a whole number", WORD, NUMBER, words=("auto",)),
]


class Zone(Section):
    """A mesh of the Brillouin zone."""

    mesh: Mesh = Field("auto", description="Momenta along each direction, or auto: as many as it takes.")


class Localizer(Section):
    """Windows about chosen sites."""

    sites: Sites = Field("all", description="all, or a list of cell coordinates.")
    radius: PositiveLength = Field(
        6.0, description="Radius of the window about each site, in lattice constants."
    )
    kappa: Positive = Field(
        0.2, description="Energy by which a lattice constant counts, about gap over size."
    )


class ZeroModes(Section):
    """Which energies are zero, and how many to keep."""

    count: Count = Field(8, description="How many of the lowest energies to keep.")
    below: PositiveEnergy = Field(1e-3, description="Energies below this count as zero.")


class LowestStates(Section):
    """How many states."""

    count: Count = Field(2, description="How many of the lowest states; all at zero energy come anyway.")
