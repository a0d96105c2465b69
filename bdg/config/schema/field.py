"""The section ``field``: the electromagnetic field."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, Tag, model_validator

from bdg import gauge
from bdg.config.schema.values import PlaceVector, SitePotential
from bdg.parameters.base import NUMBER, WORD, Number, Positive, Section, Vector, one_of
from bdg.parameters.defaults import default_of
from bdg.parameters.dimensions import FieldNumber, NonNegativeLength, PlanePoint
from bdg.parameters.problems import Problem, refusal, refuse
from bdg.parameters.wording import quote


class Flux(Section):
    """A tube of flux."""

    through: PlanePoint = Field(description="The point [x, y] it passes: in a plaquette, or in a hole.")
    value: Number = Field(description="Flux Φ in ħ/e: 2π is one h/e, π one h/2e.")
    radius: NonNegativeLength = Field(
        default_of(gauge.FluxTube, "radius"),
        description="Radius over which the flux is spread, for a solenoid; 0 for a thin one.",
    )


class Dipole(Section):
    """A magnetic point dipole."""

    position: PlaceVector = Field(description="[x, y, z]; a lattice in the plane lies at z = 0.")
    moment: Vector = Field(description="(μ₀/4π) m, [mx, my, mz], in ħ a/e: A = m × d/d³.")


def _even(vortices: int) -> int:
    if vortices < 2 or vortices % 2:
        refuse(
            f"must be an even number of vortices, not {quote(vortices)}: two make one h/e, and a cell holds"
            " whole ones only",
            hint=f"write {max(2, vortices + 1)}",
        )
    return vortices


class VortexLattice(Section):
    """A field that puts vortices into the sample, which is periodic."""

    vortices: Annotated[int, Field(strict=True), AfterValidator(_even)] = Field(
        default_of(gauge.VortexLattice, "vortices"),
        description="Vortices, of h/2e each, in the sample; an even number.",
    )
    geometry: Literal["square", "triangular"] = Field(
        default_of(gauge.VortexLattice, "geometry"),
        description="Arrangement that Δ starts from, as well as the sample's shape allows it.",
    )


Coupling = Annotated[
    Annotated[Literal["physical"], Tag(WORD)] | Annotated[Positive, Tag(NUMBER)],
    one_of("a positive number or physical", WORD, NUMBER, words=("physical",)),
]


class Screening(Section):
    """The field of the currents themselves, found together with everything else."""

    mu0: Coupling = Field(
        description=(
            "Strength μ₀ of the coupling of currents and field: λ = (μ₀ D)^(−½) lattice constants, D the"
            " superfluid weight of a site; or physical, for that of units."
        )
    )
    geometry: Literal["slab", "cylinder", "film"] = Field(
        default_of(gauge.screening_of, "geometry"),
        description=(
            "slab: closed in one direction, layers along z; cylinder: any shape, layers along z; film: one"
            " layer with its field around it."
        ),
    )


class ExternalField(Section):
    """The electromagnetic field; what is given by several keys adds up."""

    vector_potential: Annotated[tuple[SitePotential, ...], Field(min_length=1, max_length=3)] | None = Field(
        None,
        description=(
            "Vector potential A in ħ/(e a), one component for each direction: numbers, or expressions in"
            " x, y, z."
        ),
    )
    uniform: FieldNumber | None = Field(
        None, description="Uniform field B along z in ħ/(e a²): 2π is one h/e through an area of 1."
    )
    applied: FieldNumber | None = Field(
        None, description="Uniform field B along z that the currents screen, in ħ/(e a²); with screening."
    )
    screening: Screening | None = Field(
        None, description="How the field of the currents is made; without it they make none."
    )
    gauge: Literal["landau", "symmetric"] | None = Field(
        None,
        description="Gauge of the uniform field: landau, A = (0, Bx), by default; or symmetric, B(−y, x)/2.",
    )
    flux: tuple[Flux, ...] = Field((), description="Tubes of flux along z.")
    dipoles: tuple[Dipole, ...] = Field((), description="Magnetic dipoles.")
    vortex_lattice: VortexLattice | None = Field(
        None, description="A uniform field by the vortices it makes, in a periodic sample."
    )

    @model_validator(mode="after")
    def _one_uniform_field(self) -> ExternalField:
        if self.uniform is not None and self.vortex_lattice is not None:
            raise refusal(
                Problem(
                    ("uniform",),
                    "uniform and vortex_lattice are both given, and both are the uniform field",
                    "keep one of the two",
                    rivals=(("vortex_lattice",),),
                )
            )
        if self.applied is not None and (self.uniform is not None or self.vortex_lattice is not None):
            rival = "uniform" if self.uniform is not None else "vortex_lattice"
            text = f"applied and {rival} are both given, and both are the uniform field"
            raise refusal(Problem(("applied",), text, "keep one of the two", rivals=((rival,),)))
        if self.applied is not None and self.screening is None:
            refuse(
                "is a field that currents screen, and screening is not given",
                "applied",
                hint="add 'screening: {mu0: 0.03}', or write uniform",
            )
        fields = self.uniform, self.vortex_lattice, self.applied
        if self.gauge is not None and all(field is None for field in fields):
            refuse(
                "there is no uniform field whose gauge it could be",
                "gauge",
                hint="remove it, or add 'uniform: 0.01'",
            )
        return self
