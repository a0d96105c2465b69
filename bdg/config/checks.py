"""Checks between the keys: what each allows by itself, but not together with another."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bdg.config.base import Section
from bdg.config.interaction import Interaction
from bdg.config.lattice import Lattice
from bdg.config.problems import Problem
from bdg.config.region import Region
from bdg.config.wording import Path, quote

if TYPE_CHECKING:
    from bdg.config.schema import Config

Cell = tuple[int, ...]


def cross_checks(config: Config) -> Iterator[Problem]:
    """All that doesn't fit together."""
    yield from _directions(config.lattice)
    yield from _regions(config)
    yield from _vector_potential(config)
    yield from _interaction(config.interaction)
    if len(config.lattice.size) == config.lattice.dimension:
        yield from _vacancies(config.lattice)
        yield from _impurities(config)
        yield from _ldos_sites(config)


def _directions(lattice: Lattice) -> Iterator[Problem]:
    of_kind = f"a {lattice.kind} lattice has {_directions_text(lattice.dimension)}"
    if len(lattice.size) != lattice.dimension:
        example = quote((list(lattice.size) + [lattice.size[-1]] * 2)[: lattice.dimension])
        yield Problem(
            ("lattice", "size"), f"{of_kind}, not {len(lattice.size)}", f"write {example}, for example"
        )
    if len(lattice.boundary) != lattice.dimension:
        yield Problem(
            ("lattice", "boundary"),
            f"{of_kind}, not {len(lattice.boundary)}",
            "give one boundary for each, or a single one for all",
        )


def _directions_text(number: int) -> str:
    return f"{number} direction{'s' if number > 1 else ''}"


def _regions(config: Config) -> Iterator[Problem]:
    if config.lattice.dimension == 2:
        return
    for path in _region_paths(config):
        text = f"regions are for two-dimensional lattices, not for a {config.lattice.kind}"
        yield Problem(path, text, "remove it, or use kind: square")


def _region_paths(part: object, path: Path = ()) -> Iterator[Path]:
    """Where regions are given, anywhere in the configuration."""
    if isinstance(part, Region):
        yield path
    elif isinstance(part, Section):
        for name in type(part).model_fields:
            yield from _region_paths(getattr(part, name), (*path, name))
    elif isinstance(part, tuple):
        for index, entry in enumerate(part):
            yield from _region_paths(entry, (*path, index))


def _vector_potential(config: Config) -> Iterator[Problem]:
    vector, dimension = config.field.vector_potential, config.lattice.dimension
    if vector is not None and len(vector) != dimension:
        yield Problem(
            ("field", "vector_potential"),
            f"a {config.lattice.kind} lattice has {_directions_text(dimension)}, not {len(vector)}",
            f"write {quote([0] * dimension)}, for example",
        )


def _interaction(interaction: Interaction) -> Iterator[Problem]:
    if interaction.given is not None and interaction.attracts and "pairing" in interaction.fields:
        yield Problem(
            ("interaction", "given"),
            "a given Δ and an attraction (interaction.onsite) that makes its own exclude each other",
            "remove one, or leave pairing out of interaction.fields",
            rivals=(("interaction", "onsite"),),
        )
    if interaction.attracts and not interaction.fields:
        yield Problem(
            ("interaction", "fields"),
            "no field is listed, so that the interaction would do nothing",
            "write [pairing] or [pairing, hartree]",
        )


def _vacancies(lattice: Lattice) -> Iterator[Problem]:
    path: Path = ("lattice", "vacancies")
    yield from _inside(path, lattice.vacancies, lattice)
    inside = [cell for cell in lattice.vacancies if _is_inside(cell, lattice)]
    if inside and len(inside) == math.prod(lattice.size):
        yield Problem(path, "no site is left", "remove some vacancies")


def _impurities(config: Config) -> Iterator[Problem]:
    vacant, seen = set(config.lattice.vacancies), set[Cell]()
    for index, impurity in enumerate(config.hamiltonian.impurities):
        path: Path = ("hamiltonian", "impurities", index, "site")
        yield from _coordinates(path, impurity.site, config.lattice)
        yield from _not_vacant(path, impurity.site, vacant)
        if impurity.site in seen:
            yield Problem(path, f"the site {quote(impurity.site)} has an impurity already", "merge the two")
        seen.add(impurity.site)


def _ldos_sites(config: Config) -> Iterator[Problem]:
    ldos = config.observables.ldos
    if ldos is None or ldos.sites == "all":
        return
    path: Path = ("observables", "ldos", "sites")
    yield from _inside(path, ldos.sites, config.lattice)
    vacant = set(config.lattice.vacancies)
    for index, cell in enumerate(ldos.sites):
        yield from _not_vacant((*path, index), cell, vacant)


def _not_vacant(path: Path, cell: Cell, vacant: set[Cell]) -> Iterator[Problem]:
    if cell in vacant:
        yield Problem(
            path,
            f"the site {quote(cell)} is a vacancy",
            "choose another site, or remove it from lattice.vacancies",
        )


def _inside(path: Path, cells: Sequence[Cell], lattice: Lattice) -> Iterator[Problem]:
    for index, cell in enumerate(cells):
        yield from _coordinates((*path, index), cell, lattice)


def _is_inside(cell: Cell, lattice: Lattice) -> bool:
    return not any(_coordinates((), cell, lattice))


def _coordinates(path: Path, cell: Cell, lattice: Lattice) -> Iterator[Problem]:
    """What is wrong with the coordinates of a cell."""
    if len(cell) != lattice.dimension:
        wanted = f"{lattice.dimension} coordinate{'s' if lattice.dimension > 1 else ''}"
        yield Problem(path, f"a site of a {lattice.kind} has {wanted}, not {len(cell)}", "count from 0")
        return
    for axis, (coordinate, length) in enumerate(zip(cell, lattice.size, strict=True)):
        if not 0 <= coordinate < length:
            text = f"the site {quote(cell)} is outside the lattice"
            yield Problem((*path, axis), text, f"this coordinate runs from 0 to {length - 1}")
