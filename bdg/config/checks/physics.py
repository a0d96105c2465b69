"""Whether the field, the interaction, the starts and what is measured suit each other and the lattice."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bdg.config.checks.geometry import component_problems
from bdg.config.schema.interaction import DEFAULT_CHANNELS, Interaction
from bdg.config.schema.numerics import InitialValues
from bdg.parameters.problems import Problem
from bdg.parameters.wording import Path, quote

if TYPE_CHECKING:
    from bdg.config.schema.config import Config


def field_problems(config: Config) -> Iterator[Problem]:
    """Fields that the lattice has room for, and units for a physical coupling."""
    vector = config.field.vector_potential
    if vector is not None:
        yield from component_problems(("field", "vector_potential"), vector, config.lattice)
    for key in ("uniform", "applied", "screening", "flux", "vortex_lattice"):
        if getattr(config.field, key) not in (None, ()) and config.lattice.dimension == 1:
            text = f"a {config.lattice.name} lattice has no plane that a flux could pass"
            hint = "a flux through its ring is boundary: {twist: …}, or a vector_potential"
            yield Problem(("field", key), text, hint)
    screening, units = config.field.screening, config.units
    if screening is not None and screening.mu0 == "physical" and units.length is None:
        text = "physical needs the units of energy and length"
        yield Problem(("field", "screening", "mu0"), text, "add 'units: {energy: 100 meV, length: 0.4 nm}'")
    if screening is not None and config.lattice.dimension == 3:
        text = "the field of currents is that of lattices in the plane, layered along z"
        yield Problem(("field", "screening"), text, "remove it, or take a lattice in the plane")
    joined = [entry != "open" for entry in config.lattice.boundary]
    if config.field.vortex_lattice is not None and sum(joined) < 2 <= config.lattice.dimension:
        text = "a vortex lattice needs a sample periodic in two directions"
        yield Problem(("field", "vortex_lattice"), text, "write lattice.boundary: periodic, or {bloch: 4}")


def vortex_problems(config: Config) -> Iterator[Problem]:
    """A vortex to start from, where the lattice has a plane."""
    for path, start in config.scf.starts.items():
        if start == "vortex" and config.lattice.dimension == 1:
            text = f"a vortex needs two dimensions, a {config.lattice.name} lattice has one"
            yield Problem(path, text, "remove it, or use kind: square")


def magnetisation_problems(config: Config) -> Iterator[Problem]:
    """A first magnetisation, where no field can take it up."""
    interaction = config.interaction
    for start_path, start in config.scf.starts.items():
        if not isinstance(start, InitialValues) or start.magnetisation is None:
            continue
        path: Path = (*start_path, "magnetisation")
        if "hartree" not in interaction.all_fields:
            text = "a first magnetisation needs the field of the density, which is off"
            yield Problem(path, text, "add hartree to interaction.fields")
        elif interaction.magnetism == "off":
            yield Problem(path, "interaction.magnetism is off", "remove one of the two")
        elif interaction.magnetism == "collinear" and start.is_noncollinear:
            text = "collinear magnetism lies along z, and x or y components are given"
            yield Problem(path, text, "set interaction.magnetism to noncollinear")


def interaction_problems(interaction: Interaction) -> Iterator[Problem]:
    """Fields, channels and magnetism that the interaction can make."""
    yield from _rivals(interaction)
    yield from _idle_fields(interaction)
    yield from _listed_twice(interaction)
    if not interaction.joins_sites:
        yield from _without_bonds(interaction)


def _rivals(interaction: Interaction) -> Iterator[Problem]:
    """A given Δ beside an attraction that makes its own."""
    if interaction.given is not None and interaction.attracts and "pairing" in interaction.all_fields:
        yield Problem(
            ("interaction", "given"),
            "a given Δ and an attraction that makes its own exclude each other",
            "remove one, or leave pairing out of interaction.fields",
            rivals=(("interaction", "onsite"), ("interaction", "bonds")),
        )


def _idle_fields(interaction: Interaction) -> Iterator[Problem]:
    """An interaction without a field, a repulsion that is to pair, magnetism without a density."""
    onsite, fields = interaction.onsite, interaction.all_fields
    if interaction.attracts and not fields:
        text = "no field is listed, so that the interaction would do nothing"
        yield Problem(("interaction", "fields"), text, "write [pairing] or [pairing, hartree]")
    alone = interaction.fields == ("pairing",) and not interaction.joins_sites
    if isinstance(onsite, int | float) and onsite < 0 and alone:
        text = f"{quote(onsite)} repels, and repulsion makes no pairs on a site: attraction is positive here"
        hint = f"write {quote(-onsite)}, or add hartree to interaction.fields"
        yield Problem(("interaction", "onsite"), text, hint)
    if interaction.magnetism.endswith("collinear") and not {"hartree", "fock"} & fields:
        text = "magnetism is made by the field of the density, which is off"
        yield Problem(("interaction", "magnetism"), text, "add hartree to interaction.fields")


def _listed_twice(interaction: Interaction) -> Iterator[Problem]:
    """Bonds that two entries name."""
    places: set[object] = set()
    for index, entry in enumerate(interaction.bonds):
        if entry.place in places:
            key = "shell" if entry.shell is not None else "file" if entry.file is not None else "from"
            what = f"shell {entry.shell}" if entry.shell is not None else entry.file or "this bond"
            here: Path = ("interaction", "bonds", index, key)
            yield Problem(here, f"{what} is listed twice", "add the values up")
        places.add(entry.place)


def _without_bonds(interaction: Interaction) -> Iterator[Problem]:
    """What is of an interaction between neighbours, where there is none."""
    none, hint = "there is no interaction between neighbours to have", "add bonds: [{shell: 1, value: 1}]"
    if interaction.channels != DEFAULT_CHANNELS:
        yield Problem(("interaction", "channels"), f"{none} channels", f"remove it, or {hint}")
    if interaction.bond_fields is not None:
        yield Problem(("interaction", "bond_fields"), f"{none} fields", f"remove it, or {hint}")
    if "fock" in interaction.fields:
        path: Path = ("interaction", "fields", interaction.fields.index("fock"))
        text = "fock is the field of an attraction between neighbours, and there is none"
        yield Problem(path, text, f"remove it, or {hint}")
