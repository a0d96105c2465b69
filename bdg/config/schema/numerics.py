"""The sections ``solver`` and ``scf``: how the equations are solved."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, Tag, model_validator

from bdg.config.schema.pairs import PairsBySymmetry
from bdg.config.schema.values import FileValue, Formula, RegionValue, SiteEnergy, VectorField
from bdg.parameters.base import (
    LIST,
    MAPPING,
    NUMBER,
    REGIONS,
    TEXT,
    WORD,
    Count,
    Flag,
    Line,
    NonNegative,
    Number,
    Section,
    Seed,
    one_of,
)
from bdg.parameters.defaults import default_of
from bdg.parameters.problems import refuse
from bdg.parameters.wording import Path, choices, nearest, quote
from bdg.scf import PATTERNS, ScfOptions, initial_fields
from bdg.solvers import choose
from bdg.solvers.contract import TOLERANCE

Tolerance = Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, lt=1)]

Threads = Annotated[
    Annotated[Literal["auto"], Tag(WORD)] | Annotated[Count, Tag(NUMBER)],
    one_of("auto or a whole number", WORD, NUMBER, words=("auto",)),
]


class Solver(Section):
    """How functions of the Hamiltonian are computed."""

    method: Literal["auto", "diagonalization", "selected_inversion"] = Field(
        default_of(choose, "method"), description="The solver; auto chooses."
    )
    tolerance: Tolerance = Field(TOLERANCE, description="Largest error of an entry of the density matrix.")
    threads: Threads = Field(
        default_of(choose, "threads"),
        description="Number of threads, or auto: one for each core, or as the environment says.",
    )
    locality: Flag = Field(
        default_of(choose, "locality"),
        description="Whether large samples are solved patch by patch where f(H) decays over less.",
    )


def _no_pattern(text: str) -> str:
    meant = nearest(text, PATTERNS) if text.isidentifier() else None
    if meant:
        wanted = (*PATTERNS, "values")
        refuse(f"must be {choices(wanted)}, not {quote(text)}", hint=f"did you mean {quote(meant)}?")
    return text


Magnetisation = Annotated[
    Annotated[Literal["staggered", "random"], Tag(WORD)]
    | Annotated[Number, Tag(NUMBER)]
    | Annotated[Formula, BeforeValidator(_no_pattern), Tag(TEXT)]
    | Annotated[VectorField, Tag(LIST)]
    | Annotated[tuple[RegionValue, ...], Field(min_length=1), Tag(REGIONS)]
    | Annotated[FileValue, Tag(MAPPING)],
    one_of(
        "staggered, random, a number, an expression in x, y, z, a list of {region, value}, {file: values.npy}"
        " or [x, y, z]",
        *(WORD, NUMBER, TEXT, LIST, REGIONS, MAPPING),
        words=PATTERNS,
    ),
]


Density = Annotated[
    Annotated[Literal["staggered", "random"], Tag(WORD)]
    | Annotated[Number, Tag(NUMBER)]
    | Annotated[Formula, BeforeValidator(_no_pattern), Tag(TEXT)]
    | Annotated[tuple[RegionValue, ...], Field(min_length=1), Tag(REGIONS)],
    one_of(
        "staggered, random, a number, an expression in x, y, z or a list of {region, value}",
        *(WORD, NUMBER, TEXT, REGIONS),
        words=PATTERNS,
    ),
]


class InitialValues(PairsBySymmetry):
    """First fields by their values: Δ, pairs on bonds by their symmetries, the magnetisation, the density."""

    delta: SiteEnergy | None = Field(
        None,
        description=(
            "Δ of the sites: a number, an expression in x, y, z, which may be complex, a list with a number"
            " for each orbital or each site, {file: values.npy}, or a list of {region, value}; 0 beside a"
            " symmetry, 0.5 with a magnetisation alone."
        ),
    )
    magnetisation: Magnetisation | None = Field(
        None,
        description=(
            "n↑ − n↓ of the sites: staggered, random, a number, an expression in x, y, z, a list of {region,"
            " value}; or its components [x, y, z]. By default none."
        ),
    )

    density: Density | None = Field(
        None,
        description=(
            "Electrons of the sites, from 0 to 2: staggered (charge order), random, a number, an expression"
            " in x, y, z, or a list of {region, value}. By default uniform."
        ),
    )

    @property
    def given(self) -> dict[str, Any]:
        """What is given of pairs, ``delta`` and symmetries, by name."""
        return {**({} if self.delta is None else {"delta": self.delta}), **self.on_bonds}

    @property
    def names(self) -> tuple[str, ...]:
        """What is given."""
        others = ("magnetisation", "density")
        return (*self.given, *(name for name in others if getattr(self, name) is not None))

    @property
    def is_noncollinear(self) -> bool:
        """Whether the magnetisation has components along x or y."""
        vector = isinstance(self.magnetisation, tuple) and not isinstance(self.magnetisation[0], RegionValue)
        return vector and any(part != 0 for part in self.magnetisation[:2])  # type: ignore[index]

    @model_validator(mode="after")
    def _something(self) -> InitialValues:
        if not self.names:
            refuse(
                "gives no values",
                hint="add 'delta: 0.3', a symmetry of bonds, 'd_x2_y2: 0.3', 'magnetisation: staggered' or"
                " 'density: staggered'",
            )
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


def _different(entries: tuple[str | InitialValues, ...]) -> tuple[str | InitialValues, ...]:
    for index, entry in enumerate(entries):
        if isinstance(entry, str) and entry != "random" and entry in entries[:index]:
            refuse(f"the start {quote(entry)} is listed twice", index, hint="remove one")
    return entries


def _names(schema: dict[str, Any]) -> None:
    """What editors may offer."""
    schema["anyOf"] = [{"enum": list(STARTS)}, {"pattern": r".\.h5$"}]


NamedStart = Annotated[Line, AfterValidator(_start), Field(json_schema_extra=_names)]
Start = Annotated[
    Annotated[NamedStart, Tag(TEXT)] | Annotated[InitialValues, Tag(MAPPING)],
    one_of(f"a name, {choices(KINDS_OF_START)}", TEXT, MAPPING),
]
Initial = Annotated[
    Annotated[NamedStart, Tag(TEXT)]
    | Annotated[InitialValues, Tag(MAPPING)]
    | Annotated[tuple[Start, ...], Field(min_length=1), AfterValidator(_different), Tag(LIST)],
    one_of(f"a name, {', '.join(KINDS_OF_START)} or a list of these", TEXT, MAPPING, LIST),
]


class Scf(Section):
    """The self-consistency loop."""

    tolerance: Tolerance = Field(
        default_of(ScfOptions, "tolerance"),
        description="The largest change of a field at which the loop ends, in t; likewise the loops of"
        " experiments, a hundredth of it where numbers of close states are subtracted.",
    )
    max_iterations: Count = Field(
        default_of(ScfOptions, "max_iterations"), description="Iterations before the loop gives up."
    )
    mixer: Literal["anderson", "pulay", "linear"] = Field(
        default_of(ScfOptions, "mixer"), description="How the next fields are made from the last ones."
    )
    damping: Annotated[float, Field(strict=True, allow_inf_nan=False, gt=0, le=1)] = Field(
        default_of(ScfOptions, "damping"), description="Share of the new fields that is mixed in, up to 1."
    )
    history: Count = Field(
        default_of(ScfOptions, "history"), description="Iterations that anderson and pulay remember."
    )
    initial: Initial = Field(
        default_of(initial_fields, "kind"),
        description="The first fields: uniform, random, normal (zero, the normal state), vortex, {delta:"
        " value}, a symmetry of pairs on bonds, {d_x2_y2: value}, {magnetisation: value}, {density: value},"
        " several of these in one, or FILE.h5, the fields of a result; or a list of all these: the state of"
        " lowest energy is measured.",
    )
    checkpoint: NonNegative = Field(
        60.0, description="Seconds between checkpoints of the running loop; 0 for one after every iteration."
    )
    leave_saddles: bool = Field(
        default_of(ScfOptions, "leave_saddles"),
        strict=True,
        description="Whether to look at the end for a direction in which the energy falls, as from the normal"
        " state below T_c, and to continue along it; in a list of starts, from the best state.",
    )
    seed: Seed = Field(
        default_of(initial_fields, "seed"),
        description="Seed of random first fields; each random of a list is a draw of its own.",
    )

    @property
    def starts(self) -> dict[Path, str | InitialValues]:
        """Every start by its place in the configuration."""
        place: Path = ("scf", "initial")
        if isinstance(self.initial, tuple):
            return {(*place, index): start for index, start in enumerate(self.initial)}
        return {place: self.initial}
