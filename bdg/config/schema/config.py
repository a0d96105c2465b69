"""The whole configuration: its sections."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, ConfigDict, Field

from bdg.config.schema.field import ExternalField
from bdg.config.schema.hamiltonian import Hamiltonian
from bdg.config.schema.interaction import Interaction
from bdg.config.schema.lattice import Lattice
from bdg.config.schema.numerics import Scf, Solver
from bdg.config.schema.observables import Observables
from bdg.config.schema.sweep import Sweep
from bdg.model import build_model
from bdg.parameters.base import Line, Section
from bdg.parameters.defaults import default_of
from bdg.parameters.dimensions import NonNegativeEnergy
from bdg.parameters.problems import refuse
from bdg.parameters.quantities import Units
from bdg.parameters.wording import quote


def _hdf5_name(path: str) -> str:
    stem = path.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".h5")
    if not path.endswith(".h5") or not stem:
        refuse(f"must be a file name that ends in .h5, not {quote(path)}", hint="write results/run.h5")
    return path


Place = tuple[str, ...]


class Config(Section):
    """A simulation; :func:`bdg.config.whole.config_type` knows every observable there is, and checks all."""

    model_config = ConfigDict(defer_build=True)

    title: Line = Field("", description="A line for figures and file listings.")
    units: Units = Field(default_factory=Units, description="What the units are in the laboratory.")
    lattice: Lattice = Field(description="The sites.")
    hamiltonian: Hamiltonian = Field(description="The normal-state terms; energies in units of t.")
    interaction: Interaction = Field(default_factory=Interaction, description="What makes the fields.")
    field: ExternalField = Field(default_factory=ExternalField, description="The electromagnetic field.")
    temperature: NonNegativeEnergy = Field(
        default_of(build_model, "temperature"),
        description="Temperature k_B T in units of energy; 0 if it is not given.",
    )
    solver: Solver = Field(default_factory=Solver, description="How functions of H are computed.")
    scf: Scf = Field(default_factory=Scf, description="The self-consistency loop.")
    observables: Observables = Field(default_factory=Observables, description="What to compute.")
    sweep: Sweep | None = Field(None, description="Keys and the values they take, for bdg sweep.")
    output: Annotated[Line, AfterValidator(_hdf5_name)] = Field(
        "results/run.h5", description="The file to write; by default results/ and the configuration's name."
    )

    def requested(self) -> dict[str, tuple[Place, Section]]:
        """Place and parameters of each quantity asked for; what has a section of its own comes last."""
        found: dict[str, tuple[Place, Section]] = {
            name: (("observables", name), section) for name, section in self.observables.requested().items()
        }
        for name in type(self).model_fields.keys() - Config.model_fields.keys():
            if (section := getattr(self, name)) is not None:
                found[name] = (name,), section
        return found
