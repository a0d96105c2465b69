"""Types of the parameters of observables: bounds, units, how they are written and described.

A number is annotated with one of these, or with one of :mod:`bdg.parameters.base` and
:mod:`bdg.parameters.dimensions`; a text beside it, ``Annotated[Steps, "How many fields."]``, describes it.
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field, Tag, model_validator

from bdg.lattice import Sample
from bdg.lattice.symmetry_points import lattice_path, lattice_point, zone_path, zone_point
from bdg.observables.contract import Form, at
from bdg.parameters.base import (
    LIST,
    MAPPING,
    NUMBER,
    TEXT,
    WORD,
    Cell,
    Count,
    Flag,
    Line,
    Number,
    Positive,
    Section,
    Vector,
    one_of,
    without_repeats,
)
from bdg.parameters.dimensions import (
    LENGTH,
    VECTOR_POTENTIAL,
    EnergyNumber,
    FieldNumber,
    LengthNumber,
    NonNegativeLength,
    PositiveEnergy,
    PositiveLength,
)
from bdg.parameters.problems import refuse
from bdg.parameters.wording import quote

__all__ = [
    "ALL",
    "SITES",
    "Axis",
    "Broadening",
    "Count",
    "Direction",
    "Energies",
    "FieldNumber",
    "Flag",
    "LatticePath",
    "LeadsOfJunction",
    "LengthNumber",
    "Levels",
    "LowestCount",
    "Mesh",
    "Momenta",
    "NonNegativeLength",
    "OptionalLatticePath",
    "Phases",
    "Place",
    "Polarisation",
    "Positive",
    "PositiveEnergy",
    "PositiveLength",
    "PositivePotential",
    "Sites",
    "Steps",
    "StepsOfPeriod",
    "ZonePath",
]

Steps = Annotated[int, Field(strict=True, ge=2, le=10_000)]
"""How many values of what grows in steps."""

Axis = Annotated[int, Field(strict=True, ge=0, le=2)]
"""A coordinate: 0, 1 or 2 for x, y or z."""

Phases = Annotated[int, Field(strict=True, ge=3, le=10_000)]
"""How many phases of a period."""

LowestCount = Annotated[int, Field(strict=True, ge=1, le=1000)]
"""How many of the lowest."""

Levels = Annotated[int, Field(strict=True, ge=0, le=1000)]
"""How many levels, which may be none."""

Momenta = Annotated[int, Field(strict=True, ge=2, le=1_000_000)]
"""How many momenta along a path."""

PositivePotential = Annotated[Positive, VECTOR_POTENTIAL]
"""A vector potential, in ħ/(e a)."""

Broadening = Annotated[PositiveEnergy, "Lorentzian half width η in ω + iη."]


def _odd(num: int) -> int:
    if num % 2 == 0:
        refuse(
            f"must be odd, not {quote(num)}: each flux has another half a period on", hint=f"write {num + 1}"
        )
    return num


StepsOfPeriod = Annotated[int, Field(strict=True, ge=3, le=10_000), AfterValidator(_odd)]
"""How many values over a period, so that each has another half a period on."""


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


def _spectrum(energies: EnergyRange | tuple[float, ...] | float, sample: Sample) -> NDArray[np.float64]:
    if isinstance(energies, EnergyRange):
        return np.linspace(energies.start, energies.stop, energies.num)
    return np.atleast_1d(np.array(energies, dtype=np.float64))


_EXPECTED = "{start, stop, num} or a list of numbers"
_Range = Annotated[EnergyRange, Tag(MAPPING)]
_List = Annotated[tuple[EnergyNumber, ...], Field(min_length=1)]

Energies = Annotated[
    Any,
    Form(
        Annotated[
            _Range | Annotated[_List, AfterValidator(_ascending), Tag(LIST)],
            one_of(_EXPECTED, MAPPING, LIST),
        ],
        _spectrum,
        in_python=Annotated[
            _Range | Annotated[_List, Tag(LIST)] | Annotated[EnergyNumber, Tag(NUMBER)],
            one_of(_EXPECTED, MAPPING, LIST, NUMBER),
        ],
        example="{start: -2, stop: 2, num: 201}",
    ),
    "{start, stop, num} or an ascending list of energies.",
]
"""Energies of a spectrum, in Python in any order; the function receives an array, ``(n_energies,)``."""

ALL: Literal["all"] = "all"
"""Every site."""


def _indices(sites: Any, sample: Sample) -> NDArray[np.int64] | None:
    if sites == ALL:
        return None
    found = []
    for index, site in enumerate(sites):
        with at(index):
            found.append(sample.site_at(list(site)) if isinstance(site, tuple) else _index(site, sample))
    return np.array(found, dtype=np.int64)


def _index(site: int, sample: Sample) -> int:
    if not 0 <= site < sample.n_sites:
        refuse(f"site {site} is not in the sample, which has {sample.n_sites} sites from 0")
    return site


def _sites(places: Any, expected: str) -> Any:
    some = Annotated[
        tuple[places, ...], Field(min_length=1), AfterValidator(without_repeats("site")), Tag(LIST)
    ]
    return Annotated[
        Annotated[Literal["all"], Tag(WORD)] | some, one_of(expected, WORD, LIST, words=("all",))
    ]


_SITE = Annotated[
    Annotated[int, Field(strict=True), Tag(NUMBER)] | Annotated[Cell, Tag(LIST)],
    one_of("an index or cell coordinates", NUMBER, LIST),
]

SITES = Form(
    _sites(Cell, "all or a list of cell coordinates"),
    _indices,
    in_python=_sites(_SITE, "all or a list of cell coordinates"),
)
"""The form of sites."""

Sites = Annotated[
    Any,
    SITES,
    "all, or a list of cell coordinates.",
]
"""Sites, in Python by index or by cell; the function receives their indices, ``None`` for all."""


def _direction(vector: tuple[float, ...]) -> tuple[float, ...]:
    if not any(vector):
        refuse("an axis must have a length", hint="write [0, 0, 1] for z")
    return vector


def _polarisation(vector: tuple[float, ...]) -> tuple[float, ...]:
    length = math.hypot(*vector)
    if length > 1 + 1e-12:
        refuse(f"a polarisation is at most 1 long, not {length:.4g}", hint="divide it by its length")
    return vector


Direction = Annotated[Vector, AfterValidator(_direction)]
"""A vector of any length but 0."""

Polarisation = Annotated[Vector, AfterValidator(_polarisation)]
"""A vector at most 1 long."""

_ZonePoint = Annotated[
    Annotated[Line, Tag(TEXT)] | Annotated[tuple[Number, ...], Field(min_length=1, max_length=3), Tag(LIST)],
    one_of("a list of numbers or the name of a point, such as Gamma, X, M, K", TEXT, LIST),
]
"""Which names there are is for the lattice to say, when the path is checked on the sample."""


def _path(points: Any, sample: Sample) -> Any:
    for index, point in enumerate(points if sample.is_infinite else ()):
        with at(index):
            zone_point(sample, point)
    zone_path(sample, points)
    return points


ZonePath = Annotated[
    Any,
    Form(Annotated[tuple[_ZonePoint, ...], Field(min_length=2)], _path),
    "Corners: names such as Gamma, or coordinates in reciprocal vectors, [0.5, 0].",
]
"""A path through the Brillouin zone, checked on the sample."""


def _lattice_path(points: Any, sample: Sample) -> Any:
    for index, point in enumerate(points):
        with at(index):
            lattice_point(sample, point)
    lattice_path(sample, points)
    return points


LatticePath = Annotated[
    Any,
    Form(Annotated[tuple[_ZonePoint, ...], Field(min_length=2)], _lattice_path),
    "Corners: names such as Gamma, or coordinates in reciprocal vectors of the lattice, [0.5, 0].",
]
"""A path through the Brillouin zone of the lattice, checked on the sample."""

OptionalLatticePath = Annotated[
    Any,
    Form(
        Annotated[tuple[_ZonePoint, ...], Field(min_length=2)] | None,
        lambda points, sample: None if points is None else _lattice_path(points, sample),
    ),
    "Corners of a cut, as of a path through the zone of the lattice; none: no cut.",
]
"""A path like :data:`LatticePath`, or none."""

_Mesh = Annotated[
    Annotated[Literal["auto"], Tag(WORD)] | Annotated[int, Field(strict=True, ge=3, le=10_000), Tag(NUMBER)],
    one_of("auto or a whole number", WORD, NUMBER, words=("auto",)),
]

Mesh = Annotated[
    Any,
    Form(_Mesh, lambda mesh, sample: None if mesh == "auto" else mesh),
    "Momenta along each direction, or auto: as many as it takes.",
]
"""A mesh of the Brillouin zone; the function receives ``None`` for auto."""

_JunctionLeads = Annotated[
    Annotated[Literal["semi_infinite"], Tag(WORD)] | Annotated[Positive, Tag(NUMBER)],
    one_of("a depth or semi_infinite", WORD, NUMBER, words=("semi_infinite",)),
    LENGTH,
]

LeadsOfJunction = Annotated[
    float | Literal["semi_infinite"] | None,
    Form(_JunctionLeads | None),
    "Depth from either end to which the phase of Δ is held, by default nowhere; or"
    " semi_infinite: the ends continue their outermost layers without end.",
]
"""The leads of a junction."""

Place = Annotated[LengthNumber | None, "Where on it the cut is; by default in the middle."]
"""Where a junction is cut."""
