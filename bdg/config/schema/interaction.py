"""The section ``interaction``: what makes the fields."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from bdg import model
from bdg.config.schema.bonds import BondAttraction, Shell
from bdg.config.schema.pairs import PairsBySymmetry
from bdg.config.schema.region import Region
from bdg.config.schema.values import BY_REGION, SiteEnergy, SiteValue
from bdg.model.couplings.strengths import FIELDS
from bdg.parameters.base import Section, Vector, without_repeats
from bdg.parameters.defaults import default_of
from bdg.parameters.problems import refuse
from bdg.parameters.wording import quote


class Given(PairsBySymmetry):
    """A fixed order parameter, on sites and on bonds."""

    onsite: SiteEnergy | None = Field(
        None,
        description=(
            "Δ of each site, not made self-consistent: a number, an expression in x, y, z, which may be"
            f" complex (0.3*exp(1j*pi*(x > 10))), or {BY_REGION}. In a twist, a uniform field, a flux or that"
            " of dipoles it has the phases of a condensate at rest besides, whatever their gauge; in a"
            " vector_potential it stands in the gauge of that. What a file holds is Δ itself."
        ),
    )
    shell: Shell = Field(
        default_of(model.Given, "shell"),
        description="Neighbour shell of the bonds; or within, between orbitals that share a place.",
    )
    d_vector: Vector = Field(
        default_of(model.Given, "d_vector"), description="Direction of the triplets' d vector."
    )
    phase: SiteValue = Field(
        default_of(model.Given, "phase"),
        description=(
            "Phase of Δ in radians, given as onsite is; a bond has the mean of its ends, and no pairs where"
            " these are opposite."
        ),
    )
    region: Region | None = Field(None, description="Where Δ is not zero; by default everywhere.")

    @model_validator(mode="after")
    def _something(self) -> Given:
        if self.onsite is None and not self.on_bonds:
            refuse("no Δ is given", hint="add 'onsite: 0.3', or a symmetry of bonds, 'd_x2_y2: 0.3'")
        if not any(self.d_vector):
            refuse(f"has no direction: {quote(self.d_vector)}", "d_vector", hint="write [0, 0, 1]")
        return self


class Orbitals(Section):
    """The interaction between orbitals that share a place; U of each orbital is interaction.onsite."""

    value: SiteEnergy = Field(
        default_of(model.OrbitalInteraction, "attraction"),
        description="U′ in −U′ n_a n_b (U′ > 0 attracts): a number, an expression, or values by region.",
    )
    hund: SiteEnergy = Field(
        default_of(model.OrbitalInteraction, "hund"),
        description="Hund's J_H in −J_H (2 S_a·S_b + n_a n_b/2), J_H > 0 for parallel spins; likewise.",
    )
    pair_hopping: SiteEnergy = Field(
        default_of(model.OrbitalInteraction, "pair_hopping"),
        description="J′ in J′ (c†_a↑ c†_a↓ c_b↓ c_b↑ + h.c.); likewise. J′ > 0 favours Δ of opposite"
        " signs on the two orbitals, J′ < 0 of equal ones. Often J′ = J_H.",
    )

    @property
    def strengths(self) -> tuple[Any, ...]:
        """U′, J_H and J′ as they are given."""
        return self.value, self.hund, self.pair_hopping


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
DEFAULT_CHANNELS: tuple[Channel, ...] = default_of(model.build_model, "channels")
MeanField = Literal["pairing", "hartree", "fock"]

DEFAULT_FIELDS: Any = FIELDS


class Interaction(Section):
    """The interaction and the mean fields it makes."""

    onsite: SiteEnergy = Field(
        default_of(model.build_model, "attraction"),
        description=(
            "On-site attraction U in −U n↑n↓ (U > 0 attracts, U < 0 repels): a number, an expression in x, y,"
            " z, a list with a number for each orbital or each site, {file: values.npy}, or"
            f" {BY_REGION}."
        ),
    )
    bonds: tuple[BondAttraction, ...] = Field((), description="Interactions between neighbours.")
    orbitals: Orbitals | None = Field(None, description="Interactions between orbitals that share a place.")
    channels: Annotated[
        tuple[Channel, ...], Field(min_length=1), AfterValidator(without_repeats("channel"))
    ] = Field(
        DEFAULT_CHANNELS,
        description=(
            "Channels of the pairs on bonds: singlet, triplet, triplet_z (d along z); a symmetry, such as"
            " d_x2_y2 or p_x, takes its channel and lets the loop start from it."
        ),
    )
    fields: Annotated[tuple[MeanField, ...], AfterValidator(without_repeats("field"))] = Field(
        DEFAULT_FIELDS,
        description="The self-consistent fields: pairing (Δ), hartree (of the density), fock (on bonds).",
    )
    bond_fields: Annotated[tuple[MeanField, ...], AfterValidator(without_repeats("field"))] | None = Field(
        None,
        description=(
            "The self-consistent fields of the interactions between neighbours; by default those of fields."
            " Many models let V make pairs and nothing else: [pairing]."
        ),
    )
    magnetism: Literal["auto", "off", "collinear", "noncollinear"] = Field(
        default_of(model.build_model, "magnetism"),
        description=(
            "Whether fields may distinguish spins that H does not: off, along z (collinear), or in any"
            " direction (noncollinear). auto: along z where U repels, spins have an exchange or a first"
            " magnetisation is given, and in any direction where that has x or y components."
        ),
    )
    given: Given | None = Field(None, description="A fixed Δ instead of a self-consistent one.")

    @property
    def of_bonds(self) -> tuple[MeanField, ...]:
        """The fields of the interactions between neighbours."""
        return self.fields if self.bond_fields is None else self.bond_fields

    @property
    def all_fields(self) -> set[MeanField]:
        """The fields that any interaction has."""
        return {*self.fields, *(self.of_bonds if self.joins_sites else ())}

    @property
    def joins_sites(self) -> bool:
        """Whether there are interactions between sites."""
        return bool(self.bonds) or self.orbitals is not None

    @property
    def pairs_on_bonds(self) -> bool:
        """Whether bonds have pairs, given or self-consistent."""
        if self.given is not None:
            return bool(self.given.on_bonds)
        return self.joins_sites and "pairing" in self.of_bonds

    @property
    def attracts(self) -> bool:
        """Whether an interaction is nonzero anywhere."""
        on_bonds = [strength for entry in self.bonds for strength in entry.strengths]
        of_orbitals = () if self.orbitals is None else self.orbitals.strengths
        return any(_is_nonzero(value) for value in (self.onsite, *on_bonds, *of_orbitals))


def _is_nonzero(value: Any) -> bool:
    if isinstance(value, tuple):
        return any((entry if isinstance(entry, int | float) else entry.value) != 0 for entry in value)
    return bool(value != 0)
