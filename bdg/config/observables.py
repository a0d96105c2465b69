"""The section ``observables``: the table of quantities a run can leave in its file."""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, Field, Tag, model_validator

from bdg.config.base import NUMBER, WORD, Count, Positive, Section, one_of
from bdg.config.dimensions import (
    LENGTH,
    VECTOR_POTENTIAL,
    FieldNumber,
    LengthNumber,
    NonNegativeLength,
    PositiveEnergy,
)
from bdg.config.invariants import Localizer, LowestStates, ZeroModes, Zone
from bdg.config.problems import refuse
from bdg.config.spectra import Bands, Energies, SiteSpectrum, Spectrum
from bdg.config.wording import quote

Steps = Annotated[int, Field(strict=True, ge=2, le=10_000)]
"""How many values of what grows in steps."""

Axis = Annotated[int, Field(strict=True, ge=0, le=2)]
"""A coordinate: 0, 1 or 2 for x, y or z."""

Flag = Annotated[bool, Field(strict=True)]


class NoParameters(Section):
    """Nothing to set: write {}."""


class Modes(Section):
    """How much of a spectrum of modes to find."""

    count: Count = Field(4, description="How many of the largest eigenvalues.")


class Screened(Section):
    """How a screened field is looked at."""

    surface: NonNegativeLength = Field(
        4.0, description="Depth at the faces of a slab that the fit of λ leaves out."
    )


class Levels(Section):
    """How many of the lowest quasiparticles to find."""

    count: Annotated[int, Field(strict=True, ge=1, le=1000)] = Field(8, description="How many.")


class Weight(Section):
    """How the superfluid weight is found."""

    method: Literal["auto", "exact", "difference"] = Field(
        "auto", description="exact: eigenvectors; difference: of currents, for large samples; auto chooses."
    )
    relax: Flag = Field(False, description="Also with the self-consistent fields following.")


class Accuracy(Section):
    """How accurately a temperature is found."""

    tolerance: PositiveEnergy = Field(1e-5, description="Largest error of the temperature.")
    relax: Flag = Field(False, description="With the self-consistent fields following the vector potential.")


class FieldSweep(Section):
    """An applied field that grows or falls."""

    stop: FieldNumber = Field(description="The last applied field, in ħ/(e a²).")
    num: Steps = Field(21, description="How many, both ends included.")


class Superflow(Section):
    """A uniform vector potential that grows."""

    stop: Annotated[Positive, VECTOR_POTENTIAL] = Field(description="The last vector potential, in ħ/(e a).")
    num: Steps = Field(21, description="How many, 0 included.")
    axis: Axis = Field(0, description="Coordinate it is along.")


JunctionLeads = Annotated[
    Annotated[Literal["semi_infinite"], Tag(WORD)] | Annotated[Positive, Tag(NUMBER)],
    one_of("a depth or semi_infinite", WORD, NUMBER, words=("semi_infinite",)),
    LENGTH,
]


def _odd(num: int) -> int:
    if num % 2 == 0:
        refuse(
            f"must be odd, not {quote(num)}: each flux has another half a period on", hint=f"write {num + 1}"
        )
    return num


class PersistentCurrent(Section):
    """A flux through a ring, over one period."""

    num: Annotated[int, Field(strict=True, ge=3, le=10_000), AfterValidator(_odd)] = Field(
        41, description="How many fluxes from 0 to h/e, both included; an odd number."
    )
    axis: Axis = Field(0, description="Coordinate along the ring.")


class JunctionCut(Section):
    """Where a junction is cut, and its leads."""

    axis: Axis = Field(0, description="Coordinate that the current is along.")
    at: LengthNumber | None = Field(None, description="Where on it the cut is; by default in the middle.")
    leads: JunctionLeads | None = Field(
        None,
        description="Depth from either end to which the phase of Δ is held, by default nowhere; or"
        " semi_infinite: the ends go on for ever as the outermost layers are.",
    )


class CurrentPhase(JunctionCut):
    """A phase difference across a junction that grows."""

    stop: Positive = Field(2 * math.pi, description="The last phase difference, in radians.")
    num: Steps = Field(25, description="How many, 0 included.")
    levels: Annotated[int, Field(strict=True, ge=0, le=1000)] = Field(
        0, description="How many of the lowest quasiparticle energies to find at each phase difference."
    )


class Fraunhofer(JunctionCut):
    """A flux through a junction that grows."""

    stop: Positive = Field(3.0, description="The last flux, in h/2e.")
    num: Steps = Field(25, description="How many, 0 included.")
    phases: Annotated[int, Field(strict=True, ge=3, le=10_000)] = Field(
        12, description="Phases the largest current is looked for about, from 0 to 2π."
    )


class Squid(Fraunhofer):
    """A flux through a hole between two junctions that grows."""

    stop: Positive = Field(2.0, description="The last flux, in h/2e.")


class Leads(Section):
    """Energies, and the direction of two leads."""

    energies: Energies = Field(description="{start, stop, num} or an ascending list of energies.")
    axis: Axis = Field(
        0, description="Direction of the leads, which go on as the sample's outermost layers are."
    )


