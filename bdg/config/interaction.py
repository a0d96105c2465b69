"""The sections ``interaction`` and ``field``: what makes the fields, and what acts on them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from bdg.config.base import Number, Section, without_repeats
from bdg.config.values import BY_REGION, SiteValue


class Given(Section):
    """A fixed order parameter."""

    onsite: SiteValue = Field(
        description=(
            "Δ of each site, not made self-consistent: a number, an expression in x, y, z, complex if it"
            f" likes (0.3*exp(1j*pi*(x > 10))), or {BY_REGION}."
        )
    )


class Interaction(Section):
    """The interaction and the mean fields it makes."""

    onsite: SiteValue = Field(
        0.0,
        description=(
            "On-site attraction U in −U n↑n↓ (U > 0 attracts): a number, an expression in x, y, z, or"
            f" {BY_REGION}."
        ),
    )
    fields: Annotated[tuple[Literal["pairing", "hartree"], ...], AfterValidator(without_repeats("field"))] = (
        Field(("pairing",), description="The self-consistent fields: pairing (Δ), hartree (the density's).")
    )
    given: Given | None = Field(None, description="A fixed Δ instead of a self-consistent one.")

    @property
    def attracts(self) -> bool:
        """Whether the interaction is nonzero anywhere."""
        if isinstance(self.onsite, tuple):
            return any(entry.value != 0 for entry in self.onsite)
        return self.onsite != 0


class ExternalField(Section):
    """The electromagnetic field."""

    vector_potential: Annotated[tuple[Number, ...], Field(min_length=1, max_length=3)] | None = Field(
        None, description="A uniform vector potential A, one component for each direction, in ħ/(e a)."
    )
