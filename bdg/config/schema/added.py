"""What of the section ``sweep`` adds points while it runs: refinement, searches, ensembles of open size."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from bdg.parameters.base import Count, Number, Positive, Section, Text
from bdg.parameters.problems import refuse

QUANTITY = "A single number of the results, spectral_gap, largest_delta, energy, …, or a formula with them"


class Refine(Section):
    """Points are added where a quantity changes fast, until neighbours differ by at most ``tolerance``."""

    keys: Annotated[tuple[Text, ...], Field(min_length=1, max_length=3)] = Field(
        description="Swept keys between whose values points are added: one for a line, two for a map."
    )
    quantity: Text = Field(description=f"{QUANTITY}.")
    tolerance: Positive = Field(description="The largest difference between neighbours, in its unit.")
    halvings: Annotated[int, Field(strict=True, ge=1, le=20)] = Field(
        4, description="How often an interval of the grid may be halved, as at a jump."
    )
    at_most: Count = Field(1000, description="Points in all.")


class Find(Section):
    """A value of a key at which something happens, bracketed ever closer, for each point of the others."""

    key: Text = Field(description="The key, not among the swept ones.")
    between: tuple[Number, Number] = Field(description="The bracket that the search starts from.")
    at: Literal["value", "onset", "maximum", "minimum", "crossing"] = Field(
        "value",
        description="What is looked for: where the quantity has a value; the onset, where it vanishes as an"
        " order parameter does, √ or at once; its maximum or minimum; crossing, where two branches have the"
        " same energy.",
    )
    quantity: Text = Field("", description=f"{QUANTITY}; of a crossing the energy, Ω, F or G.")
    value: Number = Field(0.0, description="The value that is looked for, and what vanishes of an onset.")
    tolerance: Positive = Field(
        description="The largest error, half the last bracket, in the unit of the key."
    )
    over: Text | None = Field(
        None, description="A swept key whose values are members, seeds: the mean of the quantity counts."
    )
    at_most: Annotated[int, Field(strict=True, ge=4)] = Field(
        40, description="Most values of the key in one search."
    )

    @property
    def place(self) -> str:
        """What is looked for, in words."""
        words = {
            "value": f"where {self.quantity} is {self.value:g}",
            "onset": f"where {self.quantity} vanishes",
            "crossing": "of equal energies",
        }
        return words.get(self.at, f"of the {self.at} of {self.quantity}")

    @model_validator(mode="after")
    def _is_complete(self) -> Find:
        if self.between[0] >= self.between[1]:
            refuse("must ascend", "between", hint="write the lower end first")
        if not self.quantity and self.at != "crossing":
            refuse("names no quantity", hint="add for example quantity: largest_delta")
        if self.at in ("maximum", "minimum", "crossing") and self.value != 0:
            refuse(f"has no meaning for a {self.at}", "value", hint="remove it")
        return self


class Spread(Section):
    """Each point is run again from the best state of every neighbour, until no energy gets lower."""

    keys: Annotated[tuple[Text, ...], Field(min_length=1, max_length=4)] = Field(
        description="Swept keys along which points are neighbours."
    )
    at_most: Count = Field(20, description="Most states of neighbours that are tried at one point.")


class Until(Section):
    """Members are added to ensembles until the standard error of their mean is small enough."""

    quantity: Text = Field(description=f"{QUANTITY}.")
    error: Positive = Field(description="The standard error at which an ensemble is large enough.")
    at_most: Count = Field(description="Most members of one ensemble.")
    over: Text | None = Field(
        None,
        description="The key whose values are members, {count: 8} to begin with; by default the only such.",
    )
