"""The sections ``solver`` and ``scf``: how the equations are solved."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, Tag, model_validator

from bdg.config.base import LIST, MAPPING, NUMBER, TEXT, WORD, Count, Line, Section, Seed, one_of
from bdg.config.problems import refuse
from bdg.config.values import SiteValue
from bdg.config.wording import choices, nearest, quote

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


def _pairs(symmetry: str) -> Any:
    return Field(None, description=f"First pairs on bonds with the symmetry {symmetry}, given as delta is.")


class InitialDelta(Section):
    """A first Δ by its values, and/or first pairs on bonds by their symmetries."""

    delta: SiteValue | None = Field(
        None,
        description="Δ of the sites: a number, an expression in x, y, z, complex if it likes, or a list of"
        " {region, value}; 0 beside a symmetry.",
    )
    s_extended: SiteValue | None = _pairs("s_extended")
    d_x2_y2: SiteValue | None = _pairs("d_x2_y2")
    d_xy: SiteValue | None = _pairs("d_xy")
    d_id: SiteValue | None = _pairs("d_id")
    p_x: SiteValue | None = _pairs("p_x")
    p_y: SiteValue | None = _pairs("p_y")
    p_z: SiteValue | None = _pairs("p_z")
    chiral_p: SiteValue | None = _pairs("chiral_p")

    @property
    def given(self) -> dict[str, Any]:
        """What is given, ``delta`` and symmetries, by name."""
        values = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {name: value for name, value in values if value is not None}

    @model_validator(mode="after")
    def _something(self) -> InitialDelta:
        if not self.given:
            refuse("no first Δ is given", hint="add 'delta: 0.3', or a symmetry of bonds, 'd_x2_y2: 0.3'")
        return self


STARTS = ("uniform", "random", "normal", "vortex")
"""Names of first fields; see :func:`bdg.scf.initial_fields`."""

KINDS_OF_START = ("FILE.h5", "{delta: value}")


def _start(entry: str) -> str:
    if entry in STARTS or (entry.endswith(".h5") and entry != ".h5"):
        return entry
    meant = nearest(entry, STARTS)
    hint = f"did you mean {quote(meant)}?" if meant else "a file's name ends in .h5"
    refuse(f"must be {choices((*STARTS, *KINDS_OF_START))}, not {quote(entry)}", hint=hint)


def _different(entries: tuple[str | InitialDelta, ...]) -> tuple[str | InitialDelta, ...]:
    for index, entry in enumerate(entries):
        if isinstance(entry, str) and entry != "random" and entry in entries[:index]:
            refuse(f"the start {quote(entry)} is listed twice", index, hint="remove one")
    return entries


def _names(schema: dict[str, Any]) -> None:
    """What editors may offer."""
    schema["anyOf"] = [{"enum": list(STARTS)}, {"pattern": r".\.h5$"}]


NamedStart = Annotated[Line, AfterValidator(_start), Field(json_schema_extra=_names)]
Start = Annotated[
    Annotated[NamedStart, Tag(TEXT)] | Annotated[InitialDelta, Tag(MAPPING)],
    one_of(f"a name, {choices(KINDS_OF_START)}", TEXT, MAPPING),
]
Initial = Annotated[
    Annotated[NamedStart, Tag(TEXT)]
    | Annotated[InitialDelta, Tag(MAPPING)]
    | Annotated[tuple[Start, ...], Field(min_length=1), AfterValidator(_different), Tag(LIST)],
    one_of(f"a name, {', '.join(KINDS_OF_START)} or a list of these", TEXT, MAPPING, LIST),
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
        description="The first Δ: uniform, random, normal (zero, the normal state), vortex, {delta: value} or"
        " {d_x2_y2: value} with a symmetry of pairs on bonds, or FILE.h5, the fields of a result; or a list"
        " of these: the state of lowest energy is measured.",
    )
    seed: Seed = Field(
        0, description="Seed of the random first Δ; each random of a list is a draw of its own."
    )
