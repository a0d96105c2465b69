"""Whether it is known where the orbitals are, for whatever depends on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from bdg.config.schema.region import Region
from bdg.errors import InputError
from bdg.expressions import Expression
from bdg.parameters.base import Section
from bdg.parameters.problems import Problem
from bdg.parameters.wording import Path

if TYPE_CHECKING:
    from bdg.config.schema.config import Config


def place_problems(config: Config) -> Iterator[Problem]:
    """What needs the centres of Wannier functions, where there are none."""
    if config.lattice.has_places:
        return
    for path in _in_need(config):
        hint = "add lattice.wannier90.centres, or give the _tb.dat, which has them"
        yield Problem(path, "needs to know where in the cell the orbitals are", hint)


def _in_need(config: Config) -> Iterator[Path]:
    terms, interaction, field = config.hamiltonian, config.interaction, config.field
    for name in ("rashba", "dresselhaus", "intrinsic_soc"):
        if getattr(terms, name) != 0:
            yield ("hamiltonian", name)
    for index, entry in enumerate(interaction.bonds):
        if entry.shell is not None:
            yield ("interaction", "bonds", index)
    if interaction.orbitals is not None:
        yield ("interaction", "orbitals")
    if interaction.given is not None and interaction.given.on_bonds:
        yield ("interaction", "given")
    for name in type(field).model_fields:
        if getattr(field, name) not in (None, ()):
            yield ("field", name)
    from bdg.observables import contracts  # late, see schema

    for name, (place, _) in config.requested().items():
        if contracts()[name].uses_places:
            yield place
    for section in ("lattice", "hamiltonian", "interaction", "scf"):
        yield from _positions(getattr(config, section), (section,))


def _positions(part: Any, path: Path) -> Iterator[Path]:
    """Regions, and formulas in the coordinates."""
    if isinstance(part, Region) or (isinstance(part, str) and _is_of_coordinates(part)):
        yield path
    elif isinstance(part, Section):
        for name in type(part).model_fields:
            yield from _positions(getattr(part, name), (*path, name))
    elif isinstance(part, tuple):
        for index, entry in enumerate(part):
            yield from _positions(entry, (*path, index))


def _is_of_coordinates(text: str) -> bool:
    try:
        return bool(Expression(text).names)
    except InputError:  # a word
        return False
