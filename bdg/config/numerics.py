"""The sections ``solver`` and ``scf``: how the equations are solved."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, Tag

from bdg.config.base import MAPPING, NUMBER, WORD, Count, Section, Seed, one_of
from bdg.config.values import SiteValue

Tolerance = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, lt=1)]

Threads = Annotated[
    Annotated[Literal["auto"], Tag(WORD)] | Annotated[Count, Tag(NUMBER)],
    one_of("auto or a whole number", WORD, NUMBER, words=("auto",)),
]


class Solver(Section):
    """How functions of the Hamiltonian are computed."""

    method: Literal["auto", "diagonalization", "selected_inversion"] = Field(
        "auto", description="The solver; auto chooses."
    )
    tolerance: Tolerance = Field(1e-10, description="Largest error of an entry of the density matrix.")
    threads: Threads = Field("auto", description="Number of threads, or auto: one for each core.")


class InitialDelta(Section):
    """A first Δ by its values."""

    delta: SiteValue = Field(
        description="A number, an expression in x, y, z, complex if it likes, or a list of {region, value}."
    )


Initial = Annotated[
    Annotated[Literal["uniform", "random", "normal"], Tag(WORD)] | Annotated[InitialDelta, Tag(MAPPING)],
    one_of("uniform, random, normal or {delta: value}", WORD, MAPPING, words=("uniform", "random", "normal")),
]


class Scf(Section):
    """The self-consistency loop."""

    tolerance: Tolerance = Field(
        1e-8, description="The largest change of a field at which the loop ends, in t."
    )
    max_iterations: Count = Field(200, description="Iterations before the loop gives up.")
    mixer: Literal["anderson", "pulay", "linear"] = Field(
        "anderson", description="How the next fields are made from the last ones."
    )
    damping: Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, le=1)] = Field(
        1.0, description="Share of the new fields that is mixed in, up to 1."
    )
    history: Count = Field(10, description="Iterations that anderson and pulay remember.")
    initial: Initial = Field(
        "uniform",
        description="The first Δ: uniform, random, normal (zero, the normal state), or {delta: value}.",
    )
    seed: Seed = Field(0, description="Seed of the random first Δ.")
