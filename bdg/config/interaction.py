"""The section ``interaction``: what makes the fields."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from bdg.config.base import Section, without_repeats
from bdg.config.problems import refuse
from bdg.config.region import Region
from bdg.config.values import BY_REGION, SiteValue, Vector
from bdg.config.wording import quote

SYMMETRIES = ("s_extended", "d_x2_y2", "d_xy", "d_id", "p_x", "p_y", "p_z", "chiral_p")
"""Form factors of pairs on bonds; see :mod:`bdg.model.pairs`."""

Shell = Annotated[int, Field(strict=True, ge=1, le=20)]


def _amplitude(form: str) -> Any:
    return Field(None, description=f"Δ of bonds with the form factor {form}, given as onsite is.")


class Given(Section):
    """A fixed order parameter, on sites and on bonds."""

    onsite: SiteValue | None = Field(
        None,
        description=(
            "Δ of each site, not made self-consistent: a number, an expression in x, y, z, complex if it"
            f" likes (0.3*exp(1j*pi*(x > 10))), or {BY_REGION}."
        ),
    )
    s_extended: SiteValue | None = _amplitude("1 (singlet)")
    d_x2_y2: SiteValue | None = _amplitude("D_x² − D_y² (singlet)")
    d_xy: SiteValue | None = _amplitude("2 D_x D_y (singlet)")
    d_id: SiteValue | None = _amplitude("(D_x + iD_y)² (singlet)")
    p_x: SiteValue | None = _amplitude("D_x (triplet)")
    p_y: SiteValue | None = _amplitude("D_y (triplet)")
    p_z: SiteValue | None = _amplitude("D_z (triplet)")
    chiral_p: SiteValue | None = _amplitude("D_x + iD_y (triplet)")
    shell: Shell = Field(1, description="Neighbour shell of the bonds.")
    d_vector: Vector = Field((0.0, 0.0, 1.0), description="Direction of the triplets' d vector.")
    phase: SiteValue = Field(
        0.0, description="Phase of Δ in radians, given as onsite is; a bond has the mean of its ends."
    )
    region: Region | None = Field(None, description="Where Δ is not zero; by default everywhere.")

    @property
    def on_bonds(self) -> dict[str, Any]:
        """What is given on bonds, by symmetry."""
        given = ((name, getattr(self, name)) for name in SYMMETRIES)
        return {name: value for name, value in given if value is not None}

    @model_validator(mode="after")
    def _something(self) -> Given:
        if self.onsite is None and not self.on_bonds:
            refuse("no Δ is given", hint="add 'onsite: 0.3', or a symmetry of bonds, 'd_x2_y2: 0.3'")
        if not any(self.d_vector):
            refuse(f"has no direction: {quote(self.d_vector)}", "d_vector", hint="write [0, 0, 1]")
        return self


class BondAttraction(Section):
    """An attraction between neighbours."""

    shell: Shell = Field(1, description="Which shell of neighbours, from 1.")
    value: SiteValue = Field(
        description=(
            "V in −V n_i n_j (V > 0 attracts): a number, an expression in x, y, z, or a list of {region,"
            " value}; a bond has the mean of its ends."
        )
    )


Channel = Literal[
    "singlet",
    "triplet",
    "triplet_z",
    "s_extended",
    "d_x2_y2",
    "d_xy",
    "d_id",
    "p_x",
    "p_y",
    "p_z",
    "chiral_p",
]
MeanField = Literal["pairing", "hartree", "fock"]


class Interaction(Section):
    """The interaction and the mean fields it makes."""

    onsite: SiteValue = Field(
        0.0,
        description=(
            "On-site attraction U in −U n↑n↓ (U > 0 attracts): a number, an expression in x, y, z, or"
            f" {BY_REGION}."
        ),
    )
    bonds: tuple[BondAttraction, ...] = Field((), description="Attractions between neighbours.")
    channels: Annotated[
        tuple[Channel, ...], Field(min_length=1), AfterValidator(without_repeats("channel"))
    ] = Field(
        ("singlet",),
        description=(
            "Channels of the pairs on bonds: singlet, triplet, triplet_z (d along z); a symmetry, such as"
            " d_x2_y2 or p_x, takes its channel and lets the loop start from it."
        ),
    )
    fields: Annotated[tuple[MeanField, ...], AfterValidator(without_repeats("field"))] = Field(
        ("pairing",),
        description="The self-consistent fields: pairing (Δ), hartree (of the density), fock (on bonds).",
    )
    given: Given | None = Field(None, description="A fixed Δ instead of a self-consistent one.")

    @property
    def attracts(self) -> bool:
        """Whether an interaction is nonzero anywhere."""
        return any(_is_nonzero(value) for value in (self.onsite, *(entry.value for entry in self.bonds)))


def _is_nonzero(value: Any) -> bool:
    if isinstance(value, tuple):
        return any(entry.value != 0 for entry in value)
    return bool(value != 0)
