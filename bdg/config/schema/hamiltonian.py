"""The section ``hamiltonian``: the normal-state terms."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, Tag, model_validator

from bdg import model
from bdg.config.schema.bonds import Shell
from bdg.config.schema.cell import Hopping
from bdg.config.schema.region import Region
from bdg.config.schema.values import BY_REGION, EnergyField, EnergyVector, SiteEnergy
from bdg.parameters.base import (
    MAPPING,
    NUMBER,
    Cell,
    Number,
    Section,
    Seed,
    Text,
    Vector,
    one_of,
    single_or_list,
    wrapped,
)
from bdg.parameters.defaults import default_of
from bdg.parameters.dimensions import ENERGY, EnergyNumber, NonNegativeEnergy
from bdg.parameters.problems import Problem, refusal, refuse
from bdg.parameters.wording import quote


class Impurity(Section):
    """A site that differs from the others."""

    site: Cell = Field(description="Its cell, counted from 0; with several orbitals [x, y, orbital].")
    potential: EnergyNumber = Field(
        default_of(model.Impurity, "potential"),
        description="Added to the on-site energy; positive repels electrons.",
    )
    moment: EnergyVector = Field(
        default_of(model.Impurity, "moment"),
        description="Classical spin [mx, my, mz]: the term +m·σ, m = J S.",
    )


class Disorder(Section):
    """Random on-site energies."""

    distribution: Literal["uniform", "normal", "binary"] = Field(
        default_of(model.Disorder, "distribution"),
        description="uniform on [−width/2, width/2]; normal; or binary, ±width/2.",
    )
    width: NonNegativeEnergy = Field(
        description="Width in units of energy; the standard deviation if normal."
    )
    seed: Seed = Field(default_of(model.Disorder, "seed"), description="Seed of the random numbers.")
    region: Region | None = Field(None, description="Where there is disorder; by default everywhere.")


ShellOrBond = Annotated[
    Annotated[Number, Tag(NUMBER)] | Annotated[Hopping, Tag(MAPPING)],
    one_of("a number or {from, to, offset, amplitude}", NUMBER, MAPPING),
    ENERGY,
]


Hoppings = Annotated[
    tuple[ShellOrBond, ...],
    Field(min_length=1),
    BeforeValidator(wrapped),
]


class SpinHopping(Section):
    """Hopping t + m for spins along an axis, t − m against it: an altermagnet."""

    s_extended: SiteEnergy | None = Field(None, description="m of every bond, given as onsite is.")
    d_x2_y2: SiteEnergy | None = Field(None, description="m of bonds along x, −m of those along y.")
    d_xy: SiteEnergy | None = Field(None, description="m of bonds along [1, 1], −m along [1, −1] (shell 2).")
    axis: Vector = Field(default_of(model.SpinHopping, "axis"), description="Direction of the spins.")
    shell: Shell = Field(
        default_of(model.SpinHopping, "shell"),
        description="Shell of neighbours; or within, between orbitals of one place.",
    )

    @property
    def by_form(self) -> dict[str, Any]:
        """What is given, by form factor."""
        given = ((name, getattr(self, name)) for name in ("s_extended", "d_x2_y2", "d_xy"))
        return {name: value for name, value in given if value is not None}

    @model_validator(mode="after")
    def _something(self) -> SpinHopping:
        if not self.by_form:
            refuse("gives no strength", hint="add 'd_x2_y2: 0.2', for example")
        if not any(self.axis):
            refuse(f"has no direction: {quote(self.axis)}", "axis", hint="write [0, 0, 1]")
        return self


class Terms(dict[str, dict[str, Any]]):
    """Parameters of terms by name; with a hash, as all of a configuration has one."""

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(repr(sorted(self.items())))


class Hamiltonian(Section):
    """Hopping, on-site energies and magnetic terms."""

    hopping: Hoppings | None = Field(
        None,
        description=(
            "Hopping amplitude t in −t c†c; a list with one for each shell of neighbours; or a list of bonds,"
            " {from, to, offset, amplitude}. By default the cell's own, or 1."
        ),
        json_schema_extra=single_or_list,
    )
    chemical_potential: EnergyNumber | None = Field(
        None, description="Chemical potential μ; or give filling."
    )
    filling: Number | None = Field(
        None, description="Electrons per site, between 0 and 2; μ is found. Or give chemical_potential."
    )
    onsite: SiteEnergy = Field(
        default_of(model.build_model, "onsite"),
        description=(
            "On-site energy: a number, an expression in x, y, z, a list with a number for each orbital of the"
            f" cell or for each site, {{file: values.npy}}, or {BY_REGION}."
        ),
    )
    impurities: tuple[Impurity, ...] = Field((), description="Sites that differ from the others.")
    disorder: Disorder | None = Field(None, description="Random on-site energies.")
    terms: Annotated[dict[Text, dict[Text, Any]], AfterValidator(Terms)] = Field(
        default_factory=Terms,
        description="Terms of installed packages (entry points bdg.terms), {NAME: {parameter: value}}.",
    )
    zeeman: EnergyField = Field(
        default_of(model.build_model, "zeeman"),
        description="Field [hx, hy, hz] in −h·σ, each given as onsite is.",
    )
    rashba: SiteEnergy = Field(
        default_of(model.build_model, "rashba"),
        description=(
            "Rashba coupling α(σ × sin k)_z of nearest neighbours, given as onsite is; a bond has the mean of"
            " its ends."
        ),
    )
    dresselhaus: SiteEnergy = Field(
        default_of(model.build_model, "dresselhaus"),
        description="Dresselhaus coupling β(σ_x sin k_x − σ_y sin k_y), given as rashba is.",
    )
    intrinsic_soc: SiteEnergy = Field(
        default_of(model.build_model, "intrinsic_soc"),
        description="Kane–Mele coupling iλν σ_z of second neighbours on a honeycomb, given as rashba is.",
    )

    spin_hopping: SpinHopping | None = Field(
        None,
        description=(
            "Hopping that distinguishes spins: {d_x2_y2: m} makes t ± m, of opposite sign along x and y, for"
            " spins up and down. An altermagnet."
        ),
    )

    @property
    def shells(self) -> tuple[float, ...] | None:
        """Amplitudes by neighbour shell, if that is how the hopping is given."""
        given = self.hopping or ()
        return tuple(entry for entry in given if not isinstance(entry, Hopping)) or None

    @property
    def bonds(self) -> tuple[Hopping, ...] | None:
        """Amplitudes bond by bond, if that is how the hopping is given."""
        given = self.hopping or ()
        return tuple(entry for entry in given if isinstance(entry, Hopping)) or None

    @model_validator(mode="after")
    def _one_kind_of_hopping(self) -> Hamiltonian:
        if self.shells and self.bonds:
            refuse(
                "mixes numbers, which are for shells of neighbours, with single bonds",
                "hopping",
                hint="write all of them as {from, to, offset, amplitude}",
            )
        return self

    @model_validator(mode="after")
    def _one_of_two(self) -> Hamiltonian:
        if self.filling is not None and self.chemical_potential is not None:
            raise refusal(
                Problem(
                    ("chemical_potential",),
                    "filling and chemical_potential are both given",
                    "keep one of the two",
                    rivals=(("filling",),),
                )
            )
        if self.filling is None and self.chemical_potential is None:
            refuse("neither filling nor chemical_potential is given", hint="add 'chemical_potential: 0'")
        if self.filling is not None and not 0 < self.filling < 2:
            refuse(
                f"must be between 0 and 2 electrons per site, both excluded, not {quote(self.filling)}",
                "filling",
                hint="1 is half filling",
            )
        return self