class Observables(Section):
    """What to compute once the fields are self-consistent: a quantity's name and its parameters."""

    order_parameter: NoParameters | None = Field(None, description="Order parameter Δ of each site.")
    anomalous_density: NoParameters | None = Field(None, description="⟨c↑c↓⟩ of each site.")
    bond_order: NoParameters | None = Field(
        None, description="Order parameter on bonds, and its symmetries (s, d, p) at each site."
    )
    density: NoParameters | None = Field(None, description="Electrons on each site.")
    magnetisation: NoParameters | None = Field(None, description="Spin of each site along x, y and z.")
    spectral_gap: NoParameters | None = Field(None, description="Lowest quasiparticle energy.")
    states: Levels | None = Field(
        None, description="Lowest quasiparticles: energy, |u|², |v|², charge and spin of each site."
    )
    ldos: SiteSpectrum | None = Field(None, description="Local density of states.")
    dos: Spectrum | None = Field(None, description="Density of states per site, of both spins.")
    bands: Bands | None = Field(None, description="Quasiparticle bands E(k) of an infinite sample.")
    currents: NoParameters | None = Field(None, description="Bond currents and their divergence.")
    current_spectrum: Spectrum | None = Field(None, description="Bond currents at each energy.")
    loop_currents: NoParameters | None = Field(
        None, description="Currents around plaquettes: the orbital magnetisation."
    )
    flux: NoParameters | None = Field(None, description="Magnetic flux through every plaquette.")
    vortices: NoParameters | None = Field(
        None, description="Winding of the phase of Δ around every plaquette; places and cores of vortices."
    )
    meissner: Screened | None = Field(
        None, description="Field inside a sample that screens it, beside London's; of a slab the depth."
    )
    superfluid_weight: Weight | None = Field(
        None, description="Superfluid weight, its diamagnetic and paramagnetic parts, and its map."
    )
    superflow: Superflow | None = Field(
        None, description="Current, Δ and Ω while a uniform vector potential grows."
    )
    persistent_current: PersistentCurrent | None = Field(
        None, description="Current, Ω and winding of a ring in its ground state over one period of the flux."
    )
    bkt_temperature: Accuracy | None = Field(
        None, description="Temperature at which vortices unbind in a plane (loops at several temperatures)."
    )
    conductivity: Spectrum | None = Field(
        None, description="Dynamical conductivity σ(ω) and kinetic inductance, with all eigenvectors."
    )
    magnetisation_curve: FieldSweep | None = Field(
        None, description="Moment, G and vortices while the applied field goes on, the state following."
    )
    current_phase: CurrentPhase | None = Field(
        None, description="Current, Ω and lowest levels of a junction while a phase difference grows."
    )
    fraunhofer: Fraunhofer | None = Field(
        None, description="Critical current of a junction in a plane while the flux through it grows."
    )
    squid: Squid | None = Field(
        None,
        description="Critical current of junctions side by side by the flux through the hole between them.",
    )
    conductance: Leads | None = Field(
        None, description="Conductance, transmission and Andreev reflection between two semi-infinite leads."
    )
    grand_potential: NoParameters | None = Field(None, description="Grand potential Ω and its parts.")
    entropy: NoParameters | None = Field(None, description="Entropy.")
    stability: Modes | None = Field(
        None, description="Minimum or saddle: the largest eigenvalues of the linearised map."
    )
    pfaffian: NoParameters | None = Field(
        None,
        description="Signs of Pfaffians at invariant momenta, their product, parity of the ground state.",
    )
    chern: Zone | None = Field(
        None, description="Chern number, gap and Berry curvature of a sample without ends in two directions."
    )
    bott: NoParameters | None = Field(None, description="Bott index of a torus.")
    local_chern_marker: NoParameters | None = Field(
        None, description="Chern number of each place of a finite sample in two dimensions."
    )
    spectral_localizer: Localizer | None = Field(
        None, description="Chern number at chosen sites of a sample in two dimensions, of any size."
    )
    zero_modes: ZeroModes | None = Field(
        None, description="Number of Majorana zero modes, their splitting, the lowest energies."
    )
    majorana_polarisation: LowestStates | None = Field(
        None, description="How far the lowest states are their own antiparticles, site by site."
    )

    def requested(self) -> dict[str, Section]:
        """Parameters of each quantity asked for, by name."""
        given = ((name, getattr(self, name)) for name in Observables.model_fields)
        return {name: parameters for name, parameters in given if parameters is not None}

    @model_validator(mode="before")
    @classmethod
    def _bare_names(cls, data: Any) -> Any:
        """``currents:`` with nothing behind it asks for the currents too."""
        if not isinstance(data, dict):
            return data
        return {name: {} if parameters is None else parameters for name, parameters in data.items()}


def _parameters(annotation: Any) -> type[Section]:
    section: type[Section] = next(kind for kind in get_args(annotation) if kind is not type(None))
    return section


OBSERVABLES: dict[str, type[Section]] = {
    name: _parameters(field.annotation) for name, field in Observables.model_fields.items()
}
"""The parameters that each observable takes, by name."""
