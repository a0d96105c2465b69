"""The whole configuration: its sections, and the checks between them."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, create_model, model_validator

from bdg.config.checks import cross_checks
from bdg.config.schema.field import ExternalField
from bdg.config.schema.hamiltonian import Hamiltonian
from bdg.config.schema.interaction import Interaction
from bdg.config.schema.lattice import Lattice
from bdg.config.schema.numerics import Scf, Solver
from bdg.config.schema.observables import Observables, section_of
from bdg.parameters.base import Line, Section
from bdg.parameters.dimensions import NonNegativeEnergy
from bdg.parameters.problems import refusal, refuse
from bdg.parameters.quantities import Units
from bdg.parameters.wording import quote

if TYPE_CHECKING:
    from bdg.observables.contract import Contract


def _hdf5_name(path: str) -> str:
    stem = path.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(".h5")
    if not path.endswith(".h5") or not stem:
        refuse(f"must be a file name that ends in .h5, not {quote(path)}", hint="write results/run.h5")
    return path


class Config(Section):
    """A simulation; :func:`config_type` is the one that knows every observable there is."""

    model_config = ConfigDict(defer_build=True)

    title: Line = Field("", description="A line for figures and file listings.")
    units: Units = Field(default_factory=Units, description="What the units are in the laboratory.")
    lattice: Lattice = Field(description="The sites.")
    hamiltonian: Hamiltonian = Field(description="The normal-state terms; energies in units of t.")
    interaction: Interaction = Field(default_factory=Interaction, description="What makes the fields.")
    field: ExternalField = Field(default_factory=ExternalField, description="The electromagnetic field.")
    temperature: NonNegativeEnergy = Field(
        0.0, description="Temperature k_B T in units of energy; 0 if it is not given."
    )
    solver: Solver = Field(default_factory=Solver, description="How functions of H are computed.")
    scf: Scf = Field(default_factory=Scf, description="The self-consistency loop.")
    observables: Observables = Field(default_factory=Observables, description="What to compute.")
    output: Annotated[Line, AfterValidator(_hdf5_name)] = Field(
        "results/run.h5", description="The file to write; by default results/ and the configuration's name."
    )

    @model_validator(mode="after")
    def _sections_agree(self) -> Config:
        problems = tuple(cross_checks(self))
        if problems:
            raise refusal(*problems)
        return self


def config_type() -> type[Config]:
    """The configuration with a key for each observable, those that a user registered included."""
    from bdg.observables import contracts  # late: it takes NumPy and Numba to import

    return _config_type(tuple(contracts().values()))


@lru_cache(maxsize=4)
def _config_type(known: tuple[Contract, ...]) -> type[Config]:
    section = section_of({contract.name: contract for contract in known})
    key = (section, Field(default_factory=section, description="What to compute."))
    made: type[Config] = create_model("Config", __base__=Config, __doc__="A simulation.", observables=key)
    return made


def json_schema() -> dict[str, Any]:
    """JSON schema (draft 2020-12) of a configuration file, for editors."""
    schema = config_type().model_json_schema()
    _drop_null(schema)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "title": "bdg configuration",
    }


def _drop_null(schema: Any) -> None:
    """Keys that may be absent are ``None`` in Python, but can't be null in a file."""
    if isinstance(schema, list):
        for entry in schema:
            _drop_null(entry)
    if not isinstance(schema, dict):
        return
    branches = [branch for branch in schema.get("anyOf", ()) if branch != {"type": "null"}]
    if len(branches) < len(schema.get("anyOf", ())):
        schema.pop("default", None)
        schema.pop("anyOf")
        schema.update({"anyOf": branches} if len(branches) > 1 else {**branches[0], **schema})
    for entry in schema.values():
        _drop_null(entry)
