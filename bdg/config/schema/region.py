"""Regions: shapes and their unions, intersections and differences; named as in the plane."""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from bdg.parameters.base import Line, Section
from bdg.parameters.dimensions import NonNegativeLength, PlanePoint, Point, PositiveLength
from bdg.parameters.problems import refuse
from bdg.parameters.wording import choices, quote

_CENTER = "Centre [x, y] in lattice constants, one for each coordinate; by default the middle of the sample."


class Rectangle(Section):
    """Sites with |x − x_c| ≤ width/2 and so on: an interval, a rectangle, a box."""

    center: Point | None = Field(None, description=_CENTER)
    size: Annotated[tuple[PositiveLength, ...], Field(min_length=1, max_length=3)] = Field(
        description="Width and height [w, h] in lattice constants, one for each coordinate."
    )


class Disk(Section):
    """Sites no farther than the radius from the centre: an interval, a disk, a ball."""

    center: Point | None = Field(None, description=_CENTER)
    radius: PositiveLength = Field(description="Radius in lattice constants.")


class Ring(Section):
    """Sites whose distance from the centre lies between the two radii, both included; in space a shell."""

    center: Point | None = Field(None, description=_CENTER)
    inner: NonNegativeLength = Field(description="Inner radius in lattice constants.")
    outer: PositiveLength = Field(description="Outer radius in lattice constants.")

    @model_validator(mode="after")
    def _inner_first(self) -> Ring:
        if self.inner >= self.outer:
            refuse(
                f"the inner radius {quote(self.inner)} must be less than the outer {quote(self.outer)}",
                "inner",
                hint="exchange or correct them",
            )
        return self


class Polygon(Section):
    """Sites inside a polygon or on its edge; in space a prism along z."""

    points: Annotated[tuple[PlanePoint, ...], Field(min_length=3)] = Field(
        description="Corners [[x, y], ...] in order around the polygon, in lattice constants."
    )

    @model_validator(mode="after")
    def _has_area(self) -> Polygon:
        x0, y0 = self.points[0]
        fan = pairwise((x - x0, y - y0) for x, y in self.points[1:])
        if all(ax * by == ay * bx for (ax, ay), (bx, by) in fan):
            refuse("the corners enclose no area", "points", hint="they must not lie on one line")
        return self


class HalfPlane(Section):
    """Sites on the side of a line or plane that its normal points away from: (r − point)·normal ≤ 0."""

    point: Point = Field(description="A point [x, y] on the line, in lattice constants.")
    normal: Point = Field(
        description="A vector [x, y] of any length, across the line and out of the half-plane."
    )

    @model_validator(mode="after")
    def _has_direction(self) -> HalfPlane:
        if not any(self.normal):
            refuse("the normal must not be zero", "normal", hint="write [1, 0], for example")
        return self


class Picture(Section):
    """Sites under the dark pixels of a picture, an island for example; in space a prism along z."""

    file: Line = Field(description="A picture, .png for example, relative to the working directory.")
    center: PlanePoint | None = Field(None, description=_CENTER)
    size: Annotated[tuple[PositiveLength, ...], Field(min_length=2, max_length=2)] | None = Field(
        None,
        description=(
            "Width and height [w, h] it is stretched to, in lattice constants; by default half a lattice"
            " constant beyond the outermost sites of the block of cells."
        ),
    )
    inside: Literal["dark", "light"] = Field(
        "dark", description="Which pixels are inside: dark or light; transparent ones never are."
    )


class Region(Section):
    """A part of space: one shape, or a union, intersection or difference of regions."""

    rectangle: Rectangle | None = Field(None, description="An upright rectangle.")
    disk: Disk | None = Field(None, description="A disk.")
    ring: Ring | None = Field(None, description="What lies between two circles.")
    polygon: Polygon | None = Field(None, description="A polygon.")
    half_plane: HalfPlane | None = Field(None, description="One side of a line.")
    picture: Picture | None = Field(None, description="The dark parts of a picture.")
    union: Annotated[tuple[Region, ...], Field(min_length=1)] | None = Field(
        None, description="What lies in any of the regions."
    )
    intersection: Annotated[tuple[Region, ...], Field(min_length=1)] | None = Field(
        None, description="What lies in all of the regions."
    )
    difference: Annotated[tuple[Region, ...], Field(min_length=2)] | None = Field(
        None, description="What lies in the first region and in none of the others."
    )

    @property
    def kind(self) -> str:
        """Name of the shape or operation."""
        return next(name for name in Region.model_fields if getattr(self, name) is not None)

    @property
    def reads_a_file(self) -> bool:
        """Whether a picture is among its shapes."""
        shape = self.shape
        return (
            any(part.reads_a_file for part in shape) if isinstance(shape, tuple) else self.kind == "picture"
        )

    @property
    def shape(self) -> Rectangle | Disk | Ring | Polygon | HalfPlane | Picture | tuple[Region, ...]:
        """Parameters of the shape, or the regions operated on."""
        value: Rectangle | Disk | Ring | Polygon | HalfPlane | Picture | tuple[Region, ...] = getattr(
            self, self.kind
        )
        return value

    @model_validator(mode="after")
    def _exactly_one(self) -> Region:
        given = [name for name in Region.model_fields if getattr(self, name) is not None]
        if not given:
            refuse("names no shape", hint=f"give {choices(Region.model_fields)}")
        if len(given) > 1:
            refuse(
                f"names {len(given)} shapes, {' and '.join(given)}",
                given[1],
                hint="combine them by union, intersection or difference",
            )
        return self
